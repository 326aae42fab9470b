//! Any expression over any user.

use bumpalo::Bump;
use trib_compiler::diagnostics::Severity;
use trib_compiler::ir::End;
use trib_compiler::types::{Base, Type};
use trib_compiler::value::Value;
use trib_compiler::{Evaluable, Sources, check_expression};
use trib_runtime::eval::{Env, Frame, Layout, Linker, Object, Place};
use trib_runtime::json::to_json;
use trib_runtime::object::{Row, encode_row};

use super::Random;

/// The first line is an expression over `ad.user`; the rest makes its values. A sound expression gives
/// a value of the type that the checker promised, or a failure with a code.
pub fn evaluate(data: &[u8]) {
    let (line, values) = match data.iter().position(|byte| *byte == b'\n') {
        Some(at) => data.split_at(at),
        None => (data, &[][..]),
    };
    let Ok(text) = std::str::from_utf8(line) else {
        return;
    };
    let mut sources = Sources::default();
    let file = sources.add("expression", "");
    let (parsed, errors) = trib_grammar::parse_expression(file, text);
    let Some(parsed) = parsed.filter(|_| errors.is_empty()) else {
        return;
    };
    let (evaluable, found) = check_expression(&mut sources, file, &parsed, Some("ad.user"));
    let sound = found.iter().all(|d| d.severity() != Severity::Error);
    if let Some(evaluable) = evaluable.filter(|_| sound) {
        run(&evaluable, text, values);
    }
}

fn run(evaluable: &Evaluable, text: &str, data: &[u8]) {
    let Some(End::Directory(connector, at)) = evaluable.end else {
        return;
    };
    let connector = evaluable.rules.connectors.get(connector);
    let Some(user) = connector.and_then(|connector| connector.object_types.get(at)) else {
        return;
    };
    let bump = Bump::new();
    let mut random = Random(data.iter().fold(data.len() as u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    }));
    let values: Vec<Value<'_>> = user
        .attributes
        .iter()
        .map(|attribute| any_value(&attribute.ty, data, &mut random, &bump))
        .collect();
    let row = encode_row(&values);
    let layout = Layout {
        places: (0..values.len()).map(Place::Slot).collect(),
        ..Layout::default()
    };
    let Ok(node) = (Linker { layout: &layout }).link(&evaluable.typed.expr) else {
        return;
    };
    let parameters = vec![Some("value".to_owned()); evaluable.rules.parameters.len()];
    let env = Env {
        object: Object::of(Row::new(&row), "CN=Ann,DC=contoso,DC=com"),
        bump: &bump,
        now: 133_500_000_000_000_000,
        parameters: &parameters,
        scripts: &[],
        counts: None,
        due: None,
    };
    match env.eval(&node, &mut Frame::default()) {
        Ok(value) => {
            to_json(value);
            let ty = &evaluable.typed.ty;
            assert!(
                is_of(value, ty),
                "`{text}` is of type `{ty}` and gives {value:?} for {values:?}"
            );
        }
        Err(failure) => assert!(failure.code.starts_with('V'), "{failure:?}"),
    }
}

/// A value of this type, from the data where it can be.
fn any_value<'a>(ty: &Type, data: &[u8], random: &mut Random, bump: &'a Bump) -> Value<'a> {
    if ty.optional && random.below(4) == 0 {
        return Value::Absent;
    }
    if !ty.many {
        return single(&ty.base, data, random, bump);
    }
    let count = 1 + random.below(3);
    let items: Vec<Value<'a>> = (0..count)
        .map(|_| single(&ty.base, data, random, bump))
        .collect();
    Value::list(bump, items)
}

fn single<'a>(base: &Base, data: &[u8], random: &mut Random, bump: &'a Bump) -> Value<'a> {
    let start = random.below(data.len() + 1);
    let end = (start + random.below(64)).min(data.len());
    let bytes = data.get(start..end).unwrap_or_default();
    let lossy = String::from_utf8_lossy(bytes);
    // No directory stores an empty text.
    let text = if lossy.is_empty() { "x" } else { &*lossy };
    let number = match random.below(4) {
        0 => i64::MIN,
        1 => i64::MAX,
        2 => random.below(1000) as i64,
        _ => random.number() as i64,
    };
    match base {
        Base::Int => Value::Int(number),
        Base::Bool => Value::Bool(number & 1 == 0),
        Base::Time => Value::Time(number),
        Base::Guid => {
            Value::Binary(bump.alloc_slice_copy(&random.number().to_le_bytes().repeat(2)))
        }
        Base::Binary | Base::Sid => Value::Binary(bump.alloc_slice_copy(text.as_bytes())),
        Base::Dn => Value::Dn(bump.alloc_str(text)),
        Base::Ref(_) => Value::Reference(number),
        Base::Text(longest) => {
            let longest = longest.map_or(usize::MAX, |length| length as usize);
            let text: String = text.chars().take(longest).collect();
            Value::Text(bump.alloc_str(&text))
        }
        Base::Record(_) | Base::Nothing | Base::Error => Value::Absent,
    }
}

/// The value is one that the type allows.
fn is_of(value: Value<'_>, ty: &Type) -> bool {
    let fits = |value: &Value<'_>| match (&ty.base, value) {
        (Base::Nothing | Base::Error, _) => true,
        (Base::Text(longest), Value::Text(text)) => {
            longest.is_none_or(|longest| text.chars().count() <= longest as usize)
        }
        (Base::Int, Value::Int(_))
        | (Base::Bool, Value::Bool(_))
        | (Base::Time, Value::Time(_))
        | (Base::Binary | Base::Guid | Base::Sid, Value::Binary(_))
        | (Base::Dn, Value::Dn(_))
        | (Base::Ref(_), Value::Reference(_) | Value::Dn(_))
        | (Base::Record(_), Value::Record(_)) => true,
        _ => false,
    };
    match value {
        Value::Absent => ty.optional || matches!(ty.base, Base::Nothing | Base::Error),
        Value::Clear | Value::Skip => true,
        Value::List(items) => ty.many && items.iter().all(fits),
        single => fits(&single),
    }
}

/// The examples of the functions, and expressions with operators.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let values = "\nSMTP:ann@contoso.com CN=Ann,DC=x\u{e9}\u{df} 2024-01-01 S-1-5-21 \u{1F600}";
    let examples = trib_compiler::functions::all()
        .flat_map(|function| function.examples.iter().map(|(expression, _)| *expression));
    let operators = [
        "Trim(displayName) ?? cn",
        "if mail is present then LCase(mail) else Left(cn, 3) & \"@x\"",
        "[Mid(p, 6, 100) for p in proxyAddresses if p starts with \"smtp:\"]",
        "match countryCode { 1, 2 -> \"a\"  else -> \"b\" }",
        "Word(displayName, 1, \" \") & Left(sAMAccountName, Len(cn) - 1)",
        "userAccountControl / countryCode * -1 + 7",
        "UCase(proxyAddresses)",
        "objectGUID == objectGUID and not (whenCreated < whenChanged)",
    ];
    let mut seeds = super::files("fuzz/regressions/evaluate", "txt");
    let lines = examples.chain(operators);
    seeds.extend(lines.map(|line| format!("{line}{values}").into_bytes()));
    seeds
}
