//! What a batch does to the rows, and what the sender hears of it.

use std::collections::BTreeSet;

use model::{DeliveryId, DeliveryState, HoldReason, Timestamp, WebhookId};

use super::queue::{Counts, blocked, told};
use super::state::{Line, Owed, State};
use crate::{Batch, Claim, Committed, End, Handover, Hold, Recall, Reschedule, Settled};

/// A change under way. Nothing in it can fail, so all of it happens.
pub(super) struct Commit<'a> {
    pub(super) state: &'a mut State,
    pub(super) handover: &'a dyn Handover,
    pub(super) epoch: u64,
    now: Timestamp,
    pub(super) taken: Vec<Claim>,
    pub(super) spilled: Counts,
    /// Order keys whose head ended, once for each end.
    pub(super) ended: Vec<Line>,
    /// Deliveries that must come back from the sender, to be raised.
    pub(super) recalled: Vec<Recall>,
    /// Deliveries that a person wants sent now.
    hastened: Vec<DeliveryId>,
    /// Deliveries that a person ended.
    withdrawn: Vec<DeliveryId>,
}

impl<'a> Commit<'a> {
    pub(super) fn new(state: &'a mut State, handover: &'a dyn Handover, epoch: u64, now: Timestamp) -> Self {
        Commit {
            state,
            handover,
            epoch,
            now,
            taken: Vec::new(),
            spilled: Counts::new(),
            ended: Vec::new(),
            recalled: Vec::new(),
            hastened: Vec::new(),
            withdrawn: Vec::new(),
        }
    }

    pub(super) fn write(&mut self, batch: Batch, audit_key: &[u8; 32]) -> Committed {
        let mut done = Committed::default();
        for (place, arrival) in batch.arrivals.into_iter().enumerate() {
            self.arrive(place, arrival, &mut done);
        }
        for settled in batch.settled {
            self.settle(settled, &mut done);
        }
        for again in batch.again {
            self.reschedule(again, &mut done);
        }
        for hold in batch.held {
            self.hold(hold, &mut done);
        }
        for attempt in batch.attempts {
            self.state.use_row(attempt.id);
            if let Some(row) = self.state.find(attempt.delivery).cloned() {
                self.state.tally.call(&attempt, &row);
            }
            self.state.attempts.insert((attempt.delivery, attempt.id), attempt);
        }
        batch.replies.into_iter().for_each(|reply| self.state.keep_reply(reply));
        for (id, end) in batch.ended {
            self.end_by_hand(id, end, self.now);
        }
        for addition in batch.added {
            self.add(addition, &mut done);
        }
        for id in batch.revived {
            self.revive(id);
        }
        for redrive in batch.redrives {
            self.state.put_redrive(redrive);
        }
        batch.rejections.iter().for_each(|(rejection, _)| self.state.use_row(rejection.id));
        self.state.rejections.write(batch.rejections, batch.surplus, &batch.readmitted);
        batch.samples.iter().for_each(|sample| self.state.tally.look(sample));
        batch.mapped.iter().for_each(|(of, table)| self.state.leftovers.forget_table(*of, *table));
        batch.leftovers.into_iter().for_each(|left| self.state.leftovers.add(left));
        for (key, answer) in batch.answers {
            self.state.answers.end(key, answer);
        }
        for alert in batch.alerts {
            self.state.put_alert(alert);
        }
        for (id, notices) in batch.notices {
            self.state.put_notices(id, notices);
        }
        for (id, at, key) in batch.acknowledged {
            self.state.acknowledge(id, (at, key));
        }
        self.state.put_audit(batch.audit, audit_key);
        done
    }

    /// Ends what is owed to a webhook. To cancel includes the dead letters:
    /// nobody could redrive them any more.
    pub(super) fn end_all(&mut self, webhook: WebhookId, end: End, now: Timestamp) -> u64 {
        let dead = |row: &Owed| end == End::Cancelled && row.state == DeliveryState::DeadLettered;
        let own = self.state.deliveries().filter(|row| row.webhook == webhook);
        let owed = own.filter(|row| row.is_owed() || dead(row));
        let ids: Vec<DeliveryId> = owed.map(|row| row.id).collect();
        ids.iter().for_each(|id| self.end_by_hand(*id, end, now));
        ids.len() as u64
    }

    /// Makes due what was held behind heads that ended, and tells the sender.
    pub(super) fn finish(mut self) {
        for line in self.ended.iter().copied().collect::<BTreeSet<_>>() {
            let held = self.state.behind.get(&line).cloned().unwrap_or_default();
            held.into_iter().for_each(|id| self.state.make_ready(id, &mut self.spilled));
        }
        if !self.taken.is_empty() {
            self.handover.take(self.taken);
        }
        if !self.spilled.is_empty() {
            self.handover.spilled(told(self.spilled));
        }
        if !self.recalled.is_empty() {
            self.handover.recalled(self.recalled);
        }
        if !self.hastened.is_empty() {
            self.handover.hastened(self.hastened);
        }
        if !self.withdrawn.is_empty() {
            self.handover.withdrawn(self.withdrawn);
        }
        if !self.ended.is_empty() {
            self.handover.released(self.ended.into_iter().map(blocked).collect());
        }
    }

