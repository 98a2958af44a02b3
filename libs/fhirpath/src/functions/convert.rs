//! N1 §5.5: what can be converted, and what then.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::{Function, Gives, function};
use crate::collection::{Collection, unsettled};
use crate::evaluate::{Call, Evaluator, Outcome};
use crate::item::Item;
use crate::number;
use crate::quantity::Quantity;
use crate::temporal::{Date, DateTime, Time};
use crate::units;

pub(super) static TABLE: [Function; 16] = [
    function("toBoolean", (0, 0), Gives::Boolean, |_, call| made(&call, to_boolean)),
    function("convertsToBoolean", (0, 0), Gives::Boolean, |_, call| asked(&call, to_boolean)),
    function("toInteger", (0, 0), Gives::Integer, |_, call| made(&call, to_integer)),
    function("convertsToInteger", (0, 0), Gives::Boolean, |_, call| asked(&call, to_integer)),
    function("toDecimal", (0, 0), Gives::Decimal, |_, call| made(&call, to_decimal)),
    function("convertsToDecimal", (0, 0), Gives::Boolean, |_, call| asked(&call, to_decimal)),
    function("toString", (0, 0), Gives::Text, |_, call| made(&call, to_text)),
    function("convertsToString", (0, 0), Gives::Boolean, |_, call| asked(&call, to_text)),
    function("toDate", (0, 0), Gives::Other, |_, call| made(&call, to_date)),
    function("convertsToDate", (0, 0), Gives::Boolean, |_, call| asked(&call, to_date)),
    function("toDateTime", (0, 0), Gives::Other, |_, call| made(&call, to_date_time)),
    function("convertsToDateTime", (0, 0), Gives::Boolean, |_, call| asked(&call, to_date_time)),
    function("toTime", (0, 0), Gives::Other, |_, call| made(&call, to_time)),
    function("convertsToTime", (0, 0), Gives::Boolean, |_, call| asked(&call, to_time)),
    function("toQuantity", (0, 1), Gives::Other, to_quantity),
    function("convertsToQuantity", (0, 1), Gives::Boolean, converts_to_quantity),
];

type Conversion = for<'a> fn(Item<'a>) -> Option<Item<'a>>;

fn made<'a>(call: &Call<'_, 'a>, convert: Conversion) -> Outcome<'a> {
    let item = call.single()?.and_then(|item| item.read().ok()).and_then(convert);
    Ok(Collection::of(item).doubting(call.input.doubt))
}

fn asked<'a>(call: &Call<'_, 'a>, convert: Conversion) -> Outcome<'a> {
    let answer = call.single()?.map(|item| item.read().ok().and_then(convert).is_some());
    Ok(Collection::of(answer.map(Item::Boolean)).doubting(unsettled(call.input.doubt)))
}

fn to_boolean(item: Item<'_>) -> Option<Item<'_>> {
    let value = match item {
        Item::Boolean(value) => Some(value),
        Item::Integer(value) => of_number(value.into()),
        Item::Decimal(value) => of_number(value),
        Item::Text(text) => match text.to_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    };
    value.map(Item::Boolean)
}

fn of_number(value: Decimal) -> Option<bool> {
    if value == Decimal::ONE { Some(true) } else { value.is_zero().then_some(false) }
}

fn to_integer(item: Item<'_>) -> Option<Item<'_>> {
    match item {
        Item::Integer(_) => Some(item),
        Item::Boolean(value) => Some(Item::Integer(value.into())),
        Item::Text(text) => {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
            let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            if is_integer { text.parse().ok().map(Item::Integer) } else { None }
        }
        _ => None,
    }
}

fn to_decimal(item: Item<'_>) -> Option<Item<'_>> {
    match item {
        Item::Decimal(_) => Some(item),
        Item::Integer(value) => Some(Item::Decimal(value.into())),
        Item::Boolean(value) => {
            Some(Item::Decimal(if value { Decimal::new(10, 1) } else { Decimal::new(0, 1) }))
        }
        Item::Text(text) if !text.contains(['e', 'E']) => number::parse(&text).map(Item::Decimal),
        _ => None,
    }
}

fn to_text(item: Item<'_>) -> Option<Item<'_>> {
    match item {
        Item::Text(_) => Some(item),
        Item::Node(_) | Item::Type(_) => None,
        Item::Boolean(_)
        | Item::Integer(_)
        | Item::Decimal(_)
        | Item::Date(_)
        | Item::DateTime(_)
        | Item::Time(_)
        | Item::Quantity(_) => Some(Item::Text(Cow::Owned(item.to_string()))),
    }
}

fn to_date(item: Item<'_>) -> Option<Item<'_>> {
    match item {
        Item::Date(_) => Some(item),
        Item::DateTime(moment) => Some(Item::Date(moment.date)),
        Item::Text(text) => {
            DateTime::parse(&text).map(|moment| moment.date).or(Date::parse(&text)).map(Item::Date)
        }
        _ => None,
    }
}

fn to_date_time(item: Item<'_>) -> Option<Item<'_>> {
    match item {
        Item::DateTime(_) => Some(item),
        Item::Date(date) => Some(Item::DateTime(DateTime::of_date(date))),
        Item::Text(text) => DateTime::parse(&text).map(Item::DateTime),
        _ => None,
    }
}

fn to_time(item: Item<'_>) -> Option<Item<'_>> {
    match item {
        Item::Time(_) => Some(item),
        Item::Text(text) => Time::parse(text.strip_prefix('T').unwrap_or(&text)).map(Item::Time),
        _ => None,
    }
}

fn quantity(item: Item<'_>) -> Option<Quantity<'_>> {
    match item {
        Item::Quantity(quantity) => Some(quantity),
        Item::Integer(value) => Some(Quantity::number(value.into())),
        Item::Decimal(value) => Some(Quantity::number(value)),
        Item::Boolean(value) => Some(Quantity::number(i64::from(value).into())),
        Item::Text(text) => Quantity::parse(&text),
        _ => None,
    }
}

/// With a unit, only what is in exactly that unit; nothing is converted silently.
fn in_unit<'a>(
    evaluator: &mut Evaluator<'_, 'a>,
    call: &Call<'_, 'a>,
) -> Result<Option<Quantity<'a>>, crate::EvaluationError> {
    let unit = evaluator.argument(call, 0)?;
    let unit = unit.single().map_err(|kind| call.error(kind))?.and_then(Item::text);
    let found = call.single()?.and_then(|item| item.read().ok()).and_then(quantity);
    let is_wanted = |quantity: &Quantity<'_>| match &unit {
        None => true,
        Some(unit) => match &quantity.unit {
            crate::quantity::Unit::Ucum(code) => units::understand(unit) == Some(code),
            crate::quantity::Unit::Calendar(own) => crate::temporal::Calendar::named(unit) == Some(*own),
            crate::quantity::Unit::Absent | crate::quantity::Unit::Unknown(_) => false,
        },
    };
    Ok(found.filter(is_wanted))
}

fn to_quantity<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let found = in_unit(evaluator, &call)?;
    Ok(Collection::of(found.map(Item::Quantity)).doubting(call.input.doubt))
}

fn converts_to_quantity<'a>(evaluator: &mut Evaluator<'_, 'a>, call: Call<'_, 'a>) -> Outcome<'a> {
    let found = in_unit(evaluator, &call)?;
    let answer = call.single()?.map(|_| Item::Boolean(found.is_some()));
    Ok(Collection::of(answer).doubting(unsettled(call.input.doubt)))
}
