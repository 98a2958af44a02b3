//! The verbs of storage, what they promise, and the suite that every store passes.
//!
//! Reading order: the `Store` trait (hot path, ownership, configuration), the
//! `Read` trait beside it, then the rows that pass through them. A store sees
//! ciphertext, HMACs and metadata; it never opens anything.
//!
//! | file | holds |
//! |---|---|
//! | `batch` | what one commit may carry |
//! | `redrive` | many deliveries on their way back |
//! | `rejection` | what doors refused |
//! | `answers` | what was answered before, for an `Idempotency-Key` |
//! | `alert` | when somebody should look |
//! | `claim` | deliveries on their way to a sender, and who takes them over |
//! | `record` | sealed records as retention sees them |
//! | `read` | questions of the admin surface |
//! | `sums` | what was added up while it was written |
//! | `triggered` | what triggers remember, and what became of them |
//! | `numbers` | numbers of deliveries to FHIR subscriptions |
//! | `leftover` | what messages said that no table takes up |
//! | `memory` | a store that forgets un-synced writes when it crashes, for simulation |
//! | `contract` | the behaviour of a store, as tests |

mod batch;
mod redrive;
mod rejection;
mod answers;
mod alert;
mod claim;
mod record;
mod read;
mod sums;
mod triggered;
mod numbers;
mod leftover;
mod error;
pub mod memory;
pub mod contract;

use std::sync::Arc;

use async_trait::async_trait;
use model::{DeliveryId, EventId, IntegrationId, ObjectKey, Sealed, SubjectKey, Timestamp, WebhookId};

pub use alert::{Alert, AlertFilter, Notice, NoticeState, Oldest, Recipient};
pub use answers::{Answered, Asked, Begun, Twice};
pub use batch::{
    Addition, Arrival, Batch, Cursor, End, Hold, Merge, Message, NewDelivery, NewEvent, ObjectState,
    Reschedule, Settled,
};
pub use claim::{Ask, Backlog, BlockedKey, Claim, Handover, NoHandover, Place, Recall};
pub use error::{Error, Result};
pub use leftover::{LeftOut, Leftover};
pub use numbers::Numbers;
pub use read::{
    AttemptFilter, AuditFilter, DeliveryFilter, DeliveryRow, EventFilter, EventRow, Page, Read, WebhookTotals,
};
pub use record::{Record, RecordOf, Reply, Resealed};
pub use redrive::{Progress, Redrive, RedriveFilter, RedriveState};
pub use rejection::{Kept, Rejection, RejectionFilter, RejectionTotal, Standing, Surplus};
pub use sums::{Beat, Flow, Heard, HourTotals, Latest, Pile, Pulse, Sample, Stands, Sums, Volume, WAITS};
pub use triggered::{Considered, Judgements, Remembered, Triggered};

/// Durable storage: at once the log and the queue.
///
/// Promises, the same for every implementation:
/// - What `commit` answered is on disk. A commit is all or nothing.
/// - A delivery is claimed by one epoch at a time; a settlement of an older
///   epoch changes nothing and is reported as fenced. A receiver may see a
///   delivery twice, never zero times.
/// - Claims of one webhook and lane come in the order in which they were accepted.
/// - A delivery that follows another is claimed only after that one has ended (N5).
/// - No verb holds anything while the caller waits for somebody else's server.
#[async_trait]
pub trait Store: Read + Sums + Triggered + Numbers + Send + Sync + 'static {
    /// Writes a batch durably, together with everything else that is waiting.
    ///
    /// An arrival whose dedupe key is known changes nothing and is reported;
    /// the rest of the batch is written all the same.
    ///
    /// # Errors
    /// Nothing was written.
    async fn commit(&self, batch: Batch) -> Result<Committed>;

    /// Notes durably that a write begins under its `Idempotency-Key`, unless it did before.
    ///
    /// A key is free again [`model::limits::ANSWER_KEPT`] after it was first used,
    /// or when [`Batch::answers`] says that its write changed nothing.
    async fn begin(&self, asked: Asked) -> Result<Begun>;

    /// Stamps due deliveries of one webhook with our epoch and returns them, by lane, then age.
    async fn claim(&self, ask: Ask) -> Result<Vec<Claim>>;

    /// Makes waiting deliveries whose time has come due again, and tells how many of whom.
    async fn due(&self, before: Timestamp, max: usize) -> Result<Vec<Backlog>>;

    /// The events with these ids and their sealed contents, in order.
    async fn events(&self, ids: &[EventId]) -> Result<Vec<Option<NewEvent>>>;

    /// The rendered bytes kept for a delivery whose first attempt failed.
    async fn rendered(&self, delivery: DeliveryId) -> Result<Option<Sealed>>;

    /// The states of tracked objects, in order.
    async fn objects(&self, keys: &[ObjectKey]) -> Result<Vec<Option<ObjectState>>>;

    /// Who these subjects are by now, in order: themselves, or whom they were merged into.
    async fn survivors(&self, subjects: &[SubjectKey]) -> Result<Vec<SubjectKey>>;

    /// How far the feeds of a source were read: feed and position, by feed.
    async fn cursors(&self, integration: IntegrationId) -> Result<Vec<(String, String)>>;

    /// What the messages of an integration said that no table takes up, all of it added up.
    async fn leftovers(&self, integration: IntegrationId) -> Result<Vec<Leftover>>;

    /// The other subjects that are one with this one by merges: who stays, and of those who were
    /// given up at most [`model::limits::MERGED`].
    async fn one_with(&self, subject: SubjectKey) -> Result<Vec<SubjectKey>>;

    /// What waits on disk for whom: asked once, when a sender starts.
    async fn backlog(&self) -> Result<(Vec<Backlog>, Vec<BlockedKey>)>;

    /// Joins the store to the sender in the same process. Before it, all deliveries stay on disk.
    fn hand_over_to(&self, sender: Arc<dyn Handover>);

    /// Who we are to the rows: our epoch, the installation's tag and the highest row in use.
    fn installation(&self) -> Installation;

    /// Configuration documents changed since `version`, oldest first.
    async fn config_since(&self, version: u64) -> Result<Vec<ConfigRow>>;

    /// One document as it stood at a version: none if it was not there then. Former documents are kept as long
    /// as what was decided by them.
    async fn config_at(&self, kind: &str, id: u128, version: u64) -> Result<Option<ConfigRow>>;

    /// Writes configuration documents if nobody changed the configuration since `expected`.
    ///
    /// # Errors
    /// [`Error::Stale`] if somebody did.
    async fn config_apply(
        &self,
        rows: Vec<ConfigRow>,
        audit: Vec<audit::Entry>,
        expected: u64,
    ) -> Result<u64>;

    /// Cancels or parks everything that is owed to a webhook; returns how many.
    async fn end_all(&self, webhook: WebhookId, end: End, now: Timestamp) -> Result<u64>;

    /// Removes what retention no longer covers, in small groups, for at most `budget` rows.
    async fn expire(&self, horizon: Expiry, budget: usize) -> Result<u64>;

    /// Sealed records in rows above `after` and below `before`, by row: at most [`model::limits::RESEAL`] of them.
    async fn records(&self, of: RecordOf, after: i64, before: i64) -> Result<Vec<Record>>;

    /// Puts records that were sealed anew in the place of the old; one that is gone or changed since stays so.
    async fn reseal(&self, records: Vec<Resealed>) -> Result<u64>;

    /// The time that retention last went by, over all starts; none before the first.
    async fn retention_clock(&self) -> Result<Option<Timestamp>>;

    /// Writes the time that retention goes by, and who set it if a person did.
    async fn set_retention_clock(&self, at: Timestamp, audit: Vec<audit::Entry>) -> Result<()>;

    /// Whether writes are durable and possible, and how full things are.
    async fn health(&self) -> Health;
}

