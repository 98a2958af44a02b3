//! Between which values something lies that is written with so many digits.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Function, Gives, function};
use crate::collection::{Collection, unsettled};
use crate::evaluate::{Call, Evaluator, Outcome};
use crate::fault::ErrorKind;
use crate::item::Item;
use crate::quantity::{Quantity, Unit};
use crate::temporal::Side;
use crate::units::measure;

pub(super) static TABLE: [Function; 4] = [
    function("lowBoundary", (0, 1), Gives::Input, low_boundary),
    function("highBoundary", (0, 1), Gives::Input, high_boundary),
    function("precision", (0, 0), Gives::Integer, precision),
    function("comparable", (1, 1), Gives::Boolean, comparable),
];

fn low_boundary<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    boundary(evaluator, &call, Side::Low)
}

fn high_boundary<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    boundary(evaluator, &call, Side::High)
}

fn boundary<'a>(evaluator: &mut Evaluator<'_, 'a>, call: &Call<'_, 'a>, side: Side) -> Outcome<'a> {
    let digits = evaluator.integer(call, 0)?;
    let doubt = unsettled(call.input.doubt);
    let Some(item) = call.single()? else { return Ok(Collection::empty().doubting(doubt)) };
    let found = match item.read().map_err(|_| call.error(ErrorKind::Mismatch))? {
        Item::Integer(value) => number(value.into(), side, digits).map(Item::Decimal),
        Item::Decimal(value) => number(value, side, digits).map(Item::Decimal),
        Item::Quantity(quantity) => {
            number(quantity.value, side, digits).map(|value| Item::Quantity(Quantity { value, ..quantity }))
        }
        Item::Date(date) => date.boundary(side, digits.unwrap_or(8)).map(Item::Date),
        Item::DateTime(moment) => moment.boundary(side, digits.unwrap_or(17)).map(Item::DateTime),
        Item::Time(time) => time.boundary(side, digits.unwrap_or(9)).map(Item::Time),
        Item::Boolean(_) | Item::Text(_) | Item::Node(_) | Item::Type(_) => {
            return Err(call.error(ErrorKind::Mismatch));
        }
    };
    Ok(Collection::of(found).doubting(doubt))
}

/// Half a unit of the last digit away, to so many digits after the point.
fn number(value: Decimal, side: Side, digits: Option<i64>) -> Option<Decimal> {
    let digits = u32::try_from(digits.unwrap_or(8)).ok().filter(|digits| *digits <= 28)?;
    let half = Decimal::try_from_i128_with_scale(5, value.scale().checked_add(1)?).ok()?;
    // A value that shows no digit at this precision is nought there, as the official cases have it.
    if digits > 0 && value.abs().checked_add(half)? < Decimal::try_from_i128_with_scale(1, digits).ok()? {
        return Decimal::try_from_i128_with_scale(0, digits).ok();
    }
    let (edge, strategy) = match side {
        Side::Low => (value.checked_sub(half)?, RoundingStrategy::ToNegativeInfinity),
        Side::High => (value.checked_add(half)?, RoundingStrategy::ToPositiveInfinity),
    };
    let mut edge = edge.round_dp_with_strategy(digits, strategy);
    edge.rescale(digits);
    Some(edge)
}

/// Digits of a number, or of a moment down to milliseconds.
fn precision<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let doubt = unsettled(call.input.doubt);
    let Some(item) = call.single()? else { return Ok(Collection::empty().doubting(doubt)) };
    let digits = match item.read().map_err(|_| call.error(ErrorKind::Mismatch))? {
        Item::Integer(_) => 0,
        Item::Decimal(value) => i64::from(value.scale()),
        Item::Date(date) => date.precision(),
        Item::DateTime(moment) => moment.precision(),
        Item::Time(time) => time.precision(),
        Item::Boolean(_) | Item::Text(_) | Item::Quantity(_) | Item::Node(_) | Item::Type(_) => {
            return Err(call.error(ErrorKind::Mismatch));
        }
    };
    Ok(Collection::of(Item::Integer(digits)).doubting(doubt))
}

/// Whether two quantities measure the same kind of thing.
fn comparable<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let other = evaluator.argument(&call, 0)?;
    let pair = (call.single()?, other.single().map_err(|kind| call.error(kind))?.cloned());
    let (Some(one), Some(other)) = pair else { return Ok(Collection::empty()) };
    let (Ok(Item::Quantity(one)), Ok(Item::Quantity(other))) = (one.read(), other.read()) else {
        return Err(call.error(ErrorKind::Mismatch));
    };
    let measured = |unit: &Unit<'_>| match unit {
        Unit::Ucum(code) => measure(code),
        Unit::Calendar(unit) => measure(unit.ucum()),
        Unit::Absent | Unit::Unknown(_) => None,
    };
    let both = measured(&one.unit).zip(measured(&other.unit));
    let is_comparable = both.is_some_and(|(one, other)| one.is_commensurable(&other));
    Ok(Collection::boolean(is_comparable).doubting(unsettled(call.input.doubt)))
}
