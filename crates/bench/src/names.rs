//! Events by the ids that the server gave them, for receivers that are told nothing else.
//!
//! A webhook whose profile shows no content cannot be told by a mark of ours what it was told of.
//! Another receiver of the same event sees both: the mark, and the server's id.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Which event of ours each id of the server's stands for, as far as it is known.
#[derive(Default)]
pub(crate) struct Names(Mutex<HashMap<Box<[u8]>, Entry>>);

/// An arrival of an event: at which destination, and when.
pub(crate) type Arrival = (usize, u64);

enum Entry {
    Known(usize),
    Waiting(Vec<Arrival>),
}

impl Names {
    /// Notes which event a name stands for; answers the arrivals that waited for it.
    pub(crate) fn learn(&self, name: &[u8], id: usize) -> Vec<Arrival> {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match names.insert(name.into(), Entry::Known(id)) {
            Some(Entry::Waiting(arrivals)) => arrivals,
            Some(Entry::Known(_)) | None => Vec::new(),
        }
    }

    /// Which event a name stands for; where nobody knows yet, the arrival waits.
    pub(crate) fn look_up(&self, name: &[u8], arrival: Arrival) -> Option<usize> {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match names.entry(name.into()).or_insert_with(|| Entry::Waiting(Vec::new())) {
            Entry::Known(id) => Some(*id),
            Entry::Waiting(arrivals) => {
                arrivals.push(arrival);
                None
            }
        }
    }

    /// Arrivals of which nobody learned what they told of.
    pub(crate) fn waiting(&self) -> u64 {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = names.values().map(|entry| match entry {
            Entry::Known(_) => 0,
            Entry::Waiting(arrivals) => arrivals.len(),
        });
        waiting.sum::<usize>() as u64
    }
}

/// The server's id of the event that a native body tells of, which is its first member.
pub(crate) fn name_in(body: &[u8]) -> Option<&[u8]> {
    let rest = body.strip_prefix(b"{\"id\":\"")?;
    rest.split(|byte| *byte == b'"').next()
}
