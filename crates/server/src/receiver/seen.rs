//! Which deliveries were taken before: the newest ones.

use std::collections::{HashSet, VecDeque};

/// A bounded memory of `webhook-id`s.
#[derive(Debug, Default)]
pub(super) struct Seen {
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl Seen {
    /// Whether a delivery was taken.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.known.contains(id)
    }

    /// A delivery was taken; the oldest is forgotten for it.
    pub(super) fn remember(&mut self, id: String) {
        if !self.known.insert(id.clone()) {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

const REMEMBERED: usize = 100_000;
