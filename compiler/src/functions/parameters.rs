//! Short forms for the declaration of parameters.

use super::{Kind, Occurs, Parameter, Shape};

pub(super) const fn one(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        shape: Shape::One(kind),
        occurs: Occurs::Once,
    }
}

pub(super) const fn many(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        shape: Shape::Many(kind),
        occurs: Occurs::Once,
    }
}

pub(super) const fn whole(name: &'static str) -> Parameter {
    Parameter {
        name,
        shape: Shape::Whole(Kind::Any),
        occurs: Occurs::Once,
    }
}

pub(super) const fn optional(name: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        shape: Shape::One(kind),
        occurs: Occurs::Optional,
    }
}

pub(super) const fn repeated(name: &'static str, shape: Shape) -> Parameter {
    Parameter {
        name,
        shape,
        occurs: Occurs::Repeated,
    }
}
