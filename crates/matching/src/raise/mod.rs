//! From FHIR resources, mapped or received, to events.

use model::{EventType, Lane, Object, Status, Subject, Timestamp};
use serde_json::Value;

/// A resource and what is known around it.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The resource as it is now; for a deletion, as it was last.
    pub resource: &'a Value,
    /// What was done to it.
    pub interaction: Interaction,
    /// The version before, where it is known.
    pub previous: Option<&'a Value>,
    /// What was raised about this object before.
    pub prior: Option<&'a Prior>,
    /// The v2 trigger event, MSH-9.2 (never EVN-1, P2); absent at the FHIR door.
    pub event_code: Option<&'a str>,
    /// The namespace of identifiers without an assigner (P1).
    pub namespace: &'a str,
}

/// What was done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// It was created.
    Create,
    /// It was replaced, or created where the sender chose its id.
    Update,
    /// It was deleted.
    Delete,
}

/// What was raised about an object before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prior {
    /// Its highest status so far.
    pub status: Option<Status>,
    /// The most urgent lane that an event about it had.
    pub lane: Lane,
    /// The last type that was raised about it.
    pub last_type: EventType,
}

/// What a resource raises.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The events, in order.
    pub raised: Vec<Raised>,
    /// Why nothing fired where something could have; codes, never content.
    pub silent: Vec<Silence>,
}

/// One event to be.
#[derive(Debug, Clone)]
pub struct Raised {
    /// What happened.
    pub event_type: EventType,
    /// What it happened to.
    pub object_type: EventType,
    /// How urgent it is.
    pub lane: Lane,
    /// The state of the object, for results.
    pub status: Option<Status>,
    /// When it happened, as the source says.
    pub time: Option<Timestamp>,
    /// Who it is about, where the resource says.
    pub subject: Option<Subject>,
    /// The identifier of the object.
    pub object: Option<Object>,
    /// The report that the event is, or is part of; for [`crate::supersede`].
    pub report: Option<String>,
    /// What it says.
    pub data: Value,
    /// Whether it corrects or retracts the last event about the same object (N5).
    pub replaces_previous: bool,
}

/// Why nothing fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// A preliminary state after a final one (N5).
    Stale,
    /// Nothing that is mapped has changed.
    Unchanged,
    /// No rule knows this resource in this state.
    NoRule,
    /// A result without a value, or not a result yet.
    NotYet,
}

/// What a resource raises.
#[must_use]
pub fn raise(input: &Input<'_>) -> Outcome {
    let _ = input;
    unimplemented!()
}
