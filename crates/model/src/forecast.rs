//! What a change of the configuration would make of what is stored, told before anybody makes it.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{
    Change, ClauseResult, DecisionReason, EventId, EventType, IntegrationId, Judgement, Lane, MessageId,
    OrganisationId, Problem, Timestamp, TriggerId, WebhookId,
};

/// Taking stored messages in again beside everything that runs, once by the present configuration and
/// once by a changed one.
#[async_trait]
pub trait Foretell: Send + Sync {
    /// Tells what `change` would make of what is stored. Nothing is written and nothing is sent.
    ///
    /// # Errors
    /// [`crate::Code::Overloaded`] while another forecast runs; otherwise the store or a key fails.
    async fn foretell(&self, change: Change, over: Stretch) -> Result<Forecast, Problem>;
}

/// The part of what is stored that a change is tried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Where it came in; anywhere if none is named.
    pub integrations: Vec<IntegrationId>,
    /// Accepted at or after.
    pub from: Timestamp,
    /// Accepted before.
    pub to: Timestamp,
}

/// What became of a thing by the present configuration, and by the changed one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// By the present one.
    pub before: T,
    /// By the changed one.
    pub after: T,
}

/// What a change would make of what is stored: ids, types, numbers and codes, nothing personal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Forecast {
    /// Messages that were taken in again.
    pub messages: u64,
    /// Events that came in as events and were decided upon again.
    pub retold: u64,
    /// The bytes of both.
    pub bytes: u64,
    /// Messages and events that are no longer kept, or whose integration is gone.
    pub gone: u64,
    /// The part that was looked at begins here.
    pub from: Timestamp,
    /// It ends here.
    pub to: Timestamp,
    /// Why it is not all that was asked for.
    pub stopped: Option<Stopped>,
    /// Parts that were not looked at, from the earliest.
    pub left: Vec<(Timestamp, Timestamp)>,
    /// Events.
    pub events: Tally,
    /// Deliveries that would be owed; those that differ because their event does are among them.
    pub deliveries: Tally,
    /// How often a trigger or a filter could not be decided (P5).
    pub undecided: Sides<u64>,
    /// Messages that are not understood.
    pub refused: Sides<u64>,
    /// By the type of event: that of before where it changes.
    pub types: BTreeMap<EventType, OfType>,
    /// Events of types that had no room in `types`.
    pub types_left_out: u64,
    /// How many differences there are; the first of each kind are in `samples`.
    pub differences: u64,
    /// Some of them.
    pub samples: Vec<Difference>,
}

/// Why a forecast ended before it had looked at everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// There are more messages than one forecast takes in.
    Messages,
    /// They are larger than one forecast reads.
    Bytes,
    /// It took longer than one forecast may.
    Time,
}

impl Stopped {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Stopped::Messages => "messages",
            Stopped::Bytes => "bytes",
            Stopped::Time => "time",
        }
    }
}

/// How many things are the same, and how many are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// As before.
    pub same: u64,
    /// There by the changed configuration only.
    pub anew: u64,
    /// There by the present configuration only.
    pub no_longer: u64,
    /// There by both, and not the same.
    pub changed: u64,
}

/// The events of one type, and their deliveries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OfType {
    /// Events.
    pub events: Tally,
    /// Deliveries.
    pub deliveries: Tally,
}

/// Something that is not the same by both configurations.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// In which way.
    pub kind: DifferenceKind,
    /// The message.
    pub message: Option<MessageId>,
    /// The stored event that comes nearest to it.
    pub event: Option<EventId>,
    /// Where it came in.
    pub integration: IntegrationId,
    /// When it was accepted; of what stayed away, when that was noticed.
    pub received: Timestamp,
    /// The event.
    pub raised: Sides<Option<Raised>>,
    /// What of the event differs, as JSON pointers into it; of its resource, below `/resource`.
    pub members: Vec<String>,
    /// Triggers that make something else of the object.
    pub triggers: Vec<OfTrigger>,
    /// Webhooks that decide otherwise.
    pub webhooks: Vec<OfWebhook>,
    /// Why the message is not understood; places, no content.
    pub refused: Sides<Option<String>>,
}

/// In which way two configurations differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// An event would be raised that is not.
    Anew,
    /// An event would no longer be raised.
    NoLonger,
    /// An event would be another.
    Changed,
    /// The event is the same, and other webhooks get it.
    Routed,
    /// The message is understood by one of the two only.
    Understood,
}

impl DifferenceKind {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            DifferenceKind::Anew => "anew",
            DifferenceKind::NoLonger => "no_longer",
            DifferenceKind::Changed => "changed",
            DifferenceKind::Routed => "routed",
            DifferenceKind::Understood => "understood",
        }
    }
}

/// An event as it would be raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// What happened.
    pub event_type: EventType,
    /// In which lane.
    pub lane: Lane,
    /// Whether it is a test (T1).
    pub test: bool,
}

/// What a trigger makes of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfTrigger {
    /// The trigger.
    pub trigger: TriggerId,
    /// What it makes of it; none where it does not look at it.
    pub judged: Sides<Option<Verdict<Judgement>>>,
}

/// What a webhook makes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfWebhook {
    /// The webhook.
    pub webhook: WebhookId,
    /// What it makes of it, with the clauses of its filter; none where it does not ask for the type.
    pub decided: Sides<Option<Verdict<DecisionReason>>>,
}

/// A decision, clause by clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict<T> {
    /// What was decided.
    pub outcome: T,
    /// Its clauses as they are written, each with what it came to.
    pub clauses: Vec<(String, ClauseResult)>,
    /// Why it could not be decided: a code.
    pub reason: Option<String>,
}
