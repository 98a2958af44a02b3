//! What one commit may carry.

use model::{
    AlertId, AnswerKey, Attempt, Category, Decision, DeliveryId, DeliveryState, Event, EventId, EventType,
    HoldReason, IntegrationId, KeyId, Lane, MessageId, ObjectKey, OrderKey, OrganisationId, RejectionId,
    Sealed, SiteTable, Status, SubjectKey, Timestamp, WebhookId,
};

use crate::{Alert, Considered, Leftover, Notice, Redrive, Rejection, Remembered, Reply, Surplus};

/// Everything that is to become durable together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// What came in.
    pub arrivals: Vec<Arrival>,
    /// Deliveries that reached an end.
    pub settled: Vec<Settled>,
    /// Deliveries to be tried again later.
    pub again: Vec<Reschedule>,
    /// Deliveries that go back to disk as held.
    pub held: Vec<Hold>,
    /// Calls that were made.
    pub attempts: Vec<Attempt>,
    /// What receivers answered to some of them; of a delivery only the last
    /// [`model::limits::REPLIES_KEPT`] are kept.
    pub replies: Vec<Reply>,
    /// New deliveries of events that are stored.
    pub added: Vec<Addition>,
    /// Redrives made or moved on.
    pub redrives: Vec<Redrive>,
    /// Deliveries to be sent now: dead letters and delivered ones are owed again,
    /// and a retry that has a time, on disk or in memory, is due.
    pub revived: Vec<DeliveryId>,
    /// Deliveries that a person ended, whoever holds them.
    pub ended: Vec<(DeliveryId, End)>,
    /// What doors refused, each with what is kept of it.
    pub rejections: Vec<(Rejection, Option<Sealed>)>,
    /// Refused, and only counted.
    pub surplus: Vec<Surplus>,
    /// Quarantined rejections that have become events.
    pub readmitted: Vec<RejectionId>,
    /// Answers to writes that were begun; none for one that changed nothing and may be repeated.
    pub answers: Vec<(AnswerKey, Option<Sealed>)>,
    /// Alerts made or moved on; who is told is taken from new ones only.
    pub alerts: Vec<Alert>,
    /// Who was told of an alert, in place of what was known.
    pub notices: Vec<(AlertId, Vec<Notice>)>,
    /// Alerts that a person took notice of; the first stays.
    pub acknowledged: Vec<(AlertId, Timestamp, KeyId)>,
    /// What people did.
    pub audit: Vec<audit::Entry>,
    /// How much was owed when somebody looked.
    pub samples: Vec<crate::Sample>,
    /// What messages said that no table takes up, added to what is known.
    pub leftovers: Vec<Leftover>,
    /// Tables that have changed: what they left over is counted anew. Done before `leftovers` are added.
    pub mapped: Vec<(IntegrationId, SiteTable)>,
}

/// One thing that came in: written whole, or not at all if it is known.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// What makes it the same as another, if the sender gave that.
    pub dedupe: Option<[u8; 16]>,
    /// A name that nothing that was received before may have, if the sender says that it is its own.
    /// If something has it, nothing is written and [`Committed::clashes`](crate::Committed::clashes) says so.
    /// It is kept with `message`, beside the events that this became.
    pub name: Option<[u8; 16]>,
    /// What was received, if it became several events or none.
    pub message: Option<Message>,
    /// The events it became, in order, each with its deliveries.
    pub events: Vec<(NewEvent, Vec<NewDelivery>)>,
    /// The objects it changed. If one is no longer as it was read, nothing is written.
    pub objects: Vec<ObjectState>,
    /// Subjects that it says are one; its own deliveries follow it already.
    pub merges: Vec<Merge>,
    /// How far its source was read with it: written also if the arrival is known, not if it conflicts.
    pub cursor: Option<Cursor>,
    /// What triggers remember after it. If one is no longer as it was read, nothing is written.
    pub memories: Vec<Remembered>,
    /// What triggers made of its events.
    pub considered: Vec<Considered>,
}

/// How far one feed of a source was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The source.
    pub integration: IntegrationId,
    /// What is read; nothing personal.
    pub feed: String,
    /// The position, in the feed's own terms: a time or a number.
    pub position: String,
}

/// Two subjects that are one from now on: they share their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// Who they belong to.
    pub organisation: OrganisationId,
    /// The subject that is given up, and the one that stays.
    pub subjects: (SubjectKey, SubjectKey),
    /// The order keys of the two.
    pub orders: (OrderKey, OrderKey),
}

