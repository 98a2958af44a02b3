//! What happens, for who watches now. Whoever is slow misses some, and is told so.
//!
//! A note belongs to one organisation and has a number that rises by one with
//! every note since the start, watched or not: by it, who comes back knows
//! whether something was missed meanwhile.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use model::{
    Category, DeliveryId, DeliveryState, EventId, EventType, IntegrationId, Lane, OrganisationId, RedriveId,
    WebhookId, limits,
};
use serde::Serialize;
use tokio::sync::broadcast;

/// One thing that happened: ids of ours and codes, nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Note {
    /// An event was accepted.
    Event {
        /// The event.
        event_id: EventId,
        /// Its type.
        event_type: EventType,
        /// How urgent it is.
        lane: Lane,
        /// Where it came in.
        integration_id: IntegrationId,
        /// How many deliveries it made.
        matched: usize,
    },
    /// Something was not taken.
    Rejection {
        /// Where it was to come in.
        integration_id: IntegrationId,
        /// The way in.
        door: &'static str,
        /// The problem code.
        code: &'static str,
    },
    /// An attempt ended.
    Attempt {
        /// The delivery.
        delivery_id: DeliveryId,
        /// Its event.
        event_id: EventId,
        /// Its destination.
        webhook_id: WebhookId,
        /// How urgent it is.
        lane: Lane,
        /// What went wrong; none if it was delivered.
        error: Option<Category>,
    },
    /// A delivery came to its end.
    Delivery {
        /// The delivery.
        delivery_id: DeliveryId,
        /// Its event.
        event_id: EventId,
        /// Its destination.
        webhook_id: WebhookId,
        /// How it ended.
        state: DeliveryState,
    },
    /// A webhook was made, changed, paused, disabled, resumed or deleted, or its breaker turned.
    Webhook {
        /// The webhook.
        webhook_id: WebhookId,
        /// `active`, `pending`, `paused`, `disabled` or `deleted`; `tripped` or `flowing` when the breaker turned.
        status: &'static str,
    },
    /// Somebody has to look at something.
    Alert {
        /// What kind of alert, such as `webhook.disabled`.
        code: String,
        /// An id of ours: what it is about.
        target: String,
    },
    /// A redrive moved on.
    Redrive {
        /// The redrive.
        redrive_id: RedriveId,
        /// `running`, `done` or `cancelled`.
        state: &'static str,
        /// How many deliveries are owed again.
        revived: u64,
        /// How many there were at the start.
        planned: u64,
    },
}

impl Note {
    /// The name of its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Note::Event { .. } => "event",
            Note::Rejection { .. } => "rejection",
            Note::Attempt { .. } => "attempt",
            Note::Delivery { .. } => "delivery",
            Note::Webhook { .. } => "webhook",
            Note::Alert { .. } => "alert",
            Note::Redrive { .. } => "redrive",
        }
    }
}

/// A note, whose it is, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its place.
    pub place: Place,
    /// Who may hear of it.
    pub organisation: OrganisationId,
    /// What happened.
    pub note: Note,
}

/// A place in the feed: which start of the server, and how many notes since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    boot: u64,
    number: u64,
}

impl Place {
    /// How many notes lie between an earlier place and this one; none where that is of another start.
    #[must_use]
    pub fn since(self, earlier: Place) -> Option<u64> {
        (self.boot == earlier.boot).then(|| self.number.saturating_sub(earlier.number))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.boot, self.number)
    }
}

/// The text is not a place in a feed.
#[derive(Debug, thiserror::Error)]
#[error("not a place in the feed")]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (boot, number) = text.split_once('-').ok_or(NoPlace)?;
        let read = |text: &str| text.parse().map_err(|_| NoPlace);
        Ok(Place { boot: read(boot)?, number: read(number)? })
    }
}

/// Where things are told. Cheap to clone, and free while nobody watches.
#[derive(Debug, Clone)]
pub struct Feed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    boot: u64,
    told: AtomicU64,
    /// Held while something is told, so that notes arrive in the order of their numbers.
    notes: Mutex<broadcast::Sender<Told>>,
    watchers: broadcast::Sender<Told>,
}

impl Feed {
    /// A feed that nobody watches yet; each start of the server has a `boot` of its own.
    #[must_use]
    pub fn new(boot: u64) -> Self {
        let watchers = broadcast::Sender::new(limits::LIVE_NOTES);
        let notes = Mutex::new(watchers.clone());
        Feed(Arc::new(Shared { boot, told: AtomicU64::new(0), notes, watchers }))
    }

    /// Whether anybody watches: what takes work to tell is not told otherwise.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.0.watchers.receiver_count() > 0
    }

    /// Tells who watches; without anybody the note is only counted, not made.
    pub fn tell(&self, organisation: OrganisationId, note: impl FnOnce() -> Note) {
        if !self.is_watched() {
            self.0.told.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let note = note();
        let notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.0.told.fetch_add(1, Ordering::Relaxed) + 1;
        let place = Place { boot: self.0.boot, number };
        // The last watcher may have gone this very moment.
        drop(notes.send(Told { place, organisation, note }));
    }

    /// Counts notes that nobody heard and that were not made.
    pub fn pass_over(&self, count: usize) {
        self.0.told.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Watches from now on; and where the feed stands now.
    #[must_use]
    pub fn watch(&self) -> (broadcast::Receiver<Told>, Place) {
        let notes = self.0.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.0.told.load(Ordering::Relaxed);
        (notes.subscribe(), Place { boot: self.0.boot, number })
    }
}

impl Default for Feed {
    fn default() -> Self {
        Feed::new(0)
    }
}

#[cfg(test)]
mod tests {
    use model::Id;

    use super::*;

    fn tripped() -> Note {
        Note::Webhook { webhook_id: WebhookId::from_raw(1), status: "tripped" }
    }

    #[test]
    fn what_happens_unwatched_is_counted_and_costs_no_note() {
        let feed = Feed::new(7);
        let organisation = OrganisationId::from_raw(1);
        feed.tell(organisation, || panic!("a note that nobody reads was made"));
        let (mut notes, place) = feed.watch();
        assert_eq!(place.to_string(), "7-1");
        feed.tell(organisation, tripped);
        let told = notes.try_recv().unwrap();
        assert_eq!((told.place.to_string().as_str(), told.place.since(place)), ("7-2", Some(1)));
        drop(notes);
        feed.tell(organisation, || panic!("the watcher has gone"));
        assert_eq!(feed.watch().1.since(told.place), Some(1));
    }

    #[test]
    fn a_place_is_read_back_and_one_of_another_start_tells_nothing() {
        let place: Place = "7-2".parse().unwrap();
        assert_eq!(place.to_string(), "7-2");
        assert_eq!(place.since("6-1".parse().unwrap()), None);
        for text in ["", "7", "7-", "-2", "7-x", "a-1"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_note_is_ids_and_codes() {
        let note = Note::Attempt {
            delivery_id: DeliveryId::from_raw(1),
            event_id: EventId::from_raw(2),
            webhook_id: WebhookId::from_raw(3),
            lane: Lane::Critical,
            error: Some(Category::ReadTimeout),
        };
        let json = serde_json::to_value(&note).unwrap();
        assert_eq!((&json["kind"], &json["error"]), (&note.kind().into(), &"read_timeout".into()));
        assert!(json["deliveryId"].as_str().unwrap().starts_with("dlv_"));
    }
}
