//! Dates and times that know how precise they are.

mod parse; // Text becomes one.
mod order; // Which is earlier, where that can be said.
mod shift; // One plus a duration.
mod boundary; // The earliest and latest that one may mean.

pub(crate) use boundary::Side;
pub(crate) use order::Unordered;

use std::fmt;

/// A day, a month or a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    pub(crate) year: i32,
    pub(crate) month: Option<u8>,
    /// Only with a month.
    pub(crate) day: Option<u8>,
}

/// A time of day, down to what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    pub(crate) hour: u8,
    pub(crate) minute: Option<u8>,
    /// Only with a minute.
    pub(crate) second: Option<u8>,
    /// Only with a second.
    pub(crate) fraction: Option<Fraction>,
}

/// A part of a second, and with how many digits it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fraction {
    pub(crate) nanoseconds: u32,
    pub(crate) digits: u8,
}

/// A date with a time, or on the way to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime {
    pub(crate) date: Date,
    /// Only with a day.
    pub(crate) time: Option<Time>,
    /// Minutes east of UTC; only with a time.
    pub(crate) offset: Option<i16>,
}

/// A duration of the calendar: a year has no fixed number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Calendar {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
}

impl Calendar {
    const TABLE: [(Calendar, &'static str, &'static str, &'static str); 8] = [
        (Calendar::Year, "year", "years", "a"),
        (Calendar::Month, "month", "months", "mo"),
        (Calendar::Week, "week", "weeks", "wk"),
        (Calendar::Day, "day", "days", "d"),
        (Calendar::Hour, "hour", "hours", "h"),
        (Calendar::Minute, "minute", "minutes", "min"),
        (Calendar::Second, "second", "seconds", "s"),
        (Calendar::Millisecond, "millisecond", "milliseconds", "ms"),
    ];

    /// `day` or `days`.
    pub(crate) fn named(word: &str) -> Option<Calendar> {
        Self::TABLE.iter().find(|(_, one, many, _)| word == *one || word == *many).map(|(unit, ..)| *unit)
    }

    /// The unit of a UCUM code, where both mean the same: years and months do not.
    pub(crate) fn of_ucum(code: &str) -> Option<Calendar> {
        let found = Self::TABLE.iter().find(|(.., ucum)| code == *ucum).map(|(unit, ..)| *unit);
        found.filter(|unit| *unit >= Calendar::Week)
    }

    pub(crate) fn word(self) -> &'static str {
        Self::TABLE.iter().find(|(unit, ..)| *unit == self).map_or("", |(_, one, ..)| one)
    }

    /// The UCUM code that is equivalent; for weeks and less it is equal.
    pub(crate) fn ucum(self) -> &'static str {
        Self::TABLE.iter().find(|(unit, ..)| *unit == self).map_or("", |(.., ucum)| ucum)
    }

    /// Months of a year or month, milliseconds of the others.
    pub(crate) fn length(self) -> i64 {
        match self {
            Calendar::Year => 12,
            Calendar::Month | Calendar::Millisecond => 1,
            Calendar::Week => 604_800_000,
            Calendar::Day => 86_400_000,
            Calendar::Hour => 3_600_000,
            Calendar::Minute => 60_000,
            Calendar::Second => 1000,
        }
    }

    pub(crate) fn is_months(self) -> bool {
        self <= Calendar::Month
    }
}

impl DateTime {
    /// Midnight somewhere, or less: a date is a date and time without a time.
    pub(crate) fn of_date(date: Date) -> DateTime {
        DateTime { date, time: None, offset: None }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.hour)?;
        if let Some(minute) = self.minute {
            write!(f, ":{minute:02}")?;
        }
        if let Some(second) = self.second {
            write!(f, ":{second:02}")?;
        }
        if let Some(Fraction { nanoseconds, digits }) = self.fraction {
            let all = format!("{nanoseconds:09}");
            write!(f, ".{}", all.get(..usize::from(digits)).unwrap_or(&all))?;
        }
        Ok(())
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date.fmt(f)?;
        if let Some(time) = self.time {
            write!(f, "T{time}")?;
        }
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
        }
    }
}
