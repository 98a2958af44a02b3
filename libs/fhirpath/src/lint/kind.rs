//! What an item can be, as far as that is known before.

use crate::bound::Bound;
use crate::model::{Nature, TypeId};
use crate::shape::{Members, Shape};
use crate::syntax::SystemType;

/// What an item can be; nothing where that is not known.
pub(super) type Types<'t> = Option<Vec<Type<'t>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type<'t> {
    Fhir(TypeId),
    /// A `code` of FHIR that may only be one of a few.
    Code(&'static Bound),
    System(SystemType),
    /// An object of plain JSON.
    Json(&'t Members),
}

impl Type<'_> {
    /// The type of FHIR that it is.
    pub(super) fn fhir(self) -> Option<TypeId> {
        match self {
            Type::Fhir(kind) => Some(kind),
            Type::Code(_) => TypeId::named("code"),
            Type::System(_) | Type::Json(_) => None,
        }
    }
}

pub(super) fn of_shape(shape: &Shape) -> Types<'_> {
    let system = |kinds: &[SystemType]| Some(kinds.iter().copied().map(Type::System).collect());
    match shape {
        Shape::Anything => None,
        Shape::Boolean => system(&[SystemType::Boolean]),
        Shape::Number => system(&[SystemType::Decimal]),
        // In JSON a date is a text.
        Shape::Text => {
            system(&[SystemType::String, SystemType::DateTime, SystemType::Date, SystemType::Time])
        }
        Shape::Object(members) => Some(vec![Type::Json(members)]),
    }
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

pub(super) fn nature(kind: Type<'_>) -> Nature {
    match kind {
        Type::Json(_) => Nature::Complex,
        Type::Fhir(kind) => kind.nature(),
        Type::Code(_) => Nature::Text,
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

pub(super) fn type_name(kind: Type<'_>) -> &str {
    match kind {
        Type::Json(members) => &members.name,
        Type::Fhir(kind) => kind.name(),
        Type::Code(_) => "code",
        Type::System(kind) => kind.name(),
    }
}

/// A number, where two numbers are put together.
pub(super) fn number<'t>(left: &Types<'t>, right: &Types<'t>) -> Types<'t> {
    let is_number = |kind: &Type<'t>| class(nature(*kind)) == Class::Number;
    let are_numbers = |types: &Types<'t>| {
        types.as_ref().is_some_and(|types| !types.is_empty() && types.iter().all(is_number))
    };
    (are_numbers(left) && are_numbers(right)).then(|| vec![Type::System(SystemType::Decimal)])
}

/// Whether there may be several of an element.
pub(super) fn may_repeat(owners: &Types<'_>, name: &str) -> bool {
    let owners = owners.iter().flatten().copied().filter_map(Type::fhir);
    owners.filter_map(|owner| owner.element(name)).any(|element| element.repeats)
}
