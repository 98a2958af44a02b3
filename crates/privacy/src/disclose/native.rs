//! Our own JSON; the order of its members is part of the contract.

use bytes::Bytes;
use model::{Environment, EventId, IntegrationId, Lane, Profile, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use super::known::{About, Known, Shown, Thing};

pub(super) fn body(known: &Known<'_>) -> Bytes {
    let mut body = Vec::with_capacity(known.data().map_or(0, |data| data.get().len()) + ENVELOPE);
    let written = serde_json::to_writer(&mut body, &Native::new(known));
    written.expect("ids, names and times of events have a text");
    body.into()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Native<'a> {
    id: EventId,
    #[serde(rename = "type")]
    event_type: &'a str,
    schema: String,
    time: Timestamp,
    received: Timestamp,
    lane: Lane,
    environment: Environment,
    test: bool,
    integration_id: IntegrationId,
    profile: Profile,
    sequence: u32,
    replaces: Option<EventId>,
    caused_by: Option<EventId>,
    hops: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Shown<About<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Shown<Thing<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

impl<'a> Native<'a> {
    fn new(known: &Known<'a>) -> Self {
        let event = known.event();
        Native {
            id: event.id,
            event_type: event.event_type.as_str(),
            schema: format!("{}/1", event.event_type),
            time: event.time,
            received: event.received,
            lane: event.lane,
            environment: known.told.origin.environment,
            test: event.test,
            integration_id: event.integration,
            profile: known.profile(),
            sequence: event.sequence,
            replaces: event.replaces,
            caused_by: event.caused_by,
            hops: event.hops,
            subject: known.subject(),
            object: known.object(),
            data: known.data(),
        }
    }
}

/// About what stands around the data, in bytes.
const ENVELOPE: usize = 1_024;