    fn settle(&mut self, settled: Settled, done: &mut Committed) {
        if !self.holds(settled.delivery, settled.epoch, done) {
            return;
        }
        self.state.change(settled.delivery, |row| {
            row.attempts = settled.attempts;
            row.error = settled.error;
            // The first rendering stays: a delivery has the same bytes on every attempt.
            row.rendered = row.rendered.take().or(settled.rendered);
        });
        self.end(settled.delivery, settled.end, settled.at);
    }

    fn reschedule(&mut self, again: Reschedule, done: &mut Committed) {
        if !self.holds(again.delivery, again.epoch, done) {
            return;
        }
        self.state.change(again.delivery, |row| {
            row.state = DeliveryState::Waiting;
            row.due = Some(again.due);
            row.attempts = again.attempts;
            row.error = again.error;
            row.rendered = row.rendered.take().or(again.rendered);
        });
        match self.state.urgency(again.delivery) {
            Some(lane) if !again.keep => self.raise(again.delivery, lane),
            Some(lane) => self.urge(again.delivery, lane),
            None if !again.keep => self.state.change(again.delivery, |row| row.epoch = 0),
            None => {}
        }
    }

    fn hold(&mut self, hold: Hold, done: &mut Committed) {
        if !self.holds(hold.delivery, hold.epoch, done) {
            return;
        }
        if let Some(lane) = self.state.urgency(hold.delivery) {
            self.raise(hold.delivery, lane);
            return;
        }
        let line = self.state.find(hold.delivery).and_then(Owed::line);
        let for_order = hold.reason == HoldReason::Ordering;
        let behind = for_order && line.is_some_and(|line| self.state.is_blocked(line, hold.delivery));
        if !behind {
            self.state.make_ready(hold.delivery, &mut self.spilled);
        }
        self.state.change(hold.delivery, |row| {
            row.epoch = 0;
            row.due = None;
            if behind || !for_order {
                row.state = DeliveryState::Held;
                row.held = Some(hold.reason);
            }
        });
    }

    /// Has a delivery sent now: a dead letter and a delivered one are owed again, one that
    /// waits is due. Attempts go on counting, but the horizon begins anew for what had ended.
    fn revive(&mut self, id: DeliveryId) {
        let Some(row) = self.state.find(id) else { return };
        let over = matches!(row.state, DeliveryState::DeadLettered | DeliveryState::Delivered);
        if row.epoch != 0 {
            self.hasten(id);
            return;
        }
        if !over && row.state != DeliveryState::Waiting {
            return;
        }
        self.state.change(id, |row| {
            row.ended = None;
            row.revived = if over { Some(self.now) } else { row.revived };
        });
        self.state.make_ready(id, &mut self.spilled);
    }

    /// Has the sender make its next attempt now.
    fn hasten(&mut self, id: DeliveryId) {
        let now = self.now;
        self.state.change(id, |row| row.due = row.due.map(|_| now));
        self.hastened.push(id);
    }

    fn end_by_hand(&mut self, id: DeliveryId, end: End, at: Timestamp) {
        let Some(row) = self.state.find(id) else { return };
        let dead = row.state == DeliveryState::DeadLettered;
        if row.is_owed() || (dead && end != End::DeadLettered) {
            self.withdrawn.extend((row.epoch != 0).then_some(id));
            self.end(id, end, at);
        }
    }

    pub(super) fn end(&mut self, id: DeliveryId, end: End, at: Timestamp) {
        let Some(row) = self.state.find(id) else { return };
        self.ended.extend(row.line().filter(|line| row.is_owed() && self.is_head(row, *line)));
        let followed = row.follows;
        let row = row.clone();
        self.state.tally.end(&row, end.state(), at);
        self.let_go(id, followed);
        self.state.change(id, |row| {
            row.state = end.state();
            row.follows = None;
            row.held = None;
            row.epoch = 0;
            row.due = None;
            row.ended = Some(at);
            if end != End::DeadLettered {
                row.rendered = None;
            }
        });
    }

    /// Whether others may have been held behind this delivery.
    pub(super) fn is_head(&self, row: &Owed, line: Line) -> bool {
        row.epoch != 0
            || row.state == DeliveryState::Waiting
            || (row.held != Some(HoldReason::Ordering) && !self.state.has_waiting(line))
    }

    /// Whether the epoch still holds the delivery; if not, the caller is told.
    fn holds(&self, id: DeliveryId, epoch: u64, done: &mut Committed) -> bool {
        let holds = self.state.find(id).is_some_and(|row| epoch != 0 && row.epoch == epoch);
        if !holds {
            done.fenced.push(id);
        }
        holds
    }
}
