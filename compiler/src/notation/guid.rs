//! Guids in the byte order of Active Directory and .NET: the first three groups are little-endian.

/// The place of each byte of the text among the bytes of the value.
const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

/// The bytes of `text`, with or without braces.
pub fn parse(text: &str) -> Option<[u8; 16]> {
    let bare = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut digits = [0u8; 32];
    let mut groups = bare.split('-');
    let mut places = digits.iter_mut();
    for length in [8, 4, 4, 4, 12] {
        let group = groups.next().filter(|group| group.len() == length)?;
        for (digit, place) in group.bytes().zip(&mut places) {
            *place = digit;
        }
    }
    let mut spelled = [0u8; 16];
    ::hex::decode_to_slice(digits, &mut spelled).ok()?;
    groups.next().is_none().then(|| reorder(&spelled))
}

/// The text of 16 bytes, lower case and without braces; `None` for any other number of bytes.
pub fn print(bytes: &[u8]) -> Option<String> {
    let digits = ::hex::encode(reorder(bytes.try_into().ok()?));
    let mut text = String::with_capacity(36);
    for (at, digit) in digits.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    Some(text)
}

/// Swaps between the order of the text and the order of the value: its own inverse.
fn reorder(bytes: &[u8; 16]) -> [u8; 16] {
    ORDER.map(|at| bytes.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mixed_endian() {
        let bytes: Vec<u8> = (0..16).collect();
        let text = "03020100-0504-0706-0809-0a0b0c0d0e0f";
        assert_eq!(print(&bytes).as_deref(), Some(text));
        assert_eq!(parse(text).as_ref().map(|b| &b[..]), Some(&bytes[..]));
        assert_eq!(parse(&format!("{{{}}}", text.to_uppercase())), parse(text));
    }

    #[test]
    fn refuses_what_is_no_guid() {
        for bad in [
            "",
            "{}",
            "{03020100-0504-0706-0809-0a0b0c0d0e0f",
            "03020100-0504-0706-0809-0a0b0c0d0e0f}",
            "03020100050407060809-0a0b0c0d0e0f",
            "03020100-0504-0706-0809-0a0b0c0d0e0g",
            "03020100-0504-0706-0809-0a0b0c0d0e0f-",
            "0302010é-0504-0706-0809-0a0b0c0d0e0",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(print(&[0; 15]), None);
        assert_eq!(print(&[0; 17]), None);
    }

    proptest! {
        #[test]
        fn round_trip(bytes: [u8; 16]) {
            prop_assert_eq!(print(&bytes).and_then(|text| parse(&text)), Some(bytes));
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            if let Some(bytes) = parse(&text) {
                prop_assert!(text.to_lowercase().contains(&print(&bytes).unwrap()));
            }
        }
    }
}
