//! What is wrong with a notification: the invariants of FHIR's Bundle, those of
//! the Subscriptions R5 Backport guide 1.1.0, and its levels of content, as code.
//!
//! Tests hold every Bundle that we send against it. It reads the Bundle as a
//! receiver does and shares nothing with what writes it.

mod bundle; // What every Bundle keeps.
mod status; // The first entry, read.
mod levels; // What each level of content may say.

use std::fmt;

use model::FhirVersion;
use serde_json::Value;

use super::{Content, Kind};

/// A rule that a Bundle breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The rule: an invariant such as `bdl-7`, a requirement of the guide such as `@39`, or a profile.
    pub rule: &'static str,
    /// Where, as a `FHIRPath`.
    pub place: String,
    /// What is wrong.
    pub why: &'static str,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.rule, self.place, self.why)
    }
}

/// Everything that is wrong with the Bundle of a notification, of `$status` or of `$events`.
#[must_use]
pub fn check(bundle: &Value, version: FhirVersion, content: Content) -> Vec<Flaw> {
    let mut flaws = Flaws::default();
    let kinds: Vec<Option<Kind>> =
        statuses(bundle, version).map(|status| status::kind(status, version)).collect();
    bundle::check(bundle, version, &mut flaws);
    if bundle["type"] == "searchset" {
        for (place, status) in statuses(bundle, version).enumerate() {
            let read = status::read(status, version, (place, &mut flaws));
            let is_query = kinds.get(place).copied().flatten() == Some(Kind::QueryStatus);
            flaws.unless(is_query, ("@112", &entry(place)), "a searchset holds answers of $status");
            levels::check_status(&read, content, &mut flaws);
        }
        return flaws.0;
    }
    let read = status::read(&bundle["entry"][0]["resource"], version, (0, &mut flaws));
    levels::check(bundle, &read, content, &mut flaws);
    flaws.0
}

fn statuses(bundle: &Value, version: FhirVersion) -> impl Iterator<Item = &Value> {
    let resources = entries(bundle).iter().map(|entry| &entry["resource"]);
    resources.filter(move |resource| resource["resourceType"] == status::type_of(version))
}

fn entries(bundle: &Value) -> &[Value] {
    bundle["entry"].as_array().map_or(&[], Vec::as_slice)
}

fn entry(place: usize) -> String {
    format!("Bundle.entry[{place}]")
}

fn is_instant(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains('T') && text.parse::<model::Timestamp>().is_ok())
}

/// Flaws as they are found.
#[derive(Default)]
struct Flaws(Vec<Flaw>);

impl Flaws {
    fn unless(&mut self, holds: bool, (rule, place): (&'static str, &str), why: &'static str) {
        if !holds {
            self.0.push(Flaw { rule, place: place.to_owned(), why });
        }
    }
}
