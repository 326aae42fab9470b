//! The one registry of codes; each has its page in `pages/`. Ranges: 01 syntax, 02 names, 03 types,
//! 04 rules and flows, 05 tests and packs; W warnings and L lints continue at 06 and 07; 08 is what
//! expressions of other products say. A number is never used again for something else.

use super::Severity;
use crate::functions::codes as values;

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable name: `E0203`.
    pub id: &'static str,
    /// How serious.
    pub severity: Severity,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// What is wrong, why it matters and how to mend it, in Markdown, with a broken and a mended program.
    pub page: &'static str,
}

macro_rules! codes {
    ($($name:ident $id:literal $severity:ident $title:literal;)*) => {
        $(
            #[doc = $title]
            pub static $name: Code = Code {
                id: $id,
                severity: Severity::$severity,
                title: $title,
                page: include_str!(concat!("pages/", $id, ".md")),
            };
        )*
        /// Every code.
        pub static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    SYNTAX "E0101" Error "syntax";
    UNCLOSED "E0102" Error "never closed";
    LITERAL "E0103" Error "malformed literal";
    TOO_LARGE "E0104" Error "too large";

    UNKNOWN_CONNECTOR "E0201" Error "unknown connector";
    UNKNOWN_TYPE "E0202" Error "unknown object type";
    UNKNOWN_ATTRIBUTE "E0203" Error "unknown attribute";
    UNKNOWN_FUNCTION "E0204" Error "unknown function";
    DUPLICATE "E0205" Error "declared twice";
    UNKNOWN_WORD "E0206" Error "unknown word";
    UNKNOWN_PACK "E0207" Error "unknown pack";
    RESERVED "E0208" Error "name of a builtin";
    UNKNOWN_PARAMETER "E0209" Error "unknown parameter";
    EXTEND_NOTHING "E0210" Error "nothing to extend";

    TYPE_MISMATCH "E0301" Error "wrong type";
    CARDINALITY "E0302" Error "several values for one";
    ARGUMENTS "E0303" Error "wrong number of arguments";
    MULTI_COMPARE "E0304" Error "comparison of many values";
    BAD_REGEX "E0305" Error "bad regular expression";
    BAD_SCRIPT "E0306" Error "bad script";
    RECURSION "E0307" Error "recursion";
    IMPURE "E0308" Error "impure outside once";
    MISPLACED "E0309" Error "misplaced word";
    NOT_CONSTANT "E0310" Error "not constant";

    MISSING_CLAUSE "E0401" Error "missing clause";
    REPEATED_CLAUSE "E0402" Error "repeated clause";
    DIRECTION "E0403" Error "no direction";
    READ_ONLY "E0404" Error "read-only";
    CREATE_ONLY "E0405" Error "create-only without once";
    REQUIRED "E0406" Error "required property missing";
    UNINDEXED "E0407" Error "join on an unindexed attribute";
    EQUAL_PRECEDENCE "E0408" Error "equal precedence";
    MERGE_DISAGREEMENT "E0409" Error "disagreeing merge modes";
    MISPLACED_CLAUSE "E0410" Error "clause does not belong here";
    FLOW_TWICE "E0411" Error "flowed twice";
    JOIN_TARGET "E0412" Error "join on another type";
    EXTEND_CONFLICT "E0413" Error "extensions disagree";
    CREATES_NOTHING "E0414" Error "cannot be provisioned";

    TEST_OBJECT "E0501" Error "unknown object in test";
    TEST_VALUE "E0502" Error "value does not fit";

    TOO_LONG "W0601" Warning "may be too long";
    SHADOWED "W0602" Warning "flow can never win";
    ALWAYS_FALSE "W0603" Warning "scope is always false";
    ALWAYS_TRUE "W0604" Warning "scope is always true";
    UNPROVISIONED_REFERENCE "W0605" Warning "reference to what nothing provisions";
    UNSCOPED "W0606" Warning "everything goes to the cloud";
    WRITE_UNKNOWN "W0607" Warning "perhaps not writable";
    CONSTANT_CONDITION "W0608" Warning "condition is always the same";
    UNREACHABLE "W0609" Warning "rule in no one's reach";

    UNUSED "L0701" Lint "unused";
    MIXED_OPERATORS "L0702" Lint "mixed operators";
    SHADOWED_NAME "L0703" Lint "shadowed name";
    NOT_UNIQUE "L0704" Lint "join is not unique";
    UNDECLARED_PARAMETER "L0705" Lint "undeclared parameter";

    FOREIGN_SYNTAX "E0801" Error "foreign syntax";
    FOREIGN_FUNCTION "E0802" Error "unknown foreign function";
    FOREIGN_ARGUMENTS "E0803" Error "foreign arguments";
    FOREIGN_NAME "E0804" Error "unknown foreign name";
    UNTRANSLATABLE "E0805" Error "no equivalent";
    TRANSLATION_NOTE "L0806" Lint "changed by the translation";
}

impl Code {
    /// The first paragraph of the page, on one line.
    pub fn summary(&self) -> String {
        let paragraph: Vec<&str> = self
            .page
            .lines()
            .take_while(|line| !line.is_empty())
            .collect();
        paragraph.join(" ")
    }
}

/// Every code that has a page: those of diagnostics, and those of values.
pub fn explained() -> impl Iterator<Item = &'static Code> {
    ALL.iter().copied().chain(values::ALL)
}

/// The code named `id`, ignoring case.
pub fn find(id: &str) -> Option<&'static Code> {
    explained().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_named_by_severity() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ALL {
            assert!(seen.insert(code.id), "{} twice", code.id);
            let letter = match code.severity {
                Severity::Error => 'E',
                Severity::Warning => 'W',
                Severity::Lint => 'L',
            };
            assert!(code.id.starts_with(letter), "{}", code.id);
            assert!(!code.summary().is_empty());
        }
    }
}
