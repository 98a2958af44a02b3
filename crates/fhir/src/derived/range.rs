//! Flags by the reference range.

use serde_json::{Number, Value};

use super::interval::{Bound, Interval, Side};
use crate::v2::number;

/// By the one range there is: of several, nobody knows here which one applies.
pub(super) fn by_range(holder: &Value, value: &Interval) -> Option<&'static str> {
    let [range] = holder.get("referenceRange")?.as_array()?.as_slice() else { return None };
    let (low, high) = written(range).or_else(|| numbered(range, &holder["valueQuantity"]))?;
    match value.side(low, high, |value, bound| Some(value.cmp(&bound))) {
        Side::High => Some("H"),
        Side::Low => Some("L"),
        Side::Within | Side::Unknown => None,
    }
}

type Bounds = (Option<Bound>, Option<Bound>);

/// OBX-7 tells more than `low` and `high`: of `<200`, 200 is no part.
fn written(range: &Value) -> Option<Bounds> {
    let text = range.get("text")?.as_str()?;
    let (low, high) = number::bounds(text)?;
    let is_open = matches!(number::comparator(text).0, Some("<" | ">"));
    let bound = |number: Option<Number>| number.and_then(|number| Bound::new(&number, is_open));
    Some((bound(low), bound(high)))
}

/// Bounds as quantities, where they are in the unit of the value.
fn numbered(range: &Value, value: &Value) -> Option<Bounds> {
    let bound = |name: &str| {
        let bound = range.get(name)?;
        let is_same_unit = bound
            .get("code")
            .or_else(|| bound.get("unit"))
            .is_none_or(|unit| Some(unit) == value.get("code") || Some(unit) == value.get("unit"));
        let Value::Number(number) = bound.get("value").filter(|_| is_same_unit)? else { return None };
        Bound::new(number, false)
    };
    let bounds = (bound("low"), bound("high"));
    (bounds.0.is_some() || bounds.1.is_some()).then_some(bounds)
}
