//! When each id was sent, acknowledged and received, by every destination.
//!
//! The hot path writes one word per fact; everything else is worked out after
//! the run. Times are nanoseconds since the ledger was opened, 0 is never.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::time::Instant;

use crate::names::Names;
use crate::report::Tally;

/// The book of one run: `events` ids, each expected once by each destination that is told of it.
pub(crate) struct Ledger {
    opened: Instant,
    nonce: String,
    /// For each destination: it is told of every so many events.
    every: Vec<usize>,
    names: Names,
    sent: Vec<AtomicU64>,
    acknowledged: Vec<AtomicU64>,
    arrived: Vec<AtomicU64>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    acknowledged: AtomicU64,
    owed: AtomicU64,
    delivered: AtomicU64,
    duplicates: AtomicU64,
    strangers: AtomicU64,
    unsigned: AtomicU64,
    exposed: AtomicU64,
    pushed_back: AtomicU64,
}

impl Ledger {
    /// `every` has an entry for each destination: it is told of the events whose number that divides.
    pub(crate) fn new(events: usize, every: Vec<usize>) -> Self {
        let times = |count: usize| std::iter::repeat_with(AtomicU64::default).take(count).collect();
        // A random hasher is the standard library's only source of randomness.
        let nonce = RandomState::new().hash_one(events) >> 32;
        Self {
            opened: Instant::now(),
            nonce: format!("{nonce:08x}"),
            names: Names::default(),
            sent: times(events),
            acknowledged: times(events),
            arrived: times(events * every.len()),
            every,
            counts: Counts::default(),
        }
    }

