//! Codes of what may go wrong when an expression meets a value: V01, an error of that object. Each
//! has its page beside those of the diagnostics.

use crate::diagnostics::{Code, Severity};

macro_rules! codes {
    ($($name:ident $id:literal $title:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: &str = $id;
        )*
        /// Every code.
        pub static ALL: &[Code] = &[$(Code {
            id: $id,
            severity: Severity::Error,
            title: $title,
            page: include_str!(concat!("../diagnostics/pages/", $id, ".md")),
        }),*];
    };
}

codes! {
    UNREADABLE "V0100" "a value does not read as what it is to be converted to";
    OUT_OF_BOUNDS "V0101" "a position or index lies outside";
    OVERFLOW "V0102" "a time leaves its range";
    TOO_LARGE "V0103" "a result would be too long";
    BAD_ARGUMENT "V0104" "an argument that steers the function is malformed";
    BAD_PATTERN "V0105" "a regular expression does not compile";
    WRONG_TYPE "V0106" "an argument is of another type than the function takes";
    NO_CHANCE "V0107" "the machine gives no random numbers";
    BAD_CERTIFICATE "V0108" "a value is no X.509 certificate";

    SCRIPT_FAILED "V0150" "a script failed";
    SCRIPT_RESULT "V0151" "a script gives what no attribute can have";

    NO_PARAMETER "V0160" "a parameter has no value";
    NO_PATTERN "V0161" "`matches` meets what is no regular expression";
    DIVISION_BY_ZERO "V0162" "division by zero";
    INT_OVERFLOW "V0163" "a number leaves its range";

    REFUSED "V0170" "the rule says this object is in error";
}
