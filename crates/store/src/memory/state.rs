//! The rows, and where they are found.

use std::collections::{BTreeMap, BTreeSet};

use audit::{Chain, Head};
use model::{
    AlertId, Attempt, AttemptId, Category, DeliveryId, DeliveryState, EventId, EventType, HoldReason, Id,
    IntegrationId, Lane, MessageId, ObjectKey, OrderKey, OrganisationId, RedriveId, Sealed, SubjectKey,
    Timestamp, WebhookId,
};

use super::answers::Answers;
use super::leftovers::Leftovers;
use super::numbers::Given;
use super::rejections::Rejections;
use super::sums::Tally;
use super::triggered::Triggers;
use crate::{Alert, Claim, ConfigRow, Message, NewEvent, ObjectState, Redrive, RedriveState};

/// Everything that is stored.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) events: BTreeMap<EventId, NewEvent>,
    pub(super) messages: BTreeMap<MessageId, Message>,
    pub(super) attempts: BTreeMap<(DeliveryId, AttemptId), Attempt>,
    pub(super) replies: BTreeMap<(DeliveryId, AttemptId), Sealed>,
    pub(super) dedupe: BTreeMap<[u8; 16], EventId>,
    pub(super) objects: BTreeMap<ObjectKey, ObjectState>,
    /// Positions by source and feed.
    pub(super) cursors: BTreeMap<(IntegrationId, String), String>,
    pub(super) leftovers: Leftovers,
    pub(super) redrives: BTreeMap<RedriveId, Redrive>,
    pub(super) answers: Answers,
    pub(super) rejections: Rejections,
    pub(super) merged_subjects: BTreeMap<SubjectKey, SubjectKey>,
    pub(super) merged_orders: BTreeMap<OrderKey, OrderKey>,
    pub(super) tally: Tally,
    pub(super) triggers: Triggers,
    pub(super) numbers: Given,
    pub(super) alerts: BTreeMap<AlertId, Alert>,
    pub(super) audit: Vec<audit::Row>,
    /// Where the chain ends, even when retention has removed all of its rows.
    audit_head: Option<Head>,
    /// The last row that retention removed.
    pub(super) audit_base: Option<Head>,
    /// By version and place within it.
    pub(super) config: BTreeMap<(u64, usize), ConfigRow>,
    pub(super) config_version: u64,
    /// Documents that others took the place of.
    pub(super) former_config: Vec<ConfigRow>,
    /// The time that retention last went by.
    pub(super) retention_clock: Option<Timestamp>,
    pub(super) last_row: i64,
    pub(super) last_place: i64,
    deliveries: BTreeMap<DeliveryId, Owed>,
    /// Unclaimed and due.
    pub(super) ready: BTreeMap<(WebhookId, Lane), BTreeSet<DeliveryId>>,
    /// Unclaimed, with a time.
    pub(super) waiting: BTreeSet<(Timestamp, DeliveryId)>,
    /// Held until the head of their order key ends.
    pub(super) behind: BTreeMap<Line, BTreeSet<DeliveryId>>,
    /// All that is owed and has an order key.
    lines: BTreeMap<Line, BTreeSet<DeliveryId>>,
    /// Held until one particular delivery ends.
    followers: BTreeMap<DeliveryId, BTreeSet<DeliveryId>>,
}

/// A webhook, a lane and an order key: what stands in it goes one by one.
pub(super) type Line = (WebhookId, Lane, OrderKey);

/// A delivery.
#[derive(Debug, Clone)]
pub(super) struct Owed {
    pub(super) id: DeliveryId,
    pub(super) event: EventId,
    pub(super) organisation: OrganisationId,
    pub(super) event_type: EventType,
    pub(super) webhook: WebhookId,
    pub(super) lane: Lane,
    pub(super) order: Option<OrderKey>,
    /// The delivery it is held behind.
    pub(super) follows: Option<DeliveryId>,
    pub(super) test: bool,
    /// Its place in the order of commits.
    pub(super) place: i64,
    pub(super) state: DeliveryState,
    pub(super) held: Option<HoldReason>,
    /// Who has it in memory; 0 nobody.
    pub(super) epoch: u64,
    pub(super) attempts: u16,
    pub(super) accepted: Timestamp,
    /// When it was owed again, if it was.
    pub(super) revived: Option<Timestamp>,
    pub(super) due: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) error: Option<Category>,
    pub(super) rendered: Option<Sealed>,
}

impl Owed {
    /// Whether it still has to go out.
    pub(super) fn is_owed(&self) -> bool {
        matches!(self.state, DeliveryState::Pending | DeliveryState::Waiting | DeliveryState::Held)
    }

    pub(super) fn line(&self) -> Option<Line> {
        self.order.map(|order| (self.webhook, self.lane, order))
    }

    /// The delivery as the epoch holds it.
    pub(super) fn claim(&self) -> Claim {
        Claim {
            delivery: self.id,
            event: self.event,
            webhook: self.webhook,
            lane: self.lane,
            order: self.order,
            accepted: self.revived.unwrap_or(self.accepted),
            attempts: self.attempts,
            rendered: self.rendered.is_some(),
            test: self.test,
            epoch: self.epoch,
        }
    }
}

impl State {
    pub(super) fn cursors_of(&self, integration: IntegrationId) -> Vec<(String, String)> {
        let own = self.cursors.iter().filter(|((of, _), _)| *of == integration);
        own.map(|((_, feed), position)| (feed.clone(), position.clone())).collect()
    }

