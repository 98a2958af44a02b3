//! What was added up while it was written: reading it looks at no event and no delivery.
//!
//! | sum | by | lives |
//! |---|---|---|
//! | [`Pulse`] | organisation, minute, lane | two days |
//! | [`Flow`] | webhook, hour, event type, lane | as long as the log |
//! | [`Beat`] | webhook, minute | two days |
//! | [`Volume`] | organisation, hour, integration, event type | as long as the log |
//! | [`Heard`] | integration | as long as the store |
//! | [`Pile`] | webhook, test or not, lane, error | as long as something stands there |
//!
//! Test events are summed up apart and never added to the others (T1): whoever asks says which.
//! What stands somewhere is told apart as well.

use async_trait::async_trait;
use model::{Category, Environment, EventType, IntegrationId, Lane, OrganisationId, Timestamp, WebhookId};

use crate::Result;

/// The sums. Spans of time take in whole minutes and hours: those that `from` and `to` fall into too.
#[async_trait]
pub trait Sums {
    /// What flowed through an organisation, oldest first.
    async fn pulse(
        &self,
        of: (OrganisationId, Environment),
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Pulse>>;

    /// What the attempts at a webhook added up to, oldest first.
    async fn flow(&self, of: (WebhookId, Environment), from: Timestamp, to: Timestamp) -> Result<Vec<Flow>>;

    /// The same by the minute, oldest first; minutes without attempts are left out.
    async fn beats(&self, of: (WebhookId, Environment), from: Timestamp, to: Timestamp) -> Result<Vec<Beat>>;

    /// What was accepted, oldest first.
    async fn volume(
        &self,
        organisation: OrganisationId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Volume>>;

    /// When these integrations were last heard; those never heard are left out.
    async fn heard(&self, integrations: &[IntegrationId]) -> Result<Vec<Heard>>;

    /// How the last attempts at these webhooks went; those never called are left out.
    async fn latest(&self, webhooks: &[WebhookId]) -> Result<Vec<Latest>>;

    /// What these webhooks are owed, and what was given up.
    async fn piles(&self, webhooks: &[WebhookId]) -> Result<Vec<Pile>>;
}

/// A minute of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// Minutes since 1970.
    pub minute: i64,
    /// The lane: of the event for what was accepted, of the delivery for the rest.
    pub lane: Lane,
    /// Events accepted.
    pub accepted: u64,
    /// Attempts that brought a 2xx.
    pub delivered: u64,
    /// Attempts that did not.
    pub failed: u64,
    /// Deliveries given up.
    pub dead_lettered: u64,
    /// The most deliveries that were owed when somebody looked; tests are counted.
    pub pending: u64,
    /// The longest that one of them had been, in milliseconds.
    pub oldest_ms: u64,
    /// Deliveries by the time from acceptance, or from being owed again, to a 2xx:
    /// bucket `n` holds those under 2ⁿ milliseconds.
    pub waits: [u64; WAITS],
}

/// Buckets up to 2²⁸ ms, which is more than 72 h.
pub const WAITS: usize = 29;

impl Pulse {
    /// A minute in which nothing happened.
    #[must_use]
    pub const fn quiet(minute: i64, lane: Lane) -> Self {
        Pulse {
            minute,
            lane,
            accepted: 0,
            delivered: 0,
            failed: 0,
            dead_lettered: 0,
            pending: 0,
            oldest_ms: 0,
            waits: [0; WAITS],
        }
    }

    /// Adds the sums of another; of what was looked at, the higher stays.
    pub fn add(&mut self, other: &Pulse) {
        self.accepted += other.accepted;
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.dead_lettered += other.dead_lettered;
        self.pending = self.pending.max(other.pending);
        self.oldest_ms = self.oldest_ms.max(other.oldest_ms);
        self.waits.iter_mut().zip(other.waits).for_each(|(sum, more)| *sum += more);
    }
}

/// What is owed in a lane of an organisation, as it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Of whom.
    pub organisation: OrganisationId,
    /// Whether the deliveries are of test events.
    pub test: bool,
    /// In which lane.
    pub lane: Lane,
    /// When.
    pub at: Timestamp,
    /// Deliveries owed.
    pub pending: u64,
    /// How long the oldest has been, in milliseconds.
    pub oldest_ms: u64,
}

