//! Negative controls: stores that break one promise each. The stories must catch them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use model::{
    AlertId, Attempt, DeliveryId, Environment, EventId, EventType, IntegrationId, Judged, Judgement,
    MemoryKey, MessageId, ObjectKey, OrganisationId, RedriveId, RejectionId, Sealed, SubjectKey, Timestamp,
    TriggerId, WebhookId,
};
use store::{
    Alert, AlertFilter, Ask, Asked, AttemptFilter, AuditFilter, Backlog, Batch, Beat, Begun, BlockedKey,
    Claim, Committed, ConfigRow, DeliveryFilter, DeliveryRow, End, EventFilter, EventRow, Expiry, Flow,
    Handover, Health, Heard, Installation, Judgements, Latest, Message, NewEvent, Numbers, ObjectState,
    Oldest, Page, Pile, Pulse, Read, Record, RecordOf, Redrive, RedriveFilter, Rejection, RejectionFilter,
    RejectionTotal, Remembered, Reply, Resealed, Result, Store, Sums, Triggered, Volume, WebhookTotals,
    contract,
};

use crate::support::Disk;

/// The promise that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// None: the control of the control.
    None,
    /// Settlements are answered and forgotten.
    ForgetsSettlements,
    /// Every second claim repeats the one before.
    ClaimsTwice,
    /// A repetition is written again.
    ForgetsDedupeKeys,
    /// Nobody waits for anybody.
    ForgetsOrder,
    /// Corrections overtake their originals.
    ForgetsOriginals,
    /// Nobody was ever merged.
    ForgetsMerges,
    /// How far a source was read is not written.
    ForgetsPositions,
    /// The last row of a page is left out.
    DropsLastRow,
    /// All attempts count for one event type.
    MixesTypes,
    /// A webhook's count of numbered deliveries is wrong.
    CountsTwice,
}

pub(crate) struct Broken {
    fault: Fault,
    inner: Arc<dyn Store>,
    last: std::sync::Mutex<Vec<Claim>>,
    odd: AtomicBool,
}

impl Broken {
    /// A store that is this one but for the fault.
    pub(crate) fn wrap(fault: Fault, inner: &Arc<dyn Store>) -> Arc<dyn Store> {
        let (inner, last) = (inner.clone(), Default::default());
        Arc::new(Broken { fault, inner, last, odd: AtomicBool::new(false) })
    }
}

#[async_trait]
impl Store for Broken {
    async fn commit(&self, mut batch: Batch) -> Result<Committed> {
        if self.fault == Fault::ForgetsSettlements {
            batch.settled.clear();
        }
        if self.fault == Fault::ForgetsDedupeKeys {
            batch.arrivals.iter_mut().for_each(|arrival| arrival.dedupe = None);
        }
        if self.fault == Fault::ForgetsOrder {
            let ordered = batch.arrivals.iter_mut().flat_map(|arrival| &mut arrival.events);
            ordered.flat_map(|(_, deliveries)| deliveries).for_each(|delivery| delivery.order = None);
        }
        if self.fault == Fault::ForgetsOriginals {
            let events = batch.arrivals.iter_mut().flat_map(|arrival| &mut arrival.events);
            events.flat_map(|(_, deliveries)| deliveries).for_each(|delivery| delivery.follows = None);
        }
        if self.fault == Fault::ForgetsMerges {
            batch.arrivals.iter_mut().for_each(|arrival| arrival.merges.clear());
        }
        if self.fault == Fault::ForgetsPositions {
            batch.arrivals.iter_mut().for_each(|arrival| arrival.cursor = None);
        }
        self.inner.commit(batch).await
    }

    async fn begin(&self, asked: Asked) -> Result<Begun> {
        self.inner.begin(asked).await
    }

    async fn claim(&self, ask: Ask) -> Result<Vec<Claim>> {
        if self.fault == Fault::ClaimsTwice && self.odd.fetch_xor(true, Ordering::SeqCst) {
            return Ok(self.last.lock().unwrap().clone());
        }
        let claims = self.inner.claim(ask).await?;
        self.last.lock().unwrap().clone_from(&claims);
        Ok(claims)
    }

    async fn due(&self, before: Timestamp, max: usize) -> Result<Vec<Backlog>> {
        self.inner.due(before, max).await
    }

    async fn events(&self, ids: &[EventId]) -> Result<Vec<Option<NewEvent>>> {
        self.inner.events(ids).await
    }

    async fn rendered(&self, delivery: DeliveryId) -> Result<Option<Sealed>> {
        self.inner.rendered(delivery).await
    }

    async fn objects(&self, keys: &[ObjectKey]) -> Result<Vec<Option<ObjectState>>> {
        self.inner.objects(keys).await
    }

    async fn survivors(&self, subjects: &[SubjectKey]) -> Result<Vec<SubjectKey>> {
        self.inner.survivors(subjects).await
    }

    async fn cursors(&self, integration: IntegrationId) -> Result<Vec<(String, String)>> {
        self.inner.cursors(integration).await
    }

