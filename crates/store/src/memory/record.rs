//! What is sealed, for retention.

use model::{AttemptId, DeliveryId, Id, Sealed, limits};

use super::state::{Owed, State};
use crate::{Message, NewEvent, Record, RecordOf, Reply, Resealed};

impl State {
    /// Sealed records above one row and below another.
    pub(super) fn records(&self, of: RecordOf, after: i64, before: i64) -> Vec<Record> {
        let between = move |row: i64| after < row && row < before;
        let records: Box<dyn Iterator<Item = Record> + '_> = match of {
            RecordOf::Event => {
                let found = self.events.values().filter(move |new| between(new.event.id.row()));
                Box::new(found.filter_map(of_event))
            }
            RecordOf::Message => {
                let found = self.messages.values().filter(move |message| between(message.id.row()));
                Box::new(found.filter_map(of_message))
            }
            RecordOf::Delivery => {
                let found = self.deliveries().filter(move |row| between(row.id.row()));
                Box::new(found.filter_map(|row| self.of_delivery(row)))
            }
            RecordOf::Rejection => {
                Box::new(self.rejections.records().filter(move |record| between(record.row)))
            }
            RecordOf::Reply => {
                let found = self.replies.iter().filter(move |((_, attempt), _)| between(attempt.row()));
                Box::new(found.filter_map(|(key, sealed)| self.of_reply(*key, sealed)))
            }
        };
        records.take(limits::RESEAL.0).collect()
    }

    /// Replaces a record that is still as it was read; tells whether it was.
    pub(super) fn reseal(&mut self, Resealed { was, sealed }: Resealed) -> bool {
        if self.records(was.of, was.row - 1, was.row + 1).first() != Some(&was) {
            return false;
        }
        match was.of {
            RecordOf::Event => {
                let found = self.events.values_mut().find(|new| new.event.id.row() == was.row);
                found.map(|new| new.body = Some(sealed))
            }
            RecordOf::Message => {
                let found = self.messages.values_mut().find(|message| message.id.row() == was.row);
                found.map(|message| message.raw = sealed)
            }
            RecordOf::Delivery => {
                let found = self.deliveries().find(|row| row.id.row() == was.row).map(|row| row.id);
                found.map(|id| self.change(id, |row| row.rendered = Some(sealed)))
            }
            RecordOf::Rejection => self.rejections.raw_of(was.row).map(|raw| *raw = sealed),
            RecordOf::Reply => {
                let mut all = self.replies.iter_mut();
                all.find(|((_, attempt), _)| attempt.row() == was.row).map(|(_, kept)| *kept = sealed)
            }
        }
        .is_some()
    }

    /// Keeps what a receiver answered, in place of what it answered long before.
    pub(super) fn keep_reply(&mut self, Reply { delivery, attempt, sealed }: Reply) {
        self.replies.insert((delivery, attempt), sealed);
        let own = |(of, _): &&(DeliveryId, AttemptId)| *of == delivery;
        let mut keys: Vec<_> = self.replies.keys().filter(own).copied().collect();
        keys.truncate(keys.len().saturating_sub(limits::REPLIES_KEPT));
        self.replies.retain(|key, _| !keys.contains(key));
    }

    fn of_reply(&self, (delivery, attempt): (DeliveryId, AttemptId), sealed: &Sealed) -> Option<Record> {
        let event = &self.events.get(&self.find(delivery)?.event)?.event;
        let (of, row) = (RecordOf::Reply, attempt.row());
        let (organisation, subject) = (event.organisation, event.subject);
        Some(Record { of, row, organisation, subject, sealed: sealed.clone() })
    }

    fn of_delivery(&self, row: &Owed) -> Option<Record> {
        let sealed = row.rendered.clone()?;
        let subject = self.events.get(&row.event)?.event.subject;
        let (of, organisation) = (RecordOf::Delivery, row.organisation);
        Some(Record { of, row: row.id.row(), organisation, subject, sealed })
    }
}

fn of_event(new: &NewEvent) -> Option<Record> {
    let (event, sealed) = (&new.event, new.body.clone()?);
    let (of, organisation, subject) = (RecordOf::Event, event.organisation, event.subject);
    Some(Record { of, row: event.id.row(), organisation, subject, sealed })
}

// Retention leaves empty bytes.
fn of_message(message: &Message) -> Option<Record> {
    let sealed = Some(message.raw.clone()).filter(|raw| !raw.0.is_empty())?;
    let (of, organisation, subject) = (RecordOf::Message, message.organisation, message.subject);
    Some(Record { of, row: message.id.row(), organisation, subject, sealed })
}
