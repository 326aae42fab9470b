//! The attributes of Entra ID, from the schema facts that ship with the compiler.

use std::fmt::Write;

use trib_compiler::schema::{Kind, Schema, Write as Writable};

use crate::NOTE;

const HEAD: &str = "# What can be flowed to Entra ID

The object types of `connector NAME : entra` with their attributes, from the reference of Microsoft Graph v1.0.
Types are written as in [rules](language.md#types): `string(64)` takes 64 characters, `[string]` many values.

- **needed** attributes must surely have a value when the object is created;
- **once** says that only a [`once`](language.md#modes) flow may write it, when the object is created;
- **join** says that a `join` line may look objects up by it, and **unique** that no two objects share a value;
- attributes marked *read-only* can be read in tests and joins, and never flowed.

Directory extensions (`extension_` + 32 hexadecimal digits + `_` + name) of users and groups are `string(256)`, can be written and joined on.
";

pub fn page() -> String {
    let mut out = format!("{HEAD}\n{NOTE}\n");
    let schema = Schema::Builtin(Kind::Entra);
    for name in schema.object_types() {
        let Some(object_type) = schema.object_type(&name) else {
            continue;
        };
        write!(out, "\n## {name}\n").unwrap();
        if let Err(why) = object_type.creatable {
            write!(out, "\nRules cannot provision it: {why}.\n").unwrap();
        }
        out += "\n| attribute | type | |\n|---|---|---|\n";
        for attribute in object_type.attributes() {
            let mut marks = match attribute.write {
                Writable::Yes => Vec::new(),
                Writable::Once => vec!["**once**".to_owned()],
                Writable::Unknown => {
                    vec!["the reference does not say whether it can be written".to_owned()]
                }
                Writable::No(why) => vec![format!("*read-only*: {why}")],
            };
            let flags = [
                (attribute.required, "**needed**"),
                (attribute.indexed, "**join**"),
                (attribute.unique, "**unique**"),
            ];
            marks.extend(
                flags
                    .iter()
                    .filter(|(set, _)| *set)
                    .map(|(_, word)| (*word).to_owned()),
            );
            let ty = attribute.ty.clone().present();
            writeln!(
                out,
                "| `{}` | `{ty}` | {} |",
                attribute.name,
                marks.join(", ")
            )
            .unwrap();
        }
    }
    out
}
