//! Questions of the admin surface.

use async_trait::async_trait;
use model::{
    AlertId, Attempt, AttemptId, DeliveryId, DeliveryState, Environment, EventId, EventType, Id, MessageId,
    OrganisationId, RedriveId, RejectionId, Sealed, Timestamp, WebhookId,
};

use super::MemoryStore;
use super::state::{Owed, State};
use super::sums::totals;
use crate::{
    Alert, AlertFilter, AttemptFilter, AuditFilter, DeliveryFilter, DeliveryRow, EventFilter, EventRow,
    Message, NewEvent, Oldest, Page, Read, Redrive, RedriveFilter, RedriveState, Rejection, RejectionFilter,
    RejectionTotal, Reply, Result, WebhookTotals,
};

#[async_trait]
impl Read for MemoryStore {
    async fn list_events(
        &self,
        filter: EventFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<EventRow>> {
        Ok(self.look(|state| {
            let newest = state.events.values().rev();
            let wanted = newest.filter(|new| is_before(new.event.id, after) && filter.takes(new));
            page(wanted.map(event_row), limit, |row| row.event.id.row())
        }))
    }

    async fn find_event(&self, id: EventId) -> Result<Option<EventRow>> {
        Ok(self.look(|state| state.events.get(&id).map(event_row)))
    }

    async fn find_message(&self, id: MessageId) -> Result<Option<Message>> {
        Ok(self.look(|state| state.messages.get(&id).cloned()))
    }

    async fn events_of(&self, message: MessageId) -> Result<Vec<EventRow>> {
        Ok(self.look(|state| {
            let of_message = state.events.values().filter(|new| new.event.message == Some(message));
            of_message.map(event_row).collect()
        }))
    }

    async fn list_deliveries(
        &self,
        filter: DeliveryFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<DeliveryRow>> {
        Ok(self.look(|state| {
            let wanted = state.deliveries().rev().filter(|row| is_before(row.id, after) && filter.takes(row));
            page(wanted.map(delivery_row), limit, |row| row.id.row())
        }))
    }

    async fn find_delivery(&self, id: DeliveryId) -> Result<Option<DeliveryRow>> {
        Ok(self.look(|state| state.find(id).map(delivery_row)))
    }

    async fn find_deliveries(&self, ids: &[DeliveryId]) -> Result<Vec<DeliveryRow>> {
        Ok(self.look(|state| ids.iter().filter_map(|id| state.find(*id).map(delivery_row)).collect()))
    }

    async fn attempts_of(&self, id: DeliveryId) -> Result<Vec<Attempt>> {
        Ok(self.look(|state| {
            let from = (id, Id::from_raw(0));
            state
                .attempts
                .range(from..)
                .take_while(|((of, _), _)| *of == id)
                .map(|(_, at)| at.clone())
                .collect()
        }))
    }

    async fn replies_of(&self, id: DeliveryId) -> Result<Vec<Reply>> {
        Ok(self.look(|state| {
            let own = state.replies.iter().filter(|((delivery, _), _)| *delivery == id);
            let shown = |(key, sealed): (&(DeliveryId, AttemptId), &Sealed)| Reply {
                delivery: key.0,
                attempt: key.1,
                sealed: sealed.clone(),
            };
            own.map(shown).collect()
        }))
    }

    async fn list_attempts(
        &self,
        filter: AttemptFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<(Attempt, EventType)>> {
        Ok(self.look(|state| {
            let wanted = state.attempts.values().filter_map(|attempt| {
                let kind = &state.find(attempt.delivery)?.event_type;
                let takes = is_before(attempt.id, after) && filter.takes(attempt, kind);
                takes.then(|| (attempt.clone(), kind.clone()))
            });
            let mut wanted: Vec<_> = wanted.collect();
            wanted.sort_by_key(|(attempt, _)| std::cmp::Reverse(attempt.id));
            page(wanted.into_iter(), limit, |(attempt, _)| attempt.id.row())
        }))
    }

    async fn stream(&self, webhooks: &[WebhookId], cursor: i64, limit: usize) -> Result<Page<DeliveryRow>> {
        Ok(self.look(|state| {
            let mut wanted: Vec<&Owed> = state
                .deliveries()
                .filter(|row| row.place > cursor && webhooks.contains(&row.webhook))
                .collect();
            wanted.sort_by_key(|row| row.place);
            wanted.truncate(limit);
            let next = wanted.last().map(|row| row.place);
            Page { rows: wanted.into_iter().map(delivery_row).collect(), next }
        }))
    }

    async fn totals(&self, of: (WebhookId, Environment), since: Timestamp) -> Result<WebhookTotals> {
        Ok(self.look(|state| totals(state, of, since)))
    }

    async fn find_redrive(&self, id: RedriveId) -> Result<Option<Redrive>> {
        Ok(self.look(|state| state.redrives.get(&id).cloned()))
    }

    async fn list_redrives(
        &self,
        organisation: OrganisationId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Redrive>> {
        Ok(self.look(|state| {
            let newest = state.redrives.values().rev();
            let own = newest.filter(|found| found.organisation == organisation && is_before(found.id, after));
            page(own.cloned(), limit, |found| found.id.row())
        }))
    }

    async fn running_redrives(&self) -> Result<Vec<Redrive>> {
        Ok(self.look(|state| {
            let running = state.redrives.values().filter(|redrive| redrive.state == RedriveState::Running);
            running.cloned().collect()
        }))
    }

    async fn plan_redrive(
        &self,
        organisation: OrganisationId,
        filter: &RedriveFilter,
        cursor: i64,
        limit: usize,
    ) -> Result<(u64, Vec<DeliveryId>)> {
        Ok(self.look(|state| {
            let above = state.deliveries().filter(|row| row.id.row() > cursor);
            let ids: Vec<DeliveryId> = above
                .filter(|row| row.organisation == organisation && filter.takes(row))
                .map(|row| row.id)
                .collect();
            (ids.len() as u64, ids.into_iter().take(limit).collect())
        }))
    }

    async fn list_rejections(
        &self,
        filter: RejectionFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Rejection>> {
        Ok(self.look(|state| {
            let newest = state.rejections.newest().filter(|row| is_before(row.id, after));
            page(newest.filter(|row| filter.takes(row)), limit, |row| row.id.row())
        }))
    }

    async fn find_rejection(&self, id: RejectionId) -> Result<Option<(Rejection, Option<Sealed>)>> {
        Ok(self.look(|state| state.rejections.find(id)))
    }

    async fn rejection_totals(
        &self,
        organisation: OrganisationId,
        since: Timestamp,
    ) -> Result<Vec<RejectionTotal>> {
        Ok(self.look(|state| state.rejections.totals(organisation, since.hour())))
    }

    async fn list_alerts(
        &self,
        filter: AlertFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<Alert>> {
        Ok(self.look(|state| {
            let newest = state.alerts.values().rev();
            let wanted = newest.filter(|alert| is_before(alert.id, after) && filter.takes(alert));
            page(wanted.cloned(), limit, |alert| alert.id.row())
        }))
    }

    async fn find_alert(&self, id: AlertId) -> Result<Option<Alert>> {
        Ok(self.look(|state| state.alerts.get(&id).cloned()))
    }

    async fn live_alerts(&self) -> Result<Vec<Alert>> {
        Ok(self.look(|state| state.alerts.values().filter(|alert| alert.is_live()).cloned().collect()))
    }

    async fn oldest_owed(&self) -> Result<Vec<Oldest>> {
        Ok(self.look(State::oldest_owed))
    }

    async fn list_audit(
        &self,
        filter: AuditFilter,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Page<audit::Row>> {
        let number = |row: &audit::Row| i64::try_from(row.number).unwrap_or(i64::MAX);
        Ok(self.look(|state| {
            let newest = state.audit.iter().rev().filter(|row| filter.takes(&row.entry));
            let wanted = newest.filter(|row| after.is_none_or(|after| number(row) < after));
            page(wanted.cloned(), limit, number)
        }))
    }

    async fn audit_rows(&self, from: u64, limit: usize) -> Result<Vec<audit::Row>> {
        Ok(self.look(|state| {
            let rows = state.audit.iter().filter(|row| row.number >= from);
            rows.take(limit).cloned().collect()
        }))
    }

    async fn audit_gap(&self, _: u64) -> Result<Option<audit::Gap>> {
        // This store keeps every row until all before it have gone too.
        Ok(None)
    }

    async fn audit_ends(&self) -> Result<(audit::Head, audit::Head)> {
        Ok(self.look(State::audit_ends))
    }
}

fn is_before(id: impl Id, after: Option<i64>) -> bool {
    after.is_none_or(|after| id.row() < after)
}

fn page<T>(rows: impl Iterator<Item = T>, limit: usize, cursor: impl Fn(&T) -> i64) -> Page<T> {
    let mut rows: Vec<T> = rows.take(limit.saturating_add(1)).collect();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(cursor);
    Page { rows, next }
}

fn event_row(new: &NewEvent) -> EventRow {
    EventRow {
        event: new.event.clone(),
        decisions: new.decisions.clone(),
        config_version: new.config_version,
        has_body: new.body.is_some(),
    }
}

pub(super) fn delivery_row(row: &Owed) -> DeliveryRow {
    DeliveryRow {
        id: row.id,
        event: row.event,
        organisation: row.organisation,
        event_type: row.event_type.clone(),
        webhook: row.webhook,
        lane: row.lane,
        state: row.state,
        held: row.held,
        follows: row.follows,
        on_disk: row.state == DeliveryState::Pending && row.epoch == 0,
        attempts: row.attempts,
        accepted: row.accepted,
        due: row.due,
        ended: row.ended,
        error: row.error,
    }
}
