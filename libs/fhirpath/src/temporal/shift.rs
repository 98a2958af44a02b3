//! N1 §6.6.7: a duration is brought to the precision of the moment, never the other way.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::parse::days_of;
use super::{Calendar, Date, DateTime, Fraction, Time};

const DAY_NANOSECONDS: i64 = 86_400_000_000_000;

impl Date {
    /// This date `amount` units later, whose fraction is dropped; nothing where the calendar ends.
    pub(crate) fn shifted(&self, amount: Decimal, unit: Calendar) -> Option<Date> {
        let amount = amount.trunc().to_i64()?;
        let days_later = |amount: i64, unit: Calendar| amount.checked_mul(unit.length() / 86_400_000);
        match (self.month, self.day) {
            (Some(month), Some(day)) if !unit.is_months() => {
                let amount = if unit > Calendar::Day {
                    amount / (Calendar::Day.length() / unit.length())
                } else {
                    days_later(amount, unit)?
                };
                valid(civil_checked(days(self.year, month, day).checked_add(amount)?)?)
            }
            (None, _) => {
                let years = match unit {
                    Calendar::Year => amount,
                    Calendar::Month => amount / 12,
                    _ => amount.checked_mul(unit.length())? / (365 * Calendar::Day.length()),
                };
                self.months_later(years.checked_mul(12)?)
            }
            (Some(_), _) => {
                let months = match unit {
                    Calendar::Year | Calendar::Month => amount.checked_mul(unit.length())?,
                    _ => amount.checked_mul(unit.length())? / (30 * Calendar::Day.length()),
                };
                self.months_later(months)
            }
        }
    }

    /// The day stays, or becomes the last of its month.
    fn months_later(&self, months: i64) -> Option<Date> {
        let start = i64::from(self.year) * 12 + i64::from(self.month.unwrap_or(1)) - 1;
        let total = start.checked_add(months)?;
        let year = i32::try_from(total.div_euclid(12)).ok()?;
        let month = u8::try_from(total.rem_euclid(12) + 1).ok()?;
        let day = self.day.map(|day| day.min(days_of(year, month)));
        valid(Date { year, month: self.month.map(|_| month), day })
    }
}

impl DateTime {
    /// This moment `amount` units later.
    pub(crate) fn shifted(&self, amount: Decimal, unit: Calendar) -> Option<DateTime> {
        let Some(time) = self.time else {
            return Some(DateTime::of_date(self.date.shifted(amount, unit)?));
        };
        if unit <= Calendar::Day {
            return Some(DateTime { date: self.date.shifted(amount, unit)?, ..*self });
        }
        let (time, days_later) = time.later(amount, unit)?;
        let date = self.date.shifted(Decimal::from(days_later), Calendar::Day)?;
        Some(DateTime { date, time: Some(time), ..*self })
    }
}

impl Time {
    /// This time `amount` units later; a clock starts again at midnight.
    pub(crate) fn shifted(&self, amount: Decimal, unit: Calendar) -> Option<Time> {
        if unit <= Calendar::Day {
            return None;
        }
        Some(self.later(amount, unit)?.0)
    }

    /// The time later, and how many midnights are between.
    fn later(&self, amount: Decimal, unit: Calendar) -> Option<(Time, i64)> {
        let mut nanoseconds = duration(amount, unit)?;
        // What is finer than the time itself does not count.
        let finest = match (self.minute, self.second) {
            (None, _) => 3_600_000_000_000,
            (_, None) => 60_000_000_000,
            _ => 1,
        };
        nanoseconds -= nanoseconds % finest;
        let seconds = i64::from(self.hour) * 3600
            + i64::from(self.minute.unwrap_or(0)) * 60
            + i64::from(self.second.unwrap_or(0));
        let fraction = self.fraction.map_or(0, |fraction| i64::from(fraction.nanoseconds));
        let total = (seconds * 1_000_000_000 + fraction).checked_add(nanoseconds)?;
        let clock = total.rem_euclid(DAY_NANOSECONDS);
        Some((self.at(clock)?, total.div_euclid(DAY_NANOSECONDS)))
    }

    /// The same precision at `clock` nanoseconds after midnight; a fraction appears where there is one.
    fn at(&self, clock: i64) -> Option<Time> {
        let nanoseconds = u32::try_from(clock % 1_000_000_000).ok()?;
        let seconds = clock / 1_000_000_000;
        let digits = self.fraction.map_or(3, |fraction| fraction.digits.max(3));
        let has_fraction = self.second.is_some() && (self.fraction.is_some() || nanoseconds > 0);
        Some(Time {
            hour: u8::try_from(seconds / 3600).ok()?,
            minute: self.minute.and(u8::try_from(seconds / 60 % 60).ok()),
            second: self.second.and(u8::try_from(seconds % 60).ok()),
            fraction: has_fraction.then_some(Fraction { nanoseconds, digits }),
        })
    }
}

/// Nanoseconds; above seconds the fraction of a duration is dropped.
fn duration(amount: Decimal, unit: Calendar) -> Option<i64> {
    let amount = if unit < Calendar::Second { amount.trunc() } else { amount };
    amount.checked_mul(Decimal::from(unit.length()))?.checked_mul(Decimal::from(1_000_000))?.trunc().to_i64()
}

fn valid(date: Date) -> Option<Date> {
    (1..=9999).contains(&date.year).then_some(date)
}

/// Days since 1970-01-01 in the Gregorian calendar. Years begin in March, so that the leap day is last.
pub(super) fn days(year: i32, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let month = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

fn civil_checked(days: i64) -> Option<Date> {
    // Far beyond year 9999 and far within the numbers used below.
    (-4_000_000..4_000_000).contains(&days).then(|| civil(days))
}

/// The day that is `days` after 1970-01-01.
pub(super) fn civil(days: i64) -> Date {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date { year: year as i32, month: Some(month as u8), day: Some(day as u8) }
}
