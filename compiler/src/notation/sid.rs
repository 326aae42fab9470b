//! Security identifiers: `S-1-5-21-…` and the bytes behind it.

/// The most subauthorities a sid has.
const MOST: usize = 15;

/// The bytes of `text`.
pub fn parse(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('-');
    if !parts.next()?.eq_ignore_ascii_case("s") || parts.next()? != "1" {
        return None;
    }
    let authority = authority(parts.next()?)?;
    let below = parts.map(number).collect::<Option<Vec<u32>>>()?;
    if below.len() > MOST {
        return None;
    }
    let mut bytes = vec![1, u8::try_from(below.len()).ok()?];
    bytes.extend(authority.to_be_bytes().iter().skip(2));
    bytes.extend(below.iter().flat_map(|number| number.to_le_bytes()));
    Some(bytes)
}

/// The text of `bytes`; `None` where they are no sid.
pub fn print(bytes: &[u8]) -> Option<String> {
    let (head, below) = bytes.split_at_checked(8)?;
    let [1, count, authority @ ..] = head else {
        return None;
    };
    if below.len() != usize::from(*count) * 4 || usize::from(*count) > MOST {
        return None;
    }
    let authority = authority
        .iter()
        .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut text = match u32::try_from(authority) {
        Ok(small) => format!("S-1-{small}"),
        Err(_) => format!("S-1-0x{authority:012X}"),
    };
    for number in below.chunks_exact(4) {
        let number = u32::from_le_bytes(number.try_into().ok()?);
        text.push_str(&format!("-{number}"));
    }
    Some(text)
}

/// Six bytes: decimal up to 32 bits, otherwise hexadecimal.
fn authority(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
            u64::from_str_radix(digits, 16).ok()
        }
        Some(_) => None,
        None => number(text).map(u64::from),
    }
}

fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_sids() {
        for (text, bytes) in [
            ("S-1-5-32-544", "01020000000000052000000020020000"),
            (
                "S-1-5-21-1004336348-1177238915-682003330-1104",
                "010500000000000515000000dcf4dc3b833d2b46828ba62850040000",
            ),
            ("S-1-0x123456789ABC-1", "0101123456789abc01000000"),
            ("S-1-5", "0100000000000005"),
        ] {
            assert_eq!(
                parse(text).map(::hex::encode).as_deref(),
                Some(bytes),
                "{text}"
            );
            assert_eq!(print(&::hex::decode(bytes).unwrap()).as_deref(), Some(text));
        }
    }

    #[test]
    fn refuses_what_is_no_sid() {
        for bad in [
            "",
            "S",
            "S-1",
            "S-2-5-1",
            "S-1-",
            "S-1-5-",
            "S-1-5-+1",
            "S-1-5-4294967296",
            "S-1-0x5",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(parse(&format!("S-1-5{}", "-1".repeat(16))), None);
        for bad in [
            "",
            "0100",
            "010100000000000520",
            "020100000000000520000000",
            "01000000000000052000",
        ] {
            assert_eq!(print(&::hex::decode(bad).unwrap()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(authority in 0u64..1 << 48, below in proptest::collection::vec(any::<u32>(), 0..=15)) {
            let mut bytes = vec![1, below.len() as u8];
            bytes.extend(&authority.to_be_bytes()[2..]);
            bytes.extend(below.iter().flat_map(|number| number.to_le_bytes()));
            prop_assert_eq!(print(&bytes).and_then(|text| parse(&text)), Some(bytes));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Some(text) = print(&bytes) {
                prop_assert_eq!(parse(&text), Some(bytes));
            }
        }
    }
}
