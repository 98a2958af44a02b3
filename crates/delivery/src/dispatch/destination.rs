//! One webhook in memory: its queues, cap, breaker, rate and order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use model::{HookState, Lane, Versioned, Webhook, WebhookId, limits};
use store::{Ask, Claim};
use tokio::time::Instant;

use super::orders::{Admitted, Orders};
use crate::breaker::{Admit, Breaker, Turned};
use crate::bucket::Bucket;

/// Whether an attempt may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    Until(Instant),
    /// Until an attempt ends or the configuration changes.
    Closed,
}

/// What an attempt told about its destination.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    pub(crate) success: bool,
    /// The receiver asked for less: 429 or 503.
    pub(crate) busy: bool,
    /// For how long it asked to be left alone.
    pub(crate) retry_after: Option<Duration>,
}

#[derive(Default)]
pub(super) struct Queue {
    pub(super) ready: VecDeque<Claim>,
    /// Whether the ring of the lane holds this destination.
    pub(super) ringed: bool,
    on_disk: u64,
    /// Counts what was spilled, so that a claim that found little knows whether that is all.
    spills: u64,
    spilled_since: Option<Instant>,
    /// The spills seen when the claim under way began.
    claiming: Option<u64>,
}

pub(super) struct Destination {
    id: WebhookId,
    pub(super) webhook: Option<Arc<Versioned<Webhook>>>,
    pub(super) in_flight: u16,
    pub(super) breaker: Breaker,
    pub(super) orders: Orders,
    queues: [Queue; 4],
    /// Grows from one after a trip, halves when the receiver is busy.
    cap: u16,
    bucket: Option<Bucket>,
    wait: Instant,
    wait_critical: Instant,
}

impl Destination {
    pub(super) fn new(id: WebhookId, now: Instant) -> Self {
        Destination {
            id,
            webhook: None,
            in_flight: 0,
            breaker: Breaker::new(now),
            orders: Orders::default(),
            queues: Default::default(),
            cap: u16::MAX,
            bucket: None,
            wait: now,
            wait_critical: now,
        }
    }

    pub(super) fn configure(&mut self, webhook: Arc<Versioned<Webhook>>, now: Instant) {
        let known = self.webhook.as_ref().map(|known| known.version);
        if known == Some(webhook.version) {
            return;
        }
        let was_active = self.webhook.as_ref().is_some_and(|known| known.state == HookState::Active);
        if known.is_some() && !was_active && webhook.state == HookState::Active {
            self.breaker = Breaker::new(now);
            self.wait = now;
        }
        self.bucket = webhook.rate_limit.map(|limit| Bucket::new(limit.per_second, now));
        self.webhook = Some(webhook);
    }

    /// Puts a claim into its queue; gives it back if it must be held on disk.
    pub(super) fn push(&mut self, claim: Claim) -> Option<Claim> {
        match self.orders.admit(claim) {
            Admitted::Now(claim) => {
                self.queue(claim.lane).ready.push_back(claim);
                None
            }
            Admitted::Behind => None,
            Admitted::Full(claim) => Some(claim),
        }
    }

    /// Puts a retry first: it is older than what came meanwhile.
    pub(super) fn push_front(&mut self, claim: Claim) {
        self.queue(claim.lane).ready.push_front(claim);
    }

    pub(super) fn queue(&mut self, lane: Lane) -> &mut Queue {
        &mut self.queues[lane.index()]
    }

    /// How many are in memory and not under way.
    pub(super) fn queued(&self) -> usize {
        self.queues.iter().map(|queue| queue.ready.len()).sum::<usize>() + self.orders.len()
    }

    pub(super) fn has_room(&self, lane: Lane) -> bool {
        let queue = &self.queues[lane.index()];
        queue.on_disk == 0 && queue.claiming.is_none() && queue.ready.len() < limits::READY_PER_LANE
    }

    pub(super) fn gate(&self, lane: Lane, now: Instant) -> Gate {
        let Some(webhook) = &self.webhook else { return Gate::Closed };
        if webhook.state != HookState::Active || self.in_flight >= self.slots(webhook, lane) {
            return Gate::Closed;
        }
        let wait = if lane == Lane::Critical { self.wait_critical } else { self.wait };
        if wait > now {
            return Gate::Until(wait);
        }
        match self.breaker.admit(lane, self.in_flight, now) {
            Admit::Now | Admit::Probe => {}
            Admit::After(at) => return Gate::Until(at),
            Admit::WhenFree => return Gate::Closed,
        }
        self.bucket.as_ref().and_then(|bucket| bucket.wait_until(now)).map_or(Gate::Open, Gate::Until)
    }

