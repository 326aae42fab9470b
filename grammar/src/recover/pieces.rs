//! A piece is a range of tokens; here it meets pest.

use std::ops::Range;

use pest::iterators::Pairs;

use crate::parse::{Builder, Rule};
use crate::span::Span;

/// The text of a piece, as offsets.
pub(super) fn extent(builder: &Builder, piece: &Range<usize>) -> Range<usize> {
    let code = &builder.tokens.code;
    let start = code
        .get(piece.start)
        .map_or(builder.tokens.text.len(), |token| token.start);
    let end = piece
        .end
        .checked_sub(1)
        .and_then(|last| code.get(last))
        .map_or(start, |token| token.end);
    start..end.max(start)
}

/// Where a piece stands.
pub(super) fn span(builder: &Builder, piece: &Range<usize>) -> Span {
    let extent = extent(builder, piece);
    Span::new(builder.file, extent.start, extent.end)
}

/// What a rule makes of a piece.
pub(super) fn parse<'t>(
    builder: &mut Builder<'t>,
    rule: Rule,
    piece: &Range<usize>,
) -> Option<Pairs<'t, Rule>> {
    let extent = extent(builder, piece);
    builder.pairs(rule, extent.start, extent.end)
}
