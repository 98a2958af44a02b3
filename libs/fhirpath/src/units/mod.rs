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

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::reason::ReasonKind;
use substance::Analyte;

/// A value of one unit in another, both as they are written.
///
/// # Errors
/// A unit is not known, or nothing exact leads from one to the other.
pub fn convert(value: Decimal, from: &str, to: &str) -> Result<Decimal, ReasonKind> {
    Measure::convert(value, &*meaning(from)?, &*meaning(to)?)
}

/// How one value stands to another, each with its unit as it is written.
///
/// Between a mass and an amount, and between equivalents and moles, leads what is known of the substance that
/// a LOINC code measures.
///
/// # Errors
/// A unit is not known, or nothing leads from one to the other.
pub fn compare(one: (Decimal, &str), other: (Decimal, &str), loinc: &str) -> Result<Ordering, ReasonKind> {
    let (of_one, of_other) = (meaning(one.1)?, meaning(other.1)?);
    relation((one.0, &of_one), (other.0, &of_other), || Analyte::of_loinc(loinc))
}

fn meaning(written: &str) -> Result<Cow<'static, Measure>, ReasonKind> {
    understand(written).and_then(measure).ok_or(ReasonKind::UnknownUnit)
}
