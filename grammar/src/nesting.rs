//! How deep a text nests, found on its tokens before anything recursive sees it.

use crate::MAX_DEPTH;
use crate::scan::{Token, TokenKind, Tokens};

/// What one bracket level holds: `above` is the depth around it, `conditions` nest to the right up to the
/// next separator, `operand` is the height of the operand that is being read, `height` the greatest so far.
#[derive(Default)]
struct Level {
    above: usize,
    conditions: usize,
    operand: usize,
    height: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.above + self.operand + self.conditions
    }

    fn settle(&mut self) {
        self.height = self.height.max(self.operand + self.conditions);
        self.operand = 0;
    }
}

/// The token at which these tokens nest deeper than [`MAX_DEPTH`].
pub(crate) fn too_deep(tokens: &Tokens, part: &[Token]) -> Option<Token> {
    let mut levels = vec![Level::default()];
    for token in part {
        match (token.kind, tokens.of(*token)) {
            (TokenKind::Opening, _) => {
                let above = levels.last().map_or(0, Level::depth) + 1;
                levels.push(Level {
                    above,
                    ..Level::default()
                });
            }
            (TokenKind::Closing, _) if levels.len() > 1 => {
                let inner = levels.pop().map(close).unwrap_or_default();
                if let Some(level) = levels.last_mut() {
                    level.operand = level.operand.max(inner);
                }
            }
            (_, text) => levels
                .last_mut()
                .into_iter()
                .for_each(|level| read(level, text)),
        }
        if levels.last().is_some_and(|level| level.depth() > MAX_DEPTH) {
            return Some(*token);
        }
    }
    None
}

fn close(mut level: Level) -> usize {
    level.settle();
    level.height + 1
}

fn read(level: &mut Level, text: &str) {
    match text {
        "if" | "error" => level.conditions += 1,
        "not" | "-" | "+" | "*" | "/" => level.operand += 1,
        "," | "<-" | "->" | "=" | ":" => {
            level.settle();
            level.conditions = 0;
        }
        "and" | "or" | "??" | "&" | "==" | "!=" | "<" | ">" | "then" | "else" => level.settle(),
        _ => {}
    }
}
