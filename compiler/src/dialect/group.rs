//! Regular expressions of .NET in the `Replace` of cloud sync.

/// The regular expression before, in and behind its named group; `None` where the group is missing, is
/// repeated, or stands inside of another construct, so that its surroundings are not two plain halves.
pub(super) fn around<'r>(regex: &'r str, name: &str) -> Option<(&'r str, &'r str, &'r str)> {
    let opening = ["(?<", "(?P<"].iter().find_map(|mark| {
        let opening = format!("{mark}{name}>");
        regex.find(&opening).map(|at| (at, opening.len()))
    });
    let (start, length) = opening?;
    let mut depth = 0usize;
    let mut in_class = false;
    let mut end = None;
    let mut characters = regex.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '[' if !in_class => in_class = true,
            ']' if in_class => in_class = false,
            _ if in_class => {}
            '(' if at == start && depth > 0 => return None,
            '(' => depth += 1,
            ')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 && at > start && end.is_none() {
                    end = Some(at);
                }
            }
            '|' if depth == 0 => return None,
            _ => {}
        }
    }
    let end = end?;
    let after = regex.get(end + 1..)?;
    if depth != 0 || after.starts_with(['*', '+', '?', '{']) {
        return None;
    }
    Some((regex.get(..start)?, regex.get(start + length..end)?, after))
}

/// A replacement of .NET in our notation: `$1` is `${1}` (ours would read on into letters), `$&` is `${0}`.
pub(super) fn replacement(text: &str) -> String {
    let mut ours = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        ours.push_str(before);
        let after = after.get(1..).unwrap_or_default();
        let digits = after.len()
            - after
                .trim_start_matches(|digit: char| digit.is_ascii_digit())
                .len();
        rest = if let Some(rest) = after.strip_prefix('$') {
            ours.push_str("$$");
            rest
        } else if let Some(rest) = after.strip_prefix('&') {
            ours.push_str("${0}");
            rest
        } else if digits > 0 {
            let (number, rest) = after.split_at(digits);
            ours.push_str(&format!("${{{number}}}"));
            rest
        } else if after.starts_with('{') {
            ours.push('$');
            after
        } else {
            ours.push_str("$$");
            after
        };
    }
    ours + rest
}

/// A text that a replacement gives as it is.
pub(super) fn verbatim(text: &str) -> String {
    text.replace('$', "$$")
}
