//! Clauses of scopes and joins, in our words.

use super::model::{JoinClause, ScopeClause};
use crate::check::PARAMETERS;
use crate::import::write::quoted;
use crate::types::{Base, Type};

/// An attribute in brackets, or an expression that stands for it.
pub(super) struct Operand {
    pub text: String,
    pub ty: Option<Type>,
}

/// A clause of a scope; or why there is none like it.
pub(super) fn scope(clause: &ScopeClause, operand: &Operand) -> Result<String, String> {
    let left = &operand.text;
    let operator = clause.operator.trim().to_ascii_uppercase();
    let operator = operator.as_str();
    let many = operand.ty.as_ref().is_some_and(|ty| ty.many);
    let value = || literal(&clause.value, operand.ty.as_ref().map(|ty| &ty.base));
    let (positive, negative) = match operator.strip_prefix("NOT") {
        Some(word) => (word, true),
        None => (operator, false),
    };
    for (word, words) in [
        ("CONTAINS", "contains"),
        ("STARTSWITH", "starts with"),
        ("ENDSWITH", "ends with"),
    ] {
        if positive != word {
            continue;
        }
        let text = text(&clause.value);
        return Ok(match (many, negative) {
            (false, false) => format!("{left} {words} {text}"),
            (false, true) => format!("not {left} {words} {text}"),
            (true, false) => {
                format!("[value for value in {left} if value {words} {text}] is present")
            }
            (true, true) => {
                format!("[value for value in {left} if value {words} {text}] is absent")
            }
        });
    }
    Ok(match operator {
        "EQUAL" if many => format!("{} in {left}", value()?),
        "NOTEQUAL" if many => format!("not {} in {left}", value()?),
        "EQUAL" => format!("{left} == {}", value()?),
        "NOTEQUAL" => format!("{left} != {}", value()?),
        "ISIN" if many => format!("{} in {left}", value()?),
        "ISNOTIN" if many => format!("not {} in {left}", value()?),
        "ISIN" => format!("{left} == {}", value()?),
        "ISNOTIN" => format!("{left} != {}", value()?),
        "LESSTHAN" => format!("{left} < {}", value()?),
        "LESSTHAN_OR_EQUAL" | "LESSTHANOREQUAL" => format!("{left} <= {}", value()?),
        "GREATERTHAN" => format!("{left} > {}", value()?),
        "GREATERTHAN_OR_EQUAL" | "GREATERTHANOREQUAL" => format!("{left} >= {}", value()?),
        "ISNULL" => format!("{left} is absent"),
        "ISNOTNULL" => format!("{left} is present"),
        "ISBITSET" => format!("IsBitSet({left}, {})", number(&clause.value)?),
        "ISBITNOTSET" | "ISNOTBITSET" => {
            format!("not IsBitSet({left}, {})", number(&clause.value)?)
        }
        "ISMEMBEROF" => format!("dn member of {}", text(&clause.value)),
        "ISNOTMEMBEROF" => format!("not dn member of {}", text(&clause.value)),
        _ => return Err(format!("the operator `{}` is not known", clause.operator)),
    })
}

/// A clause of a join. `ty` is the type it looks in.
pub(super) fn join(clause: &JoinClause, source: &str, ty: &str, target: &str) -> String {
    let operator = if clause.case_sensitive { "===" } else { "==" };
    format!("{source} {operator} {ty}.[{target}]")
}

/// The value of a clause or of a constant, read as a type.
pub(super) fn literal(value: &str, base: Option<&Base>) -> Result<String, String> {
    match base {
        Some(Base::Bool) => match value.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Ok("true".to_owned()),
            "false" | "0" => Ok("false".to_owned()),
            _ => Err(format!("`{value}` is neither true nor false")),
        },
        Some(Base::Int) => number(value),
        Some(Base::Guid) => Ok(format!(
            "guid {}",
            quoted(value.trim().trim_matches(['{', '}']))
        )),
        Some(Base::Sid) => Ok(format!("sid {}", quoted(value.trim()))),
        Some(Base::Time) => Ok(format!("CDate({})", quoted(value.trim()))),
        Some(Base::Binary) => Err(format!("`{value}` is compared with bytes")),
        _ => Ok(text(value)),
    }
}

