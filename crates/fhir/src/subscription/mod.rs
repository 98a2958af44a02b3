//! `Subscription` as JSON: what a client asks for, and how it is shown, in the shape of each version.
//!
//! R4 and R4B write a topic-based Subscription as the Subscriptions R5 Backport
//! guide 1.1.0 says; R5 has it of its own. `backport` reads and writes the first
//! two, `native` the third, `filter` turns R5's filters into those of the guide.

mod backport; // R4 and R4B.
mod native; // R5.
mod filter; // `filterBy` and the written form.
mod element; // Members and what is wrong with them.

use model::{FhirVersion, PayloadContent, Span, SubscriptionStatus, Timestamp};
use serde_json::Value;

/// What a client asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Its id, if the client says one.
    pub id: Option<String>,
    /// How it is to stand.
    pub status: SubscriptionStatus,
    /// The canonical URL of a topic.
    pub topic: String,
    /// Conditions in the written form, each with its place for an answer.
    pub filters: Vec<String>,
    /// How it wants to be told.
    pub channel: Channel,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// Why it is made.
    pub reason: Option<String>,
    /// Whom to ask about it.
    pub contact: Vec<Value>,
}

/// How a client wants to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// `rest-hook`, `websocket`, or one that nobody knows.
    pub kind: String,
    /// The address; none for a websocket.
    pub endpoint: Option<String>,
    /// Headers that come with every message.
    pub headers: Vec<(String, String)>,
    /// The MIME type.
    pub payload: String,
    /// How much a message says.
    pub content: PayloadContent,
    /// The longest silence, in seconds.
    pub heartbeat: Option<u32>,
    /// How long an attempt may take, in seconds.
    pub timeout: Option<u32>,
    /// How many events a message may tell of.
    pub max_count: Option<u32>,
}

/// What is wrong with a wish, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expression}: {why}")]
pub struct Flaw {
    /// The issue type of FHIR.
    pub code: &'static str,
    /// The place, as a `FHIRPath`.
    pub expression: String,
    /// What is wrong; never a value of the wish.
    pub why: String,
}

impl Flaw {
    /// A flaw of a place.
    #[must_use]
    pub fn new(code: &'static str, expression: impl Into<String>, why: impl Into<String>) -> Self {
        Flaw { code, expression: expression.into(), why: why.into() }
    }
}

/// A Subscription as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// Its id.
    pub id: &'a str,
    /// The number of its version.
    pub version: u64,
    /// What the client asked for, and how it stands now.
    pub wish: &'a Wish,
    /// What is wrong with it, for people.
    pub error: Option<&'a str>,
}

/// Reads what a client of a version asks for.
///
/// # Errors
/// The first element that is missing, malformed or of no use.
pub fn read(version: FhirVersion, resource: &Value) -> Result<Wish, Flaw> {
    if resource["resourceType"] != "Subscription" {
        return Err(Flaw::new("structure", "resourceType", "is not Subscription"));
    }
    if let Some(place) = element::modifier_extension(resource) {
        return Err(Flaw::new("extension", place, "a modifier extension is not understood"));
    }
    match version {
        FhirVersion::R4 | FhirVersion::R4B => backport::read(resource),
        FhirVersion::R5 => native::read(resource),
    }
}

/// A Subscription in the shape of a version.
#[must_use]
pub fn write(version: FhirVersion, shown: Shown<'_>) -> Value {
    match version {
        FhirVersion::R4 | FhirVersion::R4B => backport::write(shown),
        FhirVersion::R5 => native::write(shown),
    }
}

/// The place of a condition in the shape of a version.
#[must_use]
pub fn place_of_filter(version: FhirVersion, place: usize) -> String {
    match version {
        FhirVersion::R4 | FhirVersion::R4B => format!("Subscription.criteria.extension[{place}]"),
        FhirVersion::R5 => format!("Subscription.filterBy[{place}]"),
    }
}

/// The seconds of a span, as FHIR counts.
#[must_use]
pub fn seconds(span: Span) -> u32 {
    u32::try_from(std::time::Duration::from(span).as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
