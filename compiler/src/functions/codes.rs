//! Codes of what may go wrong when a function meets a value.

/// A text does not read as what it is to be converted to.
pub const UNREADABLE: &str = "V0100";
/// A position or index lies outside.
pub const OUT_OF_BOUNDS: &str = "V0101";
/// A number or time leaves its range.
pub const OVERFLOW: &str = "V0102";
/// A result would be longer than 8 MiB.
pub const TOO_LARGE: &str = "V0103";
/// An argument that steers the function is malformed.
pub const BAD_ARGUMENT: &str = "V0104";
/// A regular expression does not compile, or grows too large.
pub const BAD_PATTERN: &str = "V0105";
/// An argument is of another type than the function takes.
pub const WRONG_TYPE: &str = "V0106";
/// The machine gives no random numbers.
pub const NO_CHANCE: &str = "V0107";
/// Bytes or a text are no certificate.
pub const BAD_CERTIFICATE: &str = "V0108";

/// All codes with what they mean.
pub const ALL: &[(&str, &str)] = &[
    (
        UNREADABLE,
        "a value does not read as what it is to be converted to",
    ),
    (OUT_OF_BOUNDS, "a position or index lies outside"),
    (OVERFLOW, "a number or time leaves its range"),
    (TOO_LARGE, "a result would be too long"),
    (
        BAD_ARGUMENT,
        "an argument that steers the function is malformed",
    ),
    (BAD_PATTERN, "a regular expression does not compile"),
    (
        WRONG_TYPE,
        "an argument is of another type than the function takes",
    ),
    (NO_CHANCE, "the machine gives no random numbers"),
    (BAD_CERTIFICATE, "a value is no X.509 certificate"),
];
