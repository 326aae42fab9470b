//! stub
use crate::ast::Declaration;
use crate::parse::Builder;
pub(crate) fn file(b: &mut Builder) -> Vec<Declaration> {
    b.report(
        crate::error::SyntaxErrorKind::Unexpected,
        crate::span::Span::default(),
        "x",
        None,
    );
    vec![]
}
pub(crate) fn expression(b: &mut Builder) {
    b.report(
        crate::error::SyntaxErrorKind::Unexpected,
        crate::span::Span::default(),
        "x",
        None,
    );
}
