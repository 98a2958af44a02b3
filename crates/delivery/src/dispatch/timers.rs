//! What happens later: retries, and destinations that asked to be left alone.

use std::collections::{BTreeMap, HashMap};

use model::WebhookId;
use store::Claim;
use tokio::time::Instant;

/// Something whose time has come.
#[derive(Debug)]
pub(super) enum Timer {
    Retry(Claim),
    Wake(WebhookId),
}

/// Timers in the order of their times.
#[derive(Default)]
pub(super) struct Timers {
    due: BTreeMap<(Instant, u64), Timer>,
    count: u64,
    /// The earliest wake of each destination: one is enough.
    wakes: HashMap<WebhookId, Instant>,
}

impl Timers {
    pub(super) fn retry(&mut self, at: Instant, claim: Claim) {
        self.insert(at, Timer::Retry(claim));
    }

    /// Tells whether there was no earlier wake.
    pub(super) fn wake(&mut self, at: Instant, webhook: WebhookId) -> bool {
        if self.wakes.get(&webhook).is_some_and(|earlier| *earlier <= at) {
            return false;
        }
        self.wakes.insert(webhook, at);
        self.insert(at, Timer::Wake(webhook));
        true
    }

    pub(super) fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        let entry = self.due.first_entry()?;
        if entry.key().0 > now {
            return None;
        }
        let timer = entry.remove();
        if let Timer::Wake(webhook) = &timer {
            self.wakes.remove(webhook);
        }
        Some(timer)
    }

    /// Takes out retries.
    pub(super) fn take(&mut self, is: impl Fn(&Claim) -> bool) -> Vec<Claim> {
        let out = self.due.extract_if(.., |_, timer| matches!(timer, Timer::Retry(claim) if is(claim)));
        let claim = |(_, timer)| if let Timer::Retry(claim) = timer { Some(claim) } else { None };
        out.filter_map(claim).collect()
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.due.first_key_value().map(|((at, _), _)| *at)
    }

    fn insert(&mut self, at: Instant, timer: Timer) {
        self.count += 1;
        self.due.insert((at, self.count), timer);
    }
}
