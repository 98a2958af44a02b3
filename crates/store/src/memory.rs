//! A store that forgets un-synced writes when it crashes, for simulation.
//!
//! Everything happens at once under one lock, so that the same calls in the
//! same order always leave the same state. `state` holds the rows and finds
//! them, `commit` writes a batch, `queue` moves deliveries, `read` answers the
//! admin surface by `filters`, `alerts` keeps alerts, `expire` forgets, `record` finds what is sealed.

mod state; // The rows, and where they are found.
mod commit; // What a batch does to them.
mod arrivals; // What came in.
mod queue; // Deliveries between disk and sender.
mod followers; // Deliveries that follow another.
mod merges; // Subjects that were merged.
mod rejections; // What doors refused.
mod additions; // New deliveries of what came in before.
mod answers; // What was answered before.
mod read; // Questions of the admin surface.
mod filters; // Which rows they take.
mod sums; // What is added up.
mod triggered; // What triggers remember.
mod numbers; // Numbers of deliveries to subscriptions.
mod leftovers; // What no table takes up.
mod alerts; // When somebody should look.
mod expire; // What retention no longer covers.
mod record; // What is sealed.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use model::{Clock, DeliveryId, EventId, IntegrationId, ObjectKey, Sealed, SubjectKey, Timestamp, WebhookId};

use crate::{
    Ask, Asked, Backlog, Batch, Begun, BlockedKey, Claim, Committed, ConfigRow, End, Error, Expiry, Handover,
    Health, Installation, NewEvent, NoHandover, Record, RecordOf, Resealed, Result, Store,
};
use commit::Commit;
use expire::Sweep;
use state::State;

/// A store in memory.
pub struct MemoryStore {
    options: Options,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
}

/// How a store in memory behaves.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The installation.
    pub tag: u64,
    /// Binds the rows of the audit log.
    pub audit_key: [u8; 32],
    /// What a crash leaves.
    pub durability: Durability,
}

impl Default for Options {
    fn default() -> Self {
        Options { tag: 1, audit_key: [0; 32], durability: Durability::Synced }
    }
}

/// What a crash leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Everything that was answered.
    Synced,
    /// Only what was there at the last [`MemoryStore::sync`]: it answers too
    /// early. A simulation that does not notice proves nothing.
    Lossy,
}

struct Inner {
    state: State,
    /// What a crash goes back to; none when nothing can be lost.
    synced: Option<Box<State>>,
    epoch: u64,
    handover: Arc<dyn Handover>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(options: Options, clock: Arc<dyn Clock>) -> Self {
        let synced = (options.durability == Durability::Lossy).then(Box::default);
        let inner = Inner { state: State::default(), synced, epoch: 1, handover: Arc::new(NoHandover) };
        MemoryStore { options, clock, inner: Mutex::new(inner) }
    }

    /// Ends the process: what is not durable is gone, nobody sends any more, and
    /// the next epoch begins. Claims of the old one are fenced from now on.
    pub fn crash(&self) {
        let mut inner = self.lock();
        if let Some(synced) = &inner.synced {
            inner.state = State::clone(synced);
        }
        inner.epoch += 1;
        inner.handover = Arc::new(NoHandover);
        let epoch = inner.epoch;
        inner.state.take_over(epoch);
    }

