//! Questions of the admin surface. Lists are newest first; a page names where the next begins.

use async_trait::async_trait;
use model::{
    AlertId, Attempt, Category, Decision, DeliveryId, DeliveryState, Environment, Event, EventId, EventType,
    HoldReason, IntegrationId, Lane, MessageId, OrganisationId, Pattern, RedriveId, RejectionId, Sealed,
    SubjectKey, Timestamp, WebhookId,
};

use crate::{
    Alert, AlertFilter, HourTotals, Message, Oldest, Redrive, RedriveFilter, Rejection, RejectionFilter,
    RejectionTotal, Reply, Result,
};

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next: Option<i64>,
}

/// The read side. Nothing here waits for the writer.
#[async_trait]
pub trait Read {
    /// Events, newest first; `after` is a row that was seen.
    async fn list_events(
        &self,
        filter: EventFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<EventRow>>;

    /// One event with its decisions.
    async fn find_event(&self, id: EventId) -> Result<Option<EventRow>>;

    /// What was received.
    async fn find_message(&self, id: MessageId) -> Result<Option<Message>>;

    /// Events that a message became.
    async fn events_of(&self, message: MessageId) -> Result<Vec<EventRow>>;

    /// Deliveries, newest first.
    async fn list_deliveries(
        &self,
        filter: DeliveryFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<DeliveryRow>>;

    /// One delivery.
    async fn find_delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRow>>;

    /// Those of these deliveries that are there, in the order asked, as they stand at one time.
    async fn find_deliveries(&self, ids: &[DeliveryId]) -> Result<Vec<DeliveryRow>>;

    /// Attempts of one delivery, oldest first.
    async fn attempts_of(&self, id: DeliveryId) -> Result<Vec<Attempt>>;

    /// What is kept of the answers to them, oldest first.
    async fn replies_of(&self, id: DeliveryId) -> Result<Vec<Reply>>;

    /// Attempts at a webhook, newest first; `after` is the row of one that was seen:
    /// several may have begun at the same time.
    async fn list_attempts(
        &self,
        filter: AttemptFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<(Attempt, EventType)>>;

    /// Deliveries for `GET /stream`: of these webhooks, in the order of their commits,
    /// those after the place `cursor`. Ids cannot be followed: they are minted before the
    /// commit. `next` is the place of the last row, at the end too; none without rows.
    async fn stream(&self, webhooks: &[WebhookId], cursor: i64, limit: usize) -> Result<Page<DeliveryRow>>;

    /// Totals of one webhook, by hour since `since`: attempts of an environment, and what stands now.
    async fn totals(&self, of: (WebhookId, Environment), since: Timestamp) -> Result<WebhookTotals>;

    /// One redrive.
    async fn find_redrive(&self, id: RedriveId) -> Result<Option<Redrive>>;

    /// Redrives of an organisation, newest first.
    async fn list_redrives(
        &self,
        organisation: OrganisationId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Redrive>>;

    /// Redrives that still run.
    async fn running_redrives(&self) -> Result<Vec<Redrive>>;

    /// How many deliveries a redrive would take, and the first ids above `cursor`.
    /// The count is of all of them only with a cursor of 0.
    async fn plan_redrive(
        &self,
        organisation: OrganisationId,
        filter: &RedriveFilter,
        cursor: i64,
        limit: usize,
    ) -> Result<(u64, Vec<DeliveryId>)>;

    /// Rejections, newest first.
    async fn list_rejections(
        &self,
        filter: RejectionFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Rejection>>;

    /// One rejection and what is kept of it.
    async fn find_rejection(&self, id: RejectionId) -> Result<Option<(Rejection, Option<Sealed>)>>;

    /// Rejections by integration and code, in the hours since `since`.
    async fn rejection_totals(
        &self,
        organisation: OrganisationId,
        since: Timestamp,
    ) -> Result<Vec<RejectionTotal>>;

    /// Alerts, newest first.
    async fn list_alerts(&self, filter: AlertFilter, after: Option<i64>, limit: usize)
    -> Result<Page<Alert>>;

    /// One alert.
    async fn find_alert(&self, id: AlertId) -> Result<Option<Alert>>;

    /// Alerts that are open or of which somebody is still to be told, the oldest first.
    async fn live_alerts(&self) -> Result<Vec<Alert>>;

    /// The oldest of what is owed, by webhook and lane; test events are left out (T1).
    /// Looks at everything that is owed: ask seldom.
    async fn oldest_owed(&self) -> Result<Vec<Oldest>>;

    /// Audit rows, newest first.
    async fn list_audit(
        &self,
        filter: AuditFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<audit::Row>>;

    /// Audit rows of everybody from number `from` on, in order, for checking the chain.
    async fn audit_rows(&self, from: u64, limit: usize) -> Result<Vec<audit::Row>>;

    /// The machine steps that retention took out behind row `before`, if some were.
    async fn audit_gap(&self, before: u64) -> Result<Option<audit::Gap>>;

    /// Where the chain begins: the last row that retention cut off; and where what is durable of it ends.
    async fn audit_ends(&self) -> Result<(audit::Head, audit::Head)>;
}

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of whom; always set by the admin surface.
    pub organisation: Option<OrganisationId>,
    /// From where.
    pub integration: Option<IntegrationId>,
    /// What happened; `*` is everything.
    pub event_type: Option<Pattern>,
    /// About whom.
    pub subject: Option<SubjectKey>,
    /// In which lane.
    pub lane: Option<Lane>,
    /// Accepted at or after.
    pub from: Option<Timestamp>,
    /// Accepted before.
    pub to: Option<Timestamp>,
}

/// Which rows of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of whom.
    pub organisation: OrganisationId,
    /// Of this kind.
    pub action: Option<audit::Action>,
    /// By whom.
    pub actor: Option<audit::Actor>,
    /// On this, word for word.
    pub target: Option<String>,
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// Everything of an organisation.
    #[must_use]
    pub const fn of(organisation: OrganisationId) -> Self {
        AuditFilter { organisation, action: None, actor: None, target: None, from: None, to: None }
    }
}

/// An event as it is listed.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// What may be known of it.
    pub event: Event,
    /// Who wanted it, and who nearly did.
    pub decisions: Vec<Decision>,
    /// The configuration version that decided.
    pub config_version: u64,
    /// Whether its content is still kept.
    pub has_body: bool,
}

/// Which deliveries.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// Of whom; always set by the admin surface.
    pub organisation: Option<OrganisationId>,
    /// To whom.
    pub webhook: Option<WebhookId>,
    /// Where they stand.
    pub state: Option<DeliveryState>,
    /// Of which event types; `*` is all.
    pub event_type: Option<Pattern>,
    /// In which lane.
    pub lane: Option<Lane>,
    /// That failed like this.
    pub error: Option<Category>,
    /// Accepted at or after.
    pub from: Option<Timestamp>,
    /// Accepted before.
    pub to: Option<Timestamp>,
}

/// A delivery as it is listed.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// Its id.
    pub id: DeliveryId,
    /// Its event.
    pub event: EventId,
    /// Of whom.
    pub organisation: OrganisationId,
    /// What happened.
    pub event_type: EventType,
    /// To whom.
    pub webhook: WebhookId,
    /// How urgent.
    pub lane: Lane,
    /// Where it stands on disk; a tripped breaker or a pause holds what is pending here.
    pub state: DeliveryState,
    /// Why it is held.
    pub held: Option<HoldReason>,
    /// The delivery that it is held behind, where that is a particular one (N5).
    pub follows: Option<DeliveryId>,
    /// Whether it is due and rests on disk, because memory had no room for it.
    pub on_disk: bool,
    /// Attempts made.
    pub attempts: u16,
    /// When its event was accepted, or when a person asked for it.
    pub accepted: Timestamp,
    /// When the next attempt is due.
    pub due: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What its last failed attempt brought.
    pub error: Option<Category>,
}

/// Which attempts.
#[derive(Debug, Clone)]
pub struct AttemptFilter {
    /// At whom.
    pub webhook: WebhookId,
    /// Only successes, or only failures.
    pub delivered: Option<bool>,
    /// Of which event types; `*` is all.
    pub event_type: Option<Pattern>,
    /// Begun at or after.
    pub from: Option<Timestamp>,
    /// Begun before.
    pub to: Option<Timestamp>,
}

/// What a webhook's attempts added up to.
#[derive(Debug, Clone, Default)]
pub struct WebhookTotals {
    /// By hour, oldest first: of live or of test events, never of both (T1).
    pub hours: Vec<HourTotals>,
    /// The last success ever, of the same.
    pub last_success: Option<Timestamp>,
    /// The last failure ever, of the same.
    pub last_failure: Option<Timestamp>,
    /// Failures since the last success; of live events alone.
    pub failures_in_a_row: u32,
    /// Deliveries that are owed.
    pub pending: u64,
    /// Of these, those whose next attempt has a time.
    pub waiting: u64,
    /// Of these, those held on disk behind another.
    pub held: u64,
    /// Of these, those that are due, may be buffered and rest on disk.
    pub buffered: u64,
    /// Dead letters.
    pub dead_lettered: u64,
    /// The earliest planned retry.
    pub next_retry: Option<Timestamp>,
}
