//! N1 §6.6.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Evaluator, Outcome, compare};
use crate::collection::{Collection, either, unsettled};
use crate::fault::{ErrorKind, EvaluationError, Span};
use crate::item::Item;
use crate::quantity::{Quantity, Unit};
use crate::reason::ReasonKind;
use crate::syntax::Operator;
use crate::temporal::Calendar;
use crate::units::{Measure, measure};

/// A value, nothing, a reason why there is none, or types that do not go together.
type Computed<'a> = Result<Result<Option<Item<'a>>, ReasonKind>, ErrorKind>;

pub(super) fn negative<'a>(of: &Collection<'a>) -> Result<Collection<'a>, ErrorKind> {
    let item = match of.single()?.map(Item::read).transpose().map_err(|_| ErrorKind::Mismatch)? {
        None => None,
        Some(Item::Integer(value)) => value.checked_neg().map(Item::Integer),
        // Nought has no sign.
        Some(Item::Decimal(value)) => Some(Item::Decimal(Decimal::ZERO - value)),
        Some(Item::Quantity(quantity)) if quantity.comparator.is_none() => {
            Some(Item::Quantity(Quantity { value: -quantity.value, ..quantity }))
        }
        Some(_) => return Err(ErrorKind::Mismatch),
    };
    Ok(Collection::of(item).doubting(of.doubt))
}

pub(super) fn positive(of: Collection<'_>) -> Result<Collection<'_>, ErrorKind> {
    let is_number =
        |item: &Item<'_>| matches!(item.read(), Ok(Item::Integer(_) | Item::Decimal(_) | Item::Quantity(_)));
    if of.single()?.is_none_or(is_number) { Ok(of) } else { Err(ErrorKind::Mismatch) }
}

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn arithmetic(
        &mut self,
        left: &Collection<'a>,
        operator: Operator,
        right: &Collection<'a>,
        clause: Span,
    ) -> Outcome<'a> {
        let fail = |kind| EvaluationError { kind, clause };
        let doubt = unsettled(either(left.doubt, right.doubt));
        let (Some(one), Some(other)) = (left.single().map_err(fail)?, right.single().map_err(fail)?) else {
            return Ok(Collection::empty().doubting(doubt));
        };
        let (one, other) = match (one.read(), other.read()) {
            (Ok(read), Ok(other)) => (compare::plain_moment(one, read, &other), other),
            (Err(kind), _) | (_, Err(kind)) => return Ok(Collection::unknown(kind, clause)),
        };
        if let (Item::Text(one), Item::Text(other)) = (&one, &other) {
            self.spend_text(one.len() + other.len(), clause)?;
        }
        Ok(match apply(one, operator, other).map_err(fail)? {
            Ok(item) => Collection::of(item),
            Err(kind) => Collection::unknown(kind, clause),
        }
        .doubting(doubt))
    }
}

fn apply<'a>(one: Item<'a>, operator: Operator, other: Item<'a>) -> Computed<'a> {
    match (one, other) {
        (Item::Integer(one), Item::Integer(other)) if operator != Operator::Divide => {
            integers(one, operator, other)
        }
        (Item::Integer(one), Item::Integer(other)) => decimals(one.into(), operator, other.into()),
        (Item::Integer(one), Item::Decimal(other)) => decimals(one.into(), operator, other),
        (Item::Decimal(one), Item::Integer(other)) => decimals(one, operator, other.into()),
        (Item::Decimal(one), Item::Decimal(other)) => decimals(one, operator, other),
        (Item::Text(one), Item::Text(other)) if operator == Operator::Plus => {
            Ok(Ok(Some(Item::Text(Cow::Owned(format!("{one}{other}"))))))
        }
        (Item::Quantity(one), Item::Quantity(other)) => quantities(one, operator, other),
        (Item::Quantity(one), Item::Integer(other)) => {
            quantities(one, operator, Quantity::number(other.into()))
        }
        (Item::Quantity(one), Item::Decimal(other)) => quantities(one, operator, Quantity::number(other)),
        (Item::Integer(one), Item::Quantity(other)) => {
            quantities(Quantity::number(one.into()), operator, other)
        }
        (Item::Decimal(one), Item::Quantity(other)) => quantities(Quantity::number(one), operator, other),
        (moment @ (Item::Date(_) | Item::DateTime(_) | Item::Time(_)), Item::Quantity(by)) => {
            shifted(&moment, operator, &by)
        }
        _ => Err(ErrorKind::Mismatch),
    }
}

fn integers<'a>(one: i64, operator: Operator, other: i64) -> Computed<'a> {
    if other == 0 && matches!(operator, Operator::Div | Operator::Mod) {
        return Ok(Ok(None));
    }
    let value = match operator {
        Operator::Plus => one.checked_add(other),
        Operator::Minus => one.checked_sub(other),
        Operator::Times => one.checked_mul(other),
        Operator::Div => one.checked_div(other),
        Operator::Mod => one.checked_rem(other),
        _ => return Err(ErrorKind::Mismatch),
    };
    Ok(value.map(|value| Some(Item::Integer(value))).ok_or(ReasonKind::OutOfRange))
}

