//! A sender that writes down what it hears.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{DeliveryId, Lane, OrderKey, WebhookId};

use super::World;
use crate::{Backlog, BlockedKey, Claim, Handover, Place, Recall};

/// What a sender heard.
pub struct Desk(Mutex<Heard>);

/// What was heard since the last look.
#[derive(Debug)]
pub struct Heard {
    place: Place,
    /// Deliveries taken over, in order.
    pub taken: Vec<Claim>,
    /// What waits on disk.
    pub spilled: Vec<Backlog>,
    /// Keys behind which nothing is held.
    pub released: Vec<BlockedKey>,
    /// Deliveries that must go back to disk.
    pub recalled: Vec<Recall>,
    /// Deliveries that a person wants sent now.
    pub hastened: Vec<DeliveryId>,
    /// Deliveries that a person ended.
    pub withdrawn: Vec<DeliveryId>,
}

impl Desk {
    /// Joins a sender to the world's store; new deliveries belong in `place`.
    #[must_use]
    pub fn join(world: &World, place: Place) -> Arc<Self> {
        let desk = Arc::new(Desk(Mutex::new(Heard::nothing(place))));
        world.store.hand_over_to(desk.clone());
        desk
    }

    /// From now on, new deliveries belong in `place`.
    pub fn place_in(&self, place: Place) {
        self.lock().place = place;
    }

    /// What was heard since the last look, once everything committed so far was told.
    ///
    /// # Panics
    /// The store fails.
    pub async fn heard(&self, world: &World) -> Heard {
        // News of earlier commits are told before a later verb is answered.
        world.store.backlog().await.expect("the backlog is read");
        let mut heard = self.lock();
        let fresh = Heard::nothing(heard.place);
        std::mem::replace(&mut *heard, fresh)
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    fn nothing(place: Place) -> Self {
        Heard {
            place,
            taken: Vec::new(),
            spilled: Vec::new(),
            released: Vec::new(),
            recalled: Vec::new(),
            hastened: Vec::new(),
            withdrawn: Vec::new(),
        }
    }

    /// How many deliveries wait on disk, by what was heard.
    #[must_use]
    pub fn on_disk(&self) -> u64 {
        self.spilled.iter().map(|backlog| backlog.count).sum()
    }
}

impl Handover for Desk {
    fn place(&self, _: WebhookId, _: Lane, _: Option<OrderKey>) -> Place {
        self.lock().place
    }

    fn take(&self, claims: Vec<Claim>) {
        self.lock().taken.extend(claims);
    }

    fn spilled(&self, backlog: Vec<Backlog>) {
        self.lock().spilled.extend(backlog);
    }

    fn released(&self, keys: Vec<BlockedKey>) {
        self.lock().released.extend(keys);
    }

    fn recalled(&self, deliveries: Vec<Recall>) {
        self.lock().recalled.extend(deliveries);
    }

    fn hastened(&self, deliveries: Vec<DeliveryId>) {
        self.lock().hastened.extend(deliveries);
    }

    fn withdrawn(&self, deliveries: Vec<DeliveryId>) {
        self.lock().withdrawn.extend(deliveries);
    }
}
