//! The queue as a map: what a store must do with deliveries, in the fewest words.

use std::collections::BTreeMap;

use model::{DeliveryId, DeliveryState, Lane};
use store::{Claim, Place};

/// What the model knows of a delivery.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) order: Option<u8>,
    pub(super) lane: Lane,
    pub(super) state: DeliveryState,
    pub(super) attempts: u16,
    /// The delivery that must end first.
    pub(super) follows: Option<DeliveryId>,
    /// Whoever holds it in memory.
    pub(super) claim: Option<Claim>,
}

/// A delivery to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct New {
    pub(super) order: Option<u8>,
    pub(super) lane: Lane,
    pub(super) follows: Option<DeliveryId>,
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) all: BTreeMap<DeliveryId, Known>,
    /// Whom the sender must give back, since this was looked at last.
    pub(super) recalled: Vec<DeliveryId>,
}

impl Model {
    /// A delivery comes in; its claim follows if the sender takes it.
    pub(super) fn arrive(&mut self, id: DeliveryId, new: New, place: Place) {
        let before = self.before(new);
        let lane = before.map_or(new.lane, |(_, lane)| lane.min(new.lane));
        let is_behind = place == Place::Behind && self.is_blocked(lane, new.order, id);
        let state = if before.is_some() || is_behind { DeliveryState::Held } else { DeliveryState::Pending };
        let follows = before.map(|(before, _)| before);
        let known = Known { order: new.order, lane, state, attempts: 0, follows, claim: None };
        self.all.insert(id, known);
        if let Some(before) = follows {
            self.urge(before, lane);
        }
    }

    /// Whom a new delivery must not overtake, and in which lane that one is.
    fn before(&self, new: New) -> Option<(DeliveryId, Lane)> {
        let original = new.follows.and_then(|id| Some((id, self.all.get(&id)?)));
        if let Some((id, known)) = original.filter(|(_, known)| is_owed(known)) {
            return Some((id, known.lane));
        }
        let line = self.line(new.lane, new.order).filter(|(_, known)| known.follows.is_some());
        line.last().map(|(id, _)| (*id, new.lane))
    }

    /// Raises a delivery, and those that are before it, to the lane of one that is behind it.
    fn urge(&mut self, id: DeliveryId, lane: Lane) {
        let mut next = Some(id);
        while let Some(id) = next {
            let known = self.all[&id].clone();
            if !is_owed(&known) || known.lane <= lane {
                return;
            }
            next = known.follows;
            match known.claim {
                Some(_) => self.recalled.push(id),
                None => self.raise(id, &known, lane),
            }
        }
    }

    /// Moves a delivery, which stood as `before`, to another lane and out of its line.
    fn raise(&mut self, id: DeliveryId, before: &Known, lane: Lane) {
        let state = if before.follows.is_some() { DeliveryState::Held } else { DeliveryState::Pending };
        let known = self.all.get_mut(&id).unwrap();
        (known.lane, known.order, known.state, known.claim) = (lane, None, state, None);
        self.leave_line(before);
    }

    /// The most urgent lane of those behind a delivery, if it is more urgent than its own.
    fn urgency(&self, id: DeliveryId) -> Option<Lane> {
        let behind = self.all.values().filter(|known| known.follows == Some(id));
        behind.map(|known| known.lane).min().filter(|lane| *lane < self.all[&id].lane)
    }

    fn line(&self, lane: Lane, order: Option<u8>) -> impl Iterator<Item = (&DeliveryId, &Known)> {
        let is_in = move |known: &Known| order.is_some() && known.order == order && known.lane == lane;
        self.all.iter().filter(move |(_, known)| is_in(known))
    }

    fn is_blocked(&self, lane: Lane, order: Option<u8>, except: DeliveryId) -> bool {
        self.line(lane, order).any(|(id, known)| {
            *id != except && matches!(known.state, DeliveryState::Pending | DeliveryState::Waiting)
        })
    }

    /// Those of a lane that may be claimed, the oldest first.
    pub(super) fn ready(&self, lane: Lane, max: usize) -> Vec<DeliveryId> {
        let is_ready = |known: &Known| {
            known.lane == lane && known.state == DeliveryState::Pending && known.claim.is_none()
        };
        self.all.iter().filter(|(_, known)| is_ready(known)).map(|(id, _)| *id).take(max).collect()
    }

    /// Those in the sender's memory.
    pub(super) fn in_memory(&self) -> Vec<DeliveryId> {
        self.all.iter().filter(|(_, known)| known.claim.is_some()).map(|(id, _)| *id).collect()
    }

