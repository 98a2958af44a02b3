//! Dates and times: each is as long as its precision, in UTC where no zone is written.

use std::ops::Bound;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::Value;

use super::error::Fault;
use super::matched::{Verdict, Why};
use super::range::{self, Prefix, Range};

/// A time that is sought.
#[derive(Debug)]
pub(super) struct Wanted {
    prefix: Prefix,
    range: Range<Timestamp>,
}

impl Wanted {
    pub(super) fn read(text: &str) -> Result<Wanted, Fault> {
        let (prefix, text) = Prefix::of(text);
        if prefix == Prefix::Approximately {
            return Err(Fault::new("ap of a date depends on when it is asked", "use ge and le"));
        }
        let range = range(text).ok_or_else(|| {
            Fault::new("this is not a date", "write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
        })?;
        Ok(Wanted { prefix, range })
    }

    pub(super) fn test(&self, value: &Value) -> Verdict {
        match value {
            Value::String(text) => self.against(range(text)),
            Value::Object(_) if value.get("start").or(value.get("end")).is_some() => {
                self.against(period(value))
            }
            Value::Object(_) => self.schedule(value),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                Verdict::Unclear(Why::Unreadable)
            }
        }
    }

    /// A Timing: its events, or the period that bounds it.
    fn schedule(&self, timing: &Value) -> Verdict {
        let events = timing.get("event").and_then(Value::as_array);
        let bounds = timing.get("repeat").and_then(|repeat| repeat.get("boundsPeriod"));
        match (events, bounds) {
            (Some(events), _) => Verdict::any(events.iter().map(|event| self.test(event))),
            (None, Some(bounds)) => self.test(bounds),
            (None, None) => Verdict::Unclear(Why::Shape),
        }
    }

    fn against(&self, stored: Option<Range<Timestamp>>) -> Verdict {
        stored.map_or(Verdict::Unclear(Why::Unreadable), |stored| {
            range::stretch(self.prefix, &self.range, &stored)
        })
    }
}

/// A Period; a missing end is open.
fn period(value: &Value) -> Option<Range<Timestamp>> {
    let end = |name: &str| value.get(name).and_then(Value::as_str);
    let low = end("start").map_or(Some(Bound::Unbounded), |text| range(text).map(|range| range.low))?;
    let high = end("end").map_or(Some(Bound::Unbounded), |text| range(text).map(|range| range.high))?;
    Some(Range { low, high })
}

/// The stretch of time that a date or time means.
fn range(text: &str) -> Option<Range<Timestamp>> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize, to: usize| number(from, to).and_then(|number| i8::try_from(number).ok());
    let (start, step) = match text.len() {
        4 => (Date::new(number(0, 4)?, 1, 1).ok()?, Span::new().years(1)),
        7 => (Date::new(number(0, 4)?, small(5, 7)?, 1).ok()?, Span::new().months(1)),
        10 => (text.parse().ok()?, Span::new().days(1)),
        _ => return moment(text),
    };
    // Time ends in the last days of 9999, which are written for "never".
    let at_midnight =
        |date: Date| date.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp());
    let low = at_midnight(start);
    Some(match start.checked_add(step) {
        Ok(end) => Range::until(low, at_midnight(end)),
        Err(_) => Range { low: Bound::Included(low), high: Bound::Unbounded },
    })
}

/// A time to the minute, the second or a fraction of it, with or without a zone.
fn moment(text: &str) -> Option<Range<Timestamp>> {
    let zone = text.get(16..)?.find(['Z', '+', '-']).map(|at| at + 16);
    let (civil, zone) = text.split_at_checked(zone.unwrap_or(text.len()))?;
    let (seconds, precision) = match (civil.len(), civil.split_once('.')) {
        (16, None) => (format!("{civil}:00"), Span::new().minutes(1)),
        (19, None) => (civil.to_owned(), Span::new().seconds(1)),
        (_, Some((_, fraction))) => (civil.to_owned(), fraction_of_second(fraction)?),
        _ => return None,
    };
    let zone = if zone.is_empty() { "Z" } else { zone };
    let civil: DateTime = seconds.parse().ok()?;
    let at: Timestamp = format!("{civil}{zone}").parse().ok()?;
    Some(Range::until(at, at.checked_add(precision).ok()?))
}

fn fraction_of_second(digits: &str) -> Option<Span> {
    let places = u32::try_from(digits.len()).ok().filter(|places| (1..=9).contains(places))?;
    Some(Span::new().nanoseconds(10_i64.pow(9 - places)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(wanted: &str, stored: Value, expected: Verdict) {
        assert_eq!(Wanted::read(wanted).unwrap().test(&stored), expected, "{wanted} {stored}");
    }

    #[test]
    fn a_date_is_as_long_as_its_precision() {
        use Verdict::{No, Unclear, Yes};
        check("2013-01-14", json!("2013-01-14T10:00:00Z"), Yes);
        check("2013-01-14", json!("2013-01-15T00:00:00Z"), No);
        check("2013-01-14T10:00:00Z", json!("2013-01-14"), No);
        check("2013-01", json!("2013-01-14"), Yes);
        check("2013", json!("2013-12-31T23:59:59.999Z"), Yes);
        check("ne2013-01-14", json!("2013-01-15T00:00:00Z"), Yes);
        check("gt2013-01-14", json!("2013-01-14T23:00:00Z"), No);
        check("gt2013-01-14", json!({"start": "2013-01-14"}), Yes);
        check("ge2013-03-14", json!({"start": "2013-01-21", "end": "2013-03-01"}), No);
        check("le2013-03-14", json!({"start": "2013-01-21", "end": "2013-04-01"}), Yes);
        check("sa2013-03-14", json!({"start": "2013-03-15"}), Yes);
        check("sa2013-03-14", json!({"start": "2013-01-21"}), No);
        check("eb2013-03-14", json!({"end": "2013-03-13"}), Yes);
        check("eb2013-03-14", json!({"start": "2013-01-21"}), No);
        check("2013-01-14T10:00", json!("2013-01-14T11:00:30+01:00"), Yes);
        check("lt2013-01-14T10:00:00.5Z", json!("2013-01-14T10:00:00.49Z"), Yes);
        check("9999", json!("9999-12-31"), Yes);
        check("2013", json!({"event": ["2012-01-01", "2013-05-05"]}), Yes);
        check("2013", json!({"repeat": {"boundsPeriod": {"start": "2013-01-01", "end": "2013-02-01"}}}), Yes);
        check("2013", json!({"repeat": {"frequency": 1}}), Unclear(Why::Shape));
        check("2013", json!("yesterday"), Unclear(Why::Unreadable));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "gt",
            "13-01-2013",
            "2013-13",
            "2013-02-30",
            "2013-01-14T25:00",
            "ap2013",
            "2013-01-14T10:00:00.Z",
        ] {
            assert!(Wanted::read(text).is_err(), "{text}");
        }
    }
}
