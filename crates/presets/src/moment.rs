//! Times, as vendors write them.

use model::Timestamp;
use serde::Deserialize;

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(crate) enum Unit {
    /// Seconds since 1970.
    #[default]
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds since 1970.
    #[serde(rename = "ms")]
    Milliseconds,
    /// RFC 3339.
    #[serde(rename = "iso8601")]
    Iso8601,
    /// RFC 9110 §5.6.7: `Thu, 01 Jan 2026 00:00:00 GMT`.
    #[serde(rename = "http-date")]
    HttpDate,
}

impl Unit {
    /// The time behind a text.
    pub(crate) fn read(self, text: &str) -> Option<Timestamp> {
        match self {
            Unit::Seconds => Some(Timestamp::from_millis(number(text)?.checked_mul(1_000)?)),
            Unit::Milliseconds => Some(Timestamp::from_millis(number(text)?)),
            Unit::Iso8601 => text.parse().ok(),
            Unit::HttpDate => {
                let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
                Some(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
            }
        }
    }
}

// A sign or a space would be another text with the same meaning; vendors write digits.
fn number(text: &str) -> Option<i64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_reads_the_same_moment() {
        let noon = Some(Timestamp::from_millis(1_767_225_600_000));
        assert_eq!(Unit::Seconds.read("1767225600"), noon);
        assert_eq!(Unit::Milliseconds.read("1767225600000"), noon);
        assert_eq!(Unit::Iso8601.read("2026-01-01T01:00:00+01:00"), noon);
        assert_eq!(Unit::HttpDate.read("Thu, 01 Jan 2026 00:00:00 GMT"), noon);
        for text in ["", "+1", " 1", "1.5", "99999999999999999999", "now"] {
            assert_eq!(Unit::Seconds.read(text), None, "{text}");
        }
    }
}