    async fn leftovers(&self, integration: IntegrationId) -> Result<Vec<store::Leftover>> {
        self.inner.leftovers(integration).await
    }

    async fn one_with(&self, subject: SubjectKey) -> Result<Vec<SubjectKey>> {
        self.inner.one_with(subject).await
    }

    async fn backlog(&self) -> Result<(Vec<Backlog>, Vec<BlockedKey>)> {
        self.inner.backlog().await
    }

    fn hand_over_to(&self, sender: Arc<dyn Handover>) {
        self.inner.hand_over_to(sender);
    }

    fn installation(&self) -> Installation {
        self.inner.installation()
    }

    async fn config_since(&self, version: u64) -> Result<Vec<ConfigRow>> {
        self.inner.config_since(version).await
    }

    async fn config_at(&self, kind: &str, id: u128, version: u64) -> Result<Option<ConfigRow>> {
        self.inner.config_at(kind, id, version).await
    }

    async fn config_apply(
        &self,
        rows: Vec<ConfigRow>,
        audit: Vec<audit::Entry>,
        expected: u64,
    ) -> Result<u64> {
        self.inner.config_apply(rows, audit, expected).await
    }

    async fn end_all(&self, webhook: WebhookId, end: End, now: Timestamp) -> Result<u64> {
        self.inner.end_all(webhook, end, now).await
    }

    async fn expire(&self, horizon: Expiry, budget: usize) -> Result<u64> {
        self.inner.expire(horizon, budget).await
    }

    async fn records(&self, of: RecordOf, after: i64, before: i64) -> Result<Vec<Record>> {
        self.inner.records(of, after, before).await
    }

    async fn reseal(&self, records: Vec<Resealed>) -> Result<u64> {
        self.inner.reseal(records).await
    }

    async fn retention_clock(&self) -> Result<Option<Timestamp>> {
        self.inner.retention_clock().await
    }

    async fn set_retention_clock(&self, at: Timestamp, audit: Vec<audit::Entry>) -> Result<()> {
        self.inner.set_retention_clock(at, audit).await
    }

    async fn health(&self) -> Health {
        self.inner.health().await
    }
}