    /// Makes everything answered so far durable.
    pub fn sync(&self) {
        let mut inner = self.lock();
        if inner.synced.is_some() {
            inner.synced = Some(Box::new(inner.state.clone()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock().state)
    }

    /// Changes rows and tells the sender, in one step: hand-overs come in the order of commits.
    fn change<T>(&self, change: impl FnOnce(&mut Commit<'_>) -> T) -> T {
        let mut inner = self.lock();
        let (epoch, handover) = (inner.epoch, inner.handover.clone());
        let mut commit = Commit::new(&mut inner.state, &*handover, epoch, self.clock.now());
        let done = change(&mut commit);
        commit.finish();
        done
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, batch: Batch) -> Result<Committed> {
        let key = self.options.audit_key;
        Ok(self.change(|commit| commit.write(batch, &key)))
    }

    async fn begin(&self, asked: Asked) -> Result<Begun> {
        Ok(self.lock().state.answers.begin(asked))
    }

    async fn claim(&self, ask: Ask) -> Result<Vec<Claim>> {
        let mut inner = self.lock();
        let epoch = inner.epoch;
        Ok(inner.state.claim(ask, epoch))
    }

    async fn due(&self, before: Timestamp, max: usize) -> Result<Vec<Backlog>> {
        Ok(self.lock().state.due(before, max))
    }

    async fn events(&self, ids: &[EventId]) -> Result<Vec<Option<NewEvent>>> {
        Ok(self.look(|state| ids.iter().map(|id| state.events.get(id).cloned()).collect()))
    }

    async fn rendered(&self, delivery: DeliveryId) -> Result<Option<Sealed>> {
        Ok(self.look(|state| state.find(delivery).and_then(|row| row.rendered.clone())))
    }

    async fn objects(&self, keys: &[ObjectKey]) -> Result<Vec<Option<crate::ObjectState>>> {
        Ok(self.look(|state| keys.iter().map(|key| state.objects.get(key).cloned()).collect()))
    }

    async fn survivors(&self, subjects: &[SubjectKey]) -> Result<Vec<SubjectKey>> {
        Ok(self.look(|state| subjects.iter().map(|subject| state.survivor(*subject)).collect()))
    }

    async fn cursors(&self, integration: IntegrationId) -> Result<Vec<(String, String)>> {
        Ok(self.look(|state| state.cursors_of(integration)))
    }

    async fn leftovers(&self, integration: IntegrationId) -> Result<Vec<crate::Leftover>> {
        Ok(self.look(|state| state.leftovers.of(integration)))
    }

    async fn one_with(&self, subject: SubjectKey) -> Result<Vec<SubjectKey>> {
        Ok(self.look(|state| state.one_with(subject)))
    }

    async fn backlog(&self) -> Result<(Vec<Backlog>, Vec<BlockedKey>)> {
        Ok(self.look(|state| (state.backlog(), state.blocked())))
    }

    fn hand_over_to(&self, sender: Arc<dyn Handover>) {
        self.lock().handover = sender;
    }

    fn installation(&self) -> Installation {
        let inner = self.lock();
        Installation { tag: self.options.tag, last_row: inner.state.last_row, epoch: inner.epoch }
    }

    async fn config_since(&self, version: u64) -> Result<Vec<ConfigRow>> {
        Ok(self.look(|state| state.config.range((version + 1, 0)..).map(|(_, row)| row.clone()).collect()))
    }

    async fn config_at(&self, kind: &str, id: u128, version: u64) -> Result<Option<ConfigRow>> {
        Ok(self.look(|state| {
            let all = state.config.values().chain(&state.former_config);
            let stood = all.filter(|row| row.kind == kind && row.id == id && row.version <= version);
            stood.max_by_key(|row| row.version).cloned()
        }))
    }

    async fn config_apply(
        &self,
        rows: Vec<ConfigRow>,
        audit: Vec<audit::Entry>,
        expected: u64,
    ) -> Result<u64> {
        let mut inner = self.lock();
        if inner.state.config_version != expected {
            return Err(Error::Stale(expected));
        }
        inner.state.put_config(rows);
        inner.state.put_audit(audit, &self.options.audit_key);
        Ok(inner.state.config_version)
    }

    async fn end_all(&self, webhook: WebhookId, end: End, now: Timestamp) -> Result<u64> {
        Ok(self.change(|commit| commit.end_all(webhook, end, now)))
    }

    async fn expire(&self, horizon: Expiry, budget: usize) -> Result<u64> {
        let state = &mut self.lock().state;
        let sweep = Sweep { state, horizon, now: self.clock.now(), audit_key: &self.options.audit_key };
        Ok(sweep.run(budget))
    }

    async fn records(&self, of: RecordOf, after: i64, before: i64) -> Result<Vec<Record>> {
        Ok(self.look(|state| state.records(of, after, before)))
    }

    async fn reseal(&self, records: Vec<Resealed>) -> Result<u64> {
        let state = &mut self.lock().state;
        Ok(records.into_iter().map(|record| u64::from(state.reseal(record))).sum())
    }

    async fn retention_clock(&self) -> Result<Option<Timestamp>> {
        Ok(self.look(|state| state.retention_clock))
    }

    async fn set_retention_clock(&self, at: Timestamp, audit: Vec<audit::Entry>) -> Result<()> {
        let state = &mut self.lock().state;
        state.retention_clock = Some(at);
        state.put_audit(audit, &self.options.audit_key);
        Ok(())
    }

    async fn health(&self) -> Health {
        self.look(|state| Health { unfinished: state.unfinished(), ..Health::default() })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("options", &self.options).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
