//! Attributes with more values than the server sends at once.

use super::entry::{Attribute, Entry};
use super::session::Session;
use crate::error::Error;

/// Fetches the values that are still missing of an entry.
pub async fn finish(session: &mut Session, entry: &mut Entry) -> Result<(), Error> {
    let unfinished = |entry: &Entry| {
        entry
            .attributes
            .iter()
            .find_map(|attribute| attribute.next().map(|next| (attribute.name.clone(), next)))
    };
    while let Some((name, next)) = unfinished(entry) {
        let wanted = format!("{name};range={next}-*");
        let part = session
            .read(&entry.dn, &[&wanted])
            .await?
            .unwrap_or_default();
        if !append(entry, &name, next, part) {
            return Err(Error::directory(format!(
                "the server sent only a part of `{name}` of `{}`",
                entry.dn
            ))
            .help("the entry may have changed while it was read: try again"));
        }
    }
    Ok(())
}

/// Puts the next part in its place; false where it is not the next part.
fn append(entry: &mut Entry, name: &str, next: u64, part: Entry) -> bool {
    let is_next = |attribute: &Attribute| {
        attribute.name.eq_ignore_ascii_case(name)
            && attribute.range.is_some_and(|range| range.first == next)
    };
    let known = entry.attributes.iter_mut().find(|attribute| {
        attribute.name.eq_ignore_ascii_case(name) && attribute.next() == Some(next)
    });
    match (known, part.attributes.into_iter().find(is_next)) {
        (Some(known), Some(part))
            if part
                .range
                .is_some_and(|range| range.last.is_none_or(|last| last >= range.first)) =>
        {
            known.values.extend(part.values);
            known.range = part.range;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::Range;
    use super::*;

    fn group(first: u64, last: Option<u64>, values: &[&str]) -> Entry {
        let values = values
            .iter()
            .map(|value| value.as_bytes().to_vec())
            .collect();
        let member = Attribute {
            name: "member".to_owned(),
            range: Some(Range { first, last }),
            values,
        };
        Entry {
            dn: "CN=g".to_owned(),
            attributes: vec![member],
        }
    }

    #[test]
    fn parts_are_put_together() {
        let mut entry = group(0, Some(1), &["a", "b"]);
        assert!(append(
            &mut entry,
            "member",
            2,
            group(2, Some(3), &["c", "d"])
        ));
        assert_eq!(entry.attributes[0].next(), Some(4));
        assert!(append(&mut entry, "member", 4, group(4, None, &["e"])));
        assert_eq!(entry.attributes[0].next(), None);
        assert_eq!(entry.attributes[0].values, [b"a", b"b", b"c", b"d", b"e"]);
    }

    #[test]
    fn a_part_that_is_missing_is_noticed() {
        let mut entry = group(0, Some(1), &["a", "b"]);
        assert!(!append(&mut entry, "member", 2, group(3, None, &["d"])));
        assert!(!append(&mut entry, "member", 2, Entry::default()));
        assert_eq!(entry.attributes[0].next(), Some(2));
    }
}
