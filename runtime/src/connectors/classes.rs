//! Which of an entry's object classes is its type.

use std::collections::HashMap;
use std::sync::LazyLock;

use trib_compiler::schema::facts;

/// The classes of Active Directory by their lower-case name: how many classes a structural one
/// derives from, `None` for the abstract and auxiliary ones, which no entry is of.
static DEPTHS: LazyLock<HashMap<String, Option<usize>>> = LazyLock::new(|| {
    let parents: HashMap<&str, &str> = facts::ad_classes()
        .map(|row| (row.name, row.parent))
        .collect();
    let depth = |name| {
        std::iter::successors(parents.get(name), |parent| parents.get(*parent))
            .take(parents.len())
            .take_while(|parent| **parent != "top")
            .count()
    };
    facts::ad_classes()
        .map(|row| {
            (
                row.name.to_ascii_lowercase(),
                row.structural.then(|| depth(row.name)),
            )
        })
        .collect()
});

/// The type of an entry: its most specific structural class, so that a computer is no user.
///
/// Active Directory lists that class last; a class unknown to us (of an extended schema) is
/// therefore believed where it is the last one, or where no other can be the type.
pub fn object_type<'a>(classes: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut deepest: Option<(usize, &str)> = None;
    let mut unknown = None;
    let mut last_is_unknown = false;
    for class in classes {
        let depth = DEPTHS
            .get(class)
            .or_else(|| DEPTHS.get(&class.to_ascii_lowercase()));
        last_is_unknown = depth.is_none();
        match depth {
            None => unknown = Some(class),
            Some(Some(depth)) if deepest.is_none_or(|(found, _)| *depth >= found) => {
                deepest = Some((*depth, class));
            }
            Some(_) => {}
        }
    }
    if last_is_unknown {
        unknown
    } else {
        deepest.map(|(_, class)| class).or(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::object_type;

    #[test]
    fn the_most_specific_structural_class_is_the_type() {
        for (classes, expected) in [
            ("top person organizationalPerson user", Some("user")),
            ("user organizationalPerson person top", Some("user")),
            (
                "top person organizationalPerson user computer",
                Some("computer"),
            ),
            ("computer user", Some("computer")),
            (
                "top person organizationalPerson user inetOrgPerson",
                Some("inetOrgPerson"),
            ),
            ("top person organizationalPerson contact", Some("contact")),
            (
                "top person organizationalPerson contact mailRecipient",
                Some("contact"),
            ),
            ("TOP GROUP", Some("GROUP")),
            (
                "top person organizationalPerson user contosoRobot",
                Some("contosoRobot"),
            ),
            (
                "top contosoAuxiliary person organizationalPerson user",
                Some("user"),
            ),
            ("top contosoThing", Some("contosoThing")),
            ("top", None),
            ("", None),
        ] {
            assert_eq!(
                object_type(classes.split_whitespace()),
                expected,
                "{classes}"
            );
        }
    }
}
