//! What the tests share: positions and trees as text.

use trib_grammar::ast::{BinaryOperator, Expr, ExprKind, File, UnaryOperator};
use trib_grammar::{FileId, LineIndex, Parsed, SyntaxError, parse};

pub fn read(text: &str) -> Parsed {
    parse(FileId(0), text)
}

/// The tree without its places.
pub fn tree(file: &File) -> String {
    let text = format!("{:#?}", file.declarations);
    let mut lines = text.lines();
    let mut kept = String::new();
    while let Some(line) = lines.next() {
        if line.trim_end().ends_with("Span {") {
            lines.by_ref().take(5).for_each(drop);
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    kept
}

pub fn comments(file: &File) -> Vec<String> {
    file.comments
        .iter()
        .map(|comment| comment.text.replace('\r', ""))
        .collect()
}

/// `line:column message`, and the help below.
pub fn report(text: &str, errors: &[SyntaxError]) -> String {
    let index = LineIndex::new(text);
    let mut report = String::new();
    for error in errors {
        let at = index.position(text, error.span.start);
        let part = error.span.of(text).lines().next().unwrap_or_default();
        report.push_str(&format!("{}:{} {}\n", at.line, at.column, error.message));
        report.push_str(&format!("    {:?} at `{part}`\n", error.kind));
        if let Some(help) = &error.help {
            report.push_str(&format!("    help: {help}\n"));
        }
    }
    report
}

/// An expression with parentheses round everything; runs of an associative operator are one.
pub fn shape(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Int(number) => number.to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Null => "null".into(),
        ExprKind::It => "it".into(),
        ExprKind::Clear => "clear".into(),
        ExprKind::Skip => "skip".into(),
        ExprKind::Bad => "BAD".into(),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Parameter(name) => format!("%{name}%"),
        ExprKind::Tagged(tag, text) => format!("{tag:?} {:?}", text.value),
        ExprKind::List(items) => format!("[{}]", shapes(items)),
        ExprKind::Record(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, value)| format!("{}: {}", name.text, shape(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        ExprKind::Comprehension {
            body,
            variable,
            source,
            condition,
        } => {
            let condition = condition
                .as_ref()
                .map(|condition| format!(" if {}", shape(condition)))
                .unwrap_or_default();
            format!(
                "[{} for {} in {}{condition}]",
                shape(body),
                variable.text,
                shape(source)
            )
        }
        ExprKind::Call {
            function,
            arguments,
        } => format!("{}({})", function.text, shapes(arguments)),
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => {
            let otherwise = otherwise
                .as_ref()
                .map(|otherwise| format!(" else {}", shape(otherwise)))
                .unwrap_or_default();
            format!("(if {} then {}{otherwise})", shape(condition), shape(then))
        }
        ExprKind::Match {
            subject,
            arms,
            otherwise,
        } => {
            let arms: Vec<String> = arms
                .iter()
                .map(|arm| format!("{} -> {}", shapes(&arm.patterns), shape(&arm.value)))
                .collect();
            let otherwise = otherwise
                .as_ref()
                .map(|otherwise| format!("; else {}", shape(otherwise)))
                .unwrap_or_default();
            format!(
                "(match {} {{{}{otherwise}}})",
                shape(subject),
                arms.join("; ")
            )
        }
        ExprKind::Binary { operator, .. } => {
            let mut operands = Vec::new();
            run(expr, *operator, &mut operands);
            format!("({})", operands.join(&format!(" {} ", operator.text())))
        }
        ExprKind::Unary {
            operator: UnaryOperator::Not,
            operand,
        } => format!("(not {})", shape(operand)),
        ExprKind::Unary {
            operator: UnaryOperator::Negate,
            operand,
        } => format!("(-{})", shape(operand)),
        ExprKind::Presence { operand, present } => {
            format!(
                "({} is {})",
                shape(operand),
                if *present { "present" } else { "absent" }
            )
        }
        ExprKind::Parenthesized(inside) => shape(inside),
        ExprKind::Error(text) => format!("(error {})", shape(text)),
    }
}

fn shapes(items: &[Expr]) -> String {
    items.iter().map(shape).collect::<Vec<_>>().join(", ")
}

fn run(expr: &Expr, wanted: BinaryOperator, operands: &mut Vec<String>) {
    use BinaryOperator::{And, Coalesce, Concat, Or};
    match &expr.kind {
        ExprKind::Parenthesized(inside) if matches!(wanted, And | Coalesce | Concat | Or) => {
            run(inside, wanted, operands)
        }
        ExprKind::Binary {
            operator,
            left,
            right,
            ..
        } if *operator == wanted && matches!(wanted, And | Coalesce | Concat | Or) => {
            run(left, wanted, operands);
            run(right, wanted, operands);
        }
        ExprKind::Binary {
            operator,
            left,
            right,
            ..
        } if *operator == wanted && operands.is_empty() => {
            operands.extend([shape(left), shape(right)]);
        }
        _ => operands.push(shape(expr)),
    }
}