    // One slot of four or more is kept free for the critical lane.
    fn slots(&self, webhook: &Webhook, lane: Lane) -> u16 {
        let cap = self.cap.min(webhook.max_in_flight).max(1);
        if lane == Lane::Critical || cap < 4 { cap } else { cap - 1 }
    }

    pub(super) fn begin(&mut self, lane: Lane, now: Instant) -> Option<(Claim, Arc<Versioned<Webhook>>)> {
        let webhook = self.webhook.clone()?;
        let claim = self.queue(lane).ready.pop_front()?;
        if !self.breaker.is_flowing() {
            self.breaker.probe();
        }
        if let Some(bucket) = &mut self.bucket {
            bucket.take(now);
        }
        self.in_flight += 1;
        Some((claim, webhook))
    }

    /// The delivery came to an end: the next of its order key may go.
    pub(super) fn ended(&mut self, claim: &Claim) {
        if let Some(next) = self.orders.end(claim) {
            self.queue(next.lane).ready.push_back(next);
        }
    }

    /// Tells whether the breaker turned: `Some(true)` when it lets things flow again.
    pub(super) fn note(&mut self, heard: &Heard, now: Instant) -> Option<bool> {
        let most = self.webhook.as_ref().map_or(1, |webhook| webhook.max_in_flight);
        if heard.success {
            self.cap = self.cap.saturating_add(1).min(most);
        }
        match heard.retry_after {
            Some(wait) => {
                self.wait = self.wait.max(now + wait.min(limits::RETRY_AFTER));
                self.wait_critical = self.wait_critical.max(now + wait.min(limits::RETRY_AFTER_CRITICAL));
            }
            None if heard.busy => self.cap = (self.cap.min(most) / 2).max(1),
            None => {}
        }
        match self.breaker.note(heard.success, now)? {
            Turned::Tripped => Some(false),
            Turned::Flowing => {
                self.cap = 1;
                Some(true)
            }
        }
    }

    /// Takes out deliveries that are not under way.
    pub(super) fn take(&mut self, is: impl Fn(&Claim) -> bool) -> Vec<Claim> {
        let mut taken = self.orders.take(&is);
        let mut heads = Vec::new();
        for queue in &mut self.queues {
            let (out, kept) = queue.ready.drain(..).partition(&is);
            let out: VecDeque<Claim> = out;
            heads.extend(out);
            queue.ready = kept;
        }
        heads.iter().for_each(|claim| self.ended(claim));
        taken.extend(heads);
        taken
    }

    pub(super) fn spilled(&mut self, lane: Lane, count: u64, now: Instant) {
        let queue = self.queue(lane);
        queue.on_disk += count;
        queue.spills += 1;
        queue.spilled_since.get_or_insert(now);
    }

    pub(super) fn is_hungry(&self, lane: Lane) -> bool {
        let queue = &self.queues[lane.index()];
        queue.on_disk > 0 && queue.claiming.is_none() && queue.ready.len() < limits::READY_PER_LANE / 2
    }

    pub(super) fn has_buffered_long(&self, lane: Lane, now: Instant) -> bool {
        let since = self.queues[lane.index()].spilled_since;
        since.is_some_and(|since| now.saturating_duration_since(since) > limits::BUFFERED)
    }

    pub(super) fn ask(&mut self, lane: Lane) -> Ask {
        let queue = &mut self.queues[lane.index()];
        queue.claiming = Some(queue.spills);
        let room = limits::READY_PER_LANE.saturating_sub(queue.ready.len());
        Ask { webhook: self.id, lane, max: room.min(limits::CLAIM) }
    }

    pub(super) fn claimed(&mut self, ask: Ask, found: usize) {
        let queue = self.queue(ask.lane);
        let began = queue.claiming.take();
        queue.on_disk = queue.on_disk.saturating_sub(found as u64);
        if found < ask.max && began == Some(queue.spills) {
            queue.on_disk = 0;
        }
        if queue.on_disk == 0 {
            queue.spilled_since = None;
        }
    }

    /// The oldest ready delivery, if nothing may be sent and `overdue` says so.
    pub(super) fn pop_if_stuck(&mut self, overdue: impl Fn(&Claim) -> bool) -> Option<Claim> {
        let active = self.webhook.as_ref().is_some_and(|webhook| webhook.state == HookState::Active);
        if active && self.breaker.is_flowing() {
            return None;
        }
        let queue = self.queues.iter_mut().find(|queue| queue.ready.front().is_some_and(&overdue))?;
        queue.ready.pop_front()
    }
}
