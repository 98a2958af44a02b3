use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, MathematicalOps as _, RoundingStrategy};

use super::{Function, Gives, function};
use crate::collection::{Collection, either, unsettled};
use crate::evaluate::{Call, Evaluator, Outcome};
use crate::fault::{ErrorKind, EvaluationError};
use crate::item::Item;
use crate::number;
use crate::quantity::Quantity;
use crate::reason::ReasonKind;

pub(super) static TABLE: [Function; 10] = [
    function("abs", (0, 0), Gives::Input, abs),
    function("ceiling", (0, 0), Gives::Integer, ceiling),
    function("floor", (0, 0), Gives::Integer, floor),
    function("truncate", (0, 0), Gives::Integer, truncate),
    function("exp", (0, 0), Gives::Decimal, exp),
    function("ln", (0, 0), Gives::Decimal, ln),
    function("log", (1, 1), Gives::Decimal, log),
    function("power", (1, 1), Gives::Other, power),
    function("round", (0, 1), Gives::Decimal, round),
    function("sqrt", (0, 0), Gives::Decimal, sqrt),
];

fn abs<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let item = match call.single()?.map(|item| item.read()) {
        None => None,
        Some(Ok(Item::Integer(value))) => value.checked_abs().map(Item::Integer),
        Some(Ok(Item::Decimal(value))) => Some(Item::Decimal(value.abs())),
        Some(Ok(Item::Quantity(quantity))) if quantity.comparator.is_none() => {
            Some(Item::Quantity(Quantity { value: quantity.value.abs(), ..quantity }))
        }
        Some(_) => return Err(call.error(ErrorKind::Mismatch)),
    };
    Ok(Collection::of(item).doubting(call.input.doubt))
}

/// The input as a decimal.
fn decimal(call: &Call<'_, '_>) -> Result<Option<Decimal>, EvaluationError> {
    call.single()?.map(|item| as_decimal(&item).ok_or(call.error(ErrorKind::Mismatch))).transpose()
}

fn as_decimal(item: &Item<'_>) -> Option<Decimal> {
    match item.read() {
        Ok(Item::Integer(value)) => Some(value.into()),
        Ok(Item::Decimal(value)) => Some(value),
        _ => None,
    }
}

impl<'a> Evaluator<'_, 'a> {
    /// An argument as a decimal, if there is one.
    fn decimal(&mut self, call: &Call<'_, 'a>, place: usize) -> Result<Option<Decimal>, EvaluationError> {
        let found = self.argument(call, place)?;
        let item = found.single().map_err(|kind| call.error(kind))?;
        item.map(|item| as_decimal(item).ok_or(call.error(ErrorKind::Mismatch))).transpose()
    }
}

/// A number made from a number; nothing where there is none, as for the root of -1.
fn of_decimal<'a>(call: &Call<'_, 'a>, body: impl FnOnce(Decimal) -> Option<Decimal>) -> Outcome<'a> {
    let made = decimal(call)?.and_then(body);
    Ok(Collection::of(made.map(Item::Decimal)).doubting(unsettled(call.input.doubt)))
}

fn whole<'a>(call: &Call<'_, 'a>, strategy: RoundingStrategy) -> Outcome<'a> {
    let Some(value) = decimal(call)? else { return Ok(Collection::empty().doubting(call.input.doubt)) };
    let rounded = value.round_dp_with_strategy(0, strategy).to_i64();
    Ok(match rounded {
        Some(value) => Collection::of(Item::Integer(value)),
        None => Collection::unknown(ReasonKind::OutOfRange, call.span),
    }
    .doubting(unsettled(call.input.doubt)))
}

fn ceiling<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    whole(&call, RoundingStrategy::ToPositiveInfinity)
}

fn floor<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    whole(&call, RoundingStrategy::ToNegativeInfinity)
}

fn truncate<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    whole(&call, RoundingStrategy::ToZero)
}

/// Beyond this `e` to the power has no place in 28 digits, or nothing left of it.
const EXPONENT_MAX: i64 = 66;

fn exp<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    of_decimal(&call, |value| {
        let is_small = value.abs() <= Decimal::from(EXPONENT_MAX);
        if is_small { value.checked_exp() } else { None }
    })
}

fn ln<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    of_decimal(&call, |value| value.checked_ln())
}

fn log<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let base = evaluator.decimal(&call, 0)?;
    of_decimal(&call, |value| {
        let base = base?.checked_ln().filter(|base| !base.is_zero())?;
        let quotient = value.checked_ln()?.checked_div(base)?;
        // Logarithms are sums of many terms: the last digits are noise.
        Some(number::rounded(quotient, 20).normalize())
    })
}

fn power<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let doubt = call.input.doubt;
    let exponent = evaluator.argument(&call, 0)?;
    let both = (call.single()?, exponent.single().map_err(|kind| call.error(kind))?.cloned());
    let (Some(base), Some(by)) = both else { return Ok(Collection::empty().doubting(doubt)) };
    let item = match (base.read(), by.read()) {
        (Ok(Item::Integer(base)), Ok(Item::Integer(by))) if by >= 0 => {
            u32::try_from(by).ok().and_then(|by| base.checked_pow(by)).map(Item::Integer)
        }
        _ => {
            let (base, by) = (as_decimal(&base), as_decimal(&by));
            let (base, by) = base.zip(by).ok_or(call.error(ErrorKind::Mismatch))?;
            to_the_power(base, by).map(Item::Decimal)
        }
    };
    Ok(Collection::of(item).doubting(unsettled(either(doubt, exponent.doubt))))
}

/// Nothing where there is no such number, or none of 28 digits.
fn to_the_power(base: Decimal, by: Decimal) -> Option<Decimal> {
    if by.is_integer() {
        // A thousand times is more than any number but one can take.
        let times = by.to_i64().filter(|times| times.abs() <= 1000)?;
        let power = (0..times.abs()).try_fold(Decimal::ONE, |product, _| product.checked_mul(base))?;
        return if times < 0 { Decimal::ONE.checked_div(power) } else { Some(power) };
    }
    if base <= Decimal::ZERO {
        return base.is_zero().then_some(Decimal::ZERO);
    }
    let exponent = base.checked_ln()?.checked_mul(by)?;
    let is_small = exponent.abs() <= Decimal::from(EXPONENT_MAX);
    if is_small { exponent.checked_exp() } else { None }
}

fn round<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let digits = evaluator.integer(&call, 0)?.unwrap_or(0);
    let digits = u32::try_from(digits).map_err(|_| call.error(ErrorKind::Argument))?;
    of_decimal(&call, |value| Some(number::rounded(value, digits)))
}

fn sqrt<'a>(_: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    of_decimal(&call, |value| value.sqrt().map(|root| root.normalize()))
}
