//! The verbs of [`Read`]: each sees one state of the data and waits for nobody.

pub(crate) mod alerts; // When somebody should look.
pub(crate) mod attempts; // Calls that were made.
pub(crate) mod audit; // Who did what.
pub(crate) mod cursors; // How far sources were read.
pub(crate) mod leftovers; // What no table takes up.
pub(crate) mod deliveries; // What is or was owed.
pub(crate) mod documents; // The configuration.
pub(crate) mod events; // What happened, and what was received.
pub(crate) mod filter; // Conditions and their values.
pub(crate) mod objects; // States of tracked objects.
pub(crate) mod records; // What is sealed.
pub(crate) mod redrives; // Dead letters on their way back.
pub(crate) mod rejections; // What doors refused.
pub(crate) mod sums; // What was added up.
pub(crate) mod numbers; // Numbers of deliveries to subscriptions.
pub(crate) mod stream; // Deliveries in the order of their commits.
pub(crate) mod totals; // What attempts added up to.
mod triggered; // What triggers remember, and what became of them.

use async_trait::async_trait;
use model::{
    AlertId, Attempt, DeliveryId, Environment, EventId, EventType, Id, MessageId, OrganisationId, RedriveId,
    RejectionId, Sealed, Timestamp, WebhookId,
};
use store::{
    Alert, AlertFilter, AttemptFilter, AuditFilter, DeliveryFilter, DeliveryRow, EventFilter, EventRow,
    Message, Oldest, Page, Read, Redrive, RedriveFilter, Rejection, RejectionFilter, RejectionTotal, Reply,
    Result, WebhookTotals,
};

use crate::SqliteStore;

