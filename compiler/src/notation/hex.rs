//! Bytes as pairs of hexadecimal digits.

/// The bytes that `text` spells, in either case.
pub fn parse(text: &str) -> Option<Vec<u8>> {
    ::hex::decode(text).ok()
}

/// Lower-case digits.
pub fn print(bytes: &[u8]) -> String {
    ::hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_is_not_hex() {
        assert_eq!(parse("0aFf"), Some(vec![0x0a, 0xff]));
        assert_eq!(parse(""), Some(vec![]));
        for bad in ["0", "0g", "0 1", "é"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(bytes: Vec<u8>) {
            prop_assert_eq!(parse(&print(&bytes)), Some(bytes));
        }
    }
}