    /// A delivery ends.
    pub(super) fn end(&mut self, id: DeliveryId, state: DeliveryState) {
        let known = self.all.get_mut(&id).unwrap();
        let before = known.clone();
        (known.state, known.claim, known.follows) = (state, None, None);
        for behind in self.all.values_mut().filter(|known| known.follows == Some(id)) {
            behind.follows = before.follows;
            if before.follows.is_none() {
                behind.state = DeliveryState::Pending;
            }
        }
        self.leave_line(&before);
    }

    /// A delivery that stood as `before` has left its line: if it was the head, the line goes on.
    fn leave_line(&mut self, before: &Known) {
        let waits =
            || self.line(before.lane, before.order).any(|(_, known)| known.state == DeliveryState::Waiting);
        let was_head = match before.state {
            DeliveryState::Waiting => true,
            DeliveryState::Pending => before.claim.is_some() || !waits(),
            DeliveryState::Held
            | DeliveryState::DeadLettered
            | DeliveryState::Delivered
            | DeliveryState::Cancelled
            | DeliveryState::Withheld
            | DeliveryState::Expired => false,
        };
        if was_head {
            self.release(before.lane, before.order);
        }
    }

    fn release(&mut self, lane: Lane, order: Option<u8>) {
        let is_behind = |known: &&mut Known| {
            order.is_some()
                && (known.lane, known.order) == (lane, order)
                && (known.state, known.follows) == (DeliveryState::Held, None)
        };
        self.all.values_mut().filter(is_behind).for_each(|known| known.state = DeliveryState::Pending);
    }

    /// An attempt failed and another will come; with `keep`, out of the sender's memory.
    pub(super) fn put_off(&mut self, id: DeliveryId, keep: bool) {
        let urgency = self.urgency(id);
        let known = self.all.get_mut(&id).unwrap();
        let before = known.clone();
        (known.state, known.attempts) = (DeliveryState::Waiting, before.attempts + 1);
        known.claim = before.claim.clone().filter(|_| keep);
        match urgency {
            Some(lane) if keep => self.urge(id, lane),
            Some(lane) => self.raise(id, &before, lane),
            None => {}
        }
    }

    /// The time of what waits on disk comes; how many that are.
    pub(super) fn due(&mut self) -> u64 {
        let waiting = |known: &&mut Known| known.state == DeliveryState::Waiting && known.claim.is_none();
        let mut count = 0;
        self.all.values_mut().filter(waiting).for_each(|known| {
            known.state = DeliveryState::Pending;
            count += 1;
        });
        count
    }

    /// The sender gives a delivery back.
    pub(super) fn give_back(&mut self, id: DeliveryId) {
        let before = self.all[&id].clone();
        if let Some(lane) = self.urgency(id) {
            return self.raise(id, &before, lane);
        }
        let is_behind = self.is_blocked(before.lane, before.order, id);
        let known = self.all.get_mut(&id).unwrap();
        known.state = if is_behind { DeliveryState::Held } else { DeliveryState::Pending };
        known.claim = None;
    }

    /// A person wants a delivery sent.
    pub(super) fn revive(&mut self, id: DeliveryId) {
        let known = self.all.get_mut(&id).unwrap();
        let goes = match known.state {
            DeliveryState::DeadLettered | DeliveryState::Delivered => true,
            DeliveryState::Waiting => known.claim.is_none(),
            DeliveryState::Pending
            | DeliveryState::Held
            | DeliveryState::Cancelled
            | DeliveryState::Withheld
            | DeliveryState::Expired => false,
        };
        if goes {
            known.state = DeliveryState::Pending;
        }
    }

    /// The process ends, and another opens the files.
    pub(super) fn restart(&mut self) {
        self.all.values_mut().for_each(|known| known.claim = None);
        while let Some((id, lane)) = self.not_raised() {
            let known = self.all.get_mut(&id).unwrap();
            let is_held = known.follows.is_some();
            (known.lane, known.order) = (lane, None);
            known.state = if is_held { DeliveryState::Held } else { DeliveryState::Pending };
        }
        let lines: Vec<_> = self.all.values().map(|known| (known.lane, known.order)).collect();
        for (lane, order) in lines {
            if !self.line(lane, order).any(|(_, known)| known.state == DeliveryState::Waiting) {
                self.release(lane, order);
            }
        }
    }

    fn not_raised(&self) -> Option<(DeliveryId, Lane)> {
        let owed = self.all.iter().filter(|(_, known)| is_owed(known));
        owed.map(|(id, _)| *id).find_map(|id| Some((id, self.urgency(id)?)))
    }
}

fn is_owed(known: &Known) -> bool {
    matches!(known.state, DeliveryState::Pending | DeliveryState::Waiting | DeliveryState::Held)
}