    pub(super) fn find(&self, id: DeliveryId) -> Option<&Owed> {
        self.deliveries.get(&id)
    }

    /// All deliveries, by rising id.
    pub(super) fn deliveries(&self) -> impl DoubleEndedIterator<Item = &Owed> {
        self.deliveries.values()
    }

    /// The only way to change a delivery: what finds it follows.
    pub(super) fn change(&mut self, id: DeliveryId, change: impl FnOnce(&mut Owed)) {
        let Some(mut row) = self.remove(id) else { return };
        change(&mut row);
        self.put(row);
    }

    pub(super) fn put(&mut self, row: Owed) {
        let id = row.id;
        self.use_row(id);
        if let Some(line) = row.line().filter(|_| row.is_owed()) {
            self.lines.entry(line).or_default().insert(id);
        }
        if let Some(before) = row.follows {
            self.followers.entry(before).or_default().insert(id);
        }
        match (row.epoch, row.state) {
            _ if row.is_following() => {}
            (0, DeliveryState::Waiting) => {
                self.waiting.insert((row.due.unwrap_or_default(), id));
            }
            (0, DeliveryState::Held) if row.held == Some(HoldReason::Ordering) => {
                if let Some(line) = row.line() {
                    self.behind.entry(line).or_default().insert(id);
                }
            }
            (0, DeliveryState::Pending | DeliveryState::Held) => {
                self.ready.entry((row.webhook, row.lane)).or_default().insert(id);
            }
            _ => {}
        }
        self.deliveries.insert(id, row);
    }

    pub(super) fn remove(&mut self, id: DeliveryId) -> Option<Owed> {
        let row = self.deliveries.remove(&id)?;
        self.waiting.remove(&(row.due.unwrap_or_default(), id));
        if let Some(ready) = self.ready.get_mut(&(row.webhook, row.lane)) {
            ready.remove(&id);
        }
        if let Some(line) = row.line() {
            leave(&mut self.behind, line, id);
            leave(&mut self.lines, line, id);
        }
        if let Some(before) = row.follows {
            leave(&mut self.followers, before, id);
        }
        Some(row)
    }

    /// What is owed in a line, held or not.
    pub(super) fn in_line(&self, line: Line) -> impl Iterator<Item = &Owed> {
        self.lines.get(&line).into_iter().flatten().filter_map(|id| self.find(*id))
    }

    /// What is held until this one ends.
    pub(super) fn followers(&self, id: DeliveryId) -> impl Iterator<Item = DeliveryId> {
        self.followers.get(&id).into_iter().flatten().copied()
    }

    /// Deliveries that others follow, with those.
    pub(super) fn followed(&self) -> Vec<DeliveryId> {
        self.followers.keys().copied().collect()
    }

    /// Makes a redrive or moves it on; one that was stopped does not start again.
    pub(super) fn put_redrive(&mut self, mut new: Redrive) {
        self.use_row(new.id);
        if let Some(old) = self.redrives.get(&new.id) {
            if old.state != RedriveState::Running {
                new.state = old.state;
            }
            new.progress.revived = new.progress.revived.max(old.progress.revived);
            new.progress.cursor = new.progress.cursor.max(old.progress.cursor);
        }
        self.redrives.insert(new.id, new);
    }

    /// Remembers that an id is in use.
    pub(super) fn use_row(&mut self, id: impl Id) {
        self.last_row = self.last_row.max(id.row());
    }

    pub(super) fn next_place(&mut self) -> i64 {
        self.last_place += 1;
        self.last_place
    }

    pub(super) fn put_config(&mut self, rows: Vec<ConfigRow>) {
        self.config_version += 1;
        let version = self.config_version;
        for (place, row) in rows.into_iter().enumerate() {
            self.use_row(OrganisationId::from_raw(row.id));
            if let Some(source) = row.dropped_source() {
                self.cursors.retain(|(of, _), _| *of != source);
                self.leftovers.forget(source);
            }
            let is_same = |old: &ConfigRow| old.kind == row.kind && old.id == row.id;
            let former = self.config.values().filter(|old| is_same(old) && old.version != version);
            self.former_config.extend(former.cloned().collect::<Vec<_>>());
            self.config.retain(|_, old| !is_same(old));
            self.config.insert((version, place), ConfigRow { version, ..row });
        }
    }

    pub(super) fn put_audit(&mut self, entries: Vec<audit::Entry>, key: &[u8; 32]) {
        let mut chain = Chain::resume(key, self.audit_head.unwrap_or(Head::EMPTY));
        self.audit.extend(entries.into_iter().map(|entry| chain.append(entry)));
        self.audit_head = Some(chain.head());
    }

    /// Where the chain begins and ends.
    pub(super) fn audit_ends(&self) -> (Head, Head) {
        (self.audit_base.unwrap_or(Head::EMPTY), self.audit_head.unwrap_or(Head::EMPTY))
    }

    pub(super) fn unfinished(&self) -> u64 {
        self.deliveries().filter(|row| !row.state.is_finished()).count() as u64
    }
}

fn leave<K: Copy + Ord>(lines: &mut BTreeMap<K, BTreeSet<DeliveryId>>, line: K, id: DeliveryId) {
    let Some(ids) = lines.get_mut(&line) else { return };
    ids.remove(&id);
    if ids.is_empty() {
        lines.remove(&line);
    }
}
