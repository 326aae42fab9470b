//! The rules of the grammar in the words of the language.

use crate::parse::Rule;

/// What would be right, from the rules pest tried. What can follow almost anything (an operator, the
/// parentheses of a call) is left out where something more telling is expected.
pub(super) fn words(rules: &[Rule]) -> Vec<&'static str> {
    use Rule::*;
    if rules.iter().any(|rule| {
        matches!(
            rule,
            expression | bare_name | prefix | parenthesized | constant | failure
        )
    }) {
        return vec!["an expression"];
    }
    let may_end = rules.contains(&EOI);
    if may_end && rules.contains(&infix) {
        return vec!["an operator"];
    }
    let possible = |rule: &Rule| !(may_end && matches!(rule, open_paren | dot));
    let telling = |rule: &Rule| {
        !matches!(
            rule,
            infix | presence | arithmetic | open_paren | dot | flow_mode | EOI
        )
    };
    let keep: &dyn Fn(&Rule) -> bool = if rules.iter().any(telling) {
        &telling
    } else {
        &possible
    };
    let mut words: Vec<&str> = rules
        .iter()
        .copied()
        .filter(|rule| keep(rule))
        .filter_map(phrase)
        .collect();
    words.sort_unstable_by_key(order);
    words.dedup();
    words
}

/// Phrases first, then keywords, then punctuation.
fn order<'w>(word: &&'w str) -> (usize, &'w str) {
    let rank = match word {
        word if word.starts_with("a ") || word.starts_with("an ") => 0,
        word if word.chars().all(char::is_alphabetic) => 1,
        _ => 2,
    };
    (rank, word)
}

fn phrase(rule: Rule) -> Option<&'static str> {
    use Rule::*;
    Some(match rule {
        text => "a text in double quotes",
        script_text => "a script between `\"\"\"`",
        name | word | quoted_name | entry | record_field | function_parameter | targets | pack => {
            "a name"
        }
        type_path => "an object type",
        type_expr | named_type | list_type | record_type | ref_type => "a type",
        integer => "a number",
        parameter => "a parameter such as `%Domain.FQDN%`",
        infix | presence | arithmetic => "an operator",
        join_operator => "`==` or `===`",
        values => "{",
        flow => "a flow",
        clause => "a clause",
        step => "a step of a test",
        attribute => "an attribute",
        arm => "an arm",
        declaration => "a declaration",
        open_brace => "{",
        close_brace => "}",
        open_paren => "(",
        close_paren => ")",
        open_bracket => "[",
        close_bracket => "]",
        comma => ",",
        colon => ":",
        dot => ".",
        equals => "=",
        flow_arrow => "<-",
        arrow => "->",
        kw_with => "with",
        kw_schema | connector_schema => "schema",
        kw_priority | connector_priority => "priority",
        kw_rule => "rule",
        kw_fn => "fn",
        kw_flow => "flow",
        kw_scope => "scope",
        kw_and => "and",
        kw_continue => "continue",
        kw_delete => "delete",
        kw_disconnect => "disconnect",
        kw_disable | deprovision_disable => "disable",
        kw_from => "from",
        kw_time => "time",
        kw_then => "then",
        kw_else | default_arm => "else",
        kw_in => "in",
        kw_for | comprehension => "for",
        kw_if => "if",
        kw_indexed => "indexed",
        _ => return None,
    })
}
