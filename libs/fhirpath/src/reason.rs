//! Why something could not be decided.

use std::fmt;

use crate::fault::Span;

/// Why a criterion is neither met nor not met. It names a place in the expression, never a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    pub kind: ReasonKind,
    /// The part of the expression that could not be decided.
    pub clause: Span,
}

/// What stood in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReasonKind {
    /// A quantity without a unit against one with a unit.
    NoUnit,
    /// A unit that is neither UCUM nor in the table of aliases.
    UnknownUnit,
    /// Units of different dimensions, and no molar mass or valence is known for the analyte.
    Incommensurable,
    /// Units on scales that cannot be turned into each other exactly, such as pH and mol/L.
    Scale,
    /// A comparator: `>600` may or may not be more than 700.
    Comparator,
    /// A date or time that is less precise than what it is compared with.
    Precision,
    /// A time with an offset from UTC against one without, less than a day apart.
    NoOffset,
    /// Values of types that do not go together.
    Mismatch,
    /// Several values where one is needed.
    Several,
    /// A number beyond 28 digits.
    OutOfRange,
    /// A modifier extension that changes the meaning of what was read.
    Modifier,
}

impl ReasonKind {
    /// All of them.
    pub const ALL: [ReasonKind; 11] = [
        ReasonKind::NoUnit,
        ReasonKind::UnknownUnit,
        ReasonKind::Incommensurable,
        ReasonKind::Scale,
        ReasonKind::Comparator,
        ReasonKind::Precision,
        ReasonKind::NoOffset,
        ReasonKind::Mismatch,
        ReasonKind::Several,
        ReasonKind::OutOfRange,
        ReasonKind::Modifier,
    ];

    /// A stable word for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ReasonKind::NoUnit => "no_unit",
            ReasonKind::UnknownUnit => "unknown_unit",
            ReasonKind::Incommensurable => "incommensurable",
            ReasonKind::Scale => "scale",
            ReasonKind::Comparator => "comparator",
            ReasonKind::Precision => "precision",
            ReasonKind::NoOffset => "no_offset",
            ReasonKind::Mismatch => "mismatch",
            ReasonKind::Several => "several",
            ReasonKind::OutOfRange => "out_of_range",
            ReasonKind::Modifier => "modifier",
        }
    }
}

impl fmt::Display for ReasonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReasonKind::NoUnit => "a quantity has no unit",
            ReasonKind::UnknownUnit => "a unit is not known",
            ReasonKind::Incommensurable => "the units measure different things",
            ReasonKind::Scale => "the units are on scales that do not convert exactly",
            ReasonKind::Comparator => "the value is only a bound, such as >600",
            ReasonKind::Precision => "a date or time is not precise enough",
            ReasonKind::NoOffset => "a time has no offset from UTC",
            ReasonKind::Mismatch => "values of types that do not go together",
            ReasonKind::Several => "several values where one is needed",
            ReasonKind::OutOfRange => "a number has too many digits",
            ReasonKind::Modifier => "a modifier extension may change the meaning",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}
