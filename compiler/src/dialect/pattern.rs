//! Formats by which cloud sync reads times, as regular expressions that put them into ISO order.

/// The regular expression that matches texts of a .NET format, and the replacement that `CDate` reads;
/// `None` where the format has what needs a calendar of names, or lacks a date.
pub(super) fn reading(format: &str) -> Option<(String, String)> {
    let mut regex = String::from("^");
    let mut found = Fields::default();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let count = rest.chars().take_while(|next| *next == first).count();
        let (name, digits) = match (first, count) {
            ('y', 4) => ("year", "{4}".to_owned()),
            ('M' | 'd' | 'H' | 'h' | 'm' | 's', 1 | 2) => {
                let name = match first {
                    'M' => "month",
                    'd' => "day",
                    'm' => "minute",
                    's' => "second",
                    _ => "hour",
                };
                let digits = if count == 2 { "{2}" } else { "{1,2}" };
                (name, digits.to_owned())
            }
            ('f' | 'F', 1..=7) => ("fraction", format!("{{1,{count}}}")),
            ('t', 2) => ("half", String::new()),
            ('K', 1) | ('z', 1..=3) => ("zone", String::new()),
            ('\'' | '"', _) => {
                let inside = rest.get(1..)?;
                let end = inside.find(first)?;
                regex.push_str(&regex::escape(inside.get(..end)?));
                rest = inside.get(end + 1..)?;
                continue;
            }
            (letter, _) if letter.is_ascii_alphabetic() && !matches!(letter, 'Z' | 'T') => {
                return None;
            }
            ('\\' | '%', _) => return None,
            (literal, _) => {
                regex.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4])));
                rest = rest.get(literal.len_utf8()..)?;
                continue;
            }
        };
        if !found.add(name) {
            return None;
        }
        regex.push_str(&match name {
            "half" => "(?<half>[AaPp][Mm])".to_owned(),
            "zone" => "(?<zone>Z|[+-][0-9]{2}:?[0-9]{2})".to_owned(),
            _ => format!("(?<{name}>[0-9]{digits})"),
        });
        rest = rest.get(count..)?;
    }
    regex.push('$');
    Some((regex, found.replacement()?))
}

#[derive(Default)]
struct Fields(Vec<&'static str>);

impl Fields {
    fn add(&mut self, name: &'static str) -> bool {
        let new = !self.has(name);
        self.0.push(name);
        new
    }

    fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    fn replacement(&self) -> Option<String> {
        if !["year", "month", "day"].iter().all(|name| self.has(name)) {
            return None;
        }
        let mut text = String::from("${year}-${month}-${day}");
        if self.has("hour") {
            text.push_str(" ${hour}:");
            text.push_str(if self.has("minute") {
                "${minute}"
            } else {
                "00"
            });
            if self.has("second") {
                text.push_str(":${second}");
                text.push_str(if self.has("fraction") {
                    ".${fraction}"
                } else {
                    ""
                });
            }
            text.push_str(if self.has("half") { " ${half}" } else { "" });
        }
        text.push_str(if self.has("zone") { " ${zone}" } else { "" });
        Some(text)
    }
}
