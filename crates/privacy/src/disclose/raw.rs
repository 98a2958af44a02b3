//! What was received, as it was received.

use bytes::Bytes;
use model::{Media, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use super::known::{About, Known, Shown};
use super::{Disclosed, native, needs_original};

/// A received message, opened.
#[derive(Debug, Clone)]
pub struct Original {
    /// What it is.
    pub media: Media,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Original {
    /// A message of a stored format: `hl7v2`, `fhir` or `hook`.
    #[must_use]
    pub fn new(format: &str, bytes: Vec<u8>) -> Self {
        let media = match format {
            "hl7v2" => Media::Hl7v2,
            "fhir" => Media::Fhir,
            _ => Media::Bytes,
        };
        Original { media, bytes: bytes.into() }
    }
}

/// The message that an event came in; one that came as an event, as that door takes it.
pub(super) fn body(known: &Known<'_>) -> Disclosed {
    // Nobody may see an original without the profile `full`; such a webhook cannot be saved.
    if !needs_original(known.webhook) {
        return Disclosed::plain(native::body(known), Media::Json);
    }
    match known.told.original {
        Some(original) => original.look(|it| Disclosed::plain(it.bytes.clone(), it.media)),
        None => Disclosed::plain(sent(known), Media::Json),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sent<'a> {
    #[serde(rename = "type")]
    event_type: &'a str,
    object_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Shown<About<'a>>,
    time: Timestamp,
    test: bool,
    data: &'a RawValue,
}

fn sent(known: &Known<'_>) -> Bytes {
    let event = known.event();
    let sent = Sent {
        event_type: event.event_type.as_str(),
        object_type: event.object_type.as_str(),
        subject: known.subject().flatten().map(Some),
        time: event.time,
        test: event.test,
        data: &known.content.data,
    };
    serde_json::to_vec(&sent).expect("names and times of events have a text").into()
}
