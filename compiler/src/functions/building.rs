//! Texts built piece by piece, up to a limit.

use super::{Context, Failure, codes};
use crate::value::Value;

/// The longest text in bytes that an expression builds.
pub const LONGEST: usize = 8 * 1024 * 1024;

/// A text that grows in the arena.
pub(super) struct Building<'a> {
    text: bumpalo::collections::String<'a>,
}

impl<'a> Building<'a> {
    pub(super) fn new(context: &Context<'a>, capacity: usize) -> Building<'a> {
        let capacity = capacity.min(LONGEST);
        Building {
            text: bumpalo::collections::String::with_capacity_in(capacity, context.bump),
        }
    }

    pub(super) fn push(&mut self, character: char) -> Result<(), Failure> {
        reserve(self.text.len(), character.len_utf8())?;
        self.text.push(character);
        Ok(())
    }

    pub(super) fn push_str(&mut self, piece: &str) -> Result<(), Failure> {
        reserve(self.text.len(), piece.len())?;
        self.text.push_str(piece);
        Ok(())
    }

    /// Drops `character` if it is the last one.
    pub(super) fn drop_last(&mut self, character: char) {
        if self.text.ends_with(character) {
            self.text.pop();
        }
    }

    pub(super) fn finish(self) -> Value<'a> {
        Value::Text(self.text.into_bump_str())
    }
}

/// Fails where a text of `length` bytes may not grow by `more`.
pub fn reserve(length: usize, more: usize) -> Result<(), Failure> {
    match length.checked_add(more) {
        Some(total) if total <= LONGEST => Ok(()),
        _ => Err(Failure::new(
            codes::TOO_LARGE,
            format!("the result is longer than {LONGEST} bytes"),
        )),
    }
}
