//! HL7 times to FHIR times, with the zone of the integration (P6).

use hl7v2::timestamp::{Precision, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// What local times mean at one integration, for one message.
#[derive(Debug, Clone)]
pub(super) struct Clockwork {
    zone: TimeZone,
    /// The explicit offset of MSH-7: it decides an hour that happens twice.
    hint: Option<Offset>,
}

/// A time as FHIR writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// FHIR `dateTime`, as precise as the source.
    pub(super) text: String,
    /// Whether the local time happens twice or never, and nothing decided which.
    pub(super) is_doubtful: bool,
}

impl Clockwork {
    /// The zone by its IANA name, and whether it is known; UTC if it is not.
    pub(super) fn new(zone: &str, message_time: &str) -> (Self, bool) {
        let found = TimeZone::get(zone);
        let is_known = found.is_ok();
        let hint = Timestamp::parse(message_time).ok().and_then(|time| offset_of(&time));
        (Clockwork { zone: found.unwrap_or(TimeZone::UTC), hint }, is_known)
    }

    /// Reads DTM to `dateTime`; dates stay dates.
    pub(super) fn date_time(&self, text: &str) -> Option<Resolved> {
        let time = Timestamp::parse(text).ok()?;
        if time.precision <= Precision::Day {
            return Some(Resolved { text: date_text(&time), is_doubtful: false });
        }
        self.resolve(&time)
    }

    /// Reads DTM to `instant`; nothing for what is no more precise than a day.
    pub(super) fn instant(&self, text: &str) -> Option<Resolved> {
        let time = Timestamp::parse(text).ok()?;
        (time.precision > Precision::Day).then(|| self.resolve(&time)).flatten()
    }

    fn resolve(&self, time: &Timestamp) -> Option<Resolved> {
        let (year, month, day) =
            (i16::try_from(time.year).ok()?, time.month.cast_signed(), time.day.cast_signed());
        let (hour, minute, second) =
            (time.hour.cast_signed(), time.minute.cast_signed(), time.second.cast_signed());
        let local = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let (offset, is_doubtful) = match offset_of(time) {
            Some(offset) => (offset, false),
            None => self.offset_at(local),
        };
        let has_fraction = time.precision == Precision::Fraction;
        let fraction =
            if has_fraction { format!(".{:03}", time.nanosecond / 1_000_000) } else { String::new() };
        let text = format!("{}{fraction}{}", local.strftime("%Y-%m-%dT%H:%M:%S"), offset_text(offset));
        Some(Resolved { text, is_doubtful })
    }

    fn offset_at(&self, local: DateTime) -> (Offset, bool) {
        match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => (offset, false),
            AmbiguousOffset::Fold { before, after } => match self.hint {
                Some(hint) if hint == before || hint == after => (hint, false),
                _ => (before, true),
            },
            AmbiguousOffset::Gap { before, .. } => (before, true),
        }
    }
}

/// Reads DTM or DT to `date`.
pub(super) fn date(text: &str) -> Option<String> {
    Timestamp::parse(text).ok().map(|time| date_text(&time))
}

/// Reads TM, `HHMM[SS]`, to `time`.
pub(super) fn time_of_day(text: &str) -> Option<String> {
    let digits = text.split(['+', '-', '.']).next()?;
    if !matches!(digits.len(), 4 | 6) {
        return None;
    }
    let time = Timestamp::parse(&format!("20000101{digits}")).ok()?;
    Some(format!("{:02}:{:02}:{:02}", time.hour, time.minute, time.second))
}

fn offset_of(time: &Timestamp) -> Option<Offset> {
    Offset::from_seconds(i32::from(time.offset_minutes?) * 60).ok()
}

fn date_text(time: &Timestamp) -> String {
    let Timestamp { year, month, day, .. } = time;
    match time.precision {
        Precision::Year => format!("{year:04}"),
        Precision::Month => format!("{year:04}-{month:02}"),
        Precision::Day | Precision::Hour | Precision::Minute | Precision::Second | Precision::Fraction => {
            format!("{year:04}-{month:02}-{day:02}")
        }
    }
}

fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(zone: &str, message_time: &str, text: &str, expected: &str, is_doubtful: bool) {
        let (clockwork, is_known) = Clockwork::new(zone, message_time);
        assert!(is_known, "{zone}");
        let resolved = clockwork.date_time(text).unwrap();
        assert_eq!((resolved.text.as_str(), resolved.is_doubtful), (expected, is_doubtful));
    }

    #[test]
    fn p6_a_local_time_takes_the_zone_of_its_integration() {
        check("Europe/Berlin", "", "20260101093000", "2026-01-01T09:30:00+01:00", false);
        check("America/New_York", "", "202607010930", "2026-07-01T09:30:00-04:00", false);
        check("America/New_York", "", "20260701093000.125+0530", "2026-07-01T09:30:00.125+05:30", false);
        check("Europe/Berlin", "", "20260101", "2026-01-01", false);
        check("Europe/Berlin", "", "2026", "2026", false);
    }

    #[test]
    fn p6_an_hour_that_happens_twice_takes_the_offset_of_the_message_or_is_doubtful() {
        let fold = "20261025023000";
        check("Europe/Berlin", "20261025023100+0100", fold, "2026-10-25T02:30:00+01:00", false);
        check("Europe/Berlin", "20261025023100+0200", fold, "2026-10-25T02:30:00+02:00", false);
        check("Europe/Berlin", "20261025023100", fold, "2026-10-25T02:30:00+02:00", true);
        check("Europe/Berlin", "20261025023100-0500", fold, "2026-10-25T02:30:00+02:00", true);
        check("Europe/Berlin", "", "20260329023000", "2026-03-29T02:30:00+01:00", true);
    }

    #[test]
    fn times_of_day_and_dates_are_read_as_precise_as_they_are() {
        assert_eq!(time_of_day("0930").as_deref(), Some("09:30:00"));
        assert_eq!(time_of_day("093059.1+0100").as_deref(), Some("09:30:59"));
        assert_eq!(time_of_day("9:30"), None);
        assert_eq!(date("198808181126+0215").as_deref(), Some("1988-08-18"));
        assert!(!Clockwork::new("Mars/Base", "").1);
    }
}
