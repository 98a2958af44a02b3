//! Sealed records as retention sees them: where they lie and whose they are.

use model::{AttemptId, DeliveryId, OrganisationId, Sealed, SubjectKey};

/// What a sealed record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordOf {
    /// The content of an event; its row is the event's.
    Event,
    /// What was received; its row is the message's.
    Message,
    /// The rendered body of a delivery; its row is the delivery's.
    Delivery,
    /// What a door refused; its row is the rejection's.
    Rejection,
    /// What a receiver answered; its row is the attempt's.
    Reply,
}

impl RecordOf {
    /// All of them.
    pub const ALL: [RecordOf; 5] =
        [RecordOf::Event, RecordOf::Message, RecordOf::Delivery, RecordOf::Rejection, RecordOf::Reply];
}

/// A sealed record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub of: RecordOf,
    /// Its row.
    pub row: i64,
    /// Whose key it stands under.
    pub organisation: OrganisationId,
    /// Whose key it stands under besides.
    pub subject: Option<SubjectKey>,
    /// The record.
    pub sealed: Sealed,
}

/// A record that was sealed anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// The record as it was read.
    pub was: Record,
    /// The same content under another key.
    pub sealed: Sealed,
}

/// What a receiver answered to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The attempt.
    pub attempt: AttemptId,
    /// What it answered.
    pub sealed: Sealed,
}
