//! What conditions say of each other: a decision procedure over the atoms that scopes are made of, which
//! are presence, equality, order, bits, beginnings, ends and parts of texts, and places in the tree.
//!
//! It is sound and not complete: what it calls a contradiction is one; what it does not know, it lets
//! pass. Absence is part of it: an absent value makes every comparison false, and `!=` true.

mod atom;
mod facts;
mod formula;

use crate::ir::Expr;
use facts::Facts;
use formula::{Formula, Reading};

/// No object makes each of the conditions have the truth that stands with it.
pub(crate) fn contradict<'e>(conditions: impl IntoIterator<Item = (&'e Expr, bool)>) -> bool {
    let read = |(condition, truth)| Reading::default().condition(condition, truth);
    impossible(&conditions.into_iter().map(read).collect::<Vec<_>>())
}

/// Where the first conditions hold, the other one holds too.
pub(crate) fn implies<'e>(
    conditions: impl IntoIterator<Item = &'e Expr>,
    consequence: &'e Expr,
) -> bool {
    let hold = conditions.into_iter().map(|condition| (condition, true));
    contradict(hold.chain([(consequence, false)]))
}

/// Where the conditions hold, the expression has a value.
pub(crate) fn ensure<'e>(conditions: impl IntoIterator<Item = &'e Expr>, value: &'e Expr) -> bool {
    let hold = conditions.into_iter();
    let hold = hold.map(|condition| Reading::default().condition(condition, true));
    let absent = Reading::default().presence(value, false);
    impossible(&hold.chain([absent]).collect::<Vec<_>>())
}

fn impossible(formulas: &[Formula<'_>]) -> bool {
    let mut budget = 4096;
    let open = formulas.iter().collect();
    !satisfiable(open, Vec::new(), Facts::default(), &mut budget)
}

/// Whether all formulas may hold together; yes, once the budget of steps is used up.
fn satisfiable<'f, 'e>(
    mut open: Vec<&'f Formula<'e>>,
    mut choices: Vec<&'f [Formula<'e>]>,
    mut facts: Facts<'e>,
    budget: &mut u32,
) -> bool {
    while let Some(formula) = open.pop() {
        if *budget == 0 {
            return true;
        }
        *budget -= 1;
        match formula {
            Formula::Known(true) | Formula::Unknown => {}
            Formula::Known(false) => return false,
            Formula::Literal(literal) => {
                if !facts.assume(literal) {
                    return false;
                }
            }
            Formula::All(parts) => open.extend(parts),
            Formula::Any(parts) => choices.push(parts),
        }
    }
    let Some(choice) = choices.pop() else {
        return true;
    };
    choice
        .iter()
        .any(|part| satisfiable(vec![part], choices.clone(), facts.clone(), budget))
}