/// What a source received, sealed.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Who it belongs to.
    pub organisation: OrganisationId,
    /// Where it came in.
    pub integration: IntegrationId,
    /// When.
    pub received: Timestamp,
    /// What it is: `hl7v2` or `fhir`.
    pub format: String,
    /// What it says it is: `ORU^R01`, `Bundle`.
    pub kind: String,
    /// Whose key it is sealed under besides the day's.
    pub subject: Option<SubjectKey>,
    /// How many events it became.
    pub events: u32,
    /// What could not be understood: codes and places, nothing personal.
    pub flaws: Vec<String>,
    /// The bytes.
    pub raw: Sealed,
}

/// An event with its sealed content.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What may be known of it.
    pub event: Event,
    /// Who wanted it, and who nearly did.
    pub decisions: Vec<Decision>,
    /// The configuration version that decided.
    pub config_version: u64,
    /// Its content; empty once retention removed it.
    pub body: Option<Sealed>,
}

/// A delivery to be owed.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// Its id; also its `webhook-id`.
    pub id: DeliveryId,
    /// The destination.
    pub webhook: WebhookId,
    /// How urgent it is; at least as the event.
    pub lane: Lane,
    /// What it waits for. A key whose subject was merged is kept as that of the subject that stays.
    pub order: Option<OrderKey>,
    /// The delivery of what it replaces: held until that has ended, and that one is raised to its lane (N5).
    pub follows: Option<DeliveryId>,
    /// Why it starts as a dead letter: its webhook is disabled.
    pub dead: Option<Category>,
    /// Whether it takes the next number of its destination: one of a FHIR subscription does.
    pub numbered: bool,
}

/// Deliveries to be owed of an event that came in before: written whole, or refused.
#[derive(Debug, Clone)]
pub struct Addition {
    /// The event.
    pub event: EventId,
    /// When somebody asked for them: their horizon counts from here.
    pub at: Timestamp,
    /// The deliveries, each with a decision of its own.
    pub deliveries: Vec<NewDelivery>,
    /// Dead letters that they take the place of; they end as cancelled.
    pub instead_of: Vec<DeliveryId>,
}

/// A delivery that reached an end.
#[derive(Debug, Clone)]
pub struct Settled {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The epoch that holds it.
    pub epoch: u64,
    /// How it ended.
    pub end: End,
    /// When.
    pub at: Timestamp,
    /// Attempts made in all.
    pub attempts: u16,
    /// What its last attempt brought.
    pub error: Option<Category>,
    /// Rendered bytes to keep, for an end that can be redriven.
    pub rendered: Option<Sealed>,
}

/// The ends of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The receiver took it.
    Delivered,
    /// Given up; can be redriven.
    DeadLettered,
    /// A person ended it.
    Cancelled,
    /// Policy no longer lets it out.
    Withheld,
}

impl End {
    /// The state that the end leaves.
    #[must_use]
    pub const fn state(self) -> DeliveryState {
        match self {
            End::Delivered => DeliveryState::Delivered,
            End::DeadLettered => DeliveryState::DeadLettered,
            End::Cancelled => DeliveryState::Cancelled,
            End::Withheld => DeliveryState::Withheld,
        }
    }
}

/// A delivery to be tried again later.
#[derive(Debug, Clone)]
pub struct Reschedule {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The epoch that holds it.
    pub epoch: u64,
    /// When.
    pub due: Timestamp,
    /// Attempts made in all.
    pub attempts: u16,
    /// What the last one brought.
    pub error: Option<Category>,
    /// The rendered bytes, once, after the first attempt.
    pub rendered: Option<Sealed>,
    /// Whether we keep it in memory until then (it stays stamped) or leave it to the disk.
    pub keep: bool,
}

/// A delivery that goes back to disk.
#[derive(Debug, Clone, Copy)]
pub struct Hold {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The epoch that holds it.
    pub epoch: u64,
    /// Why.
    pub reason: HoldReason,
}

/// The tracked state of a result, an encounter, an appointment or a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectState {
    /// The object, as an HMAC.
    pub key: ObjectKey,
    /// Rises with every change; what is written must be one more than what is stored.
    pub version: u32,
    /// Where the object stands.
    pub status: Option<Status>,
    /// The most severe lane in which it was told.
    pub lane: Lane,
    /// Its last event, for `replaces` (N5).
    pub last_event: Option<EventId>,
    /// The type of that event.
    pub last_type: Option<EventType>,
    /// The organisation it belongs to.
    pub organisation: OrganisationId,
    /// Who it is about: under whose key its present version is sealed.
    pub subject: Option<SubjectKey>,
    /// Its present version as a resource, sealed under its subject's key (K1).
    pub resource: Option<Sealed>,
}
