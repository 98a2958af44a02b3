//! What triggers remember, and what became of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{EventId, Id, Judged, Judgement, MemoryKey, Timestamp, TriggerId};

use super::MemoryStore;
use super::state::State;
use crate::{Considered, Judgements, Page, Remembered, Result, Triggered};

/// What is stored about triggers.
#[derive(Debug, Clone, Default)]
pub(super) struct Triggers {
    memories: BTreeMap<MemoryKey, Remembered>,
    judged: BTreeMap<EventId, Vec<Judged>>,
    hours: BTreeMap<(TriggerId, i64), Judgements>,
}

impl Triggers {
    /// Whether each memory follows the one that is stored.
    pub(super) fn are_next(&self, memories: &[Remembered]) -> bool {
        memories.iter().all(|new| {
            let before = self.memories.get(&new.key).map_or(0, |known| known.version);
            before.checked_add(1) == Some(new.version)
        })
    }

    /// Writes what an arrival left.
    pub(super) fn write(&mut self, memories: Vec<Remembered>, considered: Vec<Considered>) {
        self.memories.extend(memories.into_iter().map(|new| (new.key, new)));
        for Considered { event, at, test, judged } in considered {
            for one in judged.iter().filter(|_| !test) {
                let hour = self.hours.entry((one.trigger, at.hour())).or_default();
                *hour.counts.entry(one.judgement).or_default() += 1;
                hour.disagreements += u64::from(one.disagrees);
            }
            self.judged.insert(event, judged);
        }
    }

    /// Forgets what belongs to events that are gone, and what did not change since `then`.
    pub(super) fn expire(&mut self, is_gone: impl Fn(&EventId) -> bool, then: Timestamp) -> usize {
        let before = self.memories.len();
        self.memories.retain(|_, known| known.due.is_some() || known.touched >= then);
        self.judged.retain(|event, _| !is_gone(event));
        self.hours.retain(|(_, hour), _| *hour >= then.hour());
        before - self.memories.len()
    }
}

#[async_trait]
impl Triggered for MemoryStore {
    async fn memories(&self, keys: &[MemoryKey]) -> Result<Vec<Option<Remembered>>> {
        Ok(self.look(|state| keys.iter().map(|key| state.triggers.memories.get(key).cloned()).collect()))
    }

    async fn memories_due(&self, before: Timestamp, max: usize) -> Result<Vec<Remembered>> {
        let due = |state: &State| {
            let is_due = |known: &&Remembered| known.due.is_some_and(|due| due < before);
            let mut found: Vec<_> = state.triggers.memories.values().filter(is_due).cloned().collect();
            found.sort_by_key(|known| known.due);
            found.truncate(max);
            found
        };
        Ok(self.look(due))
    }

    async fn judged(&self, event: EventId) -> Result<Vec<Judged>> {
        Ok(self.look(|state| state.triggers.judged.get(&event).cloned().unwrap_or_default()))
    }

    async fn judged_by(
        &self,
        trigger: TriggerId,
        judgement: Judgement,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<EventId>> {
        let is_meant =
            |one: &Judged| judgement.is_listed() && one.trigger == trigger && one.judgement == judgement;
        let mut rows: Vec<EventId> = self.look(|state| {
            let newest = state.triggers.judged.iter().rev();
            let below = newest.filter(|(event, _)| after.is_none_or(|seen| event.row() < seen));
            let meant = below.filter(|(_, judged)| judged.iter().any(is_meant));
            meant.map(|(event, _)| *event).take(limit + 1).collect()
        });
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|event| event.row());
        Ok(Page { rows, next })
    }

    async fn judgements(
        &self,
        triggers: &[TriggerId],
        since: Timestamp,
    ) -> Result<BTreeMap<TriggerId, Judgements>> {
        let sum = |state: &State, trigger: TriggerId| {
            let mut total = Judgements::default();
            for (_, hour) in state.triggers.hours.range((trigger, since.hour())..=(trigger, i64::MAX)) {
                total.disagreements += hour.disagreements;
                hour.counts.iter().for_each(|(of, count)| *total.counts.entry(*of).or_default() += count);
            }
            total
        };
        Ok(self.look(|state| triggers.iter().map(|trigger| (*trigger, sum(state, *trigger))).collect()))
    }
}
