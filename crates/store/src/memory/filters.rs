//! Which rows a question takes.

use model::{Attempt, DeliveryState, EventType, Pattern, Timestamp};

use super::state::Owed;
use crate::{
    AttemptFilter, AuditFilter, DeliveryFilter, EventFilter, NewEvent, RedriveFilter, Rejection,
    RejectionFilter,
};

impl EventFilter {
    /// Whether it is one of them.
    pub(super) fn takes(&self, new: &NewEvent) -> bool {
        let event = &new.event;
        is(self.organisation, event.organisation)
            && is(self.integration, event.integration)
            && of_type(self.event_type.as_ref(), &event.event_type)
            && self.subject.is_none_or(|subject| event.subject == Some(subject))
            && is(self.lane, event.lane)
            && within(event.received, self.from, self.to)
    }
}

impl DeliveryFilter {
    /// Whether it is one of them.
    pub(super) fn takes(&self, row: &Owed) -> bool {
        is(self.organisation, row.organisation)
            && is(self.webhook, row.webhook)
            && is(self.state, row.state)
            && of_type(self.event_type.as_ref(), &row.event_type)
            && is(self.lane, row.lane)
            && self.error.is_none_or(|error| row.error == Some(error))
            && within(row.accepted, self.from, self.to)
    }
}

impl RejectionFilter {
    /// Whether it is one of them.
    pub(super) fn takes(&self, row: &Rejection) -> bool {
        is(self.organisation, row.organisation)
            && is(self.integration, row.integration)
            && is(self.door, row.door)
            && is(self.code, row.code)
            && is(self.standing, row.standing)
            && within(row.at, self.from, self.to)
    }
}

impl AttemptFilter {
    /// Whether it is one of them.
    pub(super) fn takes(&self, attempt: &Attempt, kind: &EventType) -> bool {
        self.webhook == attempt.webhook
            && is(self.delivered, attempt.error.is_none())
            && of_type(self.event_type.as_ref(), kind)
            && within(attempt.began, self.from, self.to)
    }
}

impl AuditFilter {
    /// Whether it is one of them.
    pub(super) fn takes(&self, entry: &audit::Entry) -> bool {
        entry.organisation == Some(self.organisation)
            && is(self.action, entry.action)
            && is(self.actor, entry.actor)
            && is(self.target.as_ref(), &entry.target)
            && within(entry.at, self.from, self.to)
    }
}

impl RedriveFilter {
    /// Whether it is one of them.
    pub(super) fn takes(&self, row: &Owed) -> bool {
        let dead = row.state == DeliveryState::DeadLettered;
        let delivered = row.state == DeliveryState::Delivered && self.delivered;
        (dead || delivered)
            && is(self.webhook_id, row.webhook)
            && (self.webhook_ids.is_empty() || self.webhook_ids.contains(&row.webhook))
            && is(self.event_type.as_ref(), &row.event_type)
            && is(self.lane, row.lane)
            && self.error.is_none_or(|error| row.error == Some(error))
            && within(row.accepted, self.from, self.to)
    }
}

// Whoever lists everything means what no webhook gets by `*`, too.
fn of_type(wanted: Option<&Pattern>, found: &EventType) -> bool {
    wanted.is_none_or(|wanted| *wanted == Pattern::Any || wanted.matches(found.as_str()))
}

fn is<T: PartialEq>(wanted: Option<T>, found: T) -> bool {
    wanted.is_none_or(|wanted| wanted == found)
}

fn within(at: Timestamp, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
}
