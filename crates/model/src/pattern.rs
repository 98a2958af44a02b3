//! Event types with wildcards.

use std::fmt;
use std::str::FromStr;

/// `*`, an event type, or a prefix with a trailing `.*` for one or more segments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Every type that is not operational.
    Any,
    /// One type.
    Exact(String),
    /// Every type below a prefix; the dot is part of it.
    Below(String),
}

impl Pattern {
    /// Whether an event of `event_type` is wanted.
    ///
    /// No wildcard reaches vendor passthrough (`x.`) or the platform's own
    /// types from outside their name space: those are named.
    #[must_use]
    pub fn matches(&self, event_type: &str) -> bool {
        match self {
            Pattern::Any => !is_reserved(event_type),
            Pattern::Exact(name) => name == event_type,
            Pattern::Below(prefix) => event_type.len() > prefix.len() && event_type.starts_with(prefix),
        }
    }
}

/// Whether a type is left out of `*`: passthrough and what the platform says of itself.
#[must_use]
pub fn is_reserved(event_type: &str) -> bool {
    RESERVED.iter().any(|prefix| event_type.starts_with(prefix))
}

/// Whether a type is what the platform says of itself.
#[must_use]
pub fn is_operational(event_type: &str) -> bool {
    is_reserved(event_type) && !event_type.starts_with("x.")
}

const RESERVED: [&str; 5] = ["x.", "delivery.", "webhook.", "source.", "quota."];

/// The text is not a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an event type, a prefix with a trailing .*, or *")]
pub struct MalformedPattern;

impl FromStr for Pattern {
    type Err = MalformedPattern;

    fn from_str(text: &str) -> Result<Self, MalformedPattern> {
        if text == "*" {
            return Ok(Pattern::Any);
        }
        let name = text.strip_suffix(".*").unwrap_or(text);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.len() > 128 || !name.split('.').all(|part| !part.is_empty() && part.chars().all(plain)) {
            return Err(MalformedPattern);
        }
        Ok(if name.len() < text.len() {
            Pattern::Below(format!("{name}."))
        } else {
            Pattern::Exact(name.to_owned())
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Any => f.write_str("*"),
            Pattern::Exact(name) => f.write_str(name),
            Pattern::Below(prefix) => write!(f, "{prefix}*"),
        }
    }
}

impl serde::Serialize for Pattern {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Pattern {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, wanted: &[&str], unwanted: &[&str]) {
        let pattern: Pattern = pattern.parse().unwrap();
        assert!(wanted.iter().all(|name| pattern.matches(name)), "{pattern}");
        assert!(!unwanted.iter().any(|name| pattern.matches(name)), "{pattern}");
    }

    #[test]
    fn wildcards_reach_what_they_say_and_no_operational_type() {
        check("*", &["lab.result.critical"], &["x.hl7v2.adt_a99", "webhook.disabled", "delivery.escalated"]);
        check("lab.*", &["lab.result.critical", "lab.order"], &["lab", "labour.started"]);
        check("lab.result.critical", &["lab.result.critical"], &["lab.result.criticality"]);
        check("x.*", &["x.hl7v2.adt_a99"], &["lab.result.critical"]);
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for text in ["", ".", "*.critical", "lab.*.critical", "Lab.Result", "lab..x", "lab.", ".*"] {
            assert_eq!(text.parse::<Pattern>(), Err(MalformedPattern), "{text}");
        }
    }
}
