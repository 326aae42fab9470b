//! Bytes: Base64, hexadecimal, guids, sids, hashes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::arguments::{binary, described, get, text, unreadable, word, wrong_type};
use super::building::reserve;
use super::parameters::{one, optional};
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape, codes};
use crate::notation::{guid, hex, sid};
use crate::value::Value;

const ENCODING: Kind = Kind::Word(&["Unicode", "ASCII", "UTF8"]);

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "ConvertToBase64",
        summary: "The Base64 form of bytes, or of a text as UTF-16.",
        parameters: &[one("value", Kind::TextOrBinary)],
        result: Shape::One(Kind::Text),
        length: Length::Base64,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "ConvertToBase64(\"Hello world!\")",
                "\"SABlAGwAbABvACAAdwBvAHIAbABkACEA\"",
            ),
            ("ConvertToBase64(hex \"00ff\")", "\"AP8=\""),
            (
                "ConvertToBase64(guid \"03020100-0504-0706-0809-0a0b0c0d0e0f\")",
                "\"AAECAwQFBgcICQoLDA0ODw==\"",
            ),
            ("ConvertToBase64(\"\")", "\"\""),
        ],
        body: to_base64,
    },
    Function {
        name: "ConvertFromBase64",
        summary: "The text behind a Base64 form, in an encoding, otherwise in UTF-16.",
        parameters: &[one("text", Kind::Text), optional("encoding", ENCODING)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "ConvertFromBase64(\"SGVsbG8gd29ybGQh\", \"UTF8\")",
                "\"Hello world!\"",
            ),
            (
                "ConvertFromBase64(\"SABlAGwAbABvACAAdwBvAHIAbABkACEA\")",
                "\"Hello world!\"",
            ),
            ("ConvertFromBase64(\"\")", "\"\""),
        ],
        body: from_base64,
    },
    Function {
        name: "ConvertToUTF8Hex",
        summary: "The bytes of a text in UTF-8, as hexadecimal digits in upper case.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Times(8),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "ConvertToUTF8Hex(\"Hello world!\")",
                "\"48656C6C6F20776F726C6421\"",
            ),
            ("ConvertToUTF8Hex(\"ö\")", "\"C3B6\""),
            ("ConvertToUTF8Hex(\"\")", "\"\""),
        ],
        body: to_utf8_hex,
    },
    Function {
        name: "ConvertFromUTF8Hex",
        summary: "The text whose bytes in UTF-8 the hexadecimal digits spell.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "ConvertFromUTF8Hex(\"48656C6C6F20776F726C6421\")",
                "\"Hello world!\"",
            ),
            ("ConvertFromUTF8Hex(\"c3b6\")", "\"ö\""),
        ],
        body: from_utf8_hex,
    },
    Function {
        name: "StringFromGuid",
        summary: "The text of a guid, in lower case and without braces.",
        parameters: &[one("guid", Kind::Guid)],
        result: Shape::One(Kind::Text),
        length: Length::AtMost(36),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "StringFromGuid(guid \"03020100-0504-0706-0809-0A0B0C0D0E0F\")",
                "\"03020100-0504-0706-0809-0a0b0c0d0e0f\"",
            ),
            (
                "StringFromGuid(hex \"000102030405060708090a0b0c0d0e0f\")",
                "\"03020100-0504-0706-0809-0a0b0c0d0e0f\"",
            ),
        ],
        body: string_from_guid,
    },
    Function {
        name: "StringFromSid",
        summary: "The text of a security identifier: `S-1-5-…`.",
        parameters: &[one("sid", Kind::Binary)],
        result: Shape::One(Kind::Text),
        length: Length::AtMost(184),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "StringFromSid(hex \"01020000000000052000000020020000\")",
                "\"S-1-5-32-544\"",
            ),
            (
                "StringFromSid(sid \"S-1-5-21-1004336348-1177238915-682003330-1104\")",
                "\"S-1-5-21-1004336348-1177238915-682003330-1104\"",
            ),
        ],
        body: string_from_sid,
    },
    Function {
        name: "Hash",
        summary: "The SHA-256 of bytes, or of a text in UTF-8, as hexadecimal digits in lower case.",
        parameters: &[one("value", Kind::TextOrBinary)],
        result: Shape::One(Kind::Text),
        length: Length::AtMost(64),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "Hash(\"\")",
                "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
            ),
            (
                "Hash(\"abc\")",
                "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
            ),
            (
                "Hash(hex \"616263\")",
                "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"",
            ),
        ],
        body: hash,
    },
];

fn to_base64<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let encoded = match get(arguments, 0) {
        Value::Binary(bytes) => {
            reserve(0, bytes.len().saturating_mul(2))?;
            STANDARD.encode(bytes)
        }
        Value::Text(text) => {
            reserve(0, text.len().saturating_mul(4))?;
            STANDARD.encode(
                text.encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect::<Vec<u8>>(),
            )
        }
        other => return Err(wrong_type(other, 0, "a text or binary")),
    };
    Ok(context.text(&encoded))
}

fn from_base64<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    let encoding = word(arguments, 1, ENCODING)?.unwrap_or("Unicode");
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|_| unreadable(text, "Base64"))?;
    let decoded = match encoding {
        "UTF8" => String::from_utf8(bytes).ok(),
        "ASCII" => String::from_utf8(bytes).ok().filter(|text| text.is_ascii()),
        _ => utf16(&bytes),
    };
    match decoded {
        Some(decoded) => Ok(context.text(&decoded)),
        None => Err(unreadable(
            text,
            &format!("the Base64 form of a text in {encoding}"),
        )),
    }
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let pairs = bytes
        .chunks(2)
        .map(|pair| pair.try_into().ok().map(u16::from_le_bytes));
    String::from_utf16(&pairs.collect::<Option<Vec<u16>>>()?).ok()
}

fn to_utf8_hex<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    reserve(text.len(), text.len())?;
    Ok(context.text(&::hex::encode_upper(text)))
}

fn from_utf8_hex<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let digits = text(arguments, 0)?;
    let bytes = hex::parse(digits)
        .ok_or_else(|| unreadable(digits, "a row of pairs of hexadecimal digits"))?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(context.text(text)),
        Err(_) => Err(unreadable(digits, "a text in UTF-8")),
    }
}

fn string_from_guid<'a>(
    arguments: &[Value<'a>],
    context: &Context<'a>,
) -> Result<Value<'a>, Failure> {
    let bytes = binary(arguments, 0)?;
    let text = guid::print(bytes).ok_or_else(|| malformed(bytes, "guid: it has not 16 bytes"))?;
    Ok(context.text(&text))
}

fn string_from_sid<'a>(
    arguments: &[Value<'a>],
    context: &Context<'a>,
) -> Result<Value<'a>, Failure> {
    let bytes = binary(arguments, 0)?;
    let text = sid::print(bytes).ok_or_else(|| malformed(bytes, "security identifier"))?;
    Ok(context.text(&text))
}

fn malformed(bytes: &[u8], wanted: &str) -> Failure {
    let message = format!("`{}` is no {wanted}", described(Value::Binary(bytes)));
    Failure::new(codes::UNREADABLE, message)
}

fn hash<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let digest = match get(arguments, 0) {
        Value::Binary(bytes) => Sha256::digest(bytes),
        Value::Text(text) => Sha256::digest(text),
        other => return Err(wrong_type(other, 0, "a text or binary")),
    };
    Ok(context.text(&hex::print(&digest)))
}
