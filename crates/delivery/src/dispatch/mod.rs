//! Which delivery goes next: a value without I/O, kept behind one lock.
//!
//! A delivery enters by `push` (from the writer's hand-over or from a claim),
//! leaves by `pick`, and comes to rest by `finish`. Lanes are served strictly
//! in order, destinations inside a lane in turn. What memory has no room for
//! stays on disk; `next_claim` says of whom to fetch more.

mod destination; // One webhook: queues, cap, breaker, rate, order.
mod orders; // Deliveries that wait for each other.
mod flights; // Calls under way.
mod leaving; // Deliveries that leave out of turn.
mod timers; // What happens later.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use model::{DeliveryId, Lane, OrderKey, Timestamp, Versioned, Webhook, WebhookId, limits};
use store::{Ask, Backlog, BlockedKey, Claim, Place};
use tokio::time::Instant;

use crate::decide::Next;
use destination::{Destination, Gate};
use flights::Flights;
use timers::{Timer, Timers};

/// The present, on the clock that cannot jump and on the one that people read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub(crate) at: Instant,
    pub(crate) wall: Timestamp,
}

/// An attempt to begin.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) claim: Claim,
    pub(crate) webhook: Arc<Versioned<Webhook>>,
    /// Which of the calls under way it is.
    flight: u64,
}

/// What finishing an attempt asks the store to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The delivery waits in memory and stays stamped.
    InMemory,
    /// It waits on disk, or is finished.
    OnDisk,
    /// Nothing: somebody ended the delivery while the call was under way.
    Nothing,
}

/// All deliveries in memory, by destination and lane.
#[derive(Default)]
pub(crate) struct Dispatch {
    destinations: HashMap<WebhookId, Destination>,
    /// Destinations of a lane that may have something to send, in turn.
    rings: [VecDeque<WebhookId>; 4],
    timers: Timers,
    /// Whether a pick has set a timer that nobody has heard of.
    has_wake: bool,
    hungry: BTreeSet<(Lane, WebhookId)>,
    in_memory: usize,
    flights: Flights,
}

impl Dispatch {
    /// Takes over the configured webhooks; what is no longer configured is forgotten.
    pub(crate) fn configure(&mut self, webhooks: &BTreeMap<WebhookId, Arc<Versioned<Webhook>>>, now: Now) {
        for (id, webhook) in webhooks {
            self.destination(*id, now).configure(webhook.clone(), now.at);
            self.ring_all(*id);
        }
        let gone: Vec<WebhookId> =
            self.destinations.keys().filter(|id| !webhooks.contains_key(id)).copied().collect();
        for id in gone {
            let forgotten = self.destinations.remove(&id).map_or(0, |destination| destination.queued());
            self.in_memory = self.in_memory.saturating_sub(forgotten);
        }
    }

    /// Where a new delivery belongs. What is older and on disk goes first.
    pub(crate) fn place(&self, webhook: WebhookId, lane: Lane, order: Option<OrderKey>) -> Place {
        let Some(destination) = self.destinations.get(&webhook) else { return Place::Disk };
        if let Some(order) = order
            && destination.orders.is_held(lane, order)
        {
            return Place::Behind;
        }
        let most = if lane.may_be_buffered() { limits::HIGH_WATER } else { limits::READY };
        if self.in_memory < most && destination.has_room(lane) { Place::Memory } else { Place::Disk }
    }

    /// Takes deliveries that our epoch holds. Those that find no place behind
    /// their order key are given back, to be held on disk.
    pub(crate) fn push(&mut self, claims: Vec<Claim>, now: Now) -> Vec<Claim> {
        let mut back = Vec::new();
        for claim in claims {
            let (webhook, lane) = (claim.webhook, claim.lane);
            self.in_memory += 1;
            if let Some(claim) = self.destination(webhook, now).push(claim) {
                self.in_memory -= 1;
                back.push(claim);
            }
            self.ring(webhook, lane);
        }
        back
    }