#[async_trait]
impl Read for SqliteStore {
    async fn list_events(
        &self,
        filter: EventFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<EventRow>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| events::list(conn, tag, &filter, (after, limit))).await
    }

    async fn find_event(&self, id: EventId) -> Result<Option<EventRow>> {
        let Some(row) = self.who.row(id) else { return Ok(None) };
        let tag = self.who.tag;
        self.readers.read(move |conn| events::find(conn, tag, row)).await
    }

    async fn find_message(&self, id: MessageId) -> Result<Option<Message>> {
        let Some(row) = self.who.row(id) else { return Ok(None) };
        let tag = self.who.tag;
        self.readers.read(move |conn| events::message(conn, tag, row)).await
    }

    async fn events_of(&self, message: MessageId) -> Result<Vec<EventRow>> {
        let Some(row) = self.who.row(message) else { return Ok(Vec::new()) };
        let tag = self.who.tag;
        self.readers.read(move |conn| events::of_message(conn, tag, row)).await
    }

    async fn list_deliveries(
        &self,
        filter: DeliveryFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<DeliveryRow>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| deliveries::list(conn, tag, &filter, (after, limit))).await
    }

    async fn find_delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRow>> {
        let Some(row) = self.who.row(id) else { return Ok(None) };
        let tag = self.who.tag;
        self.readers.read(move |conn| deliveries::find(conn, tag, row)).await
    }

    async fn find_deliveries(&self, ids: &[DeliveryId]) -> Result<Vec<DeliveryRow>> {
        let rows: Vec<i64> = ids.iter().filter_map(|id| self.who.row(*id)).collect();
        let tag = self.who.tag;
        self.readers.read(move |conn| deliveries::find_all(conn, tag, &rows)).await
    }

    async fn attempts_of(&self, id: DeliveryId) -> Result<Vec<Attempt>> {
        let Some(row) = self.who.row(id) else { return Ok(Vec::new()) };
        let tag = self.who.tag;
        self.readers.read(move |conn| attempts::of_delivery(conn, tag, row)).await
    }

    async fn replies_of(&self, id: DeliveryId) -> Result<Vec<Reply>> {
        let Some(row) = self.who.row(id) else { return Ok(Vec::new()) };
        let tag = self.who.tag;
        self.readers.read(move |conn| attempts::replies_of(conn, tag, row)).await
    }

    async fn list_attempts(
        &self,
        filter: AttemptFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<(Attempt, EventType)>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| attempts::list(conn, tag, &filter, (after, limit))).await
    }

    async fn stream(&self, webhooks: &[WebhookId], cursor: i64, limit: usize) -> Result<Page<DeliveryRow>> {
        let webhooks: Vec<i64> = webhooks.iter().filter_map(|id| self.who.row(*id)).collect();
        let tag = self.who.tag;
        self.readers.read(move |conn| stream::follow(conn, tag, &webhooks, (cursor, limit))).await
    }

    async fn totals(
        &self,
        (webhook, environment): (WebhookId, Environment),
        since: Timestamp,
    ) -> Result<WebhookTotals> {
        let Some(row) = self.who.row(webhook) else { return Ok(WebhookTotals::default()) };
        self.add_up().await;
        self.readers.read(move |conn| totals::of(conn, (row, environment), since)).await
    }

    async fn find_redrive(&self, id: RedriveId) -> Result<Option<Redrive>> {
        let Some(row) = self.who.row(id) else { return Ok(None) };
        let tag = self.who.tag;
        self.readers.read(move |conn| redrives::find(conn, tag, row)).await
    }

    async fn list_redrives(
        &self,
        organisation: OrganisationId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Redrive>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| redrives::list(conn, tag, organisation.row(), (after, limit))).await
    }

    async fn running_redrives(&self) -> Result<Vec<Redrive>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| redrives::running(conn, tag)).await
    }

    async fn plan_redrive(
        &self,
        organisation: OrganisationId,
        filter: &RedriveFilter,
        cursor: i64,
        limit: usize,
    ) -> Result<(u64, Vec<DeliveryId>)> {
        let Some(organisation) = self.who.row(organisation) else { return Ok((0, Vec::new())) };
        let (filter, tag) = (filter.clone(), self.who.tag);
        let plan = move |conn: &_| redrives::plan(conn, organisation, &filter, (cursor, limit));
        let (count, rows) = self.readers.read(plan).await?;
        Ok((count, rows.into_iter().map(|row| DeliveryId::from_row(row, tag)).collect()))
    }

    async fn list_rejections(
        &self,
        filter: RejectionFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Rejection>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| rejections::list(conn, tag, &filter, (after, limit))).await
    }

    async fn find_rejection(&self, id: RejectionId) -> Result<Option<(Rejection, Option<Sealed>)>> {
        let Some(row) = self.who.row(id) else { return Ok(None) };
        let tag = self.who.tag;
        self.readers.read(move |conn| rejections::find(conn, tag, row)).await
    }

    async fn rejection_totals(
        &self,
        organisation: OrganisationId,
        since: Timestamp,
    ) -> Result<Vec<RejectionTotal>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| rejections::totals(conn, tag, organisation.row(), since.hour())).await
    }

    async fn list_alerts(
        &self,
        filter: AlertFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Alert>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| alerts::list(conn, tag, &filter, (after, limit))).await
    }

    async fn find_alert(&self, id: AlertId) -> Result<Option<Alert>> {
        let Some(row) = self.who.row(id) else { return Ok(None) };
        let tag = self.who.tag;
        self.readers.read(move |conn| alerts::find(conn, tag, row)).await
    }

    async fn live_alerts(&self) -> Result<Vec<Alert>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| alerts::live(conn, tag)).await
    }

    async fn oldest_owed(&self) -> Result<Vec<Oldest>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| alerts::oldest_owed(conn, tag)).await
    }

    async fn list_audit(
        &self,
        filter: AuditFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<::audit::Row>> {
        let tag = self.who.tag;
        self.readers.read(move |conn| audit::list(conn, tag, &filter, (after, limit))).await
    }

    async fn audit_rows(&self, from: u64, limit: usize) -> Result<Vec<::audit::Row>> {
        SqliteStore::audit_rows(self, from, limit).await
    }

    async fn audit_gap(&self, before: u64) -> Result<Option<::audit::Gap>> {
        SqliteStore::audit_gap(self, before).await
    }

    async fn audit_ends(&self) -> Result<(::audit::Head, ::audit::Head)> {
        Ok((self.audit_base().await?, self.audit_head()))
    }
}

/// A page of at most `limit` rows from up to one more; `place` says where the next begins.
fn page<T>(mut rows: Vec<T>, limit: usize, place: impl Fn(&T) -> i64) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(place);
    Page { rows, next }
}
