//! N1 §6.2, and what lies beyond it: units as they are written, and values that are only bounds.

use std::borrow::Cow;
use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::context::Context;
use crate::fault::ErrorKind;
use crate::item::{Item, Node};
use crate::number;
use crate::quantity::{Comparator, Quantity, Unit};
use crate::reason::ReasonKind;
use crate::syntax::Operator;
use crate::temporal::{DateTime, Time, Unordered};
use crate::units::substance::Analyte;
use crate::units::{measure, relation};

/// Whether `one < other` and the like; nothing but a reason where that cannot be said.
pub(crate) fn holds(
    one: &Item<'_>,
    operator: Operator,
    other: &Item<'_>,
    context: &Context<'_>,
) -> Result<Result<bool, ReasonKind>, ErrorKind> {
    let pair = match operands(one, other) {
        Ok(pair) => pair,
        Err(kind) => return Ok(Err(kind)),
    };
    let order = match &pair {
        (Item::Quantity(one), Item::Quantity(other)) => return Ok(bounds(one, operator, other, context)),
        (Item::Integer(one), Item::Integer(other)) => Ok(one.cmp(other)),
        (Item::Decimal(one), Item::Decimal(other)) => Ok(one.cmp(other)),
        (Item::Text(one), Item::Text(other)) => Ok(one.cmp(other)),
        (Item::DateTime(one), Item::DateTime(other)) => one.order(other).map_err(ReasonKind::from),
        (Item::Time(one), Item::Time(other)) => one.order(other).map_err(ReasonKind::from),
        _ => return Err(ErrorKind::Mismatch),
    };
    Ok(order.map(|order| match operator {
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
        Operator::GreaterOrEqual => order.is_ge(),
        _ => order.is_gt(),
    }))
}

impl From<Unordered> for ReasonKind {
    fn from(unordered: Unordered) -> ReasonKind {
        match unordered {
            Unordered::Precision => ReasonKind::Precision,
            Unordered::NoOffset => ReasonKind::NoOffset,
        }
    }
}

/// Both as values of one type, where N1 §5.5 converts one to that of the other.
pub(crate) fn operands<'a>(one: &Item<'a>, other: &Item<'a>) -> Result<(Item<'a>, Item<'a>), ReasonKind> {
    let (read, other_read) = (one.read()?, other.read()?);
    let first = plain(one, read, &other_read)?;
    let second = plain(other, other_read, &first)?;
    Ok(match (first, second) {
        (Item::Date(one), second @ Item::DateTime(_)) => (Item::DateTime(DateTime::of_date(one)), second),
        (first @ Item::DateTime(_), Item::Date(other)) => (first, Item::DateTime(DateTime::of_date(other))),
        (Item::Date(one), Item::Date(other)) => {
            (Item::DateTime(DateTime::of_date(one)), Item::DateTime(DateTime::of_date(other)))
        }
        (Item::Integer(one), second @ Item::Decimal(_)) => (Item::Decimal(one.into()), second),
        (first @ Item::Decimal(_), Item::Integer(other)) => (first, Item::Decimal(other.into())),
        (first @ Item::Quantity(_), second) => (first, numeric(second)),
        (first, second @ Item::Quantity(_)) => (numeric(first), second),
        pair => pair,
    })
}

/// A number beside a quantity is so many times one.
fn numeric(item: Item<'_>) -> Item<'_> {
    match item {
        Item::Integer(value) => Item::Quantity(Quantity::number(value.into())),
        Item::Decimal(value) => Item::Quantity(Quantity::number(value)),
        item => item,
    }
}

/// Plain JSON says less about its types, so its values are read as what they are compared with.
fn plain<'a>(item: &Item<'a>, read: Item<'a>, beside: &Item<'_>) -> Result<Item<'a>, ReasonKind> {
    if !matches!(item, Item::Node(Node { kind: None, .. })) {
        return Ok(read);
    }
    match (&read, beside) {
        (Item::Integer(value), Item::Quantity(_)) => Ok(Item::Quantity(bare((*value).into()))),
        (Item::Decimal(value), Item::Quantity(_)) => Ok(Item::Quantity(bare(*value))),
        (Item::Text(text), Item::Date(_) | Item::DateTime(_)) => {
            DateTime::parse(text).map(Item::DateTime).ok_or(ReasonKind::Mismatch)
        }
        (Item::Text(text), Item::Time(_)) => Time::parse(text).map(Item::Time).ok_or(ReasonKind::Mismatch),
        (Item::Text(text), Item::Quantity(_)) => written(text, Unit::Absent),
        (Item::Text(text), Item::Integer(_) | Item::Decimal(_)) => {
            written(text, Unit::Ucum(Cow::Borrowed("1")))
        }
        _ => Ok(read),
    }
}

