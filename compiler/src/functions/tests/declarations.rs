use std::collections::HashSet;

use super::super::{Function, Kind, Length, Occurs, Shape, all, codes, find, find_ignoring_case};

const NAMES: &str = "
Append BitAnd BitOr CBool CDate CertExtensionOids CertFormat CertFriendlyName CertHashString
CertIssuer CertIssuerDN CertIssuerOid CertKeyAlgorithm CertKeyAlgorithmParams CertNameInfo
CertNotAfter CertNotBefore CertPublicKeyOid CertPublicKeyParametersOid CertSerialNumber
CertSignatureAlgorithmOid CertSubject CertSubjectNameDN CertSubjectNameOid CertThumbprint
CertVersion CRef FirstUnique IsCert CGuid CNum Coalesce Concat Contains ConvertFromBase64
ConvertFromUTF8Hex ConvertToBase64 ConvertToUTF8Hex Count CStr DateAdd DateDiff
DateFromNum DNComponent DNComponentRev EscapeDNComponent First FormatDateTime Guid Hash
InStr InStrRev IsAscii IsBitSet IsDate IsEmpty IsGuid IsNull IsNullOrEmpty IsNumeric
IsPresent IsString Item ItemOrNull Join Last LCase Left Len LTrim Mid NormalizeDiacritics
Now NumFromDate PadLeft PadRight ParentDN PCase Primary RandomNum RandomPassword
RandomString Redact RegexExtract RegexReplace RemoveDuplicates Replace ReplaceChars Right
RTrim Split StringFromGuid StringFromSid StripSpaces Transliterate Trim UCase Word
";

#[test]
fn every_function_is_fully_declared() {
    let mut names = HashSet::new();
    for function in all() {
        let name = function.name;
        assert!(names.insert(name.to_lowercase()), "{name} is there twice");
        assert!(
            function.summary.ends_with('.') && function.summary.len() > 10,
            "{name}"
        );
        assert!(
            function.examples.len() >= 2,
            "{name} has fewer than two examples"
        );
        assert!(
            function
                .examples
                .iter()
                .any(|(call, _)| call.contains(&format!("{name}("))),
            "{name}"
        );
        let parameters: HashSet<&str> = function
            .parameters
            .iter()
            .map(|parameter| parameter.name)
            .collect();
        assert_eq!(
            parameters.len(),
            function.parameters.len(),
            "{name} has two parameters of one name"
        );
        check_order(function);
        check_length(function);
    }
    let promised: HashSet<String> = NAMES.split_whitespace().map(str::to_lowercase).collect();
    assert_eq!(names, promised);
}

/// Optional parameters come last, and what may be repeated stands alone at the end.
fn check_order(function: &Function) {
    let mut required = true;
    for (at, parameter) in function.parameters.iter().enumerate() {
        match parameter.occurs {
            Occurs::Once => assert!(required, "{}", function.name),
            Occurs::Optional => required = false,
            Occurs::Repeated => assert_eq!(at + 1, function.parameters.len(), "{}", function.name),
        }
    }
}

/// Lengths speak of arguments that are there, and of texts.
fn check_length(function: &Function) {
    let kind = |at: usize| match function.parameters[at].shape {
        Shape::One(kind) | Shape::Many(kind) | Shape::Whole(kind) => kind,
    };
    match function.length {
        Length::Argument(at) => assert!(
            matches!(kind(at), Kind::Text | Kind::Dn | Kind::Any),
            "{}",
            function.name
        ),
        Length::Cut | Length::Pad => assert_eq!((kind(0), kind(1)), (Kind::Text, Kind::Int)),
        Length::CutMid => assert_eq!((kind(0), kind(2)), (Kind::Text, Kind::Int)),
        Length::Times(_) => assert_eq!(kind(0), Kind::Text),
        Length::Sum | Length::Base64 | Length::AtMost(_) | Length::Unknown => {}
    }
}

#[test]
fn names_are_found() {
    assert_eq!(find("Left").map(|function| function.name), Some("Left"));
    assert!(find("left").is_none());
    assert_eq!(
        find_ignoring_case("lEFT").map(|function| function.name),
        Some("Left")
    );
    assert!(find_ignoring_case("Lefty").is_none());
}

#[test]
fn codes_are_unique_and_in_range() {
    let unique: HashSet<&str> = codes::ALL.iter().map(|code| code.id).collect();
    assert_eq!(unique.len(), codes::ALL.len());
    assert!(
        unique
            .iter()
            .all(|code| code.starts_with("V01") && code.len() == 5)
    );
}
