//! What an expression can see, and what is known where it stands.

use std::collections::HashSet;

use crate::ir::{End, Slot};
use crate::types::Type;

#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The object whose attributes bare names are.
    pub source: Option<End>,
    /// Attributes that are surely present here.
    pub present: HashSet<Slot>,
    /// Variables: name, type, number.
    pub locals: Vec<(String, Type, usize)>,
    /// The number of the next variable.
    pub next_local: usize,
    /// Name of the attribute that `it` is; "" where the flow's target is unknown.
    pub it: Option<String>,
    /// The value here is the value of the flow, so `null`, `clear` and `skip` may stand.
    pub tail: bool,
    /// `null` may stand anywhere, as in an expression that is only looked at.
    pub loose: bool,
    /// A rule's scope: the sides of its `and`s and `or`s are counted where rules are measured.
    pub clause: bool,
    /// Functions that depend on chance may be called.
    pub effects: bool,
    /// A function that depends on chance was called.
    pub random: bool,
    /// Functions being inlined, against recursion.
    pub calls: Vec<String>,
}

impl Scope {
    /// Sees no object.
    pub fn constant() -> Scope {
        Scope {
            source: None,
            present: HashSet::new(),
            locals: Vec::new(),
            next_local: 0,
            it: None,
            tail: false,
            loose: false,
            clause: false,
            effects: false,
            random: false,
            calls: Vec::new(),
        }
    }

    /// Sees the attributes of an object type.
    pub fn over(source: End) -> Scope {
        Scope {
            source: Some(source),
            ..Scope::constant()
        }
    }

    /// A new variable.
    pub fn bind(&mut self, name: &str, ty: Type) -> usize {
        let local = self.next_local;
        self.next_local += 1;
        self.locals.push((name.to_owned(), ty, local));
        local
    }
}
