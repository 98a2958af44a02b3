//! N1 §6.2: parts are compared from the year on, as far as both have them.

use std::cmp::Ordering;

use super::parse::days_of;
use super::shift::{civil, days};
use super::{Date, DateTime, Time};

/// Why two moments have no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unordered {
    /// One is more precise than the other, and they agree as far as both go.
    Precision,
    /// One has an offset from UTC and the other may have any.
    NoOffset,
}

impl Time {
    pub(crate) fn order(&self, other: &Time) -> Result<Ordering, Unordered> {
        by_parts(&self.parts(), &other.parts())
    }

    /// Seconds and their fraction are one part: `10:30:00` is `10:30:00.0`.
    fn parts(&self) -> [Option<i64>; 3] {
        let fraction = self.fraction.map_or(0, |fraction| i64::from(fraction.nanoseconds));
        let second = self.second.map(|second| i64::from(second) * 1_000_000_000 + fraction);
        [Some(self.hour.into()), self.minute.map(i64::from), second]
    }
}

impl DateTime {
    pub(crate) fn order(&self, other: &DateTime) -> Result<Ordering, Unordered> {
        match (self.utc(), other.utc()) {
            (Some(one), Some(other)) => by_parts(&one.parts(), &other.parts()),
            (None, None) => by_parts(&self.parts(), &other.parts()),
            _ => self.order_anywhere(other),
        }
    }

    /// One of both has no offset: what holds wherever on earth it was written is known.
    fn order_anywhere(&self, other: &DateTime) -> Result<Ordering, Unordered> {
        let (one, two) = (self.range(), other.range());
        if one.1 < two.0 {
            Ok(Ordering::Less)
        } else if one.0 > two.1 {
            Ok(Ordering::Greater)
        } else {
            Err(Unordered::NoOffset)
        }
    }

    fn parts(&self) -> [Option<i64>; 6] {
        let Date { year, month, day } = self.date;
        let [hour, minute, second] = self.time.map_or([None; 3], |time| time.parts());
        [Some(year.into()), month.map(i64::from), day.map(i64::from), hour, minute, second]
    }

    /// The same moment at offset zero, if the offset is known.
    fn utc(&self) -> Option<DateTime> {
        let (offset, time) = (self.offset?, self.time?);
        let (month, day) = (self.date.month?, self.date.day?);
        let minutes = days(self.date.year, month, day) * 1440
            + i64::from(time.hour) * 60
            + i64::from(time.minute.unwrap_or(0))
            - i64::from(offset);
        let minute = u8::try_from(minutes.rem_euclid(60)).ok()?;
        let hour = u8::try_from(minutes.rem_euclid(1440) / 60).ok()?;
        let time = Time { hour, minute: time.minute.map(|_| minute), ..time };
        Some(DateTime { date: civil(minutes.div_euclid(1440)), time: Some(time), offset: Some(0) })
    }

    /// The first and last minute since 1970 in UTC that are possibly meant.
    fn range(&self) -> (i64, i64) {
        let Date { year, month, day } = self.date;
        let (first_month, last_month) = month.map_or((1, 12), |month| (month, month));
        let (first_day, last_day) = day.map_or((1, days_of(year, last_month)), |day| (day, day));
        let minute =
            |time: Time, rest: u8| i64::from(time.hour) * 60 + i64::from(time.minute.unwrap_or(rest));
        let first = days(year, first_month, first_day) * 1440 + self.time.map_or(0, |time| minute(time, 0));
        let last = days(year, last_month, last_day) * 1440 + self.time.map_or(1439, |time| minute(time, 59));
        match self.offset {
            Some(offset) => (first - i64::from(offset), last - i64::from(offset)),
            None => (first - 14 * 60, last + 12 * 60),
        }
    }
}

fn by_parts(one: &[Option<i64>], other: &[Option<i64>]) -> Result<Ordering, Unordered> {
    for pair in one.iter().zip(other) {
        match pair {
            (Some(one), Some(other)) if one == other => {}
            (Some(one), Some(other)) => return Ok(one.cmp(other)),
            (None, None) => return Ok(Ordering::Equal),
            _ => return Err(Unordered::Precision),
        }
    }
    Ok(Ordering::Equal)
}
