//! Intake: the one path behind every door, from a draft to a durable arrival.
//!
//! What happened is matched, sealed and committed in one step; the sender hears
//! "accepted" only when it is on disk. Contents stay warm in memory for the
//! senders, who usually need them a moment later.

use std::collections::BTreeMap;
use std::sync::Arc;

use matching::{Compiled, Decided, Facts, Verdict, supersede};
use model::{
    Ask, Clock, Content, Decision, DecisionReason, Event, EventId, Ids, Integration, IntegrationId, Judged,
    OrganisationId, Personal, Problem, Subject, Timestamp,
};
use observe::Metrics;
use observe::live::Feed;
use presets::Library;
use privacy::session::Sessions;
use privacy::{Keyring, OrganisationKeys, RecordKind, Warm};
use repeats::Repeats;
use settings::Settings;
use store::{Arrival, Batch, Considered, Cursor, Merge, Message, NewDelivery, NewEvent, Store};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::draft::{Draft, Happening, Received};
use crate::owed_before::Former;
use crate::reading::Clients;
use crate::refusal;
use crate::rejections::Ledger;
use crate::told;
use crate::traced::Traced;
use crate::triggered::Made;
use crate::undecided::Undecided;

/// What intake stands on.
pub struct Ports {
    /// Where arrivals become durable.
    pub store: Arc<dyn Store>,
    /// The live configuration.
    pub settings: Arc<Settings>,
    /// Seals.
    pub keyring: Arc<Keyring>,
    /// How third parties are proven and read.
    pub presets: Library,
    /// Where contents wait for their senders.
    pub warm: Arc<Warm>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Mints ids.
    pub ids: Arc<Ids>,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// Who is signed in: their cookies open the doors too.
    pub sessions: Arc<Sessions>,
    /// What is told to who watches.
    pub feed: Feed,
    /// Asks outside servers.
    pub ask: Arc<dyn Ask>,
}

/// The one path behind every door.
pub struct Intake {
    pub(crate) ports: Ports,
    pub(crate) rejections: Ledger,
    pub(crate) clients: Clients,
    /// Held by the one forecast that may run.
    pub(crate) forecasting: Mutex<()>,
    pub(crate) repeats: Arc<Repeats>,
}

/// What became of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted {
        first: Option<EventId>,
        matched: usize,
    },
    /// It was known: nothing was written.
    Duplicate {
        first: EventId,
    },
    /// An object it builds on has changed: draft it again.
    Conflict,
    /// Something else has its name: draft it again without, and say so.
    Clash,
}

impl Intake {
    /// Intake over its ports.
    #[must_use]
    pub fn new(ports: Ports) -> Arc<Self> {
        let repeats = Repeats::new(ports.store.clone(), ports.keyring.clone(), ports.clock.clone());
        Arc::new(Intake {
            ports,
            rejections: Ledger::default(),
            clients: Clients::default(),
            forecasting: Mutex::default(),
            repeats,
        })
    }

    /// Makes drafts durable; the answers are in order.
    pub(crate) async fn accept(&self, drafts: Vec<Draft>) -> Result<Vec<Fate>, Problem> {
        let began = Instant::now();
        let compiled = self.ports.settings.now();
        let mut fates = Vec::with_capacity(drafts.len());
        let mut batch = Batch::default();
        let heard: Vec<IntegrationId> = drafts.iter().filter_map(Draft::heard_from).collect();
        for draft in drafts {
            let (arrival, matched) = self.build(draft, &compiled).await?;
            let first = arrival.events.first().map(|(event, _)| event.event.id);
            fates.push(Fate::Accepted { first, matched });
            batch.arrivals.push(arrival);
        }
        let told = told::accepted(&self.ports.feed, &batch.arrivals);
        let undecided = Undecided::of(&compiled, &batch.arrivals);
        let traced = Traced::of(self.ports.metrics.traces(), &batch.arrivals, began);
        let committed = self.ports.store.commit(batch).await.map_err(|error| refusal::of_store(&error))?;
        let (recent, now) = (self.ports.metrics.recent(), self.ports.clock.now());
        heard.into_iter().for_each(|source| recent.arrived(source, now));
        for (place, first) in committed.duplicates {
            if let Some(fate) = fates.get_mut(place) {
                self.cool(fate);
                *fate = Fate::Duplicate { first };
            }
        }
        let conflicts = committed.conflicts.into_iter().map(|place| (place, Fate::Conflict));
        let clashes = committed.clashes.into_iter().map(|place| (place, Fate::Clash));
        for (place, unwritten) in conflicts.chain(clashes) {
            if let Some(fate) = fates.get_mut(place) {
                self.cool(fate);
                *fate = unwritten;
            }
        }
        told.tell(&self.ports.feed, &fates);
        undecided.count(recent, &fates, now);
        traced.record(self.ports.metrics.traces(), &fates, now);
        Ok(fates)
    }