#[async_trait]
impl Read for Broken {
    async fn list_events(
        &self,
        filter: EventFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<EventRow>> {
        let mut page = self.inner.list_events(filter, after, limit).await?;
        if self.fault == Fault::DropsLastRow {
            page.rows.pop();
        }
        Ok(page)
    }

    async fn find_event(&self, id: EventId) -> Result<Option<EventRow>> {
        self.inner.find_event(id).await
    }

    async fn find_message(&self, id: MessageId) -> Result<Option<Message>> {
        self.inner.find_message(id).await
    }

    async fn events_of(&self, message: MessageId) -> Result<Vec<EventRow>> {
        self.inner.events_of(message).await
    }

    async fn list_deliveries(
        &self,
        filter: DeliveryFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<DeliveryRow>> {
        self.inner.list_deliveries(filter, after, limit).await
    }

    async fn find_delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRow>> {
        self.inner.find_delivery(id).await
    }

    async fn find_deliveries(&self, ids: &[DeliveryId]) -> Result<Vec<DeliveryRow>> {
        self.inner.find_deliveries(ids).await
    }

    async fn attempts_of(&self, id: DeliveryId) -> Result<Vec<Attempt>> {
        self.inner.attempts_of(id).await
    }

    async fn replies_of(&self, id: DeliveryId) -> Result<Vec<Reply>> {
        self.inner.replies_of(id).await
    }

    async fn list_attempts(
        &self,
        filter: AttemptFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<(Attempt, EventType)>> {
        self.inner.list_attempts(filter, after, limit).await
    }

    async fn stream(&self, webhooks: &[WebhookId], cursor: i64, limit: usize) -> Result<Page<DeliveryRow>> {
        self.inner.stream(webhooks, cursor, limit).await
    }

    async fn totals(&self, of: (WebhookId, Environment), since: Timestamp) -> Result<WebhookTotals> {
        self.inner.totals(of, since).await
    }

    async fn find_redrive(&self, id: RedriveId) -> Result<Option<Redrive>> {
        self.inner.find_redrive(id).await
    }

    async fn list_redrives(
        &self,
        organisation: OrganisationId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Redrive>> {
        self.inner.list_redrives(organisation, after, limit).await
    }

    async fn running_redrives(&self) -> Result<Vec<Redrive>> {
        self.inner.running_redrives().await
    }

    async fn plan_redrive(
        &self,
        organisation: OrganisationId,
        filter: &RedriveFilter,
        cursor: i64,
        limit: usize,
    ) -> Result<(u64, Vec<DeliveryId>)> {
        self.inner.plan_redrive(organisation, filter, cursor, limit).await
    }

    async fn list_rejections(
        &self,
        filter: RejectionFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Rejection>> {
        self.inner.list_rejections(filter, after, limit).await
    }

    async fn find_rejection(&self, id: RejectionId) -> Result<Option<(Rejection, Option<Sealed>)>> {
        self.inner.find_rejection(id).await
    }

    async fn rejection_totals(&self, of: OrganisationId, since: Timestamp) -> Result<Vec<RejectionTotal>> {
        self.inner.rejection_totals(of, since).await
    }

    async fn list_alerts(
        &self,
        filter: AlertFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Alert>> {
        self.inner.list_alerts(filter, after, limit).await
    }

    async fn find_alert(&self, id: AlertId) -> Result<Option<Alert>> {
        self.inner.find_alert(id).await
    }

    async fn live_alerts(&self) -> Result<Vec<Alert>> {
        self.inner.live_alerts().await
    }

    async fn oldest_owed(&self) -> Result<Vec<Oldest>> {
        self.inner.oldest_owed().await
    }

    async fn list_audit(
        &self,
        filter: AuditFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<audit::Row>> {
        self.inner.list_audit(filter, after, limit).await
    }

    async fn audit_rows(&self, from: u64, limit: usize) -> Result<Vec<audit::Row>> {
        self.inner.audit_rows(from, limit).await
    }

    async fn audit_gap(&self, before: u64) -> Result<Option<audit::Gap>> {
        self.inner.audit_gap(before).await
    }

    async fn audit_ends(&self) -> Result<(audit::Head, audit::Head)> {
        self.inner.audit_ends().await
    }
}

#[async_trait]
impl Triggered for Broken {
    async fn memories(&self, keys: &[MemoryKey]) -> Result<Vec<Option<Remembered>>> {
        self.inner.memories(keys).await
    }

    async fn memories_due(&self, before: Timestamp, max: usize) -> Result<Vec<Remembered>> {
        self.inner.memories_due(before, max).await
    }

    async fn judged(&self, event: EventId) -> Result<Vec<Judged>> {
        self.inner.judged(event).await
    }

    async fn judged_by(
        &self,
        trigger: TriggerId,
        judgement: Judgement,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<EventId>> {
        self.inner.judged_by(trigger, judgement, after, limit).await
    }

    async fn judgements(
        &self,
        triggers: &[TriggerId],
        since: Timestamp,
    ) -> Result<BTreeMap<TriggerId, Judgements>> {
        self.inner.judgements(triggers, since).await
    }
}

#[async_trait]
impl Numbers for Broken {
    async fn number_of(&self, delivery: DeliveryId) -> Result<Option<u64>> {
        self.inner.number_of(delivery).await
    }

    async fn last_number(&self, webhook: WebhookId) -> Result<u64> {
        let last = self.inner.last_number(webhook).await?;
        Ok(if self.fault == Fault::CountsTwice { last * 2 } else { last })
    }

    async fn numbered(&self, webhook: WebhookId, from: u64, limit: usize) -> Result<Vec<(u64, DeliveryRow)>> {
        self.inner.numbered(webhook, from, limit).await
    }
}

#[async_trait]
impl Sums for Broken {
    async fn pulse(
        &self,
        of: (OrganisationId, Environment),
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Pulse>> {
        self.inner.pulse(of, from, to).await
    }

    async fn flow(&self, of: (WebhookId, Environment), from: Timestamp, to: Timestamp) -> Result<Vec<Flow>> {
        let mut flow = self.inner.flow(of, from, to).await?;
        if self.fault == Fault::MixesTypes {
            flow.iter_mut().for_each(|row| row.event_type = "lab.result.final".into());
        }
        Ok(flow)
    }

    async fn beats(&self, of: (WebhookId, Environment), from: Timestamp, to: Timestamp) -> Result<Vec<Beat>> {
        self.inner.beats(of, from, to).await
    }

    async fn volume(
        &self,
        organisation: OrganisationId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Volume>> {
        self.inner.volume(organisation, from, to).await
    }

    async fn heard(&self, integrations: &[IntegrationId]) -> Result<Vec<Heard>> {
        self.inner.heard(integrations).await
    }

    async fn latest(&self, webhooks: &[WebhookId]) -> Result<Vec<Latest>> {
        self.inner.latest(webhooks).await
    }

    async fn piles(&self, webhooks: &[WebhookId]) -> Result<Vec<Pile>> {
        self.inner.piles(webhooks).await
    }
}

/// Whether the stories accept a store with this fault.
fn is_accepted(fault: Fault) -> bool {
    let told = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let disk = Disk::default();
        let open = async || Broken::wrap(fault, &disk.open());
        runtime.block_on(contract::run(open));
    });
    told.join().is_ok()
}

#[test]
fn a_broken_store_is_caught() {
    assert!(is_accepted(Fault::None), "the wrapper itself breaks nothing");
    let faults = [
        Fault::ForgetsSettlements,
        Fault::ClaimsTwice,
        Fault::ForgetsDedupeKeys,
        Fault::ForgetsOrder,
        Fault::ForgetsOriginals,
        Fault::ForgetsMerges,
        Fault::ForgetsPositions,
        Fault::DropsLastRow,
        Fault::MixesTypes,
        Fault::CountsTwice,
    ];
    for fault in faults {
        assert!(!is_accepted(fault), "{fault:?} was not noticed");
    }
}