fn decimals<'a>(one: Decimal, operator: Operator, other: Decimal) -> Computed<'a> {
    if other.is_zero() && matches!(operator, Operator::Divide | Operator::Div | Operator::Mod) {
        return Ok(Ok(None));
    }
    let value = match operator {
        Operator::Plus => one.checked_add(other),
        Operator::Minus => one.checked_sub(other),
        Operator::Times => one.checked_mul(other),
        Operator::Divide => one.checked_div(other),
        Operator::Mod => one.checked_rem(other),
        Operator::Div => {
            let whole = one.checked_div(other).and_then(|value| value.trunc().to_i64());
            return Ok(whole.map(|value| Some(Item::Integer(value))).ok_or(ReasonKind::OutOfRange));
        }
        _ => return Err(ErrorKind::Mismatch),
    };
    Ok(value.map(|value| Some(Item::Decimal(value))).ok_or(ReasonKind::OutOfRange))
}

fn quantities<'a>(one: Quantity<'a>, operator: Operator, other: Quantity<'a>) -> Computed<'a> {
    if one.comparator.is_some() || other.comparator.is_some() {
        return Ok(Err(ReasonKind::Comparator));
    }
    match operator {
        Operator::Plus | Operator::Minus => Ok(sum(one, operator, other)),
        Operator::Times => Ok(product(one, other)),
        Operator::Divide if other.value.is_zero() => Ok(Ok(None)),
        Operator::Divide => Ok(quotient(one, other)),
        _ => Err(ErrorKind::Mismatch),
    }
}

type Sum<'a> = Result<Option<Item<'a>>, ReasonKind>;

/// In the unit of the left side.
fn sum<'a>(one: Quantity<'a>, operator: Operator, other: Quantity<'a>) -> Sum<'a> {
    let addend = if one.unit == other.unit {
        other.value
    } else {
        let (unit, other_unit) = (code(&one.unit)?, code(&other.unit)?);
        let measured = measure(&unit).ok_or(ReasonKind::UnknownUnit)?;
        let other_measured = measure(&other_unit).ok_or(ReasonKind::UnknownUnit)?;
        Measure::convert(other.value, &other_measured, &measured)?
    };
    let value = match operator {
        Operator::Minus => one.value.checked_sub(addend),
        _ => one.value.checked_add(addend),
    };
    Ok(Some(Item::Quantity(Quantity { value: value.ok_or(ReasonKind::OutOfRange)?, owner: None, ..one })))
}

fn product<'a>(one: Quantity<'a>, other: Quantity<'a>) -> Sum<'a> {
    let value = one.value.checked_mul(other.value).ok_or(ReasonKind::OutOfRange)?;
    let (unit, other_unit) = (code(&one.unit)?, code(&other.unit)?);
    let unit = match (&*unit, &*other_unit) {
        ("1", _) => other.unit,
        (_, "1") => one.unit,
        (unit, other) => Unit::Ucum(Cow::Owned(format!("({unit}).({other})"))),
    };
    Ok(Some(Item::Quantity(Quantity::new(value, unit))))
}

fn quotient<'a>(one: Quantity<'a>, other: Quantity<'a>) -> Sum<'a> {
    let value = one.value.checked_div(other.value).ok_or(ReasonKind::OutOfRange)?;
    let (unit, other_unit) = (code(&one.unit)?, code(&other.unit)?);
    let unit = match (&*unit, &*other_unit) {
        (_, "1") => one.unit,
        (unit, other) if unit == other => Unit::Ucum(Cow::Borrowed("1")),
        (unit, other) => Unit::Ucum(Cow::Owned(format!("({unit})/({other})"))),
    };
    Ok(Some(Item::Quantity(Quantity::new(value, unit))))
}

fn code(unit: &Unit<'_>) -> Result<String, ReasonKind> {
    match unit {
        Unit::Ucum(code) => Ok(code.to_string()),
        Unit::Calendar(unit) if !unit.is_months() => Ok(unit.ucum().to_owned()),
        Unit::Calendar(_) => Err(ReasonKind::Incommensurable),
        Unit::Absent => Err(ReasonKind::NoUnit),
        Unit::Unknown(_) => Err(ReasonKind::UnknownUnit),
    }
}

/// N1 §6.6.7: the duration is one of the calendar, or of UCUM as far as both mean the same.
fn shifted<'a>(moment: &Item<'a>, operator: Operator, by: &Quantity<'_>) -> Computed<'a> {
    let unit = match &by.unit {
        Unit::Calendar(unit) => Some(*unit),
        Unit::Ucum(code) => Calendar::of_ucum(code),
        Unit::Absent | Unit::Unknown(_) => None,
    };
    let (Some(unit), None) = (unit, by.comparator) else { return Err(ErrorKind::Mismatch) };
    let amount = match operator {
        Operator::Plus => by.value,
        Operator::Minus => -by.value,
        _ => return Err(ErrorKind::Mismatch),
    };
    let later = match moment {
        Item::Date(date) => date.shifted(amount, unit).map(Item::Date),
        Item::DateTime(moment) => moment.shifted(amount, unit).map(Item::DateTime),
        Item::Time(_) if unit <= Calendar::Day => return Err(ErrorKind::Mismatch),
        Item::Time(time) => time.shifted(amount, unit).map(Item::Time),
        _ => return Err(ErrorKind::Mismatch),
    };
    Ok(later.map(Some).ok_or(ReasonKind::OutOfRange))
}
