//! What came in, and how what it owes begins.

use std::collections::BTreeMap;

use model::{DeliveryState, Event, EventId, HoldReason, Id, Timestamp};

use super::commit::Commit;
use super::state::Owed;
use crate::{Arrival, Committed, Cursor, NewDelivery, ObjectState, Place};

impl Commit<'_> {
    pub(super) fn arrive(&mut self, place: usize, arrival: Arrival, done: &mut Committed) {
        if let Some(first) = arrival.dedupe.and_then(|key| self.state.dedupe.get(&key)) {
            done.duplicates.push((place, *first));
            self.read_up_to(arrival.cursor);
            return;
        }
        if arrival.name.is_some_and(|name| self.state.dedupe.contains_key(&name)) {
            done.clashes.push(place);
            return;
        }
        if !self.are_next(&arrival.objects) || !self.state.triggers.are_next(&arrival.memories) {
            done.conflicts.push(place);
            return;
        }
        self.read_up_to(arrival.cursor);
        let of_message = arrival.message.as_ref().map(|message| EventId::from_raw(message.id.raw()));
        let first = arrival.events.first().map(|(new, _)| new.event.id).or(of_message);
        self.state.dedupe.extend(arrival.dedupe.zip(first));
        if !arrival.events.is_empty() {
            self.state.dedupe.extend(arrival.name.zip(of_message));
        }
        if let Some(message) = arrival.message {
            self.state.use_row(message.id);
            self.state.messages.insert(message.id, message);
        }
        self.state.objects.extend(arrival.objects.into_iter().map(|object| (object.key, object)));
        arrival.merges.iter().for_each(|merge| self.state.merge(merge));
        self.state.triggers.write(arrival.memories, arrival.considered);
        for (new, deliveries) in arrival.events {
            for delivery in deliveries {
                self.owe(&new.event, new.event.received, delivery);
            }
            self.state.use_row(new.event.id);
            self.state.tally.accept(&new.event);
            self.state.events.insert(new.event.id, new);
        }
    }

    fn read_up_to(&mut self, cursor: Option<Cursor>) {
        let positions = cursor.map(|Cursor { integration, feed, position }| ((integration, feed), position));
        self.state.cursors.extend(positions);
    }

    pub(super) fn owe(&mut self, event: &Event, at: Timestamp, mut delivery: NewDelivery) {
        delivery.order = delivery.order.map(|order| self.state.order_of(order));
        if delivery.numbered {
            self.state.numbers.give(delivery.webhook, delivery.id);
        }
        let follows = self.before(&delivery).filter(|_| delivery.dead.is_none());
        if let Some(before) = follows.and_then(|id| self.state.find(id)) {
            delivery.lane = delivery.lane.min(before.lane);
        }
        let (state, held, epoch) = match (delivery.dead, follows) {
            (Some(_), _) => (DeliveryState::DeadLettered, None, 0),
            (None, Some(_)) => (DeliveryState::Held, Some(HoldReason::Ordering), 0),
            (None, None) => self.stand(&delivery),
        };
        let NewDelivery { id, webhook, lane, order, dead, .. } = delivery;
        let row = Owed {
            id,
            event: event.id,
            organisation: event.organisation,
            event_type: event.event_type.clone(),
            webhook,
            lane,
            order,
            follows,
            test: event.test,
            place: self.state.next_place(),
            state,
            held,
            epoch,
            attempts: 0,
            accepted: at,
            revived: None,
            due: None,
            ended: dead.map(|_| at),
            error: dead,
            rendered: None,
        };
        if epoch != 0 {
            self.taken.push(row.claim());
        } else if state == DeliveryState::Pending {
            *self.spilled.entry((webhook, lane)).or_default() += 1;
        }
        self.state.put(row);
        if let Some(before) = follows {
            self.urge(before, lane);
        }
    }

    /// How a new delivery begins. The head may have ended meanwhile: then there
    /// is nothing to stand behind.
    fn stand(&self, new: &NewDelivery) -> (DeliveryState, Option<HoldReason>, u64) {
        let line = new.order.map(|order| (new.webhook, new.lane, order));
        match self.handover.place(new.webhook, new.lane, new.order) {
            Place::Memory => (DeliveryState::Pending, None, self.epoch),
            Place::Behind if line.is_some_and(|line| self.state.is_blocked(line, new.id)) => {
                (DeliveryState::Held, Some(HoldReason::Ordering), 0)
            }
            Place::Disk | Place::Behind => (DeliveryState::Pending, None, 0),
        }
    }

    /// Whether each state follows the one that is stored, or an earlier one of the same arrival.
    fn are_next(&self, objects: &[ObjectState]) -> bool {
        let mut seen = BTreeMap::new();
        objects.iter().all(|new| {
            let stored = self.state.objects.get(&new.key).map_or(0, |old| old.version);
            let before = seen.insert(new.key, new.version).unwrap_or(stored);
            before.checked_add(1) == Some(new.version)
        })
    }
}