    /// What tells the ids of this run from those of any other.
    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }

    pub(crate) fn events(&self) -> usize {
        self.sent.len()
    }

    pub(crate) fn now(&self) -> u64 {
        nanoseconds(self.opened.elapsed()).max(1)
    }

    pub(crate) fn instant(&self, at: u64) -> Instant {
        self.opened + Duration::from_nanos(at)
    }

    pub(crate) fn note_sent(&self, id: usize, at: u64) {
        self.sent[id].store(at, Relaxed);
    }

    pub(crate) fn note_acknowledged(&self, id: usize) {
        if self.acknowledged[id].swap(self.now(), Relaxed) == 0 {
            let owed = (0..self.every.len()).filter(|column| self.owes(id, *column)).count();
            self.counts.owed.fetch_add(owed as u64, Relaxed);
            self.counts.acknowledged.fetch_add(1, Relaxed);
        }
    }

    fn owes(&self, id: usize, column: usize) -> bool {
        id.is_multiple_of(self.every[column])
    }

    pub(crate) fn note_pushed_back(&self) {
        self.counts.pushed_back.fetch_add(1, Relaxed);
    }

    pub(crate) fn note_unsigned(&self) {
        self.counts.unsigned.fetch_add(1, Relaxed);
    }

    pub(crate) fn note_stranger(&self) {
        self.counts.strangers.fetch_add(1, Relaxed);
    }

    /// Something came that told more than its webhook may know.
    pub(crate) fn note_exposed(&self) {
        self.counts.exposed.fetch_add(1, Relaxed);
    }

    /// The first arrival counts; later ones are duplicates.
    pub(crate) fn note_arrived(&self, id: usize, column: usize) {
        self.note_arrived_at(id, (column, self.now()));
    }

    /// An arrival that says both the event and the name that the server gave it.
    pub(crate) fn note_named(&self, id: usize, name: &[u8]) {
        for waited in self.names.learn(name, id) {
            self.note_arrived_at(id, waited);
        }
    }

    /// An arrival that says the server's name of its event and nothing else.
    pub(crate) fn note_arrived_by_name(&self, name: &[u8], column: usize) {
        let arrival = (column, self.now());
        if let Some(id) = self.names.look_up(name, arrival) {
            self.note_arrived_at(id, arrival);
        }
    }

    fn note_arrived_at(&self, id: usize, (column, at): (usize, u64)) {
        if !self.owes(id, column) {
            return self.note_stranger();
        }
        let place = id * self.every.len() + column;
        let count = match self.arrived[place].compare_exchange(0, at, Relaxed, Relaxed) {
            Ok(_never) => &self.counts.delivered,
            Err(_before) => &self.counts.duplicates,
        };
        count.fetch_add(1, Relaxed);
    }

    /// Starts anew with arrivals: what came before was never answered and must come again.
    pub(crate) fn forget_arrivals(&self) {
        self.arrived
            .iter()
            .chain([&self.counts.delivered, &self.counts.duplicates])
            .for_each(|count| count.store(0, Relaxed));
    }

    pub(crate) fn first_arrival(&self) -> Option<u64> {
        self.arrived.iter().map(|time| time.load(Relaxed)).filter(|at| *at > 0).min()
    }

    pub(crate) fn outstanding(&self) -> u64 {
        self.counts.owed.load(Relaxed).saturating_sub(self.counts.delivered.load(Relaxed))
    }

    /// Waits until all that was acknowledged has arrived, or nothing has for `patience`.
    pub(crate) async fn settle(&self, patience: Duration) {
        let mut delivered = self.counts.delivered.load(Relaxed);
        let mut moved = Instant::now();
        while self.outstanding() > 0 && moved.elapsed() < patience {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let now = self.counts.delivered.load(Relaxed);
            if now != delivered {
                delivered = now;
                moved = Instant::now();
            }
        }
    }

    /// What became of the events, counted from the book itself.
    pub(crate) fn tally(&self) -> Tally {
        let missing = |place: &usize| {
            let (id, column) = (place / self.every.len(), place % self.every.len());
            let is_owed = self.acknowledged[id].load(Relaxed) > 0 && self.owes(id, column);
            is_owed && self.arrived[*place].load(Relaxed) == 0
        };
        Tally {
            acknowledged: self.counts.acknowledged.load(Relaxed),
            delivered: self.counts.delivered.load(Relaxed),
            lost: (0..self.arrived.len()).filter(missing).count() as u64,
            duplicates: self.counts.duplicates.load(Relaxed),
            strangers: self.counts.strangers.load(Relaxed) + self.names.waiting(),
            unsigned: self.counts.unsigned.load(Relaxed),
            exposed: self.counts.exposed.load(Relaxed),
            pushed_back: self.counts.pushed_back.load(Relaxed),
        }
    }

    /// From send to acknowledgement, in nanoseconds.
    pub(crate) fn acknowledgement(&self) -> Histogram<u64> {
        self.latencies(&self.acknowledged, 1)
    }

    /// From send to arrival at each destination, in nanoseconds.
    pub(crate) fn arrival(&self) -> Histogram<u64> {
        self.latencies(&self.arrived, self.every.len())
    }

    /// From the first send to the last acknowledgement.
    pub(crate) fn acknowledging(&self) -> Duration {
        self.span_to(&self.acknowledged)
    }

    /// From the first send to the last arrival.
    pub(crate) fn delivering(&self) -> Duration {
        self.span_to(&self.arrived)
    }

    /// Arrivals in each step of `step` since the first send.
    pub(crate) fn arrivals_by(&self, step: Duration) -> Vec<u64> {
        let first = self.first_sent();
        let mut steps = Vec::new();
        for at in self.arrived.iter().map(|time| time.load(Relaxed)).filter(|at| *at > 0) {
            let place =
                usize::try_from(at.saturating_sub(first) / nanoseconds(step).max(1)).unwrap_or(usize::MAX);
            if place >= steps.len() {
                steps.resize(place + 1, 0);
            }
            steps[place] += 1;
        }
        steps
    }

    fn latencies(&self, until: &[AtomicU64], columns: usize) -> Histogram<u64> {
        // Three digits up to an hour; beyond that, which never happens, it saturates.
        let mut histogram = Histogram::new_with_bounds(1, HOUR, 3).expect("the bounds are valid");
        for (place, at) in until.iter().enumerate() {
            let (from, to) = (self.sent[place / columns].load(Relaxed), at.load(Relaxed));
            if from > 0 && to > 0 {
                histogram.saturating_record(to.saturating_sub(from).max(1));
            }
        }
        histogram
    }

    fn span_to(&self, times: &[AtomicU64]) -> Duration {
        let last = times.iter().map(|time| time.load(Relaxed)).max().unwrap_or(0);
        Duration::from_nanos(last.saturating_sub(self.first_sent()))
    }

    fn first_sent(&self) -> u64 {
        self.sent.iter().map(|time| time.load(Relaxed)).filter(|at| *at > 0).min().unwrap_or(0)
    }
}

