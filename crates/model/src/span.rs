//! Durations as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A duration whose text is a number and a unit: `250ms`, `5s`, `15m`, `72h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub Duration);

impl Span {
    /// A span of whole seconds.
    #[must_use]
    pub const fn secs(secs: u64) -> Self {
        Span(Duration::from_secs(secs))
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Duration {
        span.0
    }
}

/// The text is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a duration such as 250ms, 5s, 15m, 72h or 7d")]
pub struct MalformedSpan;

impl FromStr for Span {
    type Err = MalformedSpan;

    fn from_str(text: &str) -> Result<Self, MalformedSpan> {
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or(MalformedSpan)?;
        let (number, unit) = text.split_at_checked(unit_at).ok_or(MalformedSpan)?;
        let number: u64 = number.parse().map_err(|_| MalformedSpan)?;
        let millis = UNITS.iter().find(|(name, _)| *name == unit).ok_or(MalformedSpan)?.1;
        number.checked_mul(millis).map(|millis| Span(Duration::from_millis(millis))).ok_or(MalformedSpan)
    }
}

impl fmt::Display for Span {
    /// Writes the largest unit that keeps the number whole, hours at most.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        let fits = |(_, size): &&(&str, u64)| millis.is_multiple_of(*size) && millis >= *size;
        let (unit, size) = UNITS.iter().skip(1).find(fits).unwrap_or(&("ms", 1));
        write!(f, "{}{unit}", millis / size)
    }
}

const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl serde::Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, written: &str) {
        assert_eq!(text.parse::<Span>().map(|span| span.to_string()), Ok(written.to_owned()));
    }

    #[test]
    fn spans_are_read_and_written_as_people_do() {
        check("250ms", "250ms");
        check("60s", "1m");
        check("72h", "72h");
        check("3d", "72h");
        check("90s", "90s");
        check("0s", "0ms");
        for text in ["", "5", "s", "-5s", "5 s", "5y", "99999999999999999999h"] {
            assert_eq!(text.parse::<Span>(), Err(MalformedSpan), "{text}");
        }
    }
}