    /// Hears of due deliveries on disk.
    pub(crate) fn spilled(&mut self, backlogs: &[Backlog], now: Now) {
        for backlog in backlogs {
            self.destination(backlog.webhook, now).spilled(backlog.lane, backlog.count, now.at);
            self.hungry.insert((backlog.lane, backlog.webhook));
        }
    }

    /// Hears that nothing is held behind these keys any more.
    pub(crate) fn released(&mut self, keys: &[BlockedKey]) {
        for key in keys {
            if let Some(destination) = self.destinations.get_mut(&key.webhook) {
                destination.orders.release(key.lane, key.order);
            }
        }
    }

    /// Hears of keys whose head waits on disk, when a sender starts.
    pub(crate) fn blocked(&mut self, keys: &[BlockedKey], now: Now) {
        for key in keys {
            self.destination(key.webhook, now).orders.block(key.lane, key.order);
        }
    }

    /// The next attempt that may begin now.
    pub(crate) fn pick(&mut self, now: Now) -> Option<Start> {
        Lane::ALL.into_iter().find_map(|lane| self.pick_from(lane, now))
    }

    fn pick_from(&mut self, lane: Lane, now: Now) -> Option<Start> {
        let reserved = if lane == Lane::Critical { 0 } else { limits::IN_FLIGHT_RESERVED };
        if self.flights.len() >= limits::IN_FLIGHT - reserved {
            return None;
        }
        while let Some(id) = self.rings[lane.index()].pop_front() {
            if let Some(start) = self.begin(id, lane, now) {
                return Some(start);
            }
        }
        None
    }

    /// Begins an attempt at a destination whose turn it is, if it may begin.
    fn begin(&mut self, id: WebhookId, lane: Lane, now: Now) -> Option<Start> {
        let destination = self.destinations.get_mut(&id)?;
        destination.queue(lane).ringed = false;
        match destination.gate(lane, now.at) {
            Gate::Open => {}
            Gate::Closed => return None,
            Gate::Until(at) => {
                self.has_wake |= self.timers.wake(at, id);
                return None;
            }
        }
        let (claim, webhook) = destination.begin(lane, now.at)?;
        if destination.is_hungry(lane) {
            self.hungry.insert((lane, id));
        }
        let flight = self.flights.begin(claim.delivery);
        self.ring(id, lane);
        Some(Start { claim, webhook, flight })
    }

    /// Puts a delivery to rest after an attempt, or schedules the next one.
    pub(crate) fn finish(&mut self, start: &Start, next: Next, now: Now) -> Kept {
        let claim = &start.claim;
        let is_ours = self.flights.end(start.flight);
        self.in_memory = self.in_memory.saturating_sub(1);
        let kept = if is_ours {
            self.rest(claim, next, now)
        } else {
            self.rest(claim, Next::DeadLetter, now);
            Kept::Nothing
        };
        self.ring_all(claim.webhook);
        kept
    }

    fn rest(&mut self, claim: &Claim, next: Next, now: Now) -> Kept {
        let Some(destination) = self.destinations.get_mut(&claim.webhook) else { return Kept::OnDisk };
        destination.in_flight = destination.in_flight.saturating_sub(1);
        let Next::RetryAt(due) = next else {
            destination.ended(claim);
            return Kept::OnDisk;
        };
        let wait = due.since(now.wall);
        if wait > limits::RETRY_IN_MEMORY {
            destination.orders.leave_for_disk(claim);
            return Kept::OnDisk;
        }
        let attempts = claim.attempts.saturating_add(1);
        self.timers.retry(now.at + wait, Claim { attempts, rendered: true, ..claim.clone() });
        self.in_memory += 1;
        Kept::InMemory
    }

    /// Lets a destination's breaker, cap and waiting time hear how an attempt ended.
    pub(crate) fn note(&mut self, webhook: WebhookId, heard: &destination::Heard, now: Now) -> Option<bool> {
        let destination = self.destinations.get_mut(&webhook)?;
        destination.note(heard, now.at)
    }

