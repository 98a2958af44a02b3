//! HL7 dates and times (DTM, TS): `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+ZZZZ]`.

use std::fmt;
use std::str::FromStr;

/// A point in time as precise as its sender wrote it, with no time zone but an offset, if there is one.
///
/// What lies beyond the precision is 1 for month and day and 0 for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    pub year: u16,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// The sender wrote second 60; `second` is 59.
    pub is_leap_second: bool,
    pub nanosecond: u32,
    pub precision: Precision,
    /// Minutes east of UTC.
    pub offset_minutes: Option<i16>,
}

impl Timestamp {
    /// Reads text, with blanks around it forgiven.
    ///
    /// 24:00 is the next day at 0:00, second 60 is told by a flag. Fractions may have nine digits.
    pub fn parse(text: &str) -> Result<Timestamp, Malformed> {
        let text = text.trim_ascii();
        if text.len() > LENGTH_MAX {
            return Err(Malformed::Length);
        }
        let (local, offset) = match text.find(['+', '-']).and_then(|at| text.split_at_checked(at)) {
            Some((local, offset)) => (local, Some(parse_offset(offset)?)),
            None => (text, None),
        };
        let (digits, fraction) = match local.split_once('.') {
            Some((digits, fraction)) => (digits, Some(parse_fraction(fraction)?)),
            None => (local, None),
        };
        let precision = Precision::of(digits, fraction)?;
        let timestamp = Timestamp {
            year: number(digits, 0, 4)?.unwrap_or(0),
            month: pair(digits, 4)?.unwrap_or(1),
            day: pair(digits, 6)?.unwrap_or(1),
            hour: pair(digits, 8)?.unwrap_or(0),
            minute: pair(digits, 10)?.unwrap_or(0),
            second: pair(digits, 12)?.unwrap_or(0),
            is_leap_second: false,
            nanosecond: fraction.unwrap_or(0),
            precision,
            offset_minutes: offset,
        };
        timestamp.in_range()
    }

    fn in_range(self) -> Result<Timestamp, Malformed> {
        match self {
            Timestamp { year: 0, .. } => Err(Malformed::Year),
            Timestamp { month: 0 | 13.., .. } => Err(Malformed::Month),
            Timestamp { day: 0, .. } => Err(Malformed::Day),
            Timestamp { day, .. } if day > self.days_in_month() => Err(Malformed::Day),
            Timestamp { hour: 24, minute: 0, second: 0, nanosecond: 0, .. } => self.next_midnight(),
            Timestamp { hour: 24.., .. }
            | Timestamp { minute: 60.., .. }
            | Timestamp { second: 61.., .. } => Err(Malformed::Time),
            Timestamp { second: 60, .. } => Ok(Timestamp { second: 59, is_leap_second: true, ..self }),
            _ => Ok(self),
        }
    }

    fn next_midnight(self) -> Result<Timestamp, Malformed> {
        let (year, month, day) = match (self.month, self.day) {
            (12, 31) => (self.year + 1, 1, 1),
            (month, day) if day == self.days_in_month() => (self.year, month + 1, 1),
            (month, day) => (self.year, month, day + 1),
        };
        // There is no way to write the year 10000.
        if year > 9999 { Err(Malformed::Year) } else { Ok(Timestamp { year, month, day, hour: 0, ..self }) }
    }

    fn days_in_month(&self) -> u8 {
        let is_leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => 31,
        }
    }
}

impl FromStr for Timestamp {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Timestamp, Malformed> {
        Timestamp::parse(text)
    }
}

impl fmt::Display for Timestamp {
    /// Writes DTM again, as precise as it was read, with four to nine digits of a fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        let second = self.second + u8::from(self.is_leap_second);
        let pairs = [self.month, self.day, self.hour, self.minute, second];
        for pair in pairs.iter().take(self.precision.pairs()) {
            write!(f, "{pair:02}")?;
        }
        if self.precision == Precision::Fraction {
            match self.nanosecond % 100_000 {
                0 => write!(f, ".{:04}", self.nanosecond / 100_000)?,
                _ => write!(f, ".{:09}", self.nanosecond)?,
            }
        }
        if let Some(minutes) = self.offset_minutes {
            let sign = if minutes < 0 { '-' } else { '+' };
            write!(f, "{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60)?;
        }
        Ok(())
    }
}

/// The smallest unit that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
}

impl Precision {
    fn of(digits: &str, fraction: Option<u32>) -> Result<Precision, Malformed> {
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Malformed::Character);
        }
        match (digits.len(), fraction) {
            (4, None) => Ok(Precision::Year),
            (6, None) => Ok(Precision::Month),
            (8, None) => Ok(Precision::Day),
            (10, None) => Ok(Precision::Hour),
            (12, None) => Ok(Precision::Minute),
            (14, None) => Ok(Precision::Second),
            (14, Some(_)) => Ok(Precision::Fraction),
            _ => Err(Malformed::Length),
        }
    }

    /// How many pairs of digits follow the year.
    fn pairs(self) -> usize {
        match self {
            Precision::Year => 0,
            Precision::Month => 1,
            Precision::Day => 2,
            Precision::Hour => 3,
            Precision::Minute => 4,
            Precision::Second | Precision::Fraction => 5,
        }
    }
}

