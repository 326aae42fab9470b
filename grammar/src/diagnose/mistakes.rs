//! Mistakes with a history: what other languages, typewriters and web pages put in people's fingers.

use super::{Stuck, quote};
use crate::parse::Rule;
use crate::scan::TokenKind;

type Words = (String, Option<String>);

/// Words for a mistake that is known by the tokens around it.
pub(super) fn known(stuck: &Stuck) -> Option<Words> {
    let found = stuck.ahead(0);
    symbol(stuck, found)
        .or_else(|| number(stuck, found))
        .or_else(|| misplaced_word(stuck, found))
        .or_else(|| capitals(stuck, found))
        .or_else(|| unfinished(stuck, found))
        .or_else(|| unquoted(stuck, found))
}

fn words(message: impl Into<String>, help: impl Into<String>) -> Option<Words> {
    Some((message.into(), Some(help.into())))
}

fn symbol(stuck: &Stuck, found: &str) -> Option<Words> {
    let wants = |rule: Rule| stuck.expected.contains(&rule);
    match found {
        "=" if stuck.ahead(1) == "<" => words("`=<` is not an operator", "write `<=`"),
        "=" | "=>" | "->" | ":" if wants(Rule::flow_arrow) => words(
            format!("expected `<-`, found `{found}`"),
            "values flow to the left: `target <- source`",
        ),
        "=" if wants(Rule::infix) || wants(Rule::join_operator) => {
            words("`=` does not compare", "write `==`")
        }
        "<-" if wants(Rule::infix) => words(
            "`<-` is not expected in an expression",
            "a value flows to a name: `target <- source`; a comparison with a negative number is written `a < -1`",
        ),
        "&&" => words("`&&` is not an operator", "write `and`"),
        "||" | "|" => words(format!("`{found}` is not an operator"), "write `or`"),
        "!" => words("`!` is not an operator", "write `not`"),
        "<>" => words("`<>` is not an operator", "write `!=`"),
        "=>" => words(
            "`=>` is not an operator",
            "write `>=` to compare, `->` in a `match`",
        ),
        "?" => words(
            "`?` is not an operator",
            "write `if … then … else …`, or `??` for a value in place of an absent one",
        ),
        ";" => words("`;` is not expected", "remove it: a line end is enough"),
        "%" => words(
            "this `%` does not begin a parameter",
            "parameters stand between two percent signs: `%Domain.FQDN%`",
        ),
        "#" => words(
            "`#` is not part of the language",
            "comments start with `//`, or with `///` where they document a declaration",
        ),
        "'" | "`" => words("texts stand in double quotes", "write `\"…\"`"),
        "“" | "”" | "„" | "«" | "»" | "‘" | "’" => words(
            format!("`{found}` is a typographic quote"),
            "write the plain `\"`",
        ),
        "-" if wants(Rule::infix) || wants(Rule::arithmetic) => words(
            "a subtraction has spaces round its minus",
            "write `a - b`: a hyphen belongs to the name it touches",
        ),
        "." if wants(Rule::join_operator) => words(
            "the target attribute stands on the right",
            "write `attribute == type.attribute`",
        ),
        "." if stuck
            .tokens
            .is(stuck.found.saturating_sub(1), TokenKind::Number) =>
        {
            words("numbers are whole", "there are no decimal fractions")
        }
        "." if wants(Rule::infix) => words(
            "a name in an expression has no `.`",
            "attributes of the source object are named alone; `type.attribute` stands on the right of a `join`",
        ),
        "\u{a0}" => words(
            "this is a no-break space, not a space",
            "replace it; such characters come with text copied from web pages",
        ),
        _ => None,
    }
}

fn number(stuck: &Stuck, found: &str) -> Option<Words> {
    if !stuck.tokens.is(stuck.found, TokenKind::Number)
        || found.parse::<u128>().is_ok()
        || found.starts_with(['&', '-'])
    {
        return None;
    }
    match found.contains('-') {
        true => words(
            format!("`{found}` is not a number"),
            "a subtraction has spaces round its minus: `a - b`",
        ),
        false => words(
            format!("`{found}` is not a number"),
            "numbers are written `514`, `0x202` or `&H202`; an odd name is quoted: `[name]`",
        ),
    }
}