const HOUR: u64 = 3_600_000_000_000;

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    fn acknowledged(events: usize, columns: usize) -> Ledger {
        let ledger = Ledger::new(events, vec![1; columns]);
        for id in 0..events {
            ledger.note_sent(id, ledger.now());
            ledger.note_acknowledged(id);
        }
        ledger
    }

    #[test]
    fn a_planted_loss_and_a_planted_duplicate_are_caught() {
        let ledger = acknowledged(3, 2);
        for (id, column) in [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1), (2, 1)] {
            ledger.note_arrived(id, column);
        }
        let tally = ledger.tally();
        assert_eq!((tally.delivered, tally.lost, tally.duplicates), (5, 1, 1));
        assert_eq!(ledger.outstanding(), 1);
    }

    #[test]
    fn what_was_never_acknowledged_is_not_lost() {
        let ledger = Ledger::new(2, vec![1]);
        ledger.note_sent(0, ledger.now());
        assert_eq!((ledger.tally().lost, ledger.outstanding()), (0, 0));
    }

    #[test]
    fn what_arrived_before_a_kill_must_come_again() {
        let ledger = acknowledged(1, 1);
        ledger.note_arrived(0, 0);
        ledger.forget_arrivals();
        assert_eq!((ledger.tally().lost, ledger.first_arrival()), (1, None));
        ledger.note_arrived(0, 0);
        assert_eq!((ledger.tally().lost, ledger.tally().duplicates), (0, 0));
    }

    #[test]
    fn a_destination_that_is_told_of_some_events_is_owed_those_alone() {
        let ledger = Ledger::new(4, vec![1, 2]);
        (0..4).for_each(|id| ledger.note_acknowledged(id));
        assert_eq!((ledger.outstanding(), ledger.tally().lost), (6, 6));
        ledger.note_arrived(2, 1);
        ledger.note_arrived(3, 1);
        let tally = ledger.tally();
        assert_eq!((tally.delivered, tally.lost, tally.strangers), (1, 5, 1));
    }

    #[test]
    fn an_arrival_that_names_its_event_only_waits_until_somebody_knows_it() {
        let ledger = acknowledged(2, 2);
        ledger.note_arrived_by_name(b"evt_b", 1);
        assert_eq!((ledger.tally().delivered, ledger.tally().strangers), (0, 1));
        ledger.note_named(1, b"evt_b");
        ledger.note_named(0, b"evt_a");
        ledger.note_arrived_by_name(b"evt_a", 1);
        ledger.note_arrived_by_name(b"evt_a", 1);
        let tally = ledger.tally();
        assert_eq!((tally.delivered, tally.duplicates, tally.strangers, tally.lost), (2, 1, 0, 2));
    }

    #[test]
    fn latencies_count_what_has_both_ends() {
        let ledger = acknowledged(4, 2);
        ledger.note_arrived(3, 1);
        assert_eq!((ledger.acknowledgement().len(), ledger.arrival().len()), (4, 1));
        assert_eq!(ledger.arrivals_by(std::time::Duration::from_secs(3600)), [1]);
    }
}