/// An hour of a webhook, for one event type and lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// What happened.
    pub event_type: EventType,
    /// How urgent.
    pub lane: Lane,
    /// What the attempts brought.
    pub totals: HourTotals,
}

/// A minute of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    /// Minutes since 1970.
    pub minute: i64,
    /// What the attempts brought.
    pub totals: HourTotals,
}

/// What attempts added up to, in one hour, a part of it, or several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HourTotals {
    /// Hours since 1970.
    pub hour: i64,
    /// Attempts that brought a 2xx.
    pub delivered: u64,
    /// Attempts that did not.
    pub failed: u64,
    /// Failures by category.
    pub errors: Vec<(Category, u64)>,
    /// Attempts by the class of the status: 1xx to 5xx, and those without one.
    pub statuses: [u64; 6],
    /// Attempts by duration: bucket `n` holds those under 2ⁿ milliseconds.
    pub latency: [u64; 17],
}

impl HourTotals {
    /// Adds the sums of another.
    pub fn add(&mut self, other: &HourTotals) {
        self.delivered += other.delivered;
        self.failed += other.failed;
        self.statuses.iter_mut().zip(other.statuses).for_each(|(sum, more)| *sum += more);
        self.latency.iter_mut().zip(other.latency).for_each(|(sum, more)| *sum += more);
        for (category, more) in &other.errors {
            match self.errors.binary_search_by_key(&(*category as u8), |(known, _)| *known as u8) {
                Ok(place) => self.errors[place].1 += more,
                Err(place) => self.errors.insert(place, (*category, *more)),
            }
        }
    }

    /// The place of a status in `statuses`.
    #[must_use]
    pub fn class(status: Option<u16>) -> usize {
        match status {
            Some(status @ 100..=599) => usize::from(status / 100) - 1,
            Some(_) | None => 5,
        }
    }
}

/// Events of one type that an integration sent in an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Hours since 1970.
    pub hour: i64,
    /// Where they came in.
    pub integration: IntegrationId,
    /// What happened.
    pub event_type: EventType,
    /// Whether they are test events.
    pub test: bool,
    /// How many.
    pub count: u64,
}

/// When an integration was last heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// Who.
    pub integration: IntegrationId,
    /// Its last event, a test or not.
    pub last: Timestamp,
    /// Its last event about real people.
    pub last_live: Option<Timestamp>,
}

/// How the last attempts at a webhook went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latest {
    /// The webhook.
    pub webhook: WebhookId,
    /// The last success ever.
    pub last_success: Option<Timestamp>,
    /// The last failure ever.
    pub last_failure: Option<Timestamp>,
    /// Failures since the last success.
    pub failures_in_a_row: u32,
}

/// What stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pile {
    /// To whom.
    pub webhook: WebhookId,
    /// Whether the deliveries are of test events.
    pub test: bool,
    /// How urgent.
    pub lane: Lane,
    /// Whether it is owed, or why it was given up.
    pub place: Stands,
    /// How many deliveries.
    pub count: u64,
    /// The oldest: when it was accepted or owed again, or given up. Up to 10 s
    /// earlier than it was; for what was given up, up to a minute.
    pub first: Timestamp,
    /// The newest, as exact.
    pub last: Timestamp,
}

/// Where deliveries stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stands {
    /// Owed: pending, waiting or held.
    Owed,
    /// A dead letter, with what its last attempt brought.
    Dead(Option<Category>),
}

impl Stands {
    /// The steps in which its times are kept, in milliseconds.
    #[must_use]
    pub const fn step(self) -> i64 {
        match self {
            Stands::Owed => 10_000,
            Stands::Dead(_) => 60_000,
        }
    }
}
