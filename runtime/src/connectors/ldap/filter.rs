//! Filters for the selected object types.

use trib_compiler::schema::facts;

use super::entry::Entry;
use crate::connectors::Selection;

/// The classes of entries whose rename moves other entries.
pub const CONTAINERS: [&str; 2] = ["organizationalUnit", "container"];

/// The entry is one of them.
pub fn is_container(entry: &Entry) -> bool {
    entry
        .texts("objectClass")
        .any(|class| CONTAINERS.contains(&class))
}

/// Entries of the selected types. To the directory computers are users; as there can be as many of
/// them, the server leaves them out where no rule reads them.
pub fn selected(selection: &Selection) -> String {
    let computers = selection
        .object_types
        .iter()
        .any(|ty| descends(ty, "computer"));
    let mut filter = "(|".to_owned();
    for ty in &selection.object_types {
        let class = format!("(objectClass={})", ldap3::ldap_escape(ty.as_str()));
        if ty.eq_ignore_ascii_case("user") && !computers {
            filter.push_str(&format!("(&{class}(!(objectClass=computer)))"));
        } else {
            filter.push_str(&class);
        }
    }
    filter + ")"
}

/// The class is the other one or derives from it.
fn descends(class: &str, ancestor: &str) -> bool {
    let parent = |name: &str| {
        facts::ad_classes()
            .find(|row| row.name.eq_ignore_ascii_case(name))
            .map(|row| row.parent)
    };
    std::iter::successors(Some(class), |name| {
        parent(name).filter(|parent| *parent != "top")
    })
    .take(20)
    .any(|name| name.eq_ignore_ascii_case(ancestor))
}

/// Entries of the selected types, and the containers above them. Types are not narrowed: an entry
/// that takes on another type must be seen.
pub fn changed(selection: &Selection) -> String {
    let types = selection
        .object_types
        .iter()
        .map(String::as_str)
        .chain(CONTAINERS);
    let all: String = types
        .map(|ty| format!("(objectClass={})", ldap3::ldap_escape(ty)))
        .collect();
    format!("(|{all})")
}

/// The entries with these anchors.
pub fn anchors<'a>(anchors: impl Iterator<Item = &'a [u8; 16]>) -> String {
    let mut filter = "(|".to_owned();
    for anchor in anchors {
        filter.push_str("(objectGUID=");
        for byte in anchor {
            filter.push_str(&format!("\\{byte:02x}"));
        }
        filter.push(')');
    }
    filter + ")"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computers_are_left_out_unless_they_are_selected() {
        let filter = |types: &[&str]| {
            let object_types = types.iter().map(|ty| ty.to_string()).collect();
            selected(&Selection {
                object_types,
                ..Selection::default()
            })
        };
        let user = "(&(objectClass=user)(!(objectClass=computer)))";
        assert_eq!(
            filter(&["user", "group"]),
            format!("(|{user}(objectClass=group))")
        );
        assert_eq!(
            filter(&["user", "inetOrgPerson"]),
            format!("(|{user}(objectClass=inetOrgPerson))")
        );
        assert_eq!(
            filter(&["user", "computer"]),
            "(|(objectClass=user)(objectClass=computer))"
        );
        let managed = "msDS-GroupManagedServiceAccount";
        assert_eq!(
            filter(&["user", managed]),
            format!("(|(objectClass=user)(objectClass={managed}))")
        );
        assert_eq!(filter(&["x*"]), "(|(objectClass=x\\2a))");
        assert_eq!(
            anchors([[0xab; 16]].iter()),
            format!("(|(objectGUID={}))", "\\ab".repeat(16))
        );
    }
}
