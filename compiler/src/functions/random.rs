//! Chance.

use super::arguments::{int, optional_int, optional_text};
use super::parameters::{one, optional};
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape, codes};
use crate::notation::guid;
use crate::value::Value;

const DIGITS: &str = "0123456789";
const SPECIALS: &str = "!#$%&*+-=?@_";
/// No name of an account holds one of these, in Active Directory or in Entra ID.
const NEVER_IN_NAMES: &str = "*+:=?@";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const SMALL: &str = "abcdefghijklmnopqrstuvwxyz";

/// The longest random text.
const LONGEST: i64 = 256;

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "Guid",
        summary: "The text of a new random guid.",
        parameters: &[],
        result: Shape::One(Kind::Text),
        length: Length::AtMost(36),
        absence: Absence::Strict,
        effect: Effect::Random,
        examples: &[("Len(Guid())", "36"), ("IsGuid(Guid())", "true")],
        body: random_guid,
    },
    Function {
        name: "RandomNum",
        summary: "A random number between two others, each of which it may be.",
        parameters: &[one("least", Kind::Int), one("most", Kind::Int)],
        result: Shape::One(Kind::Int),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Random,
        examples: &[
            ("RandomNum(7, 7)", "7"),
            ("RandomNum(100, 999) >= 100", "true"),
        ],
        body: random_num,
    },
    Function {
        name: "RandomString",
        summary: "A random text with at least so many digits, special characters, capitals and small letters, and none of `avoid`.",
        parameters: &[
            one("length", Kind::Int),
            one("digits", Kind::Int),
            one("specials", Kind::Int),
            one("capitals", Kind::Int),
            one("small", Kind::Int),
            optional("avoid", Kind::Text),
        ],
        result: Shape::One(Kind::Text),
        length: Length::AtMost(256),
        absence: Absence::Strict,
        effect: Effect::Random,
        examples: &[
            ("Len(RandomString(6, 3, 0, 0, 3))", "6"),
            ("Len(RandomString(10, 2, 2, 2, 1, \"?,\"))", "10"),
        ],
        body: random_string,
    },
    Function {
        name: "RandomPassword",
        summary: "A random password of 24 or `length` characters, of all kinds, that holds nobody's name.",
        parameters: &[optional("length", Kind::Int)],
        result: Shape::One(Kind::Text),
        length: Length::AtMost(256),
        absence: Absence::Strict,
        effect: Effect::Random,
        examples: &[
            ("Len(RandomPassword())", "24"),
            ("Len(RandomPassword(12))", "12"),
        ],
        body: random_password,
    },
];

fn random_guid<'a>(_: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let [high, low] = [draw()?, draw()?];
    // The version sits in the highest four bits of the third group, the variant in the two of the fourth.
    let mut bytes = [0; 16];
    let version = high & !(0xf << 60) | 4 << 60;
    let variant = low & !0xc0 | 0x80;
    for (place, byte) in bytes
        .iter_mut()
        .zip([version.to_le_bytes(), variant.to_le_bytes()].concat())
    {
        *place = byte;
    }
    Ok(context.text(&guid::print(&bytes).unwrap_or_default()))
}

fn random_num<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (least, most) = (int(arguments, 0)?, int(arguments, 1)?);
    if least > most {
        let message = format!("there is no number from `{least}` to `{most}`");
        return Err(Failure::new(codes::OUT_OF_BOUNDS, message));
    }
    let above = match most.abs_diff(least).checked_add(1) {
        Some(count) => below(count)?,
        None => draw()?,
    };
    Ok(Value::Int(least.wrapping_add_unsigned(above)))
}

fn random_string<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let length = int(arguments, 0)?;
    let least = [
        int(arguments, 1)?,
        int(arguments, 2)?,
        int(arguments, 3)?,
        int(arguments, 4)?,
    ];
    let avoid = optional_text(arguments, 5)?.unwrap_or("");
    let text = generate(length, least, avoid)?;
    Ok(context.text(&text.iter().collect::<String>()))
}

fn random_password<'a>(
    arguments: &[Value<'a>],
    context: &Context<'a>,
) -> Result<Value<'a>, Failure> {
    match optional_int(arguments, 0)?.unwrap_or(24) {
        length if length < 8 => {
            let message = format!("a password has at least 8 characters, not `{length}`");
            Err(Failure::new(codes::BAD_ARGUMENT, message))
        }
        length if length > LONGEST => Err(too_long(length)),
        length => unlike_names(length, context),
    }
}

/// Directories refuse a password that holds the account's name, from three characters on: so every
/// third character is one that no name has.
fn unlike_names<'a>(length: i64, context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let others: Vec<char> = NEVER_IN_NAMES.chars().collect();
    let mut password = generate(length - length / 3, [1, 0, 1, 1], "")?;
    for place in (2..usize::try_from(length).unwrap_or_default()).step_by(3) {
        password.insert(place, pick(&others)?);
    }
    Ok(context.text(&password.iter().collect::<String>()))
}

fn too_long(length: i64) -> Failure {
    let message = format!("a random text has 0 to {LONGEST} characters, not `{length}`");
    Failure::new(codes::TOO_LARGE, message)
}

/// `length` characters with at least so many digits, specials, capitals and small letters.
fn generate(length: i64, least: [i64; 4], avoid: &str) -> Result<Vec<char>, Failure> {
    if !(0..=LONGEST).contains(&length) {
        return Err(too_long(length));
    }
    let mut left = length;
    let mut pool = Vec::new();
    let mut chosen = Vec::new();
    for (kind, count) in [DIGITS, SPECIALS, CAPITALS, SMALL].into_iter().zip(least) {
        let allowed: Vec<char> = kind
            .chars()
            .filter(|character| !avoid.contains(*character))
            .collect();
        if !(0..=left).contains(&count) || count > 0 && allowed.is_empty() {
            let message =
                format!("no text of `{length}` characters has as many of each kind as asked for");
            return Err(Failure::new(codes::BAD_ARGUMENT, message));
        }
        left -= count;
        for _ in 0..count {
            chosen.push(pick(&allowed)?);
        }
        if kind != SPECIALS || count > 0 {
            pool.extend(allowed);
        }
    }
    if left > 0 && pool.is_empty() {
        return Err(Failure::new(
            codes::BAD_ARGUMENT,
            "every character is to be avoided",
        ));
    }
    for _ in 0..left {
        chosen.push(pick(&pool)?);
    }
    shuffle(&mut chosen)?;
    Ok(chosen)
}

fn pick(characters: &[char]) -> Result<char, Failure> {
    let at = below(characters.len() as u64)?;
    Ok(usize::try_from(at)
        .ok()
        .and_then(|at| characters.get(at).copied())
        .unwrap_or_default())
}

fn shuffle(characters: &mut [char]) -> Result<(), Failure> {
    for last in (1..characters.len()).rev() {
        let at = below(last as u64 + 1)?;
        characters.swap(last, usize::try_from(at).unwrap_or(last));
    }
    Ok(())
}

/// An evenly distributed number below `count`.
fn below(count: u64) -> Result<u64, Failure> {
    let Some(uneven) = (u64::MAX - count + 1).checked_rem(count) else {
        return Ok(0);
    };
    loop {
        let number = draw()?;
        if number <= u64::MAX - uneven {
            return Ok(number % count);
        }
    }
}

fn draw() -> Result<u64, Failure> {
    getrandom::u64().map_err(|error| {
        Failure::new(
            codes::NO_CHANCE,
            format!("the machine gives no random numbers: {error}"),
        )
    })
}