    /// Notes durably how far a source was read where nothing new came with it.
    pub(crate) async fn read_up_to(&self, cursor: Cursor) -> Result<(), Problem> {
        let arrival = Arrival { cursor: Some(cursor), ..Arrival::default() };
        let batch = Batch { arrivals: vec![arrival], ..Batch::default() };
        self.ports.store.commit(batch).await.map(drop).map_err(|error| refusal::of_store(&error))
    }

    /// Contents of what was not written are not waited for by any sender.
    fn cool(&self, fate: &Fate) {
        if let Fate::Accepted { first: Some(first), .. } = fate {
            self.ports.warm.forget(*first);
        }
    }

    pub(crate) async fn build(&self, draft: Draft, compiled: &Compiled) -> Result<(Arrival, usize), Problem> {
        let now = self.ports.clock.now();
        let integration = &draft.integration;
        let organisation = integration.organisation_id;
        let keys =
            self.ports.keyring.organisation(organisation).await.map_err(|error| refusal::of_keys(&error))?;
        let mut arrival =
            Arrival { dedupe: draft.dedupe, name: draft.name, cursor: draft.cursor, ..Arrival::default() };
        if let Some(received) = draft.received {
            let count = draft.happenings.len() + draft.triggered.raised.len();
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            arrival.message = Some(self.message(received, count, integration, &keys).await?);
        }
        let message = arrival.message.as_ref().map(|message| message.id);
        let mut happenings = draft.happenings;
        let event = |happening: &Happening| self.event(happening, integration, &keys, now);
        let mut events: Vec<Event> =
            happenings.iter().map(|happening| Event { message, ..event(happening) }).collect();
        arrival.memories = draft.triggered.memories;
        arrival.considered = considered(draft.triggered.judged, &events);
        for derived in draft.triggered.raised {
            let origin = events.get(derived.origin.unwrap_or(0)).map(|origin| origin.id);
            let raised = event(&derived.happening);
            events.push(Event { id: derived.id, message, caused_by: origin.or(raised.caused_by), ..raised });
            happenings.push(derived.happening);
        }
        let mut verdicts = decide(compiled, &events, &happenings);
        let mut former = self.reach_former(&events, &mut verdicts, compiled).await?;
        arrival.merges = draft.merges.iter().map(|pair| merge(organisation, pair, &keys)).collect();
        arrival.objects = draft.objects;
        let mut matched = 0;
        for ((event, happening), verdicts) in events.into_iter().zip(happenings).zip(verdicts) {
            let (decisions, deliveries) = self.owe(&event, (&verdicts, &former), &keys);
            former.owe(event.id, &deliveries);
            matched += deliveries.len();
            let new = self
                .seal(event, happening.content, (decisions, deliveries.len()), compiled.config.version)
                .await?;
            arrival.events.push((new, deliveries));
        }
        Ok((arrival, matched))
    }

    fn event(
        &self,
        happening: &Happening,
        integration: &Integration,
        keys: &OrganisationKeys,
        now: Timestamp,
    ) -> Event {
        let content = &happening.content;
        Event {
            id: happening.id.unwrap_or_else(|| self.ports.ids.next(now)),
            organisation: integration.organisation_id,
            integration: integration.id,
            event_type: happening.event_type.clone(),
            object_type: happening.object_type.clone(),
            lane: happening.lane,
            time: happening.time.unwrap_or(now),
            received: now,
            test: happening.test,
            subject: content.subject.as_ref().map(|subject| keys.subject(subject)),
            object: content.object.as_ref().map(|object| keys.object(object)),
            message: None,
            sequence: happening.sequence,
            replaces: happening.replaces,
            caused_by: happening.cause.map(|cause| cause.event),
            hops: happening.cause.map_or(0, |cause| cause.hops),
        }
    }

