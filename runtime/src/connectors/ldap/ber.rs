//! The few shapes of BER that the directory's controls are made of.

/// A sequence of elements that are encoded already.
pub fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &elements.concat())
}

/// An integer.
pub fn integer(value: i32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let superfluous = bytes
        .windows(2)
        .take_while(|pair| {
            matches!(pair, [0, next] if *next < 0x80)
                || matches!(pair, [0xff, next] if *next >= 0x80)
        })
        .count();
    element(0x02, bytes.get(superfluous..).unwrap_or_default())
}

/// Bytes.
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    element(0x04, bytes)
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut encoded = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => encoded.push(short),
        _ => {
            encoded.push(0x84);
            encoded.extend(
                u32::try_from(content.len())
                    .unwrap_or(u32::MAX)
                    .to_be_bytes(),
            );
        }
    }
    encoded.extend(content);
    encoded
}

/// Takes elements off their front.
pub struct Decoder<'a>(pub &'a [u8]);

impl<'a> Decoder<'a> {
    /// The content of the next element, which must have the tag.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if length >= 0x80 {
            let (digits, after) = rest
                .split_at_checked(length - 0x80)
                .filter(|(digits, _)| digits.len() <= 4)?;
            length = digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit));
            rest = after;
        }
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (*found == tag).then_some(content)
    }

    /// The elements of a sequence.
    pub fn sequence(&mut self) -> Option<Decoder<'a>> {
        self.take(0x30).map(Decoder)
    }

    /// An integer.
    pub fn integer(&mut self) -> Option<i64> {
        let content = self.take(0x02)?;
        let sign = if content.first()? & 0x80 == 0 { 0 } else { -1 };
        Some(
            content
                .iter()
                .fold(sign, |value, byte| value << 8 | i64::from(*byte)),
        )
    }

    /// Bytes.
    pub fn octets(&mut self) -> Option<&'a [u8]> {
        self.take(0x04)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let long = vec![7; 300];
        for (number, expected) in [
            (0, vec![2, 1, 0]),
            (127, vec![2, 1, 127]),
            (128, vec![2, 2, 0, 128]),
            (i32::MIN, vec![2, 4, 128, 0, 0, 0]),
            (-1, vec![2, 1, 255]),
        ] {
            assert_eq!(integer(number), expected);
            for bytes in [b"".as_slice(), b"cookie", &long] {
                let encoded = sequence(&[integer(number), integer(1), octets(bytes)]);
                let mut fields = Decoder(&encoded).sequence().unwrap();
                assert_eq!(fields.integer(), Some(i64::from(number)));
                assert_eq!(fields.integer(), Some(1));
                assert_eq!(fields.octets(), Some(bytes));
                assert!(Decoder(&encoded[..encoded.len() - 1]).sequence().is_none());
            }
        }
    }
}