/// A text of plain JSON that a duration is added to is a date or time, if it can be one.
pub(crate) fn plain_moment<'a>(item: &Item<'a>, read: Item<'a>, by: &Item<'_>) -> Item<'a> {
    let is_plain = matches!(item, Item::Node(Node { kind: None, .. }));
    match (&read, by) {
        (Item::Text(text), Item::Quantity(_)) if is_plain => {
            DateTime::parse(text).map(Item::DateTime).unwrap_or(read)
        }
        _ => read,
    }
}

fn bare<'a>(value: Decimal) -> Quantity<'a> {
    Quantity::new(value, Unit::Absent)
}

/// `>600`, `6.8` or `6.8 mmol/L` in a text.
fn written<'a>(text: &str, without: Unit<'a>) -> Result<Item<'a>, ReasonKind> {
    let text = text.trim();
    let digits = text.trim_start_matches(['<', '>', '=']);
    let (sign, rest) = text.split_at(text.len() - digits.len());
    let comparator = match sign {
        "" | "=" => None,
        _ => Some(Comparator::parse(sign).ok_or(ReasonKind::Mismatch)?),
    };
    let (value, unit) = match rest.trim().split_once(' ') {
        Some((value, unit)) => (value, Unit::code(unit.trim()).into_owned()),
        None => (rest.trim(), without),
    };
    let value = number::parse(value).ok_or(ReasonKind::Mismatch)?;
    Ok(Item::Quantity(Quantity { comparator, ..Quantity::new(value, unit) }))
}

/// Each side is a value or everything beyond it; the answer is given where all of one side has it.
fn bounds(
    one: &Quantity<'_>,
    operator: Operator,
    other: &Quantity<'_>,
    context: &Context<'_>,
) -> Result<bool, ReasonKind> {
    let order = relate(one, other, context)?;
    let (yes, no) = match operator {
        Operator::Less => (is_surely_less(one, order, other), is_surely_not_less(one, order, other)),
        Operator::Greater => {
            (is_surely_less(other, order.reverse(), one), is_surely_not_less(other, order.reverse(), one))
        }
        Operator::LessOrEqual => {
            (is_surely_not_less(other, order.reverse(), one), is_surely_less(other, order.reverse(), one))
        }
        Operator::GreaterOrEqual => {
            (is_surely_not_less(one, order, other), is_surely_less(one, order, other))
        }
        _ => return Err(ReasonKind::Mismatch),
    };
    if yes || no { Ok(yes) } else { Err(ReasonKind::Comparator) }
}

/// Whether two quantities are equal, each a value or everything beyond it.
pub(crate) fn are_equal(
    one: &Quantity<'_>,
    other: &Quantity<'_>,
    context: &Context<'_>,
) -> Result<bool, ReasonKind> {
    let order = relate(one, other, context)?;
    if one.comparator.is_none() && other.comparator.is_none() {
        return Ok(order.is_eq());
    }
    let is_apart = is_surely_less(one, order, other) || is_surely_less(other, order.reverse(), one);
    if is_apart { Ok(false) } else { Err(ReasonKind::Comparator) }
}

fn is_surely_less(one: &Quantity<'_>, order: Ordering, other: &Quantity<'_>) -> bool {
    let is_open = one.comparator == Some(Comparator::Less) || other.comparator == Some(Comparator::Greater);
    has_top(one) && has_bottom(other) && (order.is_lt() || (order.is_eq() && is_open))
}

fn is_surely_not_less(one: &Quantity<'_>, order: Ordering, other: &Quantity<'_>) -> bool {
    has_bottom(one) && has_top(other) && order.is_ge()
}

fn has_top(quantity: &Quantity<'_>) -> bool {
    matches!(quantity.comparator, None | Some(Comparator::Less | Comparator::LessOrEqual))
}

