//! What retention no longer covers.

use audit::{Action, Actor, Entry};
use model::{DeliveryId, DeliveryState, EventId, MessageId, OrganisationId, Sealed, Timestamp};

use super::state::{Owed, State};
use crate::{Expiry, RedriveState};

/// One go through everything.
pub(super) struct Sweep<'a> {
    pub(super) state: &'a mut State,
    pub(super) horizon: Expiry,
    pub(super) now: Timestamp,
    pub(super) audit_key: &'a [u8; 32],
}

impl Sweep<'_> {
    /// Forgets at most `budget` rows; tells how many.
    pub(super) fn run(mut self, budget: usize) -> u64 {
        let steps = [
            Self::bodies,
            Self::messages_raw,
            Self::replies,
            Self::dead_letters,
            Self::log,
            Self::events,
            Self::messages,
            Self::rejections,
            Self::audit,
            Self::small,
        ];
        let mut left = budget;
        for step in steps {
            left = left.saturating_sub(step(&mut self, left));
        }
        (budget - left) as u64
    }

    fn bodies(&mut self, most: usize) -> usize {
        let then = self.horizon.bodies;
        let over = |id: &EventId| {
            let new = &self.state.events[id];
            let ended = |row: &Owed| row.state.is_finished() && row.ended < Some(then);
            new.body.is_some() && new.event.received < then && self.of_event(*id).all(ended)
        };
        let ids: Vec<EventId> = self.state.events.keys().filter(|id| over(id)).copied().take(most).collect();
        for id in &ids {
            self.state.events.entry(*id).and_modify(|new| new.body = None);
        }
        ids.len()
    }

    fn messages_raw(&mut self, most: usize) -> usize {
        let then = self.horizon.bodies;
        // What an event that is kept came from is kept with it.
        let needed: std::collections::BTreeSet<MessageId> = self
            .state
            .events
            .values()
            .filter(|new| new.body.is_some())
            .filter_map(|new| new.event.message)
            .collect();
        let messages = self.state.messages.values_mut();
        let old = messages.filter(|message| message.received < then && !message.raw.0.is_empty());
        let over = old.filter(|message| !needed.contains(&message.id));
        over.take(most).map(|message| message.raw = Sealed(Vec::new())).count()
    }

    fn replies(&mut self, most: usize) -> usize {
        let first = model::first_row_at(self.horizon.bodies);
        let old = self.state.replies.keys().filter(|(_, attempt)| model::Id::row(*attempt) < first);
        let keys: Vec<_> = old.copied().take(most).collect();
        keys.iter().filter(|key| self.state.replies.remove(*key).is_some()).count()
    }

    fn dead_letters(&mut self, most: usize) -> usize {
        let then = Some(self.horizon.dead_letters);
        // By its id too: a clock that was behind makes no dead letter old.
        let first = model::first_row_at(self.horizon.dead_letters);
        let dead = |row: &Owed| {
            row.state == DeliveryState::DeadLettered && row.ended < then && model::Id::row(row.id) < first
        };
        let rows: Vec<(DeliveryId, OrganisationId)> = self
            .state
            .deliveries()
            .filter(|row| dead(row))
            .map(|row| (row.id, row.organisation))
            .take(most)
            .collect();
        for (id, _) in &rows {
            self.state.change(*id, |row| {
                row.state = DeliveryState::Expired;
                row.ended = Some(self.now);
                row.rendered = None;
            });
        }
        let organisations: std::collections::BTreeSet<_> = rows.iter().map(|(_, of)| *of).collect();
        let entries = organisations.into_iter().map(|organisation| Entry {
            at: self.now,
            organisation: Some(organisation),
            actor: Actor::System,
            action: Action::Expire,
            target: "delivery".to_owned(),
            detail: format!("{} dead letters", rows.iter().filter(|(_, of)| *of == organisation).count()),
        });
        self.state.put_audit(entries.collect(), self.audit_key);
        rows.len()
    }

    fn log(&mut self, most: usize) -> usize {
        let then = Some(self.horizon.log);
        let old = self.state.deliveries().filter(|row| row.state.is_finished() && row.ended < then);
        let ids: Vec<DeliveryId> = old.map(|row| row.id).take(most).collect();
        for id in &ids {
            self.state.remove(*id);
        }
        self.state.attempts.retain(|(of, _), _| ids.binary_search(of).is_err());
        self.state.replies.retain(|(of, _), _| ids.binary_search(of).is_err());
        self.state.numbers.forget(|id| ids.binary_search(&id).is_ok());
        ids.len()
    }

    fn events(&mut self, most: usize) -> usize {
        let then = self.horizon.log;
        let old = self.state.events.values().filter(|new| new.event.received < then);
        let ids: Vec<EventId> =
            old.map(|new| new.event.id).filter(|id| self.of_event(*id).next().is_none()).take(most).collect();
        for id in &ids {
            self.state.events.remove(id);
        }
        self.state.dedupe.retain(|_, first| ids.binary_search(first).is_err());
        ids.len()
    }

    fn messages(&mut self, most: usize) -> usize {
        let then = self.horizon.log;
        let used = |id: MessageId| self.state.events.values().any(|new| new.event.message == Some(id));
        let old = self.state.messages.values().filter(|message| message.received < then);
        let ids: Vec<MessageId> = old.map(|message| message.id).filter(|id| !used(*id)).take(most).collect();
        for id in &ids {
            self.state.messages.remove(id);
            self.state.dedupe.retain(|_, first| model::Id::raw(*first) != model::Id::raw(*id));
        }
        ids.len()
    }

    fn rejections(&mut self, most: usize) -> usize {
        let Expiry { bodies, log, .. } = self.horizon;
        self.state.rejections.expire(bodies, log, most)
    }

    fn audit(&mut self, most: usize) -> usize {
        let then = self.horizon.audit;
        let old = self.state.audit.iter().take_while(|row| row.entry.at < then).count().min(most);
        let cut = self.state.audit.drain(..old).next_back();
        self.state.audit_base = cut.map(|row| row.head()).or(self.state.audit_base);
        old
    }

    fn small(&mut self, _: usize) -> usize {
        let then = self.horizon.log;
        let sums = self.state.tally.expire(then, self.now);
        let before = self.state.redrives.len();
        let stays = |state: RedriveState, created| state == RedriveState::Running || created >= then;
        self.state.redrives.retain(|_, redrive| stays(redrive.state, redrive.created));
        let answers = self.state.answers.expire(self.horizon.answers);
        let redrives = before - self.state.redrives.len();
        let before = self.state.alerts.len();
        self.state.alerts.retain(|_, alert| alert.resolved.is_none_or(|resolved| resolved >= then));
        let alerts = before - self.state.alerts.len();
        let events = &self.state.events;
        let memories = self.state.triggers.expire(|event| !events.contains_key(event), then);
        sums + answers + redrives + alerts + memories
    }

    fn of_event(&self, id: EventId) -> impl Iterator<Item = &Owed> {
        self.state.deliveries().filter(move |row| row.event == id)
    }
}
