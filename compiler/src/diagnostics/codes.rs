//! The one registry of codes. Ranges: 01 syntax, 02 names, 03 types, 04 rules and flows, 05 tests and
//! packs; W warnings and L lints continue at 06 and 07; 08 is what expressions of other products say. A number is never used again for something else.

use super::Severity;

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable name: `E0203`.
    pub id: &'static str,
    /// How serious.
    pub severity: Severity,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// Why it is said and how to mend it.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($name:ident $id:literal $severity:ident $title:literal $explanation:literal;)*) => {
        $(
            #[doc = $title]
            pub static $name: Code = Code {
                id: $id, severity: Severity::$severity, title: $title, explanation: $explanation,
            };
        )*
        /// Every code.
        pub static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    SYNTAX "E0101" Error "syntax" "The text does not follow the language here. What could be understood around it was checked all the same.";
    UNCLOSED "E0102" Error "never closed" "A brace, bracket, parenthesis, text or comment opens here and never closes. It is reported where it opens, since that is the place to look from.";
    LITERAL "E0103" Error "malformed literal" "A text, number, guid, sid, hex or time literal is not well formed.";
    TOO_LARGE "E0104" Error "too large" "The file is too large or nested too deeply to be a set of rules.";

    UNKNOWN_CONNECTOR "E0201" Error "unknown connector" "A rule or test names a connector (or a kind) that no `connector` declares.";
    UNKNOWN_TYPE "E0202" Error "unknown object type" "The directory's schema or the metaverse has no such object type.";
    UNKNOWN_ATTRIBUTE "E0203" Error "unknown attribute" "The object type has no attribute of this name. Names are looked up in the schema of the side they belong to: the source for expressions, the target for flows.";
    UNKNOWN_FUNCTION "E0204" Error "unknown function" "There is neither a builtin nor a `fn` of this name. Names of functions are case-sensitive.";
    DUPLICATE "E0205" Error "declared twice" "Two declarations have the same name.";
    UNKNOWN_WORD "E0206" Error "unknown word" "One of a few fixed words belongs here.";
    UNKNOWN_PACK "E0207" Error "unknown pack" "No rule pack of this name ships with the compiler.";
    RESERVED "E0208" Error "name of a builtin" "A `fn` cannot have the name of a builtin function.";
    UNKNOWN_PARAMETER "E0209" Error "unknown parameter" "Only `Domain`, `Forest`, `Connector` and `Param` have parameters.";
    EXTEND_NOTHING "E0210" Error "nothing to extend" "An `extend` names a rule or flow that is not there (any more). It is an error so that a customisation is never dropped silently.";

    TYPE_MISMATCH "E0301" Error "wrong type" "A value of one type stands where another is needed. Nothing is converted silently.";
    CARDINALITY "E0302" Error "several values for one" "A multi-valued attribute stands where a single value is needed. Choose one with `First` or `Item`, or test with `in`.";
    ARGUMENTS "E0303" Error "wrong number of arguments" "The function takes another number of arguments.";
    MULTI_COMPARE "E0304" Error "comparison of many values" "A multi-valued attribute cannot be compared with one value. `in` asks whether the value is among them; a comprehension tests each.";
    BAD_REGEX "E0305" Error "bad regular expression" "The regular expression is not valid, or uses what cannot run in linear time.";
    BAD_SCRIPT "E0306" Error "bad script" "The Rhai source of a `script fn` does not compile.";
    RECURSION "E0307" Error "recursion" "Functions are inlined and cannot call themselves, directly or through others.";
    IMPURE "E0308" Error "impure outside once" "A function that depends on chance would give another value in every cycle, and so a write in every cycle. It is allowed in `once` flows only.";
    MISPLACED "E0309" Error "misplaced word" "`null`, `clear` and `skip` stand only where they would be the value of a flow; `it` only in the expression of a flow.";
    NOT_CONSTANT "E0310" Error "not constant" "A constant or a value in a test cannot depend on a directory object.";

    MISSING_CLAUSE "E0401" Error "missing clause" "`from`, `to`, `precedence` and `link` are required.";
    REPEATED_CLAUSE "E0402" Error "repeated clause" "This clause may stand only once in a rule.";
    DIRECTION "E0403" Error "no direction" "Exactly one of `from` and `to` is a metaverse type; this gives the rule its direction.";
    READ_ONLY "E0404" Error "read-only" "The directory does not let this attribute be written.";
    CREATE_ONLY "E0405" Error "create-only without once" "The directory takes this property when the object is created, and never again. `once` says so.";
    REQUIRED "E0406" Error "required property missing" "An object cannot be created without these properties, so a rule that provisions must surely produce them: presence is proved by `??` with a present right side, or by `is present` in the scope.";
    UNINDEXED "E0407" Error "join on an unindexed attribute" "Objects are looked up by this attribute, so it must be indexed (metaverse) or one the directory can search by (Entra).";
    EQUAL_PRECEDENCE "E0408" Error "equal precedence" "Two rules flow the same attribute with the same precedence, so nothing says which one wins.";
    MERGE_DISAGREEMENT "E0409" Error "disagreeing merge modes" "All rules that flow to one attribute either merge, in the same way, or do not.";
    MISPLACED_CLAUSE "E0410" Error "clause does not belong here" "The clause has no meaning in a rule of this direction or link type.";
    FLOW_TWICE "E0411" Error "flowed twice" "One rule flows the same attribute twice.";
    JOIN_TARGET "E0412" Error "join on another type" "A join compares with an attribute of the rule's target type.";
    EXTEND_CONFLICT "E0413" Error "extensions disagree" "Two extensions change the same thing of one rule.";
    CREATES_NOTHING "E0414" Error "cannot be provisioned" "Nobody but the directory itself (or Microsoft's own sync) can create objects of this type.";

    TEST_OBJECT "E0501" Error "unknown object in test" "A test names an object that no `given` introduced.";
    TEST_VALUE "E0502" Error "value does not fit" "A value in a test is not one that the attribute can have.";

    TOO_LONG "W0601" Warning "may be too long" "A text may be longer than its target takes; the directory would refuse the object. `Left` cuts it.";
    SHADOWED "W0602" Warning "flow can never win" "A stronger rule of the same scope always gives this attribute a value.";
    ALWAYS_FALSE "W0603" Warning "scope is always false" "No object can be in scope.";
    ALWAYS_TRUE "W0604" Warning "scope is always true" "Every object is in scope; the clause says nothing.";
    UNPROVISIONED_REFERENCE "W0605" Warning "reference to what nothing provisions" "The target of this reference is of a type that no rule brings to the directory, so it will never have a value.";
    UNSCOPED "W0606" Warning "everything goes to the cloud" "A rule without a scope hands every object of its type over.";
    WRITE_UNKNOWN "W0607" Warning "perhaps not writable" "Graph's reference does not say that applications may write this property.";

    UNUSED "L0701" Lint "unused" "Nothing uses this declaration.";
    MIXED_OPERATORS "L0702" Lint "mixed operators" "Parentheses would say how this is meant.";
    SHADOWED_NAME "L0703" Lint "shadowed name" "The nearer name hides an attribute or a farther name.";
    NOT_UNIQUE "L0704" Lint "join is not unique" "Several objects can share this value, and then the join fails.";
    UNDECLARED_PARAMETER "L0705" Lint "undeclared parameter" "The deployment has to set this parameter in its configuration.";

    FOREIGN_SYNTAX "E0801" Error "foreign syntax" "The text is no expression of the product it was said to come from.";
    FOREIGN_FUNCTION "E0802" Error "unknown foreign function" "The product has no function of this name. Names of functions are case-sensitive there too.";
    FOREIGN_ARGUMENTS "E0803" Error "foreign arguments" "The function of the other product takes other arguments.";
    FOREIGN_NAME "E0804" Error "unknown foreign name" "A variable, a word of an enumeration or a constant of the other product is not known here.";
    UNTRANSLATABLE "E0805" Error "no equivalent" "This has no equivalent in the language of Tributary, so it is not translated: nothing is dropped silently.";
    TRANSLATION_NOTE "L0806" Lint "changed by the translation" "The translation reads differently from the expression it was made of, and says here how.";
}

/// The code named `id`, ignoring case.
pub fn find(id: &str) -> Option<&'static Code> {
    ALL.iter()
        .find(|code| code.id.eq_ignore_ascii_case(id))
        .copied()
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
            assert!(!code.explanation.is_empty());
        }
    }
}
