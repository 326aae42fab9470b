//! Objects at rest: one compact row of bytes each, with a slot for every attribute that rules touch.
//!
//! ```text
//! row   = count:u16  end:u32 × count  payload      (slot i is payload[end(i-1) .. end(i)], empty if absent)
//! value = tag:u8 then: int, time, reference 8 bytes · text, binary, dn their bytes
//!         list count:u32 (length:u32 value)*  ·  record count:u32 (length:u32 name length:u32 value)*
//! ```

use bumpalo::Bump;
use trib_compiler::ir::Constant;
use trib_compiler::value::Value;

/// A stored object's values; reading a slot copies nothing but the frame of a list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Row<'a>(&'a [u8]);

const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const TEXT: u8 = 4;
const BINARY: u8 = 5;
const TIME: u8 = 6;
const DN: u8 = 7;
const LIST: u8 = 8;
const RECORD: u8 = 9;
const REFERENCE: u8 = 10;

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

impl<'a> Row<'a> {
    /// A row over its bytes; whatever they are, reading is safe and gives absence where they are damaged.
    pub fn new(bytes: &'a [u8]) -> Row<'a> {
        Row(bytes)
    }

    /// How many slots it has; later ones are absent.
    pub fn len(&self) -> usize {
        self.0
            .first_chunk()
            .map_or(0, |count| usize::from(u16::from_le_bytes(*count)))
    }

    /// It has no slot.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of a slot, empty where it is absent.
    pub fn raw(&self, slot: usize) -> &'a [u8] {
        let count = self.len();
        if slot >= count {
            return &[];
        }
        let end = |slot: usize| u32_at(self.0, 2 + 4 * slot);
        let start = if slot == 0 { Some(0) } else { end(slot - 1) };
        let range = start.zip(end(slot)).and_then(|(start, end)| {
            self.0
                .get(2 + 4 * count..)
                .and_then(|payload| payload.get(start..end))
        });
        range.unwrap_or_default()
    }

