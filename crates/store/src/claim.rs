//! Deliveries on their way to a sender, and who takes them over.

use model::{DeliveryId, EventId, Lane, OrderKey, Timestamp, WebhookId};

/// A delivery that our epoch holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The delivery; also its `webhook-id`.
    pub delivery: DeliveryId,
    /// Its event.
    pub event: EventId,
    /// Its destination.
    pub webhook: WebhookId,
    /// How urgent it is.
    pub lane: Lane,
    /// What it waits for.
    pub order: Option<OrderKey>,
    /// When its event was accepted: the horizon counts from here.
    pub accepted: Timestamp,
    /// Attempts made before.
    pub attempts: u16,
    /// Whether rendered bytes are stored.
    pub rendered: bool,
    /// Whether its event is a test, which no statistics count (T1).
    pub test: bool,
    /// The epoch that holds it.
    pub epoch: u64,
}

/// How many deliveries a sender takes, of whom.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// The destination.
    pub webhook: WebhookId,
    /// Only this lane.
    pub lane: Lane,
    /// At most this many.
    pub max: usize,
}

/// How many due deliveries are on disk for one destination and lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// The destination.
    pub webhook: WebhookId,
    /// The lane.
    pub lane: Lane,
    /// How many.
    pub count: u64,
}

/// An order key whose head waits for a retry on disk: the others behind it are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockedKey {
    /// The destination.
    pub webhook: WebhookId,
    /// The lane.
    pub lane: Lane,
    /// The key.
    pub order: OrderKey,
}

/// Where a new delivery goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// To the sender, without being read back.
    Memory,
    /// It stays on disk, due, until the sender claims it.
    Disk,
    /// It stays on disk, held until the head of its order key ends.
    Behind,
}

/// A delivery that must go back to disk, to be raised there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recall {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Its destination.
    pub webhook: WebhookId,
    /// Its attempts, as far as they are durable.
    pub attempts: u16,
}

/// The sender in the same process, as its store sees it.
///
/// Called by the writer: nothing here may block or wait.
pub trait Handover: Send + Sync {
    /// Where a delivery that is about to be written belongs.
    fn place(&self, webhook: WebhookId, lane: Lane, order: Option<OrderKey>) -> Place;

    /// Takes over deliveries that are durable now, in order.
    fn take(&self, claims: Vec<Claim>);

    /// Hears that deliveries wait on disk, durable now.
    fn spilled(&self, backlog: Vec<Backlog>);

    /// Hears that nothing is held behind these keys any more: what was held is
    /// due, and was told by [`Handover::spilled`] before. A store releases at
    /// the end of its transaction, so that nothing is held after the release.
    fn released(&self, keys: Vec<BlockedKey>);

    /// Hears that these must go back to disk by a [`crate::Hold`]: what replaces them
    /// waits in a more urgent lane (N5). One that is under way, or whose attempts
    /// are more than told here, is left alone: its own settlement raises it.
    fn recalled(&self, deliveries: Vec<Recall>);

    /// Hears that a person wants these sent now: a retry of them that waits in memory is due.
    fn hastened(&self, deliveries: Vec<DeliveryId>);

    /// Hears that somebody else ended these deliveries, which it holds: what of them
    /// waits in memory is not sent any more. A call under way goes on, settles nothing
    /// and is not followed by another.
    fn withdrawn(&self, deliveries: Vec<DeliveryId>);
}

/// Nobody sends: everything stays on disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHandover;

impl Handover for NoHandover {
    fn place(&self, _: WebhookId, _: Lane, _: Option<OrderKey>) -> Place {
        Place::Disk
    }

    fn take(&self, _: Vec<Claim>) {}

    fn spilled(&self, _: Vec<Backlog>) {}

    fn released(&self, _: Vec<BlockedKey>) {}

    fn recalled(&self, _: Vec<Recall>) {}

    fn hastened(&self, _: Vec<DeliveryId>) {}

    fn withdrawn(&self, _: Vec<DeliveryId>) {}
}