fn number(value: &str) -> Result<String, String> {
    let digits = value.trim();
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let hexadecimal = ["0x", "0X", "&H", "&h"];
    let hexadecimal = hexadecimal
        .iter()
        .find_map(|prefix| digits.strip_prefix(prefix));
    let read = match hexadecimal {
        Some(digits) => i64::from_str_radix(digits, 16).map(|_| format!("{sign}0x{digits}")),
        None => digits
            .parse::<i64>()
            .map(|number| format!("{sign}{number}")),
    };
    read.map_err(|_| format!("`{value}` is no number"))
}

/// A text in which parameters may stand.
pub(super) fn text(value: &str) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let mut rest = value;
    while let Some((before, name, after)) = parameter(rest) {
        if !before.is_empty() {
            pieces.push(quoted(before));
        }
        pieces.push(format!("%{}%", known(name)));
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(quoted(rest));
    }
    match pieces.as_slice() {
        [only] => only.clone(),
        pieces => format!("({})", pieces.join(" & ")),
    }
}

/// The first `%Domain.FQDN%` of a text, with what stands before and behind it.
pub(super) fn parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('%')?;
    let (name, after) = rest.split_once('%')?;
    let part = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    (name.contains('.') && name.chars().all(part)).then_some((before, name, after))
}

/// A text with the parameters replaced that have a value already.
pub(super) fn replaced(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = parameter(rest) {
        made.push_str(before);
        made.push_str(&value(name).unwrap_or_else(|| format!("%{name}%")));
        rest = after;
    }
    made + rest
}

/// The name that a parameter has here.
pub(super) fn known(name: &str) -> String {
    let known = PARAMETERS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name));
    known.map_or_else(|| format!("Param.{name}"), |known| (*known).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(operator: &str, value: &str, ty: &str) -> String {
        let clause = ScopeClause {
            attribute: "a".to_owned(),
            operator: operator.to_owned(),
            value: value.to_owned(),
        };
        let operand = Operand {
            text: "a".to_owned(),
            ty: Type::parse(ty),
        };
        scope(&clause, &operand).unwrap_or_else(|why| why)
    }

    #[test]
    fn every_operator_has_its_words() {
        for (operator, value, ty, expected) in [
            ("EQUAL", "TRUE", "bool", "a == true"),
            ("NOTEQUAL", "x", "string", "a != \"x\""),
            ("LESSTHAN", "50000", "int", "a < 50000"),
            ("GREATERTHAN_OR_EQUAL", "-1", "int", "a >= -1"),
            (
                "NOTSTARTSWITH",
                "User_",
                "string",
                "not a starts with \"User_\"",
            ),
            ("ENDSWITH", "OU=x", "dn", "a ends with \"OU=x\""),
            (
                "CONTAINS",
                "b",
                "[string]",
                "[value for value in a if value contains \"b\"] is present",
            ),
            (
                "NOTCONTAINS",
                "b",
                "[string]",
                "[value for value in a if value contains \"b\"] is absent",
            ),
            ("ISNULL", "", "string", "a is absent"),
            ("ISIN", "b", "[string]", "\"b\" in a"),
            ("ISBITNOTSET", "0x2", "int", "not IsBitSet(a, 0x2)"),
            ("ISMEMBEROF", "CN=g", "dn", "dn member of \"CN=g\""),
            ("EQUAL", "%Connector.ID%", "string", "a == %Connector.ID%"),
            (
                "EQUAL",
                "CN=a,%Forest.LDAP%",
                "string",
                "a == (\"CN=a,\" & %Forest.LDAP%)",
            ),
            ("EQUAL", "x", "int", "`x` is no number"),
            (
                "SOUNDSLIKE",
                "x",
                "string",
                "the operator `SOUNDSLIKE` is not known",
            ),
        ] {
            assert_eq!(said(operator, value, ty), expected);
        }
    }
}
