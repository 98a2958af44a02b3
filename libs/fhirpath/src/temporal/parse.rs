use super::{Date, DateTime, Fraction, Time};

impl Date {
    /// Reads `2024`, `2024-03` or `2024-03-01`; nothing else is a date.
    #[must_use]
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let year = digits(parts.next()?, 4)?;
        let month =
            parts.next().map(|part| ranged(part, 1, 12)).map_or(Ok(None), |it| it.map(Some).ok_or(()));
        let month = month.ok()?;
        let day = match parts.next() {
            None => None,
            Some(part) => Some(ranged(part, 1, days_of(i32::try_from(year).ok()?, month?))?),
        };
        let is_whole = parts.next().is_none() && year > 0;
        is_whole.then_some(Date { year: i32::try_from(year).ok()?, month, day })
    }
}

impl Time {
    /// Reads `10`, `10:30`, `10:30:00` or `10:30:00.5`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Time> {
        let (clock, fraction) = match text.split_once('.') {
            Some((clock, fraction)) => (clock, Some(Fraction::parse(fraction)?)),
            None => (text, None),
        };
        let mut parts = clock.split(':');
        let hour = ranged(parts.next()?, 0, 23)?;
        let minute = parts.next();
        let second = parts.next();
        if parts.next().is_some() || (fraction.is_some() && second.is_none()) {
            return None;
        }
        let minute = minute.map(|part| ranged(part, 0, 59).ok_or(())).transpose().ok()?;
        // 60 is a leap second.
        let second = second.map(|part| ranged(part, 0, 60).ok_or(())).transpose().ok()?;
        Some(Time { hour, minute, second, fraction })
    }
}

impl Fraction {
    /// Digits beyond the ninth are dropped.
    fn parse(text: &str) -> Option<Fraction> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let kept = text.get(..9).unwrap_or(text);
        let digits = kept.len() as u8;
        let nanoseconds = kept.parse::<u32>().ok()? * 10_u32.pow(9 - u32::from(digits));
        Some(Fraction { nanoseconds, digits })
    }
}

impl DateTime {
    /// Reads a date, a date and `T`, or a date and a time, with or without an offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<DateTime> {
        let Some((date, rest)) = text.split_once('T') else {
            return Date::parse(text).map(DateTime::of_date);
        };
        let date = Date::parse(date)?;
        if rest.is_empty() {
            return Some(DateTime::of_date(date));
        }
        date.day?;
        let (time, offset) = match rest.find(['Z', '+', '-']) {
            Some(at) => (rest.get(..at)?, Some(offset(rest.get(at..)?)?)),
            None => (rest, None),
        };
        Some(DateTime { date, time: Some(Time::parse(time)?), offset })
    }
}

/// `Z`, `+01:00` or `-05:30` as minutes; no place on earth is further off than 14 hours.
fn offset(text: &str) -> Option<i16> {
    if text == "Z" {
        return Some(0);
    }
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let minutes = i16::from(ranged(hours, 0, 14)?) * 60 + i16::from(ranged(minutes, 0, 59)?);
    Some(if text.starts_with('-') { -minutes } else { minutes })
}

fn ranged(text: &str, least: u8, most: u8) -> Option<u8> {
    let value = u8::try_from(digits(text, 2)?).ok()?;
    (least..=most).contains(&value).then_some(value)
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let is_plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

pub(super) fn days_of(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