    fn owe(
        &self,
        event: &Event,
        (verdicts, former): (&[Verdict], &Former),
        keys: &OrganisationKeys,
    ) -> (Vec<Decision>, Vec<NewDelivery>) {
        let mut decisions = Vec::with_capacity(verdicts.len());
        let mut deliveries = Vec::new();
        for verdict in verdicts {
            let Verdict { webhook, reason, .. } = verdict;
            let delivery = (*reason == DecisionReason::Matched).then(|| self.ports.ids.next(event.received));
            decisions.push(Decision { webhook: webhook.id, delivery, reason: *reason });
            deliveries.extend(delivery.map(|id| NewDelivery {
                follows: former.delivery(event, webhook.id),
                ..settings::owed(id, verdict, event, keys)
            }));
        }
        (decisions, deliveries)
    }

    async fn seal(
        &self,
        event: Event,
        content: Content,
        (decisions, uses): (Vec<Decision>, usize),
        config_version: u64,
    ) -> Result<NewEvent, Problem> {
        let row = model::Id::row(event.id);
        let key = self.ports.keyring.for_sealing(event.organisation, row, event.subject);
        let key = key.await.map_err(|error| refusal::of_keys(&error))?;
        let content = Personal::new(content);
        let mut bytes = Vec::with_capacity(content.weight());
        content
            .look(|content| serde_json::to_writer(&mut bytes, content))
            .map_err(|error| refusal::internal(&error))?;
        let body = key.seal(RecordKind::Event, row, &bytes);
        if uses > 0 {
            self.ports.warm.put(event.clone(), content, uses);
        }
        Ok(NewEvent { event, decisions, config_version, body: Some(body) })
    }

    async fn message(
        &self,
        received: Received,
        events: u32,
        integration: &Integration,
        keys: &OrganisationKeys,
    ) -> Result<Message, Problem> {
        let now = self.ports.clock.now();
        let id: model::MessageId = self.ports.ids.next(now);
        let organisation = integration.organisation_id;
        let subject = received.subject.as_ref().map(|subject| keys.subject(subject));
        let row = model::Id::row(id);
        let key = self.ports.keyring.for_sealing(organisation, row, subject).await;
        let key = key.map_err(|error| refusal::of_keys(&error))?;
        Ok(Message {
            id,
            organisation,
            integration: integration.id,
            received: now,
            format: received.format.to_owned(),
            kind: received.kind,
            subject,
            events,
            flaws: received.flaws,
            raw: key.seal(RecordKind::Message, row, &received.raw),
        })
    }
}

/// Who gets each event, and who nearly did; of one result, a wildcard destination gets one.
fn decide(compiled: &Compiled, events: &[Event], happenings: &[Happening]) -> Vec<Vec<Verdict>> {
    let mut decided: Vec<Decided<'_>> = events
        .iter()
        .zip(happenings)
        .map(|(event, happening)| {
            let facts = Facts {
                content: Some(&happening.content),
                object_id: happening.content.object.as_ref().map(|object| object.id.as_str()),
                origin: happening.cause.and_then(|cause| cause.webhook),
                about_webhook: happening.about.as_ref().and_then(|about| about.webhook),
            };
            let mut verdicts = compiled.decide(event, facts);
            if let Some(about) = &happening.about {
                compiled.address(event, (facts, &about.audience), &mut verdicts);
            }
            Decided { event, report: happening.report.as_deref(), verdicts }
        })
        .collect();
    if decided.len() > 1 {
        supersede(&mut decided);
    }
    decided.into_iter().map(|decided| decided.verdicts).collect()
}

/// A merge as the store knows it.
fn merge(organisation: OrganisationId, (from, into): &(Subject, Subject), keys: &OrganisationKeys) -> Merge {
    let subjects = (keys.subject(from), keys.subject(into));
    let orders = (keys.order_of(subjects.0), keys.order_of(subjects.1));
    Merge { organisation, subjects, orders }
}

/// What triggers made of a change, with the event that tells of it.
fn considered(made: Vec<Made>, events: &[Event]) -> Vec<Considered> {
    let mut by_event: BTreeMap<usize, Vec<Judged>> = BTreeMap::new();
    for Made { origin, judged, .. } in made {
        by_event.entry(origin.unwrap_or(0)).or_default().push(judged);
    }
    let of = |(place, judged): (usize, Vec<Judged>)| {
        let event = events.get(place)?;
        Some(Considered { event: event.id, at: event.received, test: event.test, judged })
    };
    by_event.into_iter().filter_map(of).collect()
}
