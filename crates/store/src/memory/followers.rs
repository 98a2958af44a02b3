//! Deliveries that follow another: held until it has ended, however far apart their lanes are (N5).

use model::{DeliveryId, DeliveryState, Lane};

use super::commit::Commit;
use super::queue::Counts;
use super::state::{Owed, State};
use crate::{NewDelivery, Recall};

impl Commit<'_> {
    /// The delivery that a new one must not overtake, if there is one.
    ///
    /// Who comes into a line in which one waits for its original waits for that
    /// one, and who comes after a merge waits for what is still owed under the
    /// other identifier.
    pub(super) fn before(&self, new: &NewDelivery) -> Option<DeliveryId> {
        let owed = |id: &DeliveryId| self.state.find(*id).is_some_and(Owed::is_owed);
        if let Some(original) = new.follows.filter(owed) {
            return Some(original);
        }
        let order = new.order?;
        let line = (new.webhook, new.lane, order);
        let following = self.state.in_line(line).filter(|row| row.follows.is_some()).map(|row| row.id).max();
        let merged = self.state.merged_into(order);
        let former = merged.flat_map(|other| self.state.in_line((new.webhook, new.lane, other)));
        following.or_else(|| former.map(|row| row.id).max())
    }

    /// Raises a delivery, and those that it follows itself, to the lane of one that follows it.
    pub(super) fn urge(&mut self, id: DeliveryId, lane: Lane) {
        let mut next = Some(id);
        while let Some(row) = next.and_then(|id| self.state.find(id)).filter(|row| row.is_owed()) {
            // Nobody is less urgent than whoever follows: what is before this one was raised with it.
            if row.lane <= lane {
                return;
            }
            let (id, webhook, attempts) = (row.id, row.webhook, row.attempts);
            next = row.follows;
            if row.epoch == 0 {
                self.raise(id, lane);
            } else {
                self.recalled.push(Recall { delivery: id, webhook, attempts });
            }
        }
    }

    /// Moves a delivery to a more urgent lane, on disk and due. It leaves the line it stood in.
    pub(super) fn raise(&mut self, id: DeliveryId, lane: Lane) {
        let Some(row) = self.state.find(id) else { return };
        self.ended.extend(row.line().filter(|line| self.is_head(row, *line)));
        let waits = row.follows.is_some();
        self.state.change(id, |row| {
            row.lane = lane;
            row.order = None;
            row.epoch = 0;
            row.due = None;
        });
        if !waits {
            self.state.make_ready(id, &mut self.spilled);
        }
    }

    /// A delivery ended: those that followed it are due, or follow what it followed.
    pub(super) fn let_go(&mut self, id: DeliveryId, followed: Option<DeliveryId>) {
        let followers: Vec<DeliveryId> = self.state.followers(id).collect();
        for follower in followers {
            match followed {
                Some(_) => self.state.change(follower, |row| row.follows = followed),
                None => self.state.make_ready(follower, &mut self.spilled),
            }
        }
    }
}

impl State {
    /// The most urgent lane of those that follow a delivery, if it is more urgent than its own.
    pub(super) fn urgency(&self, id: DeliveryId) -> Option<Lane> {
        let own = self.find(id)?.lane;
        let lanes = self.followers(id).filter_map(|id| self.find(id)).map(|row| row.lane);
        lanes.min().filter(|lane| *lane < own)
    }

    /// After a crash: what was on its way back to be raised is raised now.
    pub(super) fn raise_followed(&mut self) {
        while let Some((id, lane)) = self.followed().into_iter().find_map(|id| Some((id, self.urgency(id)?)))
        {
            let waits = self.find(id).is_some_and(|row| row.follows.is_some());
            self.change(id, |row| {
                row.lane = lane;
                row.order = None;
                row.due = None;
            });
            if !waits {
                self.make_ready(id, &mut Counts::new());
            }
        }
    }
}

impl Owed {
    /// Whether it waits for one particular delivery.
    pub(super) fn is_following(&self) -> bool {
        self.state == DeliveryState::Held && self.follows.is_some()
    }
}