    /// Of whom to fetch more from disk, the most urgent lane first.
    pub(crate) fn next_claim(&mut self, now: Now) -> Option<Ask> {
        let destinations = &self.destinations;
        self.hungry.retain(|(lane, id)| destinations.get(id).is_some_and(|known| known.is_hungry(*lane)));
        if self.in_memory >= limits::READY {
            return None;
        }
        let busy = self.in_memory >= limits::LOW_WATER;
        let may_come = |(lane, id): &&(Lane, WebhookId)| {
            !busy
                || !lane.may_be_buffered()
                || destinations.get(id).is_some_and(|known| known.has_buffered_long(*lane, now.at))
        };
        let (lane, id) = self.hungry.iter().find(may_come).copied()?;
        self.destinations.get_mut(&id).map(|destination| destination.ask(lane))
    }

    /// Whether there may be something to fetch from disk.
    pub(crate) fn is_hungry(&self) -> bool {
        !self.hungry.is_empty()
    }

    /// Hears what a claim brought, before it is pushed.
    pub(crate) fn claimed(&mut self, ask: Ask, found: usize) {
        let Some(destination) = self.destinations.get_mut(&ask.webhook) else { return };
        destination.claimed(ask, found);
        if destination.is_hungry(ask.lane) {
            self.hungry.insert((ask.lane, ask.webhook));
        }
    }

    /// The time of what comes next.
    pub(crate) fn next_timer(&mut self) -> Option<Instant> {
        self.has_wake = false;
        self.timers.next()
    }

    /// Whether a pick has set a timer since somebody last asked what comes next.
    pub(crate) fn has_wake(&self) -> bool {
        self.has_wake
    }

    /// Moves what has come due.
    pub(crate) fn run_timers(&mut self, now: Now) {
        while let Some(timer) = self.timers.pop_due(now.at) {
            match timer {
                Timer::Wake(webhook) => self.ring_all(webhook),
                Timer::Retry(claim) => {
                    let (webhook, lane) = (claim.webhook, claim.lane);
                    self.destination(webhook, now).push_front(claim);
                    self.ring(webhook, lane);
                }
            }
        }
    }

    /// How many deliveries wait in memory for earlier ones of their order keys.
    pub(crate) fn behind(&self, webhook: WebhookId) -> usize {
        self.destinations.get(&webhook).map_or(0, |destination| destination.orders.len())
    }

    /// Whether a delivery waits for an earlier one of its order key.
    pub(crate) fn waits_its_turn(&self, webhook: WebhookId, delivery: DeliveryId) -> bool {
        self.destinations.get(&webhook).is_some_and(|destination| destination.orders.waits(delivery))
    }

    /// `flowing`, `tripped` or `probing`.
    pub(crate) fn breaker(&self, webhook: WebhookId) -> &'static str {
        self.destinations.get(&webhook).map_or("flowing", |destination| destination.breaker.name())
    }

    /// Deliveries in memory, and attempts under way.
    pub(crate) fn load(&self) -> (usize, usize) {
        (self.in_memory, self.flights.len())
    }

    fn destination(&mut self, id: WebhookId, now: Now) -> &mut Destination {
        self.destinations.entry(id).or_insert_with(|| Destination::new(id, now.at))
    }

    fn ring_all(&mut self, id: WebhookId) {
        for lane in Lane::ALL {
            self.ring(id, lane);
        }
    }

    fn ring(&mut self, id: WebhookId, lane: Lane) {
        let Some(destination) = self.destinations.get_mut(&id) else { return };
        let queue = destination.queue(lane);
        if !queue.ready.is_empty() && !queue.ringed {
            queue.ringed = true;
            self.rings[lane.index()].push_back(id);
        }
    }
}

pub(crate) use destination::Heard;

#[cfg(test)]
mod tests;
