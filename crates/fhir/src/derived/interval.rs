//! What a value may be, and how it stands to a limit.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::{Number, Value};

/// A limit, and whether the value itself is beyond it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    at: Decimal,
    is_beyond: bool,
}

impl Bound {
    pub(super) fn new(number: &Number, is_beyond: bool) -> Option<Bound> {
        Some(Bound { at: decimal(number)?, is_beyond })
    }
}

/// An end, and whether it is included.
type End = Option<(Decimal, bool)>;

/// What a value may be: an end that is absent is open, one that is not included is given with `false`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interval {
    from: End,
    to: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Low,
    Within,
    High,
    Unknown,
}

impl Interval {
    pub(super) fn of(quantity: &Value) -> Option<Interval> {
        let Some(Value::Number(number)) = quantity.get("value") else { return None };
        let value = decimal(number)?;
        Some(match quantity.get("comparator").and_then(Value::as_str) {
            Some("<") => Interval { from: None, to: Some((value, false)) },
            Some("<=") => Interval { from: None, to: Some((value, true)) },
            Some(">") => Interval { from: Some((value, false)), to: None },
            Some(">=") => Interval { from: Some((value, true)), to: None },
            Some(_) => return None,
            None => Interval { from: Some((value, true)), to: Some((value, true)) },
        })
    }

    /// Where it stands to its limits; `compare` says how a value stands to a limit, if anybody can tell.
    pub(super) fn side(
        &self,
        low: Option<Bound>,
        high: Option<Bound>,
        compare: impl Fn(Decimal, Decimal) -> Option<Ordering>,
    ) -> Side {
        let beyond = |bound: Option<Bound>, ends: (End, End), towards: Ordering| match bound {
            None => Some(false),
            Some(bound) => is_beyond(bound, ends, (towards, &compare)),
        };
        let is_high = beyond(high, (self.from, self.to), Ordering::Greater);
        let is_low = beyond(low, (self.to, self.from), Ordering::Less);
        match (is_low, is_high) {
            (_, Some(true)) => Side::High,
            (Some(true), _) => Side::Low,
            (Some(false), Some(false)) => Side::Within,
            (None, _) | (_, None) => Side::Unknown,
        }
    }
}

/// Whether all between the ends, that near the bound and that far beyond it, is beyond the bound; nothing where
/// only a part is.
fn is_beyond(
    bound: Bound,
    (near, far): (End, End),
    (towards, compare): (Ordering, impl Fn(Decimal, Decimal) -> Option<Ordering>),
) -> Option<bool> {
    let stands = |end: End| end.and_then(|(at, is_included)| Some((compare(at, bound.at)?, is_included)));
    let all = stands(near).is_some_and(|(order, is_included)| {
        order == towards || (order.is_eq() && (bound.is_beyond || !is_included))
    });
    let none = stands(far).is_some_and(|(order, is_included)| {
        order == towards.reverse() || (order.is_eq() && !(bound.is_beyond && is_included))
    });
    match (all, none) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()
}
