//! The earliest and the latest moment that one may mean, to a number of digits (`lowBoundary`, `precision`).

use super::parse::days_of;
use super::{Date, DateTime, Fraction, Time};

/// Which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Low,
    High,
}

impl Side {
    fn of<T>(self, low: T, high: T) -> T {
        match self {
            Side::Low => low,
            Side::High => high,
        }
    }
}

impl Date {
    /// 4, 6 or 8 digits.
    pub(crate) fn precision(&self) -> i64 {
        4 + 2 * (i64::from(self.month.is_some()) + i64::from(self.day.is_some()))
    }

    pub(crate) fn boundary(&self, side: Side, digits: i64) -> Option<Date> {
        let month = self.month.unwrap_or(side.of(1, 12));
        let day = self.day.unwrap_or(side.of(1, days_of(self.year, month)));
        let (month, day) = match digits {
            4 => (None, None),
            6 => (Some(month), None),
            8 => (Some(month), Some(day)),
            _ => return None,
        };
        Some(Date { month, day, ..*self })
    }
}

impl Time {
    /// 2, 4, 6 or 9 digits.
    pub(crate) fn precision(&self) -> i64 {
        match (self.minute, self.second, self.fraction) {
            (None, ..) => 2,
            (_, None, _) => 4,
            (.., None) => 6,
            (.., Some(_)) => 9,
        }
    }

    pub(crate) fn boundary(&self, side: Side, digits: i64) -> Option<Time> {
        let minute = Some(self.minute.unwrap_or(side.of(0, 59)));
        let second = Some(self.second.unwrap_or(side.of(0, 59)));
        let nanoseconds = self.fraction.map_or(side.of(0, 999_000_000), |fraction| fraction.nanoseconds);
        let fraction = Some(Fraction { nanoseconds, digits: 3 });
        let (minute, second, fraction) = match digits {
            2 => (None, None, None),
            4 => (minute, None, None),
            6 => (minute, second, None),
            9 => (minute, second, fraction),
            _ => return None,
        };
        Some(Time { hour: self.hour, minute, second, fraction })
    }
}

impl DateTime {
    /// 4, 6, 8, 10, 12, 14 or 17 digits.
    pub(crate) fn precision(&self) -> i64 {
        self.date.precision() + self.time.map_or(0, |time| time.precision())
    }

    /// Without an offset the low end is where a day begins first, and the high end where it ends last.
    pub(crate) fn boundary(&self, side: Side, digits: i64) -> Option<DateTime> {
        if digits <= 8 {
            return Some(DateTime::of_date(self.date.boundary(side, digits)?));
        }
        let edge = Time { hour: side.of(0, 23), minute: None, second: None, fraction: None };
        let time = self.time.unwrap_or(edge).boundary(side, digits - 8)?;
        let offset = Some(self.offset.unwrap_or(side.of(14 * 60, -12 * 60)));
        Some(DateTime { date: self.date.boundary(side, 8)?, time: Some(time), offset })
    }
}
