//! What is counted for each door.

use model::Door;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::register::{Labels, Timed, listed, timed_by};

/// What is counted for each door.
#[derive(Debug)]
pub(super) struct OfDoor {
    pub(super) accepted: Counter,
    pub(super) duplicates: Counter,
    pub(super) ack_seconds: Histogram,
}

impl OfDoor {
    pub(super) fn register(to: &mut Registry) -> [OfDoor; Door::ALL.len()] {
        let accepted: Family<Labels<1>, Counter> =
            listed(to, "events_accepted", "Events that are durable, by door");
        let duplicates: Family<Labels<1>, Counter> =
            listed(to, "events_duplicate", "Events that were known before, by door");
        let ack: Timed = timed_by(to, "ack", "Time from the last byte of a call to its answer, by door");
        Door::ALL.map(|door| {
            let own = [("door", door.name())];
            OfDoor {
                accepted: accepted.get_or_create_owned(&own),
                duplicates: duplicates.get_or_create_owned(&own),
                ack_seconds: ack.get_or_create_owned(&own),
            }
        })
    }
}
