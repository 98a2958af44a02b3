//! What an item can be, as far as that is known before.

use crate::model::{Nature, TypeId};
use crate::syntax::SystemType;

/// What an item can be; nothing where that is not known.
pub(super) type Types = Option<Vec<Type>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Fhir(TypeId),
    System(SystemType),
}

/// What is comparable among itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Boolean,
    Number,
    Text,
    Moment,
    Time,
    Quantity,
    Complex,
}

pub(super) fn class(nature: Nature) -> Class {
    match nature {
        Nature::Boolean => Class::Boolean,
        Nature::Integer | Nature::Decimal => Class::Number,
        Nature::Text => Class::Text,
        Nature::Date | Nature::DateTime => Class::Moment,
        Nature::Time => Class::Time,
        Nature::Quantity => Class::Quantity,
        Nature::Complex => Class::Complex,
    }
}

pub(super) fn nature(kind: Type) -> Nature {
    match kind {
        Type::Fhir(kind) => kind.nature(),
        Type::System(kind) => match kind {
            SystemType::Any => Nature::Complex,
            SystemType::Boolean => Nature::Boolean,
            SystemType::Integer => Nature::Integer,
            SystemType::Decimal => Nature::Decimal,
            SystemType::String => Nature::Text,
            SystemType::Date => Nature::Date,
            SystemType::DateTime => Nature::DateTime,
            SystemType::Time => Nature::Time,
            SystemType::Quantity => Nature::Quantity,
        },
    }
}

pub(super) fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Fhir(kind) => kind.name(),
        Type::System(kind) => kind.name(),
    }
}