    /// The value of a slot.
    pub fn get(&self, slot: usize, bump: &'a Bump) -> Value<'a> {
        decode(self.raw(slot), bump)
    }

    /// All values.
    pub fn values(&self, bump: &'a Bump) -> Vec<Value<'a>> {
        (0..self.len()).map(|slot| self.get(slot, bump)).collect()
    }
}

/// The row of these values.
pub fn encode_row(values: &[Value<'_>]) -> Vec<u8> {
    let count = values.len().min(usize::from(u16::MAX));
    let mut row = Vec::with_capacity(2 + 4 * count + 32 * count);
    row.extend((count as u16).to_le_bytes());
    row.resize(2 + 4 * count, 0);
    let payload = row.len();
    for (slot, value) in values.iter().take(count).enumerate() {
        encode(*value, &mut row);
        let end = ((row.len() - payload) as u32).to_le_bytes();
        if let Some(place) = row.get_mut(2 + 4 * slot..6 + 4 * slot) {
            place.copy_from_slice(&end);
        }
    }
    row
}

/// Appends the bytes of a value; none for absence.
pub fn encode(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Absent | Value::Clear | Value::Skip => {}
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Int(number) => fixed(INT, number, out),
        Value::Time(ticks) => fixed(TIME, ticks, out),
        Value::Reference(id) => fixed(REFERENCE, id, out),
        Value::Text(text) => bytes(TEXT, text.as_bytes(), out),
        Value::Dn(dn) => bytes(DN, dn.as_bytes(), out),
        Value::Binary(binary) => bytes(BINARY, binary, out),
        Value::List(items) => {
            out.push(LIST);
            out.extend((items.len() as u32).to_le_bytes());
            items
                .iter()
                .for_each(|item| counted(out, |out| encode(*item, out)));
        }
        Value::Record(fields) => {
            out.push(RECORD);
            out.extend((fields.len() as u32).to_le_bytes());
            for (name, value) in fields {
                counted(out, |out| out.extend(name.as_bytes()));
                counted(out, |out| encode(*value, out));
            }
        }
    }
}

fn fixed(tag: u8, number: i64, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(number.to_le_bytes());
}

fn bytes(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(content);
}

fn counted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend([0; 4]);
    write(out);
    let length = ((out.len() - at - 4) as u32).to_le_bytes();
    if let Some(place) = out.get_mut(at..at + 4) {
        place.copy_from_slice(&length);
    }
}

/// Reads a value back.
pub fn decode<'a>(raw: &'a [u8], bump: &'a Bump) -> Value<'a> {
    let Some((tag, rest)) = raw.split_first() else {
        return Value::Absent;
    };
    let number = || rest.try_into().map(i64::from_le_bytes).ok();
    let text = || std::str::from_utf8(rest).ok();
    let value = match *tag {
        FALSE => Some(Value::Bool(false)),
        TRUE => Some(Value::Bool(true)),
        INT => number().map(Value::Int),
        TIME => number().map(Value::Time),
        REFERENCE => number().map(Value::Reference),
        TEXT => text().map(Value::Text),
        DN => text().map(Value::Dn),
        BINARY => Some(Value::Binary(rest)),
        LIST => list(rest, bump),
        RECORD => record(rest, bump),
        _ => None,
    };
    value.unwrap_or(Value::Absent)
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32_at(rest, 0)?;
    let item = rest.get(4..4 + length)?;
    *rest = rest.get(4 + length..)?;
    Some(item)
}

fn list<'a>(raw: &'a [u8], bump: &'a Bump) -> Option<Value<'a>> {
    let count = u32_at(raw, 0)?.min(raw.len());
    let mut rest = raw.get(4..)?;
    let mut items = bumpalo::collections::Vec::with_capacity_in(count, bump);
    for _ in 0..count {
        items.push(decode(take(&mut rest)?, bump));
    }
    Some(Value::List(items.into_bump_slice()))
}

fn record<'a>(raw: &'a [u8], bump: &'a Bump) -> Option<Value<'a>> {
    let count = u32_at(raw, 0)?.min(raw.len());
    let mut rest = raw.get(4..)?;
    let mut fields = bumpalo::collections::Vec::with_capacity_in(count, bump);
    for _ in 0..count {
        let name = std::str::from_utf8(take(&mut rest)?).ok()?;
        fields.push((name, decode(take(&mut rest)?, bump)));
    }
    Some(Value::Record(fields.into_bump_slice()))
}

/// A constant of the rules as a value.
pub fn constant<'a>(constant: &'a Constant, bump: &'a Bump) -> Value<'a> {
    match constant {
        Constant::Absent => Value::Absent,
        Constant::Bool(value) => Value::Bool(*value),
        Constant::Int(number) => Value::Int(*number),
        Constant::Text(text) => Value::Text(text),
        Constant::Binary(bytes) => Value::Binary(bytes),
        Constant::Time(ticks) => Value::Time(*ticks),
        Constant::Dn(dn) => Value::Dn(dn),
        Constant::List(items) => {
            Value::list(bump, items.iter().map(|item| self::constant(item, bump)))
        }
        Constant::Record(fields) => {
            let mut list = bumpalo::collections::Vec::with_capacity_in(fields.len(), bump);
            list.extend(
                fields
                    .iter()
                    .map(|(name, value)| (name.as_str(), self::constant(value, bump))),
            );
            Value::Record(list.into_bump_slice())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_give_back_what_they_were_made_of() {
        let bump = Bump::new();
        let list = [Value::Text("a"), Value::Int(-1)];
        let record = [("name", Value::Bool(true)), ("more", Value::List(&list))];
        let values = [
            Value::Absent,
            Value::Text("Åsa"),
            Value::List(&list),
            Value::Record(&record),
            Value::Binary(&[0, 255]),
            Value::Time(i64::MAX),
            Value::Dn("CN=x"),
            Value::Reference(7),
            Value::Bool(false),
        ];
        let row = encode_row(&values);
        assert_eq!(Row::new(&row).values(&bump), values);
        assert_eq!(Row::new(&row).get(99, &bump), Value::Absent);
    }

    #[test]
    fn damaged_rows_read_as_absence() {
        let bump = Bump::new();
        let row = encode_row(&[Value::List(&[Value::Text("abc")])]);
        for cut in 0..row.len() {
            let _ = Row::new(&row[..cut]).get(0, &bump);
        }
        assert_eq!(Row::new(&row[..7]).get(0, &bump), Value::Absent);
    }
}
