//! What the store still knows of the past, as a rule is told it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use matching::Compiled;
use model::{
    AlertRule, Attempt, Code, DeliveryId, DeliveryState, EventId, EventType, Lane, Signal, Timestamp,
    Versioned, Webhook, is_operational, limits,
};
use observe::alerts::{History, HookFacts, Owed, Past};
use store::{AttemptFilter, DeliveryFilter, EventFilter, RejectionFilter, Store};

use crate::refused::Result;
use crate::strict::not_supported;

/// A part of the past.
pub(super) struct Told {
    pub(super) history: History,
    /// Where it begins: later than asked for when there was more than one call looks at.
    pub(super) from: Timestamp,
    pub(super) is_complete: bool,
}

/// Loads what the signal of a rule is made of.
pub(super) async fn load(
    store: &dyn Store,
    compiled: &Compiled,
    rule: &AlertRule,
    span: (Timestamp, Timestamp),
) -> Result<Told> {
    let own = compiled.config.webhooks.values().filter(|hook| hook.organisation_id == rule.organisation_id);
    let hooks: Vec<_> = own.filter(|hook| rule.covers(hook.id, hook.integration_id)).cloned().collect();
    let facts = hooks.iter().map(facts).collect();
    let history = History { hooks: facts, ..History::default() };
    let mut loading =
        Loading { store, rule, compiled, span, left: limits::PREVIEW_ROWS, history, begins: span.0 };
    match rule.on {
        Signal::Latency | Signal::SuccessRate => loading.calls(&hooks).await?,
        Signal::BacklogAge => loading.owed(&hooks).await?,
        Signal::DeadLetters => loading.dead(&hooks).await?,
        Signal::SilentSource => loading.arrivals().await?,
        Signal::Rejections | Signal::SignatureFailures => loading.refused().await?,
        Signal::UndecidedTriggers => {
            return Err(not_kept("What triggers came to is kept by the hour, and not by the minute."));
        }
        Signal::WebhookState | Signal::CertificateExpiry => {
            return Err(not_kept("Of webhooks only the present state is kept."));
        }
    }
    let Loading { history, begins, .. } = loading;
    Ok(Told { history, from: begins, is_complete: begins == span.0 })
}

fn not_kept(why: &str) -> crate::refused::Refused {
    not_supported("/rule/on", format!("{why} There is no past to try the rule on.")).into()
}

struct Loading<'a> {
    store: &'a dyn Store,
    rule: &'a AlertRule,
    compiled: &'a Compiled,
    span: (Timestamp, Timestamp),
    left: usize,
    history: History,
    begins: Timestamp,
}

type Hook = Arc<Versioned<Webhook>>;

