//! Contents between acceptance and first attempt, so that they are not read back and opened again.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Content, Event, EventId, Id, Personal, Timestamp, limits};

/// Contents by event, each for as many uses as there are deliveries.
///
/// Only a shortcut: what is not here is read from the store. Never holds more
/// than [`limits::WARM_BYTES`].
#[derive(Default)]
pub struct Warm {
    shards: [Mutex<HashMap<EventId, Kept>>; SHARDS],
    bytes: AtomicUsize,
}

impl Warm {
    /// Nothing kept yet.
    #[must_use]
    pub fn new() -> Self {
        Warm::default()
    }

    /// Keeps a content for so many uses, if there is room.
    pub fn put(&self, event: Event, content: Personal<Content>, uses: usize) {
        let weight = content.weight();
        let fits = |bytes: usize| Some(bytes + weight).filter(|sum| *sum <= limits::WARM_BYTES);
        if uses == 0 || self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_err() {
            return;
        }
        let id = event.id;
        let kept = Kept { both: Arc::new((event, content)), uses, weight };
        if let Some(before) = self.shard(id).insert(id, kept) {
            self.release(before.weight);
        }
    }

    /// The content of an event, for one use; gone after the last.
    #[must_use]
    pub fn take(&self, id: EventId) -> Option<Arc<(Event, Personal<Content>)>> {
        let mut shard = self.shard(id);
        let kept = shard.get_mut(&id)?;
        kept.uses -= 1;
        let both = kept.both.clone();
        if kept.uses == 0 {
            self.release(kept.weight);
            shard.remove(&id);
        }
        Some(both)
    }

    /// Drops a content whose commit failed or found a duplicate.
    pub fn forget(&self, id: EventId) {
        if let Some(kept) = self.shard(id).remove(&id) {
            self.release(kept.weight);
        }
    }

    /// Drops what was accepted before `then`: its deliveries went to disk.
    pub fn clear_older(&self, then: Timestamp) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            let gone = shard.extract_if(|_, kept| kept.both.0.received < then);
            self.release(gone.map(|(_, kept)| kept.weight).sum());
        }
    }

    /// Bytes kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    fn release(&self, weight: usize) {
        self.bytes.fetch_sub(weight, Ordering::Relaxed);
    }

    fn shard(&self, id: EventId) -> MutexGuard<'_, HashMap<EventId, Kept>> {
        lock(&self.shards[id.row().unsigned_abs() as usize % SHARDS])
    }
}

impl fmt::Debug for Warm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "warm contents, {} bytes", self.bytes())
    }
}

const SHARDS: usize = 16;

struct Kept {
    both: Arc<(Event, Personal<Content>)>,
    uses: usize,
    weight: usize,
}

fn lock(shard: &Mutex<HashMap<EventId, Kept>>) -> MutexGuard<'_, HashMap<EventId, Kept>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use model::Lane;
    use serde_json::value::RawValue;

    use super::*;

    fn event(row: i64) -> Event {
        Event {
            id: EventId::from_row(row, 0),
            organisation: Id::from_raw(2),
            integration: Id::from_raw(3),
            event_type: "lab.result.critical".into(),
            object_type: "lab_report".into(),
            lane: Lane::Critical,
            time: Timestamp::from_millis(0),
            received: Timestamp::from_millis(row),
            test: false,
            subject: None,
            object: None,
            message: None,
            sequence: 0,
            replaces: None,
            caused_by: None,
            hops: 0,
        }
    }

    fn put(warm: &Warm, row: i64, bytes: usize, uses: usize) -> EventId {
        let data = RawValue::from_string(format!("\"{}\"", "x".repeat(bytes))).unwrap();
        warm.put(event(row), Personal::new(Content::of(data)), uses);
        event(row).id
    }

    #[test]
    fn a_content_is_kept_for_its_uses_and_no_longer() {
        let warm = Warm::new();
        let id = put(&warm, 1, 10, 2);
        assert!(warm.take(id).is_some() && warm.take(id).is_some() && warm.take(id).is_none());
        assert_eq!(warm.bytes(), 0);
        put(&warm, 1, 10, 0);
        assert_eq!(warm.bytes(), 0);

        let (old, new) = (put(&warm, 1, 10, 1), put(&warm, 2, 10, 1));
        warm.clear_older(Timestamp::from_millis(2));
        assert!(warm.take(old).is_none() && warm.take(new).is_some());
        put(&warm, 3, 10, 9);
        put(&warm, 3, 20, 9);
        warm.forget(event(3).id);
        assert_eq!(warm.bytes(), 0);
    }

    #[test]
    fn what_does_not_fit_is_left_to_the_store() {
        let warm = Warm::new();
        let ids: Vec<_> = (0..40).map(|row| put(&warm, row, 1 << 20, 1)).collect();
        assert!(warm.bytes() <= limits::WARM_BYTES);
        assert_eq!(ids.iter().filter(|id| warm.take(**id).is_some()).count(), 31);
        assert_eq!(warm.bytes(), 0);
    }
}
