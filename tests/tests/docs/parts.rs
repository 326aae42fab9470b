//! The parts of the language page that stand in tables of the compiler, between
//! `<!-- from the compiler: NAME -->` and `<!-- end -->`.

use trib_compiler::packs::PACKS;
use trib_compiler::{schema::Kind, script};
use trib_grammar::{MAX_BYTES, MAX_DEPTH};

/// The text with its marked parts written anew.
pub fn filled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once("<!-- from the compiler: ") {
        let (name, marked) = marked.split_once(" -->\n").expect("a mark is a line");
        let (_, after) = marked
            .split_once("<!-- end -->")
            .expect("a mark has an end");
        let part = part(name);
        out += &format!("{before}<!-- from the compiler: {name} -->\n{part}<!-- end -->");
        rest = after;
    }
    out + rest
}

fn part(name: &str) -> String {
    match name {
        "kinds" => kinds(),
        "packs" => packs(),
        "limits" => limits(),
        _ => panic!("there is no part `{name}`"),
    }
}

fn kinds() -> String {
    let rows = Kind::NAMES.map(|name| {
        let what = match Kind::parse(name).expect("a kind has its name") {
            Kind::Ad => "Active Directory, over LDAP",
            Kind::Entra => {
                "Microsoft Entra ID (Azure AD), over Microsoft Graph: [its attributes](schema.md)"
            }
            Kind::EntraConnect => {
                "the schema of Azure AD Connect's own connector, for analysis and simulation"
            }
        };
        format!("| `{name}` | {what} |\n")
    });
    format!("| kind | directory |\n|---|---|\n{}", rows.concat())
}

fn packs() -> String {
    let rows = PACKS
        .iter()
        .map(|(name, path, _)| format!("- `{name}`: [{path}](../{path})\n"));
    rows.collect()
}

fn limits() -> String {
    let rows = [
        ("size of a file", format!("{} MiB", MAX_BYTES >> 20)),
        (
            "nesting of expressions and blocks",
            format!("{MAX_DEPTH} levels"),
        ),
        (
            "operations of a script call",
            script::OPERATIONS.to_string(),
        ),
        ("nested calls in a script", script::DEPTH.to_string()),
        ("a text in a script", format!("{} KiB", script::TEXT >> 10)),
        ("items of a list in a script", script::ITEMS.to_string()),
    ];
    let rows = rows.map(|(what, limit)| format!("| {what} | {limit} |\n"));
    format!("| what | at most |\n|---|---|\n{}", rows.concat())
}
