//! What is added up while batches are written.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{
    Attempt, DeliveryState, Environment, Event, EventType, HoldReason, IntegrationId, Lane, OrganisationId,
    Timestamp, WebhookId,
};

use super::MemoryStore;
use super::read::delivery_row;
use super::state::{Owed, State};
use crate::{
    Beat, Flow, Heard, HourTotals, Pile, Pulse, Result, Sample, Stands, Sums, Volume, WebhookTotals,
};

#[async_trait]
impl Sums for MemoryStore {
    async fn pulse(
        &self,
        (organisation, environment): (OrganisationId, Environment),
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Pulse>> {
        let at = |time: Timestamp, lane| (organisation, environment, time.minute(), lane);
        let span = at(from, Lane::Critical)..=at(to, Lane::Bulk);
        Ok(self.look(|state| state.tally.pulses.range(span).map(|(_, pulse)| *pulse).collect()))
    }

    async fn flow(
        &self,
        (webhook, environment): (WebhookId, Environment),
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Flow>> {
        let span = (webhook, environment, from.hour())..=(webhook, environment, to.hour());
        Ok(self.look(|state| {
            let flow = |((event_type, lane), totals): (&(EventType, Lane), &HourTotals)| Flow {
                event_type: event_type.clone(),
                lane: *lane,
                totals: totals.clone(),
            };
            state.tally.hours.range(span).flat_map(|(_, by)| by.iter().map(flow)).collect()
        }))
    }

    async fn beats(
        &self,
        (webhook, environment): (WebhookId, Environment),
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Beat>> {
        let span = (webhook, environment, from.minute())..=(webhook, environment, to.minute());
        let beat = |((_, _, minute), totals): (&(WebhookId, Environment, i64), &HourTotals)| Beat {
            minute: *minute,
            totals: totals.clone(),
        };
        Ok(self.look(|state| state.tally.beats.range(span).map(beat).collect()))
    }

    async fn volume(
        &self,
        organisation: OrganisationId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Volume>> {
        let span = (organisation, from.hour())..=(organisation, to.hour());
        Ok(self.look(|state| {
            let hours = state.tally.volumes.range(span);
            let volume = |hour: i64, (of, count): (&Of, &u64)| Volume {
                hour,
                integration: of.0,
                event_type: of.1.clone(),
                test: of.2,
                count: *count,
            };
            hours.flat_map(|((_, hour), by)| by.iter().map(|row| volume(*hour, row))).collect()
        }))
    }

    async fn heard(&self, integrations: &[IntegrationId]) -> Result<Vec<Heard>> {
        Ok(self
            .look(|state| integrations.iter().filter_map(|id| state.tally.heard.get(id).copied()).collect()))
    }

    async fn latest(&self, webhooks: &[WebhookId]) -> Result<Vec<crate::Latest>> {
        Ok(self.look(|state| {
            let record = |id: &WebhookId| {
                let Record { last_success, last_failure, failures_in_a_row } =
                    *state.tally.webhooks.get(&(*id, Environment::Live))?;
                Some(crate::Latest { webhook: *id, last_success, last_failure, failures_in_a_row })
            };
            webhooks.iter().filter_map(record).collect()
        }))
    }

    async fn piles(&self, webhooks: &[WebhookId]) -> Result<Vec<Pile>> {
        Ok(self.look(|state| {
            let mut found: BTreeMap<(WebhookId, bool, Lane, u8), Pile> = BTreeMap::new();
            for row in state.deliveries().filter(|row| webhooks.contains(&row.webhook)) {
                let Some((place, at)) = place(row) else { continue };
                let at = Timestamp::from_millis(at.millis().div_euclid(place.step()) * place.step());
                let (webhook, test, lane) = (row.webhook, row.test, row.lane);
                let key = (webhook, test, lane, number(place));
                let fresh = Pile { webhook, test, lane, place, count: 0, first: at, last: at };
                let piles = found.entry(key).or_insert(fresh);
                piles.count += 1;
                piles.first = piles.first.min(at);
                piles.last = piles.last.max(at);
            }
            found.into_values().collect()
        }))
    }
}

/// Where a delivery stands, and since when; nowhere once it has ended.
fn place(row: &Owed) -> Option<(Stands, Timestamp)> {
    if row.is_owed() {
        return Some((Stands::Owed, row.revived.unwrap_or(row.accepted)));
    }
    let dead = row.state == DeliveryState::DeadLettered;
    dead.then(|| (Stands::Dead(row.error), row.ended.unwrap_or_default()))
}

fn number(place: Stands) -> u8 {
    match place {
        Stands::Owed => 0,
        Stands::Dead(error) => error.map_or(u8::MAX, |error| error as u8),
    }
}

type Of = (IntegrationId, EventType, bool);
type ByKind = BTreeMap<(EventType, Lane), HourTotals>;

/// The sums.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    hours: BTreeMap<(WebhookId, Environment, i64), ByKind>,
    beats: BTreeMap<(WebhookId, Environment, i64), HourTotals>,
    webhooks: BTreeMap<(WebhookId, Environment), Record>,
    pulses: BTreeMap<(OrganisationId, Environment, i64, Lane), Pulse>,
    volumes: BTreeMap<(OrganisationId, i64), BTreeMap<Of, u64>>,
    heard: BTreeMap<IntegrationId, Heard>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Record {
    last_success: Option<Timestamp>,
    last_failure: Option<Timestamp>,
    failures_in_a_row: u32,
}

impl Tally {
    /// An event was accepted.
    pub(super) fn accept(&mut self, event: &Event) {
        let Event { integration, received, test, .. } = *event;
        let live = (!test).then_some(received);
        let heard =
            self.heard.entry(integration).or_insert(Heard { integration, last: received, last_live: live });
        heard.last = heard.last.max(received);
        heard.last_live = heard.last_live.max(live);
        let hour = self.volumes.entry((event.organisation, received.hour())).or_default();
        *hour.entry((integration, event.event_type.clone(), test)).or_default() += 1;
        let place = (event.organisation, Environment::of(test), received.minute(), event.lane);
        self.minute(place).accepted += 1;
    }

    /// A call was made for a delivery.
    pub(super) fn call(&mut self, attempt: &Attempt, row: &Owed) {
        let environment = Environment::of(row.test);
        let of = |time| (attempt.webhook, environment, time);
        let (hour, counted) = (attempt.began.hour(), counted(attempt));
        let by = self.hours.entry(of(hour)).or_default();
        for totals in [
            by.entry((row.event_type.clone(), row.lane)).or_default(),
            self.beats.entry(of(attempt.began.minute())).or_default(),
        ] {
            totals.hour = hour;
            totals.add(&counted);
        }
        let record = self.webhooks.entry((attempt.webhook, environment)).or_default();
        let good = attempt.error.is_none();
        if good {
            record.last_success = record.last_success.max(Some(attempt.began));
            record.failures_in_a_row = 0;
        } else {
            record.last_failure = record.last_failure.max(Some(attempt.began));
            record.failures_in_a_row += 1;
        }
        let minute = self.minute(minute_of(row, attempt.began));
        minute.delivered += u64::from(good);
        minute.failed += u64::from(!good);
    }

    /// A delivery was settled.
    pub(super) fn end(&mut self, row: &Owed, state: DeliveryState, at: Timestamp) {
        let wait = at.since(row.revived.unwrap_or(row.accepted)).as_millis();
        let minute = self.minute(minute_of(row, at));
        if state == DeliveryState::Delivered {
            let bucket = (u128::BITS - wait.leading_zeros()) as usize;
            minute.waits[bucket.min(crate::WAITS - 1)] += 1;
        } else if state == DeliveryState::DeadLettered {
            minute.dead_lettered += 1;
        }
    }

    /// Somebody looked at what is owed.
    pub(super) fn look(&mut self, sample: &Sample) {
        let place = (sample.organisation, Environment::of(sample.test), sample.at.minute(), sample.lane);
        let minute = self.minute(place);
        minute.pending = minute.pending.max(sample.pending);
        minute.oldest_ms = minute.oldest_ms.max(sample.oldest_ms);
    }

    fn minute(&mut self, place: (OrganisationId, Environment, i64, Lane)) -> &mut Pulse {
        self.pulses.entry(place).or_insert_with(|| Pulse::quiet(place.2, place.3))
    }

    /// Forgets hours before `then` and minutes before two days ago; tells how many hours of webhooks.
    pub(super) fn expire(&mut self, then: Timestamp, now: Timestamp) -> usize {
        let before = self.hours.len();
        let oldest = (now - model::limits::MINUTES_KEPT).minute();
        self.hours.retain(|(_, _, hour), _| *hour >= then.hour());
        self.beats.retain(|(_, _, minute), _| *minute >= oldest);
        self.volumes.retain(|(_, hour), _| *hour >= then.hour());
        self.pulses.retain(|(_, _, minute, _), _| *minute >= oldest);
        before - self.hours.len()
    }
}

fn minute_of(row: &Owed, at: Timestamp) -> (OrganisationId, Environment, i64, Lane) {
    (row.organisation, Environment::of(row.test), at.minute(), row.lane)
}

fn counted(attempt: &Attempt) -> HourTotals {
    let mut one = HourTotals {
        errors: attempt.error.map(|error| (error, 1)).into_iter().collect(),
        ..HourTotals::default()
    };
    one.delivered = u64::from(attempt.error.is_none());
    one.failed = 1 - one.delivered;
    one.statuses[HourTotals::class(attempt.status)] = 1;
    let millis = attempt.timings.total / 1_000;
    let bucket = (u32::BITS - millis.leading_zeros()) as usize;
    one.latency[bucket.min(one.latency.len() - 1)] = 1;
    one
}

/// What the attempts at a webhook added up to.
pub(super) fn totals(
    state: &State,
    (webhook, environment): (WebhookId, Environment),
    since: Timestamp,
) -> WebhookTotals {
    let record = |of| state.tally.webhooks.get(&(webhook, of)).copied().unwrap_or_default();
    let failures_in_a_row = record(Environment::Live).failures_in_a_row;
    let record = record(environment);
    let place = |hour| (webhook, environment, hour);
    let hours = state.tally.hours.range(place(since.hour())..=place(i64::MAX));
    let own = || state.deliveries().filter(|row| row.webhook == webhook);
    let count = |is: fn(&Owed) -> bool| own().filter(|row| is(row)).count() as u64;
    let dead = |row: &&Owed| row.state == DeliveryState::DeadLettered;
    WebhookTotals {
        hours: hours.map(|((_, _, hour), by)| whole(*hour, by.values())).collect(),
        last_success: record.last_success,
        last_failure: record.last_failure,
        failures_in_a_row,
        pending: own().filter(|row| row.is_owed()).count() as u64,
        waiting: count(|row| row.state == DeliveryState::Waiting),
        held: count(|row| row.state == DeliveryState::Held && row.held == Some(HoldReason::Ordering)),
        buffered: count(|row| delivery_row(row).on_disk && row.lane.may_be_buffered()),
        dead_lettered: own().filter(dead).count() as u64,
        next_retry: own().filter(|row| row.state == DeliveryState::Waiting).filter_map(|row| row.due).min(),
    }
}

fn whole<'a>(hour: i64, parts: impl Iterator<Item = &'a HourTotals>) -> HourTotals {
    let mut sum = HourTotals { hour, ..HourTotals::default() };
    parts.for_each(|part| sum.add(part));
    sum
}
