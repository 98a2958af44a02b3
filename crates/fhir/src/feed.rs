//! US Core's Patient Data Feed (8.0.0 and later): its topic, and the codes that say what a change was.
//!
//! The guide names no code system of its own for `feed-event`; the one here is that of its example.

use crate::notification::Coding;

/// The canonical URL of the topic.
pub const TOPIC: &str = "http://hl7.org/fhir/us/core/SubscriptionTopic/patient-data-feed";
/// The code that every change has.
pub const EVENT: &str = "feed-event";
/// The system of [`EVENT`].
pub const CODES: &str = "http://hl7.org/fhir/us/core/CodeSystem/trigger";
/// HL7 v2 events (table 0003).
pub const V2_EVENTS: &str = "http://terminology.hl7.org/CodeSystem/v2-0003";
/// The types of resources that the guide requires (table 1).
pub const RESOURCES: [&str; 4] = ["DiagnosticReport", "DocumentReference", "Encounter", "Observation"];

/// Every code of a change: the one that all have, the event types that it raised, and the v2 event that it
/// came with.
#[must_use]
pub fn codes<'a>(types: impl IntoIterator<Item = &'a str>, event_code: Option<&str>) -> Vec<Coding> {
    let coding =
        |system: &str, code: &str| Coding { system: system.to_owned(), code: code.to_owned(), display: None };
    let own = types.into_iter().map(|name| coding(crate::basic::EVENT_TYPES, name));
    let mut codes = vec![coding(CODES, EVENT)];
    codes.extend(own);
    codes.extend(event_code.map(|code| coding(V2_EVENTS, code)));
    codes
}
