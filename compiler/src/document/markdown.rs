//! Markdown: code, cells of tables, anchors of headings.

/// A text as code, on one line; `|` would end a cell.
pub fn code(text: &str) -> String {
    let text = one_line(text).replace('|', "\\|");
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}

/// A text on one line.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prose in a cell.
pub fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

/// A row of a table.
pub fn row<const N: usize>(cells: [&str; N]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// The first rows of a table.
pub fn table<const N: usize>(heads: [&str; N]) -> String {
    format!("{}|{}\n", row(heads), "---|".repeat(N))
}

/// The anchor of a heading, as GitHub makes it.
pub fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let kept = lower
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The first sentence of a comment.
pub fn first_sentence(doc: &str) -> String {
    let paragraph = one_line(doc.split("\n\n").next().unwrap_or_default());
    match paragraph.find(". ") {
        Some(end) => paragraph.chars().take(end_of(&paragraph, end)).collect(),
        None => paragraph,
    }
}

/// How many characters a sentence has that ends with the byte `end`.
fn end_of(text: &str, end: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at <= end).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_to_their_cell() {
        assert_eq!(code("a\n  | b"), "`a \\| b`");
        assert_eq!(code("`a`"), "`` `a` ``");
        assert_eq!(anchor("In from AD - User Join"), "in-from-ad---user-join");
        assert_eq!(
            first_sentence("Grüße an\nalle. Und mehr.\n\nFerner."),
            "Grüße an alle."
        );
        assert_eq!(first_sentence("Ohne Punkt\n\nFerner."), "Ohne Punkt");
    }
}
