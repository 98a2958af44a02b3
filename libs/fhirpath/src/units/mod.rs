//! Units as laboratories write them, and what it takes to compare two.
//!
//! [`understand`] turns what was written into a UCUM code: by the table of
//! aliases, exactly and never by folding case, else as UCUM if it is UCUM.
//! [`Measure`] is what a code means; [`substance`] leads from mass to amount
//! and from equivalents to moles where the analyte is known by its LOINC code.

mod alias; // What is written becomes UCUM.
mod measure; // What UCUM means.
pub(crate) mod substance; // Molar masses and valences.

pub use alias::understand;
pub(crate) use measure::{Measure, measure, relation};

use rust_decimal::Decimal;

use crate::reason::ReasonKind;

/// A value of one unit in another, both as they are written.
///
/// # Errors
/// A unit is not known, or nothing exact leads from one to the other.
pub fn convert(value: Decimal, from: &str, to: &str) -> Result<Decimal, ReasonKind> {
    let meaning = |written: &str| understand(written).and_then(measure).ok_or(ReasonKind::UnknownUnit);
    Measure::convert(value, &*meaning(from)?, &*meaning(to)?)
}
