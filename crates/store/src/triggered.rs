//! What triggers remember, and what became of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{
    Event, EventId, Judged, Judgement, MemoryKey, OrganisationId, Sealed, SubjectKey, Timestamp, TriggerId,
};

use crate::{Page, Result};

/// What is asked about triggers. Nothing here waits for the writer.
#[async_trait]
pub trait Triggered {
    /// What is remembered under these keys, in order.
    async fn memories(&self, keys: &[MemoryKey]) -> Result<Vec<Option<Remembered>>>;

    /// What is due before a time, the earliest first.
    async fn memories_due(&self, before: Timestamp, max: usize) -> Result<Vec<Remembered>>;

    /// What triggers made of the change that an event tells of.
    async fn judged(&self, event: EventId) -> Result<Vec<Judged>>;

    /// Whether a trigger raised an event: of another event, or because nothing came.
    async fn is_raised(&self, event: &Event) -> Result<bool> {
        let judged = self.judged(event.caused_by.unwrap_or(event.id)).await?;
        Ok(judged.iter().any(|one| match event.caused_by {
            Some(_) => one.raised == Some(event.id),
            // What did not come is told by itself: there is no event that it was raised of.
            None => one.judgement == Judgement::Fired && one.raised.is_none(),
        }))
    }

    /// Events with a listed judgement of a trigger, newest first; `after` is a row that was seen.
    async fn judged_by(
        &self,
        trigger: TriggerId,
        judgement: Judgement,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<EventId>>;

    /// How often each trigger came to what, in the hours since `since`; test events are left out (T1).
    async fn judgements(
        &self,
        triggers: &[TriggerId],
        since: Timestamp,
    ) -> Result<BTreeMap<TriggerId, Judgements>>;
}

/// What a trigger remembers of a patient or an object, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Where, as an HMAC.
    pub key: MemoryKey,
    /// Rises with every change; what is written must be one more than what is stored.
    pub version: u32,
    /// Who it belongs to.
    pub organisation: OrganisationId,
    /// The trigger.
    pub trigger: TriggerId,
    /// Under whose key it is sealed.
    pub subject: SubjectKey,
    /// When the trigger fires if nothing comes.
    pub due: Option<Timestamp>,
    /// When it last changed.
    pub touched: Timestamp,
    /// What is remembered.
    pub sealed: Sealed,
}

/// What triggers made of one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// The event that tells of the change.
    pub event: EventId,
    /// When it was accepted.
    pub at: Timestamp,
    /// Whether it is a test (T1).
    pub test: bool,
    /// One for each trigger that was looked at.
    pub judged: Vec<Judged>,
}

/// How often a trigger came to what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgements {
    /// By judgement; what never happened is left out.
    pub counts: BTreeMap<Judgement, u64>,
    /// How often its query would have decided otherwise than its expression.
    pub disagreements: u64,
}
