//! Deliveries that wait for each other: first in, first out, per order key and lane.

use std::collections::{HashMap, VecDeque};

use model::{DeliveryId, Lane, OrderKey, limits};
use store::Claim;

/// The order keys of one destination that have something to send.
#[derive(Default)]
pub(super) struct Orders {
    lines: HashMap<(Lane, OrderKey), Line>,
}

/// Where a claim went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admitted {
    /// It is the head, or has no order key: it may be sent.
    Now(Claim),
    /// It waits in memory.
    Behind,
    /// Too many wait already; this one is to be held on disk.
    Full(Claim),
}

#[derive(Default)]
struct Line {
    head: Head,
    behind: VecDeque<Claim>,
    /// Whether more are held on disk behind this key.
    held: bool,
    /// Heads that ended while something was held: the store will release once for each.
    ending: u32,
}

#[derive(Default, PartialEq, Eq)]
enum Head {
    #[default]
    None,
    /// Ready, under way, or waiting for a retry in memory.
    InMemory(DeliveryId),
    /// Waiting for a retry on disk.
    OnDisk,
}

impl Orders {
    /// Lets a claim through if it is the first of its key.
    pub(super) fn admit(&mut self, claim: Claim) -> Admitted {
        let Some(order) = claim.order else { return Admitted::Now(claim) };
        let line = self.lines.entry((claim.lane, order)).or_default();
        // Only a head was ever tried: a claim with attempts is the head coming back.
        let is_head = match line.head {
            Head::None => true,
            Head::OnDisk => claim.attempts > 0,
            Head::InMemory(_) => false,
        };
        if is_head {
            line.head = Head::InMemory(claim.delivery);
            return Admitted::Now(claim);
        }
        if line.behind.len() >= limits::BEHIND {
            line.held = true;
            return Admitted::Full(claim);
        }
        line.behind.push_back(claim);
        Admitted::Behind
    }

    /// Whether a new delivery of this key must be held on disk.
    pub(super) fn is_held(&self, lane: Lane, order: OrderKey) -> bool {
        self.lines
            .get(&(lane, order))
            .is_some_and(|line| line.held || line.head == Head::OnDisk || line.behind.len() >= limits::BEHIND)
    }

    /// The head ended; the one behind it is the head now.
    pub(super) fn end(&mut self, claim: &Claim) -> Option<Claim> {
        let key = (claim.lane, claim.order?);
        let line = self.lines.get_mut(&key)?;
        if line.head != Head::InMemory(claim.delivery) {
            return None;
        }
        line.ending += u32::from(line.held);
        let next = line.behind.pop_front();
        line.head = next.as_ref().map_or(Head::None, |next| Head::InMemory(next.delivery));
        self.forget_if_idle(key);
        next
    }

    /// The head waits on disk from now on; everything new is held behind it.
    pub(super) fn leave_for_disk(&mut self, claim: &Claim) {
        if let Some(order) = claim.order {
            self.block(claim.lane, order);
        }
    }

    /// The head of this key waits on disk.
    pub(super) fn block(&mut self, lane: Lane, order: OrderKey) {
        let line = self.lines.entry((lane, order)).or_default();
        line.head = Head::OnDisk;
        line.held = true;
    }

    /// Nothing is held on disk behind this key any more.
    pub(super) fn release(&mut self, lane: Lane, order: OrderKey) {
        if let Some(line) = self.lines.get_mut(&(lane, order)) {
            line.held = false;
            let by_hand = line.ending == 0 && line.head == Head::OnDisk;
            line.ending = line.ending.saturating_sub(1);
            if by_hand {
                line.head = Head::None;
            }
        }
        self.forget_if_idle((lane, order));
    }

    /// Takes out those behind a head.
    pub(super) fn take(&mut self, is: impl Fn(&Claim) -> bool) -> Vec<Claim> {
        let mut taken = Vec::new();
        for line in self.lines.values_mut() {
            let (out, kept) = line.behind.drain(..).partition(|claim| is(claim));
            let out: VecDeque<Claim> = out;
            taken.extend(out);
            line.behind = kept;
        }
        taken
    }

    /// Whether a delivery waits behind the head of its key.
    pub(super) fn waits(&self, delivery: DeliveryId) -> bool {
        self.lines.values().any(|line| line.behind.iter().any(|claim| claim.delivery == delivery))
    }

    /// How many wait behind their heads.
    pub(super) fn len(&self) -> usize {
        self.lines.values().map(|line| line.behind.len()).sum()
    }

    fn forget_if_idle(&mut self, key: (Lane, OrderKey)) {
        let idle =
            |line: &Line| line.head == Head::None && line.behind.is_empty() && !line.held && line.ending == 0;
        if self.lines.get(&key).is_some_and(idle) {
            self.lines.remove(&key);
        }
    }
}
