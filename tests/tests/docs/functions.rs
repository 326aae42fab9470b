//! The page of functions, from the one table of builtins.

use std::fmt::Write;

use trib_compiler::functions::{
    Absence, Effect, FAMILIES, Function, Kind, Occurs, Parameter, Shape, codes,
};

use crate::{NOTE, anchor};

const HEAD: &str = "# Functions

Every function that an expression may call. Names are case-sensitive, and follow Azure AD Connect's functions: an expression
you know from there means the same here. `IIF`, `Switch`, `Select`, `Where` and `With` are parts of the language instead:
[`if`, `match`, comprehensions and `let`](language.md#expressions).

How to read an entry:

- `text: string, length: int` are parameters with their [types](language.md#types). `start?: int` may be left out, `text: string…` may be repeated.
- A function of a single value that meets an attribute of many values is applied to each of them. A parameter `[T]` takes all
  values at once, and a single value counts as a set of one.
- Unless an entry says otherwise, the result is absent if an argument is.
- Positions count from 1, and 0 means \"not found\".
- Examples read `expression  // its value`; `null` is an absent value. `trib eval 'EXPRESSION'` tries your own.
";

pub fn page() -> String {
    let mut out = format!("{HEAD}\n{NOTE}\n");
    for (title, functions) in FAMILIES {
        let links = functions.iter().map(|function| {
            let name = function.name;
            format!("[`{name}`](#{})", anchor(name))
        });
        let links: Vec<String> = links.collect();
        write!(out, "\n- {}: {}", title, links.join(" ")).unwrap();
    }
    out += "\n";
    for (title, functions) in FAMILIES {
        write!(out, "\n## {title}\n").unwrap();
        functions
            .iter()
            .for_each(|function| entry(&mut out, function));
    }
    out += "\n## Errors\n\nA function that cannot give a value fails the object it was asked for; other objects go on.\n\n";
    out += "| code | meaning |\n|---|---|\n";
    for code in codes::ALL {
        writeln!(out, "{}", crate::diagnostics::row(code)).unwrap();
    }
    out
}

fn entry(out: &mut String, function: &Function) {
    let parameters: Vec<String> = function.parameters.iter().map(parameter).collect();
    let absent = match function.absence {
        Absence::Strict | Absence::Never => "",
        Absence::StrictOrAbsent | Absence::Body => "?",
    };
    let (name, result) = (function.name, shape(function.result));
    let parameters = parameters.join(", ");
    write!(
        out,
        "\n### {name}\n\n`{name}({parameters}) -> {result}{absent}`\n\n{}\n",
        function.summary
    )
    .unwrap();
    let absence = match function.absence {
        Absence::Strict => "",
        Absence::StrictOrAbsent => "The result may be absent though every argument is there.",
        Absence::Never => "There always is a result, whatever is absent.",
        Absence::Body => "An absent argument is looked at, and the result may be absent.",
    };
    let effect = match function.effect {
        Effect::Pure => "",
        Effect::Clock => {
            "All calls in a cycle give the same instant; a rule that asks is looked at again when its answer changes."
        }
        Effect::Random => {
            "Every call gives another value, so it may stand in [`once`](language.md#modes) flows only."
        }
    };
    let words = words(function);
    for note in [absence, effect, &words] {
        if !note.is_empty() {
            writeln!(out, "{note}").unwrap();
        }
    }
    out.push_str("\n```eval\n");
    for (expression, value) in function.examples {
        writeln!(out, "{expression}  // {value}").unwrap();
    }
    out.push_str("```\n");
}

fn parameter(parameter: &Parameter) -> String {
    let (name, shape) = (parameter.name, shape(parameter.shape));
    match parameter.occurs {
        Occurs::Once => format!("{name}: {shape}"),
        Occurs::Optional => format!("{name}?: {shape}"),
        Occurs::Repeated => format!("{name}: {shape}…"),
    }
}

fn shape(shape: Shape) -> String {
    match shape {
        Shape::One(kind) | Shape::Whole(kind) => notation(kind).to_owned(),
        Shape::Many(kind) => format!("[{}]", notation(kind)),
    }
}

fn notation(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "string",
        Kind::Word(_) => "word",
        Kind::Int => "int",
        Kind::Bool => "bool",
        Kind::Binary => "binary",
        Kind::Guid => "guid",
        Kind::Time => "time",
        Kind::Dn => "dn",
        Kind::TextOrBinary => "string or binary",
        Kind::Any => "any",
    }
}

/// The words that a parameter takes.
fn words(function: &Function) -> String {
    let mut out = String::new();
    for parameter in function.parameters {
        if let Shape::One(Kind::Word(words)) = parameter.shape {
            let words: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
            write!(out, "`{}` is one of {}. ", parameter.name, words.join(", ")).unwrap();
        }
    }
    out.trim_end().to_owned()
}
