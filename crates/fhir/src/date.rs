//! FHIR times to points in time.

use model::Timestamp;

/// The point a FHIR `instant` or `dateTime` names; dates are taken at midnight UTC.
#[must_use]
pub fn instant(text: &str) -> Option<Timestamp> {
    let padded = match text.len() {
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        _ => return text.parse().ok(),
    };
    padded.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_every_precision_are_points() {
        let read = |text: &str| instant(text).map(|at| at.to_string());
        assert_eq!(read("2026-01-01T10:30:00+01:00").as_deref(), Some("2026-01-01T09:30:00.000Z"));
        assert_eq!(read("2026-02-03").as_deref(), Some("2026-02-03T00:00:00.000Z"));
        assert_eq!(read("2026").as_deref(), Some("2026-01-01T00:00:00.000Z"));
        assert_eq!(read("2026-02-30"), None);
        assert_eq!(read("soon"), None);
    }
}