/// What a commit did besides writing.
#[derive(Debug, Clone, Default)]
pub struct Committed {
    /// Arrivals that were known: their place in the batch and the first event they became.
    pub duplicates: Vec<(usize, EventId)>,
    /// Arrivals not written because an object they build on has changed: read it again.
    pub conflicts: Vec<usize>,
    /// Arrivals not written because something else has their name.
    pub clashes: Vec<usize>,
    /// Settlements of deliveries that another epoch holds by now.
    pub fenced: Vec<DeliveryId>,
    /// Events that got no further deliveries: they are gone, what they say is no longer
    /// kept, or they have [`model::limits::DELIVERIES_PER_EVENT`] already.
    pub refused: Vec<EventId>,
}

/// Who we are to the rows.
#[derive(Debug, Clone, Copy)]
pub struct Installation {
    /// The lower half of every id.
    pub tag: u64,
    /// The highest row that any id uses.
    pub last_row: i64,
    /// Rises at every start.
    pub epoch: u64,
}

/// One configuration document, sealed; a document of `None` was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigRow {
    /// The kind of document: `organisation`, `integration`, `webhook`, `trigger` and so on.
    pub kind: String,
    /// The id's bits.
    pub id: u128,
    /// The configuration version that wrote it; ignored when writing.
    pub version: u64,
    /// The document.
    pub doc: Option<Sealed>,
}

impl ConfigRow {
    /// The integration that the row removes: how far it was read, and what was left over of it, is forgotten with it.
    #[must_use]
    pub fn dropped_source(&self) -> Option<IntegrationId> {
        let is_dropped = self.kind == "integration" && self.doc.is_none();
        is_dropped.then(|| model::Id::from_raw(self.id))
    }
}

/// Up to when things are expired.
#[derive(Debug, Clone, Copy)]
pub struct Expiry {
    /// Contents of events whose deliveries all ended before.
    pub bodies: Timestamp,
    /// Dead letters.
    pub dead_letters: Timestamp,
    /// Events, deliveries, attempts and dedupe keys.
    pub log: Timestamp,
    /// Audit rows.
    pub audit: Timestamp,
    /// Answers to an `Idempotency-Key`.
    pub answers: Timestamp,
}

/// How a store is.
#[derive(Debug, Clone, Default)]
pub struct Health {
    /// Why writing is impossible, if it is.
    pub failed: Option<String>,
    /// Bytes of commands waiting.
    pub waiting_bytes: usize,
    /// Deliveries that are not finished.
    pub unfinished: u64,
    /// Size of the data, in bytes.
    pub data_bytes: u64,
    /// Free bytes on the disk of the data, as far as they can be used; none without a disk.
    pub disk_free_bytes: Option<u64>,
    /// Size of that disk.
    pub disk_bytes: Option<u64>,
    /// Whether the disk is full and nothing new is accepted.
    pub disk_full: bool,
}
