//! The functions of Azure AD Connect.

use trib_grammar::Span;

use super::made::Made;
use super::syntax::{Call, Node, NodeKind, Operator};
use super::translator::{Position, Translator};
use crate::diagnostics::{codes, nearest};

/// Functions that mean the same here.
const SAME: &[&str] = &[
    "BitAnd",
    "BitOr",
    "CBool",
    "CDate",
    "CertExtensionOids",
    "CertFormat",
    "CertFriendlyName",
    "CertHashString",
    "CertIssuer",
    "CertIssuerDN",
    "CertIssuerOid",
    "CertKeyAlgorithm",
    "CertKeyAlgorithmParams",
    "CertNameInfo",
    "CertNotAfter",
    "CertNotBefore",
    "CertPublicKeyOid",
    "CertPublicKeyParametersOid",
    "CertSerialNumber",
    "CertSignatureAlgorithmOid",
    "CertSubject",
    "CertSubjectNameDN",
    "CertSubjectNameOid",
    "CertThumbprint",
    "CertVersion",
    "CGuid",
    "CNum",
    "Contains",
    "ConvertFromBase64",
    "ConvertFromUTF8Hex",
    "ConvertToBase64",
    "ConvertToUTF8Hex",
    "Count",
    "CRef",
    "CStr",
    "DateAdd",
    "DateFromNum",
    "DNComponent",
    "DNComponentRev",
    "EscapeDNComponent",
    "FormatDateTime",
    "Guid",
    "InStr",
    "InStrRev",
    "IsBitSet",
    "IsCert",
    "IsDate",
    "IsEmpty",
    "IsGuid",
    "IsNull",
    "IsNullOrEmpty",
    "IsNumeric",
    "IsPresent",
    "IsString",
    "Item",
    "ItemOrNull",
    "LCase",
    "Left",
    "Len",
    "LTrim",
    "Mid",
    "Now",
    "NumFromDate",
    "PadLeft",
    "PadRight",
    "PCase",
    "RandomNum",
    "RemoveDuplicates",
    "Replace",
    "ReplaceChars",
    "Right",
    "RTrim",
    "Split",
    "StringFromGuid",
    "StringFromSid",
    "Trim",
    "UCase",
    "Word",
];

/// Functions that are a construct of the language here.
const OTHER: &[&str] = &[
    "Error",
    "IIF",
    "ImportedValue",
    "Join",
    "Select",
    "Switch",
    "ValueCount",
    "Where",
    "With",
];

/// Functions that shipped rules call and no reference describes, so that nobody can say what they give.
const UNDESCRIBED: &[&str] = &["CBin", "Thumbprint"];

pub(super) fn call(
    translator: &mut Translator<'_>,
    call: &Call,
    node: &Node,
    at: Position<'_>,
) -> Made {
    let span = node.span;
    match call.name.as_str() {
        "IIF" => translator.iif(call, node, at),
        "Switch" => switch(translator, call, node, at),
        "Select" | "Where" => translator.each(call, node, at),
        "With" => translator.with(call, node, at),
        "Error" => translator.failure(call, span, at),
        "ImportedValue" => imported(translator, call, span, at),
        "ValueCount" => {
            let attribute = imported(translator, call, span, at);
            let count = Made::call("Count", vec![attribute], span);
            count.of(crate::types::Base::Int).surely()
        }
        "Join" => join(translator, call, span, at),
        name if SAME.contains(&name) => translator.builtin(name, call, span, at),
        name if UNDESCRIBED.contains(&name) => {
            let message = format!("no reference says what `{name}` gives");
            translator.refuse(
                &codes::UNTRANSLATABLE,
                call.name_span,
                message,
                "leave the flow out, or write its value with a function of ours",
            );
            Made::null(span)
        }
        name => unknown(
            translator,
            name,
            call.name_span,
            SAME.iter().chain(OTHER).copied(),
        ),
    }
}

/// Reports a function that the dialect does not have.
pub(super) fn unknown<'n>(
    translator: &mut Translator<'_>,
    name: &str,
    span: Span,
    known: impl Iterator<Item = &'n str>,
) -> Made {
    let product = match translator.dialect {
        super::Dialect::Connect => "Azure AD Connect",
        super::Dialect::Cloud => "cloud sync",
    };
    let help = match nearest(name, known) {
        Some(near) => format!("`{near}` is near; names are case-sensitive"),
        None => "see its reference of functions".to_owned(),
    };
    let message = format!("{product} has no function `{name}`");
    translator.refuse(&codes::FOREIGN_FUNCTION, span, message, help);
    Made::null(span)
}

/// `ImportedValue("attribute")`: our rules read confirmed values only.
fn imported(translator: &mut Translator<'_>, call: &Call, span: Span, at: Position<'_>) -> Made {
    let name = match call.arguments.as_slice() {
        [only] => match &only.bare().kind {
            NodeKind::Text(name) | NodeKind::Attribute(name) => name.trim_matches(['[', ']', ' ']),
            _ => "",
        },
        _ => "",
    };
    let odd = |character: char| "[](){}\",\r\n".contains(character);
    if name.is_empty() || name.contains(odd) {
        let message = format!("`{}` takes the name of an attribute, in quotes", call.name);
        translator.refuse(
            &codes::FOREIGN_ARGUMENTS,
            span,
            message,
            "write `\"proxyAddresses\"`",
        );
        return Made::null(span);
    }
    let attribute = Node {
        span,
        kind: NodeKind::Attribute(name.to_owned()),
    };
    translator.node(&attribute, at.inner())
}

/// `Join(list, delimiter)`, with `Nothing` for none.
fn join(translator: &mut Translator<'_>, call: &Call, span: Span, at: Position<'_>) -> Made {
    let mut call = call.clone();
    if let Some(delimiter) = call.arguments.get_mut(1) {
        let nothing = matches!(&delimiter.kind, NodeKind::Word(word) if word == "Nothing");
        if nothing || delimiter.kind == NodeKind::Null {
            delimiter.kind = NodeKind::Text(String::new());
        }
    }
    translator.builtin("Join", &call, span, at)
}

/// `Switch(condition, value, …)`: the value of the first condition that holds.
fn switch(translator: &mut Translator<'_>, call: &Call, node: &Node, at: Position<'_>) -> Made {
    let span = node.span;
    let (pairs, rest) = call.arguments.as_chunks::<2>();
    if !rest.is_empty() || pairs.is_empty() {
        return translator.miscounted(call, "pairs of conditions and values", span);
    }
    let mut made = Vec::new();
    let mut otherwise = Made::null(span);
    for (index, [condition, value]) in pairs.iter().enumerate() {
        let last = condition.bare().kind == NodeKind::Bool(true);
        let condition = condition_of(translator, condition, at);
        let value = translator.value(value, at);
        if last {
            otherwise = value;
            if let Some([after, _]) = pairs.get(index + 1) {
                translator.note(
                    after.span,
                    "what stands behind a condition that is `True` is never reached",
                    "it was left out",
                );
            }
            break;
        }
        made.push((condition, value));
    }
    translator.choices(made, otherwise, span)
}

fn condition_of(translator: &mut Translator<'_>, node: &Node, at: Position<'_>) -> Made {
    let several = matches!(&node.bare().kind, NodeKind::Chain(_, others) if others.iter().all(|(operator, _)| *operator != Operator::Concat));
    let made = translator.condition(node, at);
    if several && made.many {
        translator.refuse(
            &codes::UNTRANSLATABLE,
            node.span,
            "this condition of a `Switch` has several values",
            "use `Contains`, or `IIF` for each value",
        );
    }
    made
}
