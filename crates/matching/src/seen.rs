//! An event as expressions see it: the members of the native format, by their names.

use model::{Content, Event, EventId, EventType, IntegrationId, Lane, Timestamp};
use serde_json::{Map, Value, json};

/// What an expression may ask of an event.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'e> {
    /// What happened.
    pub event_type: &'e EventType,
    /// What it happened to.
    pub object_type: &'e EventType,
    /// How urgent it is.
    pub lane: Lane,
    /// When it happened, as the source says.
    pub time: Timestamp,
    /// When it was accepted.
    pub received: Timestamp,
    /// Whether it is about made-up people.
    pub test: bool,
    /// Where it came in, if that is known.
    pub integration: Option<IntegrationId>,
    /// The event that it answers to.
    pub caused_by: Option<EventId>,
    /// How many systems it has come through.
    pub hops: u8,
    /// What it says.
    pub content: &'e Content,
}

impl<'e> Seen<'e> {
    /// An event that is stored, with what it says.
    #[must_use]
    pub fn of(event: &'e Event, content: &'e Content) -> Seen<'e> {
        Seen {
            event_type: &event.event_type,
            object_type: &event.object_type,
            lane: event.lane,
            time: event.time,
            received: event.received,
            test: event.test,
            integration: Some(event.integration),
            caused_by: event.caused_by,
            hops: event.hops,
            content,
        }
    }

    /// Its members; what is absent is left out.
    #[must_use]
    pub fn members(&self) -> Map<String, Value> {
        let content = self.content;
        let object_type = self.object_type.as_str();
        let object = match &content.object {
            Some(object) => json!({ "type": object_type, "system": object.system, "id": object.id }),
            None => json!({ "type": object_type }),
        };
        let members = [
            ("type", json!(self.event_type.as_str())),
            ("time", json!(self.time)),
            ("received", json!(self.received)),
            ("lane", json!(self.lane)),
            ("test", json!(self.test)),
            ("integrationId", json!(self.integration)),
            ("causedBy", json!(self.caused_by)),
            ("hops", json!(self.hops)),
            ("subject", json!(content.subject)),
            ("object", object),
            ("data", serde_json::from_str(content.data.get()).unwrap_or(Value::Null)),
        ];
        let present = members.into_iter().filter(|(_, value)| !value.is_null());
        present.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