/// Words in the wrong place.
fn misplaced_word(stuck: &Stuck, found: &str) -> Option<Words> {
    match (found, stuck.ahead(1)) {
        ("not", "in") => words("`not in` is not an operator", "write `not x in list`"),
        ("is", "not" | "null" | "Null" | "NULL" | "empty" | "missing") => words(
            format!("`is {}` is not a test", stuck.ahead(1)),
            "write `is present` or `is absent`",
        ),
        ("is", next) => words(
            format!(
                "expected `present` or `absent` after `is`, found {}",
                next_words(stuck, next)
            ),
            "a comparison is written `==`",
        ),
        ("starts" | "ends", next) => words(
            format!(
                "expected `with` after `{found}`, found {}",
                next_words(stuck, next)
            ),
            format!("write `{found} with`"),
        ),
        ("like", _) => words(
            "`like` is not an operator",
            "write `starts with`, `ends with`, `contains` or `matches`",
        ),
        ("member", next) => words(
            format!(
                "expected `of` after `member`, found {}",
                next_words(stuck, next)
            ),
            "write `member of`",
        ),
        ("elseif" | "elsif" | "elif", _) => words(
            format!("`{found}` is not a word of the language"),
            "write `else if`",
        ),
        _ => None,
    }
}

fn next_words(stuck: &Stuck, next: &str) -> String {
    match next {
        "" => "the end of the text".to_owned(),
        _ if stuck.tokens.at(stuck.found + 1).is_empty() => "the end of the text".to_owned(),
        next => quote(next),
    }
}

/// `AND`, `Not`: the words of the language are written in small letters.
fn capitals(stuck: &Stuck, found: &str) -> Option<Words> {
    if stuck.expected == [Rule::text] {
        return None;
    }
    const WORDS: [&str; 16] = [
        "and", "or", "not", "in", "is", "if", "then", "else", "contains", "starts", "ends",
        "matches", "under", "member", "exactly", "match",
    ];
    let before = stuck.before().unwrap_or_default();
    let word = [before, found].into_iter().find(|word| {
        let lower = word.to_lowercase();
        lower != **word && WORDS.contains(&lower.as_str())
    })?;
    words(
        format!("`{word}` is not a word of the language"),
        format!(
            "write `{}`: words of the language are in small letters",
            word.to_lowercase()
        ),
    )
}

/// A name where a text must stand.
fn unquoted(stuck: &Stuck, found: &str) -> Option<Words> {
    let only_text = stuck.expected == [Rule::text];
    let is_word = stuck.tokens.is(stuck.found, TokenKind::Word) && stuck.found < stuck.piece.end;
    if !only_text || !is_word {
        return None;
    }
    let before = stuck
        .before()
        .map(|before| format!(" after {}", quote(before)))
        .unwrap_or_default();
    words(
        format!("expected a text in double quotes{before}, found `{found}`"),
        format!("write `\"{found}\"`"),
    )
}

/// What began as something known and breaks off.
fn unfinished(stuck: &Stuck, found: &str) -> Option<Words> {
    let after = |what: &str, before: &str| {
        format!(
            "expected {what} after `{before}`, found {}",
            stuck.found_words()
        )
    };
    match stuck.before()? {
        "link" => words(
            after("`provision`, `join` or `sticky`", "link"),
            "`provision` may create the object, `join` only finds it, `sticky` also keeps it",
        ),
        "ignoring" => words(after("`case`", "ignoring"), "write `merge ignoring case`"),
        before if stuck.expected == [Rule::dot] => words(
            after("`.`", before),
            "the right side names the target attribute with its type: `person.mail`",
        ),
        before @ ("rule" | "test") if stuck.expected == [Rule::text] => words(
            after("a name in double quotes", before),
            format!("write `{before} \"…\"`: the name may have spaces"),
        ),
        _ if found == "or" && stuck.expected.contains(&Rule::kw_and) => words(
            "a `join` has no `or`",
            "write another `join` line: they are tried from top to bottom",
        ),
        _ => None,
    }
}