fn has_bottom(quantity: &Quantity<'_>) -> bool {
    matches!(quantity.comparator, None | Some(Comparator::Greater | Comparator::GreaterOrEqual))
}

/// How the numbers of two quantities stand to each other, in one unit.
pub(crate) fn relate(
    one: &Quantity<'_>,
    other: &Quantity<'_>,
    context: &Context<'_>,
) -> Result<Ordering, ReasonKind> {
    let (value, other_value) = (one.value, other.value);
    match (&one.unit, &other.unit) {
        (Unit::Absent, Unit::Absent) => Ok(value.cmp(&other_value)),
        (Unit::Ucum(code), Unit::Absent) | (Unit::Absent, Unit::Ucum(code)) if code == "1" => {
            Ok(value.cmp(&other_value))
        }
        (Unit::Absent, _) | (_, Unit::Absent) => Err(ReasonKind::NoUnit),
        // The same text is the same unit, whatever it is.
        (Unit::Unknown(unit), Unit::Unknown(other)) if unit == other => Ok(value.cmp(&other_value)),
        (Unit::Unknown(_), _) | (_, Unit::Unknown(_)) => Err(ReasonKind::UnknownUnit),
        (Unit::Ucum(unit), Unit::Ucum(other)) if unit == other => Ok(value.cmp(&other_value)),
        (Unit::Calendar(unit), Unit::Calendar(other)) if unit.is_months() == other.is_months() => {
            let (one, two) =
                (value.checked_mul(unit.length().into()), other_value.checked_mul(other.length().into()));
            one.zip(two).map(|(one, two)| one.cmp(&two)).ok_or(ReasonKind::OutOfRange)
        }
        (unit, other_unit) => {
            let (code, other_code) = (ucum(unit)?, ucum(other_unit)?);
            let measured = measure(code).ok_or(ReasonKind::UnknownUnit)?;
            let other_measured = measure(other_code).ok_or(ReasonKind::UnknownUnit)?;
            let analyte = || analyte(one, other, context);
            relation((value, &*measured), (other_value, &*other_measured), analyte)
        }
    }
}

/// N1 §6.2: a year or month of the calendar is no fixed time, so it has no order with one.
fn ucum<'u>(unit: &'u Unit<'_>) -> Result<&'u str, ReasonKind> {
    match unit {
        Unit::Ucum(code) => Ok(code),
        Unit::Calendar(unit) if !unit.is_months() => Ok(unit.ucum()),
        Unit::Calendar(_) => Err(ReasonKind::Incommensurable),
        Unit::Absent => Err(ReasonKind::NoUnit),
        Unit::Unknown(_) => Err(ReasonKind::UnknownUnit),
    }
}

/// What was measured, if either side says it and they do not contradict each other.
fn analyte(one: &Quantity<'_>, other: &Quantity<'_>, context: &Context<'_>) -> Option<Analyte> {
    let root = context.root.value;
    let code =
        match (one.owner.and_then(|it| loinc_of(it, root)), other.owner.and_then(|it| loinc_of(it, root))) {
            (Some(one), Some(other)) if one != other => return None,
            (one, other) => one.or(other)?,
        };
    Analyte::of_loinc(code)
}

/// The LOINC code of the object that holds a quantity, or of the one above if that is at the root.
fn loinc_of<'v>(owner: &'v Value, root: &'v Value) -> Option<&'v str> {
    if owner.get("code").is_some_and(Value::is_object) {
        return loinc(owner.get("code")?);
    }
    let is_direct = root.as_object()?.values().any(|child| {
        std::ptr::eq(child, owner)
            || child.as_array().is_some_and(|items| items.iter().any(|item| std::ptr::eq(item, owner)))
    });
    if is_direct { loinc(root.get("code")?) } else { None }
}

/// Of a CodeableConcept or a Coding.
fn loinc(concept: &Value) -> Option<&str> {
    let codings = concept.get("coding").and_then(Value::as_array);
    let all = codings.map_or(std::slice::from_ref(concept), Vec::as_slice);
    let of_loinc = |coding: &&Value| coding.get("system").and_then(Value::as_str) == Some("http://loinc.org");
    all.iter().find(of_loinc)?.get("code")?.as_str()
}
