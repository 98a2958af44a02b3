//! Something that happened, of a catalogued type, about a subject.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{EventId, IntegrationId, Lane, MessageId, OrganisationId, Personal, Timestamp, TriggerId};

/// The name of an event type, such as `lab.result.critical`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventType(Arc<str>);

impl EventType {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for EventType {
    fn from(name: &str) -> Self {
        EventType(name.into())
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What may be known of an event without opening anything: nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Who it belongs to.
    pub organisation: OrganisationId,
    /// Where it came in.
    pub integration: IntegrationId,
    /// What happened.
    pub event_type: EventType,
    /// What it happened to.
    pub object_type: EventType,
    /// How urgent it is.
    pub lane: Lane,
    /// When it happened, as the source says.
    pub time: Timestamp,
    /// When it was accepted.
    pub received: Timestamp,
    /// Whether it is about made-up people (T1).
    pub test: bool,
    /// Who it is about, as an HMAC.
    pub subject: Option<SubjectKey>,
    /// What it is about, as an HMAC.
    pub object: Option<ObjectKey>,
    /// What was received, if that is a record of its own.
    pub message: Option<MessageId>,
    /// Its place among the events of its object, from 1; 0 where objects are not tracked.
    pub sequence: u32,
    /// The event it corrects or retracts (N5).
    pub replaces: Option<EventId>,
    /// The event that raised it.
    pub caused_by: Option<EventId>,
    /// How many systems it has come through (C8).
    pub hops: u8,
}

/// What an event says: sealed at rest, opened only to be disclosed or revealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// Who it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The identifier of what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
    /// The members of the received event other than `data`, for comparing duplicates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub envelope: Option<Box<RawValue>>,
    /// The FHIR resource that raised it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// How it came about.
    #[serde(default, skip_serializing_if = "Occasion::is_plain")]
    pub occasion: Occasion,
    /// What was received, decimals to the letter.
    pub data: Box<RawValue>,
}

impl Content {
    /// What was received, and nothing known besides.
    #[must_use]
    pub fn of(data: Box<RawValue>) -> Content {
        Content {
            subject: None,
            object: None,
            envelope: None,
            focus: None,
            occasion: Occasion::default(),
            data,
        }
    }
}

/// How an event came about, beyond what its type says: FHIR Subscriptions choose by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Occasion {
    /// The triggers that it speaks for: the one that raised it, or those that would have raised the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<TriggerId>,
    /// What the whole change was, on the one event that stands for it; noted where a feed is told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<WholeChange>,
}

/// Everything that one change of a resource was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WholeChange {
    /// The types of all events that it raised, those of triggers included.
    pub types: Vec<EventType>,
    /// The v2 event that it came with, MSH-9.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_code: Option<String>,
}

impl Occasion {
    /// A trigger fired.
    #[must_use]
    pub fn of(trigger: TriggerId) -> Self {
        Occasion { triggers: vec![trigger], change: None }
    }

    fn is_plain(&self) -> bool {
        *self == Occasion::default()
    }
}

/// The FHIR resource that an event is about, as it was then. It has an id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Focus {
    /// What was done to it.
    pub interaction: Interaction,
    /// The resource; for a deletion, what was left of it.
    pub resource: Box<RawValue>,
}

/// What was done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interaction {
    /// It was created.
    Create,
    /// It was replaced, or created where the sender chose its id.
    Update,
    /// It was deleted.
    Delete,
}

impl Interaction {
    /// The code of FHIR.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Interaction::Create => "create",
            Interaction::Update => "update",
            Interaction::Delete => "delete",
        }
    }
}

/// A person or thing that an event is about, with its assigner (P1).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// `patient`, unless the source says otherwise.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who assigned the identifier.
    pub system: String,
    /// The identifier.
    pub id: String,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("personal")
    }
}

/// The identifier of what an event is about.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// Who assigned the identifier.
    pub system: String,
    /// The identifier.
    pub id: String,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("personal")
    }
}

/// The state of what an event is about, for results: a status never moves back (N5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Ordered, in progress, no result yet.
    Registered,
    /// A first result.
    Preliminary,
    /// Verified.
    Final,
    /// Changed after it was final.
    Corrected,
    /// Never happened.
    Cancelled,
}

macro_rules! hmac_keys {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", u128::from_be_bytes(self.0))
            }
        }
    )*};
}

hmac_keys! {
    /// A subject, as the first half of an HMAC under the organisation's key.
    SubjectKey;
    /// An object, as the first half of an HMAC under the organisation's key.
    ObjectKey;
    /// What a delivery waits for, within a webhook and lane.
    OrderKey;
    /// What a trigger remembers of a patient or an object.
    MemoryKey;
    /// A caller's `Idempotency-Key`, as the first half of an HMAC under the organisation's key.
    AnswerKey;
}

impl Personal<Content> {
    /// An estimate of the memory this takes, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.look(|content| {
            let envelope = content.envelope.as_ref().map_or(0, |raw| raw.get().len());
            let focus = content.focus.as_ref().map_or(0, |focus| focus.resource.get().len());
            content.data.get().len() + envelope + focus + 512
        })
    }
}
