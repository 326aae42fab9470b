//! The attributes that expressions name.

/// Every `[name]` of an expression, and the name that `ImportedValue` and `ValueCount` take in quotes.
pub(super) fn named(expression: &str) -> Vec<String> {
    let mut names = Vec::new();
    mapped(expression, &mut |name| {
        names.push(name.to_owned());
        None
    });
    names
}

/// The expression with other text in place of attributes; `None` leaves one as it is.
pub(super) fn mapped(expression: &str, map: &mut impl FnMut(&str) -> Option<String>) -> String {
    let mut made = String::new();
    let mut rest = expression;
    while let Some(at) = rest.find(['"', '[', 'I', 'V']) {
        let (before, here) = rest.split_at(at);
        made.push_str(before);
        let (piece, name) = piece(here);
        match name.and_then(&mut *map) {
            Some(new) => made.push_str(&new),
            None => made.push_str(piece),
        }
        rest = here.get(piece.len()..).unwrap_or_default();
    }
    made + rest
}

/// What begins here: a text, an attribute, a call that names an attribute in quotes, or a letter.
fn piece(here: &str) -> (&str, Option<&str>) {
    let upto = |end: usize| here.get(..end).unwrap_or(here);
    if here.starts_with('[') {
        return match here.find(']') {
            Some(end) => (upto(end + 1), here.get(1..end).map(str::trim)),
            None => (here, None),
        };
    }
    if here.starts_with('"') {
        let mut escaped = false;
        for (at, character) in here.char_indices().skip(1) {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return (upto(at + 1), None),
                _ => {}
            }
        }
        return (here, None);
    }
    for call in ["ImportedValue(", "ValueCount("] {
        let Some(inside) = here.strip_prefix(call) else {
            continue;
        };
        let Some(end) = inside.find(')') else {
            continue;
        };
        let name = inside.get(..end).unwrap_or_default();
        let name = name.trim().trim_matches('"');
        let whole = upto(call.len() + end + 1);
        // What counts values has to stay: only what takes the value itself is the attribute.
        return match call {
            "ImportedValue(" => (whole, Some(name)),
            _ => (upto(1), None),
        };
    }
    (upto(1), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_outside_of_texts() {
        let expression = "IIF(InStr([a b],\"[no]\\\"\")>0,ImportedValue(\"c\"),[d])";
        assert_eq!(named(expression), ["a b", "c", "d"]);
        let made = mapped(expression, &mut |name| {
            (name != "d").then(|| format!("<{name}>"))
        });
        assert_eq!(made, "IIF(InStr(<a b>,\"[no]\\\"\")>0,<c>,[d])");
    }
}
