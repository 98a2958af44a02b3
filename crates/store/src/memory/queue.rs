//! Deliveries between disk and sender.

use std::collections::BTreeMap;

use model::{DeliveryId, DeliveryState, HoldReason, Lane, Timestamp, WebhookId};

use super::state::{Line, State};
use crate::{Ask, Backlog, BlockedKey, Claim};

/// How many deliveries of whom.
pub(super) type Counts = BTreeMap<(WebhookId, Lane), u64>;

impl State {
    /// Stamps due deliveries, the oldest first.
    pub(super) fn claim(&mut self, ask: Ask, epoch: u64) -> Vec<Claim> {
        let ready = self.ready.get(&(ask.webhook, ask.lane));
        let ids: Vec<DeliveryId> = ready.into_iter().flatten().copied().take(ask.max).collect();
        ids.into_iter().filter_map(|id| self.stamp(id, epoch)).collect()
    }

    fn stamp(&mut self, id: DeliveryId, epoch: u64) -> Option<Claim> {
        self.change(id, |row| {
            row.epoch = epoch;
            row.state = DeliveryState::Pending;
            row.held = None;
        });
        self.find(id).map(super::state::Owed::claim)
    }

    /// Makes waiting deliveries due.
    pub(super) fn due(&mut self, before: Timestamp, max: usize) -> Vec<Backlog> {
        let come = self.waiting.iter().take_while(|(due, _)| *due <= before);
        let ids: Vec<DeliveryId> = come.map(|(_, id)| *id).take(max).collect();
        let mut counts = Counts::new();
        for id in ids {
            self.make_ready(id, &mut counts);
        }
        told(counts)
    }

    /// Makes an unclaimed delivery due now, and counts it.
    pub(super) fn make_ready(&mut self, id: DeliveryId, counts: &mut Counts) {
        self.change(id, |row| {
            row.state = DeliveryState::Pending;
            row.held = None;
            row.due = None;
            row.follows = None;
            *counts.entry((row.webhook, row.lane)).or_default() += 1;
        });
    }

    /// What is due and unclaimed.
    pub(super) fn backlog(&self) -> Vec<Backlog> {
        let counts = self.ready.iter().map(|(of, ids)| (*of, ids.len() as u64));
        told(counts.filter(|(_, count)| *count > 0).collect())
    }

    /// Keys whose head waits on disk.
    pub(super) fn blocked(&self) -> Vec<BlockedKey> {
        let heads = self.waiting.iter().filter_map(|(_, id)| self.find(*id)?.line());
        let lines: std::collections::BTreeSet<Line> = heads.collect();
        lines.into_iter().map(blocked).collect()
    }

    /// Whether something in this line, other than `except`, is due, in memory or waiting.
    pub(super) fn is_blocked(&self, line: Line, except: DeliveryId) -> bool {
        self.in_line(line).any(|row| row.id != except && row.held != Some(HoldReason::Ordering))
    }

    /// Whether something in this line waits for a retry.
    pub(super) fn has_waiting(&self, line: Line) -> bool {
        self.in_line(line).any(|row| row.state == DeliveryState::Waiting)
    }

    /// After a crash: what the old epoch held is unclaimed, and what was held
    /// behind a head that is not waiting goes by age.
    pub(super) fn take_over(&mut self, epoch: u64) {
        // Places rise over crashes, even if some that were given out are lost.
        self.last_place = self.last_place.max(i64::try_from(epoch << 32).unwrap_or(i64::MAX));
        let stamped = self.deliveries().filter(|row| row.epoch != 0);
        let orphans: Vec<DeliveryId> = stamped.map(|row| row.id).collect();
        for id in orphans {
            self.change(id, |row| row.epoch = 0);
        }
        self.raise_followed();
        let blocked = self.blocked();
        let free = self.behind.iter().filter(|(line, _)| !blocked.contains(&self::blocked(**line)));
        let held: Vec<DeliveryId> = free.flat_map(|(_, ids)| ids.iter().copied()).collect();
        for id in held {
            self.make_ready(id, &mut Counts::new());
        }
    }
}

pub(super) fn told(counts: Counts) -> Vec<Backlog> {
    let backlog = |((webhook, lane), count)| Backlog { webhook, lane, count };
    counts.into_iter().map(backlog).collect()
}

pub(super) fn blocked((webhook, lane, order): Line) -> BlockedKey {
    BlockedKey { webhook, lane, order }
}