/// Why a text is no timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Malformed {
    Length,
    Character,
    Year,
    Month,
    Day,
    Time,
    Fraction,
    Offset,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Malformed::Length => "timestamp has an impossible length",
            Malformed::Character => "timestamp has a character that is no digit",
            Malformed::Year => "year is out of range",
            Malformed::Month => "month is out of range",
            Malformed::Day => "day is out of range",
            Malformed::Time => "time of day is out of range",
            Malformed::Fraction => "fraction of a second is malformed",
            Malformed::Offset => "offset is malformed or more than 14 hours",
        })
    }
}

impl std::error::Error for Malformed {}

/// 14 digits, a fraction of nine, an offset.
const LENGTH_MAX: usize = 14 + 10 + 5;

fn parse_offset(text: &str) -> Result<i16, Malformed> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.trim_start_matches(['+', '-']);
    if text.len() != 5 || digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed::Offset);
    }
    let hours = i16::from(pair(digits, 0)?.unwrap_or(0));
    let minutes = i16::from(pair(digits, 2)?.unwrap_or(0));
    let offset = hours * 60 + minutes;
    // No place on earth is further away from UTC than Kiribati, +14:00.
    if minutes > 59 || offset > 14 * 60 { Err(Malformed::Offset) } else { Ok(sign * offset) }
}

fn parse_fraction(digits: &str) -> Result<u32, Malformed> {
    let is_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits || digits.len() > 9 {
        return Err(Malformed::Fraction);
    }
    format!("{digits:0<9}").parse().map_err(|_| Malformed::Fraction)
}

fn pair(digits: &str, start: usize) -> Result<Option<u8>, Malformed> {
    Ok(number(digits, start, start + 2)?.map(|number| number as u8))
}

/// The number at a place, if the text reaches so far.
fn number(digits: &str, start: usize, end: usize) -> Result<Option<u16>, Malformed> {
    digits.get(start..end).map(|digits| digits.parse().map_err(|_| Malformed::Character)).transpose()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, Malformed>) {
        let read = Timestamp::parse(text).map(|timestamp| timestamp.to_string());
        assert_eq!(read.as_deref().map_err(|malformed| *malformed), expected, "{text}");
    }

    #[test]
    fn a_timestamp_is_as_precise_as_it_is_written() {
        for same in ["2024", "202402", "20240229", "2024022923", "202402292359", "20240229235958", "18230101"]
        {
            check(same, Ok(same));
        }
        check("20240229235958.1", Ok("20240229235958.1000"));
        check("20240229235958.123456789+0530", Ok("20240229235958.123456789+0530"));
        check("202402292359-0330", Ok("202402292359-0330"));
        check("20240229+0100", Ok("20240229+0100"));
        check(" 20240229 ", Ok("20240229"));
        check("20161231235960+0000", Ok("20161231235960+0000"));
        check("202402292400", Ok("202403010000"));
        check("20231231240000", Ok("20240101000000"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        check("", Err(Malformed::Length));
        check("202", Err(Malformed::Length));
        check("2024-02-29", Err(Malformed::Offset));
        check("2024022", Err(Malformed::Length));
        check("123456789012345678901234567890", Err(Malformed::Length));
        check("20240230", Err(Malformed::Day));
        check("20230229", Err(Malformed::Day));
        check("19000229", Err(Malformed::Day));
        check("99999999", Err(Malformed::Month));
        check("00000000", Err(Malformed::Year));
        check("202402292401", Err(Malformed::Time));
        check("999912312400", Err(Malformed::Year));
        check("202402292360", Err(Malformed::Time));
        check("20240229235961", Err(Malformed::Time));
        check("20240229.5", Err(Malformed::Length));
        check("20240229235958.", Err(Malformed::Fraction));
        check("20240229-1459", Err(Malformed::Offset));
        check("20240229+0160", Err(Malformed::Offset));
        check("20240229+01", Err(Malformed::Offset));
        check("2024O229", Err(Malformed::Character));
        check("٢٠٢٤", Err(Malformed::Character));
    }

    proptest! {
        #[test]
        fn what_was_read_reads_the_same_again(text in "[0-9]{4,14}(\\.[0-9]{1,9})?([+-][01][0-9][0-5][0-9])?") {
            if let Ok(timestamp) = Timestamp::parse(&text) {
                prop_assert_eq!(Timestamp::parse(&timestamp.to_string()), Ok(timestamp));
            }
        }
    }
}
