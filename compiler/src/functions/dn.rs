//! Distinguished names.

use std::borrow::Cow;

use super::arguments::{int, text, unreadable, word};
use super::building::reserve;
use super::parameters::{one, optional};
use super::{Absence, Context, Effect, Failure, Function, Kind, Length, Shape};
use crate::notation::dn::{escape_rdn, parent, rdn_type, rdn_value, rdns};
use crate::value::Value;

const SKIPPED: Kind = Kind::Word(&["DC"]);

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CRef",
        summary: "The dn that a text spells.",
        parameters: &[one("text", Kind::Dn)],
        result: Shape::One(Kind::Dn),
        length: Length::Unknown,
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            (
                "CStr(CRef(\"CN=Joe,DC=contoso,DC=com\"))",
                "\"CN=Joe,DC=contoso,DC=com\"",
            ),
            ("CRef(\"CN=Joe,OU=Sales\") under \"OU=Sales\"", "true"),
            ("CRef(null)", "null"),
        ],
        body: reference,
    },
    Function {
        name: "DNComponent",
        summary: "The value of a dn's part, counted from 1 at the entry, with its escapes; absent if there is none.",
        parameters: &[one("dn", Kind::Dn), one("number", Kind::Int)],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::StrictOrAbsent,
        effect: Effect::Pure,
        examples: &[
            (
                "DNComponent(\"cn=Joe,ou=Sales,dc=contoso,dc=com\", 1)",
                "\"Joe\"",
            ),
            (
                "DNComponent(\"cn=Lee\\\\, Joe,ou=Sales\", 1)",
                "\"Lee\\\\, Joe\"",
            ),
            ("DNComponent(\"cn=Joe,ou=Sales\", 3)", "null"),
            ("DNComponent(\"cn=Joe,ou=Sales\", 0)", "null"),
        ],
        body: component,
    },
    Function {
        name: "DNComponentRev",
        summary: "The value of a dn's part, counted from 1 at the root, with \"DC\" not counting domains; absent if there is none.",
        parameters: &[
            one("dn", Kind::Dn),
            one("number", Kind::Int),
            optional("skip", SKIPPED),
        ],
        result: Shape::One(Kind::Text),
        length: Length::Argument(0),
        absence: Absence::StrictOrAbsent,
        effect: Effect::Pure,
        examples: &[
            (
                "DNComponentRev(\"cn=Joe,ou=Atlanta,ou=GA,ou=US, dc=contoso,dc=com\", 3)",
                "\"US\"",
            ),
            (
                "DNComponentRev(\"cn=Joe,ou=Atlanta,ou=GA,ou=US, dc=contoso,dc=com\", 1, \"DC\")",
                "\"US\"",
            ),
            ("DNComponentRev(\"dc=contoso,dc=com\", 3)", "null"),
        ],
        body: component_from_root,
    },
    Function {
        name: "EscapeDNComponent",
        summary: "A value so escaped that it can stand in a dn.",
        parameters: &[one("text", Kind::Text)],
        result: Shape::One(Kind::Text),
        length: Length::Times(3),
        absence: Absence::Strict,
        effect: Effect::Pure,
        examples: &[
            ("EscapeDNComponent(\"Lee, Ann\")", "\"Lee\\\\, Ann\""),
            ("EscapeDNComponent(\"cn=Ann\")", "\"cn=Ann\""),
            ("EscapeDNComponent(\" #a \")", "\"\\\\ #a\\\\ \""),
        ],
        body: escape,
    },
    Function {
        name: "ParentDN",
        summary: "The dn above; absent for a dn of one part.",
        parameters: &[one("dn", Kind::Dn)],
        result: Shape::One(Kind::Dn),
        length: Length::Argument(0),
        absence: Absence::StrictOrAbsent,
        effect: Effect::Pure,
        examples: &[
            (
                "CStr(ParentDN(\"CN=Lee\\\\, Ann,OU=Staff,DC=com\"))",
                "\"OU=Staff,DC=com\"",
            ),
            ("ParentDN(\"DC=com\")", "null"),
        ],
        body: parent_dn,
    },
];

fn reference<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let dn = text(arguments, 0)?;
    match rdns(dn).all(|rdn| rdn_type(rdn).is_some()) && !dn.trim().is_empty() {
        true => Ok(Value::Dn(dn)),
        false => Err(unreadable(dn, "a dn")),
    }
}

fn component<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (dn, number) = (text(arguments, 0)?, int(arguments, 1)?);
    Ok(skipped(number)
        .and_then(|skipped| rdns(dn).nth(skipped))
        .map_or(Value::Absent, value))
}

fn component_from_root<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    let (dn, number) = (text(arguments, 0)?, int(arguments, 1)?);
    let skips_domains = word(arguments, 2, SKIPPED)?.is_some();
    let is_counted = |rdn: &&str| {
        !(skips_domains && rdn_type(rdn).is_some_and(|kind| kind.eq_ignore_ascii_case("dc")))
    };
    let parts: Vec<&'a str> = rdns(dn).filter(is_counted).collect();
    let found = skipped(number).and_then(|skipped| parts.iter().rev().nth(skipped));
    Ok(found.map_or(Value::Absent, |rdn| value(rdn)))
}

/// How many parts come before the one of this number.
fn skipped(number: i64) -> Option<usize> {
    number
        .checked_sub(1)
        .and_then(|skipped| usize::try_from(skipped).ok())
}

fn value(rdn: &str) -> Value<'_> {
    Value::Text(rdn_value(rdn))
}

fn escape<'a>(arguments: &[Value<'a>], context: &Context<'a>) -> Result<Value<'a>, Failure> {
    let text = text(arguments, 0)?;
    reserve(0, text.len().saturating_mul(3))?;
    Ok(match escape_rdn(text) {
        Cow::Borrowed(unchanged) => Value::Text(unchanged),
        Cow::Owned(escaped) => context.text(&escaped),
    })
}

fn parent_dn<'a>(arguments: &[Value<'a>], _: &Context<'a>) -> Result<Value<'a>, Failure> {
    Ok(parent(text(arguments, 0)?).map_or(Value::Absent, Value::Dn))
}
