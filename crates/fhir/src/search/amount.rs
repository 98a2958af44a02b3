//! Numbers and quantities: exact decimals, a precision in what is sought, units that agree or say that they do not.

use std::ops::Bound::{Excluded, Included, Unbounded};

use rust_decimal::Decimal;
use serde_json::Value;

use super::error::Fault;
use super::matched::{Verdict, Why};
use super::range::{self, Prefix, Range};
use super::unit::Unit;
use super::written::{plain, separated};

/// A number that is sought.
#[derive(Debug)]
pub(super) struct Number {
    prefix: Prefix,
    range: Range<Decimal>,
}

/// A quantity that is sought; without a unit its number is compared with whatever unit is stored.
#[derive(Debug)]
pub(super) struct Quantity {
    number: Number,
    unit: Option<Unit>,
}

impl Number {
    pub(super) fn read(text: &str) -> Result<Number, Fault> {
        let (prefix, digits) = Prefix::of(text);
        let fault = || Fault::new("this is not a number", "write digits with a point, at most 28 of them");
        let (value, half) = with_precision(digits).ok_or_else(fault)?;
        let spread = |half: Decimal| {
            let low = value.checked_sub(half).ok_or_else(fault)?;
            Ok(Range::until(low, value.checked_add(half).ok_or_else(fault)?))
        };
        let range = match prefix {
            Prefix::Equal | Prefix::NotEqual => spread(half)?,
            // FHIR R4 §3.1.1.4.6: the recommended value for ap is 10 % of the stated one.
            Prefix::Approximately => spread(half.max(value.abs() / Decimal::TEN))?,
            Prefix::Greater
            | Prefix::Less
            | Prefix::GreaterOrEqual
            | Prefix::LessOrEqual
            | Prefix::StartsAfter
            | Prefix::EndsBefore => Range::point(value),
        };
        Ok(Number { prefix, range })
    }

    /// A number, or a Range of them.
    pub(super) fn test(&self, value: &Value) -> Verdict {
        match value {
            Value::Number(_) => self.against(stored(value).map(Range::point)),
            Value::Object(_) => {
                let end = |name: &str| value.get(name).map(|end| end.get("value").and_then(stored));
                self.between(end("low"), end("high"))
            }
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) => {
                Verdict::Unclear(Why::Unreadable)
            }
        }
    }

    fn against(&self, stored: Option<Range<Decimal>>) -> Verdict {
        stored.map_or(Verdict::Unclear(Why::Unreadable), |stored| {
            range::interval(self.prefix, &self.range, &stored)
        })
    }

    /// Ends that are absent are open; ends that are there must be readable.
    fn between(&self, low: Option<Option<Decimal>>, high: Option<Option<Decimal>>) -> Verdict {
        let end = |end: Option<Option<Decimal>>| match end {
            None => Some(Unbounded),
            Some(known) => known.map(Included),
        };
        match (end(low), end(high)) {
            (Some(Unbounded), Some(Unbounded)) => Verdict::Unclear(Why::Shape),
            (Some(low), Some(high)) => range::stretch(self.prefix, &self.range, &Range { low, high }),
            _ => Verdict::Unclear(Why::Unreadable),
        }
    }
}

impl Quantity {
    /// Reads `[prefix]number`, `number|system|code` or `number||code`.
    pub(super) fn read(text: &str) -> Result<Quantity, Fault> {
        let unit = match separated(text, '|')[..] {
            [_] | [_, "", ""] => None,
            [_, system, code] if !code.is_empty() => Some(Unit::sought(&plain(system), &plain(code))),
            _ => {
                return Err(Fault::new(
                    "a quantity has one or three parts",
                    "write number|system|code or number||code",
                ));
            }
        };
        let number = separated(text, '|').first().copied().unwrap_or_default();
        Ok(Quantity { number: Number::read(number)?, unit })
    }

    /// A Quantity, a Money or a Range.
    pub(super) fn test(&self, value: &Value) -> Verdict {
        if value.get("origin").is_some() {
            return Verdict::Unclear(Why::Shape);
        }
        let ends = (value.get("low"), value.get("high"));
        if ends == (None, None) { self.one(value) } else { self.ends(ends) }
    }

    fn one(&self, value: &Value) -> Verdict {
        let Some(number) = value.get("value") else { return Verdict::No };
        let Some(number) = stored(number) else { return Verdict::Unclear(Why::Unreadable) };
        let Some(number) = self.in_sought_unit(number, value) else { return Verdict::Unclear(Why::Unit) };
        let known = match value.get("comparator").map(|comparator| comparator.as_str().unwrap_or_default()) {
            None => Range::point(number),
            Some(">") => Range { low: Excluded(number), high: Unbounded },
            Some(">=") => Range { low: Included(number), high: Unbounded },
            Some("<") => Range { low: Unbounded, high: Excluded(number) },
            Some("<=") => Range { low: Unbounded, high: Included(number) },
            Some(_) => return Verdict::Unclear(Why::Comparator),
        };
        self.number.against(Some(known))
    }

    fn ends(&self, (low, high): (Option<&Value>, Option<&Value>)) -> Verdict {
        let mut units = [low, high].into_iter().flatten();
        if units.any(|end| {
            end.get("value").and_then(stored).is_some_and(|n| self.in_sought_unit(n, end).is_none())
        }) {
            return Verdict::Unclear(Why::Unit);
        }
        let number = |end: &Value| self.in_sought_unit(end.get("value").and_then(stored)?, end);
        self.number.between(low.map(number), high.map(number))
    }

    fn in_sought_unit(&self, number: Decimal, holder: &Value) -> Option<Decimal> {
        match &self.unit {
            None => Some(number),
            Some(sought) => sought.of(number, holder),
        }
    }
}

/// A stored number, to the letter.
fn stored(value: &Value) -> Option<Decimal> {
    let Value::Number(number) = value else { return None };
    decimal(&number.to_string())
}

/// A number, and half of its last digit that counts (FHIR R4 §3.1.1.4.6).
fn with_precision(text: &str) -> Option<(Decimal, Decimal)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.parse::<i32>().ok()?)),
        None => (text, None),
    };
    let digits = mantissa.strip_prefix('-').unwrap_or(mantissa);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let places = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    // The specification reads 1e2 as 95 to 105: a digit finer than it is written.
    let places = places + usize::from(exponent.is_some() && places == 0);
    let last = exponent.unwrap_or(0).checked_sub(i32::try_from(places).ok()?)?;
    Some((decimal(text)?, decimal(&format!("5e{}", last.checked_sub(1)?))?))
}

fn decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Decimal::from_str_exact(text) }
        .ok()
}