impl Loading<'_> {
    async fn calls(&mut self, hooks: &[Hook]) -> Result<()> {
        let tests =
            if hooks.iter().any(|hook| hook.accept_test) { self.tests().await? } else { HashSet::new() };
        for hook in hooks {
            let in_lane = match self.rule.scope.lane {
                Some(lane) => Some(self.in_lane(hook, lane).await?),
                None => None,
            };
            let is_meant = |delivery: DeliveryId, event: EventId| {
                !tests.contains(&event) && in_lane.as_ref().is_none_or(|lane| lane.contains(&delivery))
            };
            self.calls_of(hook, is_meant).await?;
        }
        Ok(())
    }

    async fn calls_of(&mut self, hook: &Hook, is_meant: impl Fn(DeliveryId, EventId) -> bool) -> Result<()> {
        let (from, to) = (Some(self.span.0), Some(self.span.1));
        let event_type = self.rule.scope.event_type.clone();
        let filter = AttemptFilter { webhook: hook.id, delivered: None, event_type, from, to };
        let mut after = None;
        while self.left > 0 {
            let page = self.store.list_attempts(filter.clone(), after, limits::PAGE.1.min(self.left)).await?;
            self.spend(page.rows.len(), page.rows.last().map(|(attempt, _)| attempt.began), page.next);
            let meant = page.rows.into_iter().filter(|(attempt, event_type)| {
                is_meant(attempt.delivery, attempt.event) && self.rule.covers_type(event_type.as_str())
            });
            let calls: Vec<_> =
                meant.map(|(attempt, event_type)| self.call(hook, &attempt, &event_type)).collect();
            self.history.happenings.extend(calls);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// A call at its end, as a rule is told of it.
    fn call(&self, hook: &Hook, attempt: &Attempt, event_type: &EventType) -> (Timestamp, Past) {
        let past = Past::Called {
            webhook: hook.id,
            integration: hook.integration_id,
            event_type: event_type.as_str().into(),
            lane: self.rule.scope.lane.unwrap_or(Lane::Routine),
            micros: attempt.timings.total,
            is_success: attempt.error.is_none(),
        };
        (attempt.began + Duration::from_micros(attempt.timings.total.into()), past)
    }

    async fn owed(&mut self, hooks: &[Hook]) -> Result<()> {
        let now = self.span.1;
        for hook in hooks {
            let filter = self.of_hook(hook, self.rule.scope.lane, None);
            for row in self.deliveries(filter).await? {
                let owed = Owed { webhook: hook.id, lane: row.lane, since: row.accepted, count: 1 };
                self.history.owed.push((owed, row.ended.filter(|ended| *ended < now)));
            }
        }
        Ok(())
    }

    async fn dead(&mut self, hooks: &[Hook]) -> Result<()> {
        for hook in hooks {
            let filter = self.of_hook(hook, None, Some(DeliveryState::DeadLettered));
            for row in self.deliveries(filter).await? {
                let past = Past::GivenUp { webhook: hook.id, integration: hook.integration_id };
                let at = row.ended.filter(|at| *at >= self.span.0);
                self.history.happenings.extend(at.map(|at| (at, past)));
            }
        }
        Ok(())
    }

    async fn arrivals(&mut self) -> Result<()> {
        let sources: Vec<_> = self.compiled.config.integrations.values().cloned().collect();
        let own = |organisation| organisation == self.rule.organisation_id;
        for source in sources.iter().filter(|source| own(source.organisation_id)) {
            if !self.rule.covers_source(source.id) {
                continue;
            }
            // What came last before the span says since when the source is silent in it.
            let before = EventFilter {
                organisation: Some(self.rule.organisation_id),
                integration: Some(source.id),
                to: Some(self.span.0),
                ..EventFilter::default()
            };
            let before_span = self.store.list_events(before.clone(), None, limits::PAGE.1).await?.rows;
            let last = before_span.into_iter().find(is_life);
            let within = EventFilter { from: Some(self.span.0), to: Some(self.span.1), ..before };
            let rows = self.events(within).await?;
            let times =
                last.into_iter().chain(rows.into_iter().filter(is_life)).map(|row| row.event.received);
            let arrived = times.map(|at| (at, Past::Arrived(source.id)));
            self.history.happenings.extend(arrived);
        }
        Ok(())
    }

    /// Beyond a rate only the number of refusals is kept, without their times: those are left out.
    async fn refused(&mut self) -> Result<()> {
        let filter = RejectionFilter {
            organisation: Some(self.rule.organisation_id),
            integration: self.rule.scope.integration_id,
            from: Some(self.span.0),
            to: Some(self.span.1),
            ..RejectionFilter::default()
        };
        let mut after = None;
        while self.left > 0 {
            let most = limits::PAGE.1.min(self.left);
            let page = self.store.list_rejections(filter.clone(), after, most).await?;
            self.spend(page.rows.len(), page.rows.last().map(|row| row.at), page.next);
            let past = page.rows.into_iter().map(|row| {
                let is_unproved = matches!(row.code, Code::InvalidSignature | Code::Unauthorized);
                (row.at, Past::Refused { from: row.integration, is_unproved })
            });
            self.history.happenings.extend(past);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Test events of the span: they never count (T1).
    async fn tests(&mut self) -> Result<HashSet<EventId>> {
        let filter = EventFilter {
            organisation: Some(self.rule.organisation_id),
            from: Some(self.span.0),
            to: Some(self.span.1),
            ..EventFilter::default()
        };
        let rows = self.events(filter).await?;
        Ok(rows.into_iter().filter(|row| row.event.test).map(|row| row.event.id).collect())
    }

    async fn in_lane(&mut self, hook: &Hook, lane: Lane) -> Result<HashSet<DeliveryId>> {
        let filter = self.of_hook(hook, Some(lane), None);
        Ok(self.deliveries(filter).await?.into_iter().map(|row| row.id).collect())
    }

    fn of_hook(&self, hook: &Hook, lane: Option<Lane>, state: Option<DeliveryState>) -> DeliveryFilter {
        DeliveryFilter {
            organisation: Some(self.rule.organisation_id),
            webhook: Some(hook.id),
            state,
            lane,
            // A delivery that matters now may have been accepted days ago.
            from: Some(self.span.0 - LONGEST_OWED),
            to: Some(self.span.1),
            ..DeliveryFilter::default()
        }
    }

    async fn deliveries(&mut self, filter: DeliveryFilter) -> Result<Vec<store::DeliveryRow>> {
        let (mut rows, mut after) = (Vec::new(), None);
        while self.left > 0 {
            let most = limits::PAGE.1.min(self.left);
            let page = self.store.list_deliveries(filter.clone(), after, most).await?;
            self.spend(page.rows.len(), page.rows.last().map(|row| row.accepted), page.next);
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    async fn events(&mut self, filter: EventFilter) -> Result<Vec<store::EventRow>> {
        let (mut rows, mut after) = (Vec::new(), None);
        while self.left > 0 {
            let page = self.store.list_events(filter.clone(), after, limits::PAGE.1.min(self.left)).await?;
            self.spend(page.rows.len(), page.rows.last().map(|row| row.event.received), page.next);
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    /// Counts rows that were read. When no more may be, the history begins with the oldest of them.
    fn spend(&mut self, rows: usize, oldest: Option<Timestamp>, next: Option<i64>) {
        self.left = self.left.saturating_sub(rows);
        if self.left == 0 && next.is_some() {
            self.begins = oldest.unwrap_or(self.begins).clamp(self.begins, self.span.1);
        }
    }
}

/// Whether an event shows that its source is alive: tests and what we say ourselves do not (T1).
fn is_life(row: &store::EventRow) -> bool {
    !row.event.test && !is_operational(row.event.event_type.as_str())
}

fn facts(hook: &Hook) -> HookFacts {
    HookFacts {
        id: hook.id,
        organisation: hook.organisation_id,
        integration: hook.integration_id,
        state: hook.state.clone(),
        certificate_until: None,
    }
}

/// The longest horizon of a schedule.
const LONGEST_OWED: Duration = Duration::from_secs(3 * 86_400);
