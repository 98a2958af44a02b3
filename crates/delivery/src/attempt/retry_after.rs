//! When the receiver wants to hear from us again (RFC 9110 §10.2.3).

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use model::{Timestamp, limits};

/// Seconds or an HTTP date, capped; what is neither is as if it were not there.
pub(crate) fn read(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than a number holds is still "very long".
        let seconds = text.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(limits::RETRY_AFTER));
    }
    let date = PARSER.parse_timestamp(text).ok()?;
    Some(Timestamp::from_millis(date.as_millisecond()).since(now).min(limits::RETRY_AFTER))
}

const PARSER: DateTimeParser = DateTimeParser::new();

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(read(text, now), expected.map(Duration::from_secs), "{text:?}");
    }

    #[test]
    fn seconds_and_dates_are_heeded_up_to_a_day_and_nonsense_is_not() {
        check("0", Some(0));
        check(" 120 ", Some(120));
        check("1000000000", Some(86_400));
        check("99999999999999999999999", Some(86_400));
        check("Thu, 01 Jan 2026 00:02:00 GMT", Some(120));
        check("Wed, 31 Dec 2025 00:00:00 GMT", Some(0));
        check("Thu, 01 Jan 2099 00:00:00 GMT", Some(86_400));
        for text in ["", "-1", "1.5", "soon", "+5", "Thu, 99 Jan 2026 00:00:00 GMT", "5 seconds"] {
            check(text, None);
        }
    }
}
