//! What took how long, event by event: spans for a collector.
//!
//! A trace is an event: its id is the event's, as the `traceparent` of every
//! delivery says. Ids, types, lanes and codes only: nothing personal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use model::{EventId, Id, Timestamp, limits};
use tokio::sync::mpsc;

/// Something that took time.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// What it was: `intake`, `match`, `commit`, `delivery` or `attempt`.
    pub name: &'static str,
    /// The event.
    pub event: EventId,
    /// Its own id.
    pub id: u64,
    /// The id of the span that it is part of.
    pub parent: Option<u64>,
    /// When it ended.
    pub ended: Timestamp,
    /// How long it took, in microseconds.
    pub micros: u64,
    /// What there is to say; ids of ours, types and codes.
    pub attributes: Vec<(&'static str, String)>,
    /// Whether it failed.
    pub failed: bool,
}

/// Where spans wait for their export. Without a collector nothing is recorded.
#[derive(Debug, Default)]
pub struct Traces {
    queue: RwLock<Option<mpsc::Sender<Span>>>,
    /// How many of 2³² traces are recorded; zero while there is no collector.
    share: AtomicU64,
    dropped: Mutex<usize>,
}

impl Traces {
    /// Begins to record a share of all traces, between 0 and 1; answers where they wait.
    pub fn begin(&self, share: f64) -> mpsc::Receiver<Span> {
        let (queue, waiting) = mpsc::channel(limits::SPANS);
        *self.queue.write().unwrap_or_else(PoisonError::into_inner) = Some(queue);
        let share = (share.clamp(0.0, 1.0) * WHOLE).round();
        self.share.store(share as u64, Ordering::Relaxed);
        waiting
    }

    /// Whether the spans of an event are recorded: all of them, or none.
    #[must_use]
    pub fn records(&self, event: EventId) -> bool {
        let share = self.share.load(Ordering::Relaxed);
        // Rows rise by time; a product with an odd constant spreads them evenly.
        let spread = event.row().unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        share > 0 && spread < share
    }

    /// Records a span of an event that is recorded; one that finds no room is counted as lost.
    pub fn record(&self, span: impl FnOnce() -> Span) {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        let lost = queue.as_ref().is_some_and(|queue| queue.try_send(span()).is_err());
        if lost {
            *self.dropped.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        }
    }

    /// How many spans were lost since this was asked last.
    pub fn take_dropped(&self) -> usize {
        std::mem::take(&mut *self.dropped.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The id of the span of an event's intake: that of the event's row.
#[must_use]
pub fn intake_span(event: EventId) -> u64 {
    event.row().unsigned_abs()
}

const WHOLE: f64 = 4_294_967_296.0;

#[cfg(test)]
mod tests {
    use model::Ids;

    use super::*;

    fn span(event: EventId) -> Span {
        Span {
            name: "intake",
            event,
            id: intake_span(event),
            parent: None,
            ended: Timestamp::from_millis(1),
            micros: 5,
            attributes: Vec::new(),
            failed: false,
        }
    }

    #[tokio::test]
    async fn what_finds_no_room_is_counted_and_without_a_collector_nothing_is_recorded() {
        let traces = Traces::default();
        let event = EventId::from_raw(1 << 64);
        assert!(!traces.records(event));
        traces.record(|| span(event));
        assert_eq!(traces.take_dropped(), 0);
        let mut waiting = traces.begin(1.0);
        assert!(traces.records(event));
        (0..limits::SPANS + 3).for_each(|_| traces.record(|| span(event)));
        assert_eq!((traces.take_dropped(), traces.take_dropped()), (3, 0));
        assert_eq!(waiting.recv().await, Some(span(event)));
    }

    #[test]
    fn a_share_of_the_traces_is_recorded_whole() {
        let traces = Traces::default();
        let _waiting = traces.begin(0.1);
        let ids = Ids::new(7, 0);
        let now = Timestamp::from_millis(1_790_000_000_000);
        let recorded = (0..10_000).filter(|_| traces.records(ids.next(now))).count();
        assert!((800..1_200).contains(&recorded), "{recorded}");
    }
}
