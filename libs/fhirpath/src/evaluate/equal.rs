//! N1 §6.1: whether two are the same, or alike.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde_json::Value;

use super::compare::{are_equal, operands};
use crate::context::Context;
use crate::fault::{ErrorKind, EvaluationError, Span};
use crate::item::Item;
use crate::number;
use crate::quantity::{Quantity, Unit};
use crate::reason::ReasonKind;
use crate::units::{Measure, measure};

/// Whether two items are equal, or why that cannot be said.
pub(crate) fn equal(
    one: &Item<'_>,
    other: &Item<'_>,
    context: &Context<'_>,
    clause: Span,
) -> Result<Result<bool, ReasonKind>, EvaluationError> {
    let pair = match operands(one, other) {
        Ok(pair) => pair,
        Err(kind) => return Ok(Err(kind)),
    };
    Ok(match &pair {
        (Item::Node(one), Item::Node(other)) => {
            let deep = deep(one.value, other.value, Sameness::Equal, context.limits.depth);
            Ok(deep.ok_or(EvaluationError { kind: ErrorKind::Depth, clause })?)
        }
        (Item::Quantity(one), Item::Quantity(other)) => are_equal(one, other, context),
        (Item::DateTime(one), Item::DateTime(other)) => {
            one.order(other).map(|order| order.is_eq()).map_err(ReasonKind::from)
        }
        (Item::Time(one), Item::Time(other)) => {
            one.order(other).map(|order| order.is_eq()).map_err(ReasonKind::from)
        }
        (Item::Boolean(one), Item::Boolean(other)) => Ok(one == other),
        (Item::Integer(one), Item::Integer(other)) => Ok(one == other),
        (Item::Decimal(one), Item::Decimal(other)) => Ok(one == other),
        (Item::Text(one), Item::Text(other)) => Ok(one == other),
        (Item::Type(one), Item::Type(other)) => Ok(one == other),
        _ => Ok(false),
    })
}

/// Whether two items are alike; beside it, why that is not sure.
pub(crate) fn equivalent(
    one: &Item<'_>,
    other: &Item<'_>,
    context: &Context<'_>,
    clause: Span,
) -> Result<(bool, Option<ReasonKind>), EvaluationError> {
    let pair = match operands(one, other) {
        Ok(pair) => pair,
        Err(kind) => return Ok((false, Some(kind))),
    };
    Ok(match &pair {
        (Item::Node(one), Item::Node(other)) => {
            let deep = deep(one.value, other.value, Sameness::Equivalent, context.limits.depth);
            (deep.ok_or(EvaluationError { kind: ErrorKind::Depth, clause })?, None)
        }
        (Item::Quantity(one), Item::Quantity(other)) => quantities_alike(one, other, context),
        (Item::Decimal(one), Item::Decimal(other)) => (numbers_alike(*one, *other), None),
        (Item::Text(one), Item::Text(other)) => (texts_alike(one, other), None),
        // A moment that is less precise is not alike, and that is sure.
        (Item::DateTime(one), Item::DateTime(other)) => {
            (one.order(other).is_ok_and(|order| order.is_eq()), None)
        }
        (Item::Time(one), Item::Time(other)) => (one.order(other).is_ok_and(|order| order.is_eq()), None),
        _ => (equal(one, other, context, clause)? == Ok(true), None),
    })
}

/// To the digits of the less precise; zeros at the end do not count.
fn numbers_alike(one: Decimal, other: Decimal) -> bool {
    let digits = one.normalize().scale().min(other.normalize().scale());
    number::rounded(one, digits) == number::rounded(other, digits)
}

/// Case and kinds of white space do not count.
fn texts_alike(one: &str, other: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    words(one) == words(other)
}

/// In the larger of both units, to the digits of the less precise.
fn quantities_alike(
    one: &Quantity<'_>,
    other: &Quantity<'_>,
    context: &Context<'_>,
) -> (bool, Option<ReasonKind>) {
    if one.comparator.is_some() || other.comparator.is_some() {
        return match are_equal(one, other, context) {
            Ok(value) => (value, None),
            Err(kind) => (false, Some(kind)),
        };
    }
    let code = |unit: &Unit<'_>| match unit {
        Unit::Ucum(code) => Some(Cow::Owned(code.to_string())),
        Unit::Calendar(unit) => Some(Cow::Borrowed(unit.ucum())),
        Unit::Absent | Unit::Unknown(_) => None,
    };
    let (Some(unit), Some(other_unit)) = (code(&one.unit), code(&other.unit)) else {
        return match are_equal(one, other, context) {
            Ok(value) => (value, None),
            Err(kind) => (false, Some(kind)),
        };
    };
    if unit == other_unit {
        return (numbers_alike(one.value, other.value), None);
    }
    let (Some(measured), Some(other_measured)) = (measure(&unit), measure(&other_unit)) else {
        return (false, Some(ReasonKind::UnknownUnit));
    };
    match Measure::in_larger((one.value, &measured), (other.value, &other_measured)) {
        Some((one, other)) => (numbers_alike(one, other), None),
        None => match are_equal(one, other, context) {
            Ok(value) => (value, None),
            Err(kind) => (false, Some(kind)),
        },
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sameness {
    Equal,
    Equivalent,
}

/// JSON against JSON, numbers by value; nothing where it is nested too deeply.
fn deep(one: &Value, other: &Value, how: Sameness, depth: usize) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    Some(match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            match (number::parse(one.as_str()), number::parse(other.as_str())) {
                (Some(one), Some(other)) if how == Sameness::Equivalent => numbers_alike(one, other),
                (Some(one), Some(other)) => one == other,
                _ => one == other,
            }
        }
        (Value::String(one), Value::String(other)) if how == Sameness::Equivalent => texts_alike(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && all_in_order(one.iter().zip(other), how, depth)?
        }
        (Value::Object(one), Value::Object(other)) => {
            let pairs = one.iter().map(|(name, value)| (value, other.get(name).unwrap_or(&Value::Null)));
            one.len() == other.len() && all_in_order(pairs, how, depth)?
        }
        _ => one == other,
    })
}

fn all_in_order<'v>(
    pairs: impl Iterator<Item = (&'v Value, &'v Value)>,
    how: Sameness,
    depth: usize,
) -> Option<bool> {
    for (one, other) in pairs {
        if !deep(one, other, how, depth)? {
            return Some(false);
        }
    }
    Some(true)
}
