//! `CloudEvents` 1.0 in structured mode: JSON that our own door takes in again.
//!
//! What the specification has no attribute for is an extension, named as it
//! asks: lower case letters and digits, at most 20.

use bytes::Bytes;
use model::{Environment, EventId, Lane, Profile, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use super::known::{About, Known};

pub(super) fn body(known: &Known<'_>) -> Bytes {
    serde_json::to_vec(&Cloud::new(known)).expect("ids, names and times of events have a text").into()
}

#[derive(Serialize)]
struct Cloud<'a> {
    specversion: &'static str,
    id: EventId,
    source: String,
    #[serde(rename = "type")]
    event_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    datacontenttype: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataschema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subjecttype: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subjectsystem: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objecttype: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    received: Timestamp,
    lane: Lane,
    environment: Environment,
    test: bool,
    profile: Profile,
    // A text, as the extension of that name has it.
    sequence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causedby: Option<EventId>,
    hops: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

impl<'a> Cloud<'a> {
    fn new(known: &Known<'a>) -> Self {
        let event = known.event();
        let (subject, subjecttype, subjectsystem) = match known.subject().flatten() {
            Some(About::Named { kind, system, id }) => (Some(id.to_owned()), Some(kind), Some(system)),
            Some(About::Pseudonym { kind, pseudonym, .. }) => (Some(pseudonym), Some(kind), None),
            None => (None, None, None),
        };
        let (objecttype, object) =
            known.object().flatten().map_or((None, None), |thing| (Some(thing.kind), thing.pseudonym));
        let data = known.data();
        Cloud {
            specversion: "1.0",
            id: event.id,
            source: format!("urn:carehook:{}", event.integration),
            event_type: event.event_type.as_str(),
            subject,
            time: event.time,
            datacontenttype: data.map(|_| "application/json"),
            dataschema: data.map(|_| format!("urn:carehook:schema:{}/1", event.event_type)),
            subjecttype,
            subjectsystem,
            objecttype,
            object,
            received: event.received,
            lane: event.lane,
            environment: known.told.origin.environment,
            test: event.test,
            profile: known.profile(),
            sequence: event.sequence.to_string(),
            replaces: event.replaces,
            causedby: event.caused_by,
            hops: event.hops,
            data,
        }
    }
}
