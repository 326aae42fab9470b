//! Results of tests as JUnit XML, which build servers read.

use trib_runtime::testing::TestResult;

/// The document.
pub fn document(results: &[TestResult]) -> String {
    let failed = results.iter().filter(|result| !result.passed).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str(&format!(
        "<testsuite name=\"trib\" tests=\"{}\" failures=\"{failed}\">\n",
        results.len()
    ));
    for result in results {
        out.push_str(&format!(
            "  <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\">\n",
            escape(&result.name),
            escape(&result.file),
            escape(&result.file),
            result.start.line,
        ));
        for failure in &result.failures {
            out.push_str(&format!(
                "    <failure message=\"expected {}\">{}</failure>\n",
                escape(&failure.expected),
                escape(&format!(
                    "expected {}\nfound {}\nat {}",
                    failure.expected, failure.actual, failure.at
                )),
            ));
        }
        out.push_str("  </testcase>\n");
    }
    out.push_str("</testsuite>\n");
    out
}

/// Text as XML takes it; control characters have no form there.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push_str(&format!("&#{};", u32::from(character))),
            character if character.is_control() => out.push('\u{fffd}'),
            character => out.push(character),
        }
    }
    out
}
