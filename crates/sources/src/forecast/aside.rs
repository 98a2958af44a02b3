//! An intake that keeps nothing: over a store in memory, under keys that are gone with it.

use std::sync::Arc;

use hl7v2::Message;
use matching::Compiled;
use model::{
    Content, Event, Ids, Integration, IntegrationId, Lane, ManualClock, Occasion, Problem, Timestamp,
    Versioned, limits,
};
use observe::Metrics;
use observe::live::Feed;
use privacy::{ConfigSeal, Keyring, MasterKey, MemoryVault, Warm};
use serde::Deserialize;
use settings::Settings;
use store::memory::{MemoryStore, Options};
use store::{Arrival, Batch, Remembered};

use super::became::Became;
use super::found::Item;
use super::retold::Retold;
use crate::absences::Missed;
use crate::draft::{Cause, Draft, Happening};
use crate::hl7::{self, Unfit};
use crate::intake::{Intake, Ports};
use crate::refusal;
use crate::resources::Sender;

/// What the intakes of one forecast share: so what one of them makes can be compared with the other's.
pub(super) struct Apart {
    /// Shows when what is taken in came.
    pub(super) clock: Arc<ManualClock>,
    master: MasterKey,
    keyring: Arc<Keyring>,
    ports: PortsOutside,
}

/// What intakes aside take from the real one: nothing of it is changed or asked.
struct PortsOutside {
    presets: presets::Library,
    ask: Arc<dyn model::Ask>,
}

impl Apart {
    pub(super) fn new(real: &Ports) -> Apart {
        let clock = Arc::new(ManualClock::at(Timestamp::default()));
        let master = MasterKey::generate();
        let keyring = Arc::new(Keyring::new(&master, Arc::new(MemoryVault::default()), clock.clone()));
        let ports = PortsOutside { presets: real.presets.clone(), ask: real.ask.clone() };
        Apart { clock, master, keyring, ports }
    }

    /// An intake with a configuration and an empty store.
    pub(super) fn intake(&self, compiled: Arc<Compiled>) -> Aside {
        let store = Arc::new(MemoryStore::new(Options::default(), self.clock.clone()));
        let seal = ConfigSeal::new(&self.master);
        let settings = Arc::new(Settings::aside(store.clone(), seal, compiled.clone()));
        let intake = Intake::new(Ports {
            store,
            settings,
            keyring: self.keyring.clone(),
            presets: self.ports.presets.clone(),
            warm: Arc::new(Warm::new()),
            clock: self.clock.clone(),
            ids: Arc::new(Ids::new(0, 0)),
            metrics: Arc::new(Metrics::new()),
            sessions: Arc::default(),
            feed: Feed::new(0),
            ask: self.ports.ask.clone(),
        });
        Aside { intake, compiled }
    }
}

/// An intake aside.
pub(super) struct Aside {
    pub(super) intake: Arc<Intake>,
    pub(super) compiled: Arc<Compiled>,
}

impl Aside {
    pub(super) fn integration(&self, id: IntegrationId) -> Option<Arc<Versioned<Integration>>> {
        self.compiled.config.integrations.get(&id).cloned()
    }

    /// What becomes of something that came in. Everything before it has been taken in already.
    pub(super) async fn take(&self, item: &Item, retold: &Retold) -> Result<Became, Problem> {
        let Some(integration) = self.integration(item.integration) else { return Ok(Became::default()) };
        let drafted = match retold {
            Retold::Hl7(raw) => match self.message(&integration, raw).await {
                Ok(draft) => draft,
                Err(unfit) => return Ok(Became::refused(unfit.problem().in_words())),
            },
            Retold::Fhir(incoming, _) => {
                let sender = Sender { integration: &integration, cause: None, call: None };
                let spoken = self.intake.spoken(sender, incoming).await?;
                let kind = incoming.first().map_or("", |one| one.resource_type.as_str());
                self.intake.draft_of(sender, (&spoken, incoming), (kind, b"")).await?.0
            }
            Retold::Said(events, _) => self.said(&integration, events).await?,
        };
        self.settle(drafted).await
    }

    async fn message(&self, integration: &Arc<Versioned<Integration>>, raw: &[u8]) -> Result<Draft, Unfit> {
        let (message, flaws): (Message<'_>, _) = hl7v2::parse(raw).map_err(|_| Unfit::NoType)?;
        let mut mapped = hl7::mapped(&self.intake, integration, &message)?;
        let spoken = hl7::spoken(&mut mapped);
        Ok(hl7::draft(&self.intake, integration, (&message, &flaws), (&mapped, &spoken, false)).await?)
    }

    /// What a sender said, to be decided upon again.
    async fn said(
        &self,
        integration: &Arc<Versioned<Integration>>,
        events: &[(Event, Content)],
    ) -> Result<Draft, Problem> {
        let happenings = events.iter().map(|(event, content)| self.happening(event, content));
        let mut drafts = [Draft::new(integration, happenings.collect())];
        self.intake.consider_said(&mut drafts).await?;
        let [draft] = drafts;
        Ok(draft)
    }

    fn happening(&self, event: &Event, content: &Content) -> Happening {
        Happening {
            id: None,
            event_type: event.event_type.clone(),
            object_type: event.object_type.clone(),
            lane: self.lane(event, content),
            time: Some(event.time),
            test: event.test,
            // Which triggers it speaks for is found out anew.
            content: Content { occasion: Occasion::default(), ..content.clone() },
            report: None,
            sequence: event.sequence,
            replaces: event.replaces,
            cause: event.caused_by.map(|cause| Cause { event: cause, hops: event.hops, webhook: None }),
            about: None,
        }
    }

    /// The lane that an event came with: a trigger that it speaks for may have raised it.
    fn lane(&self, event: &Event, content: &Content) -> Lane {
        let info = self.compiled.find_type(event.organisation, event.event_type.as_str());
        let Some(info) = info.filter(|_| !content.occasion.triggers.is_empty()) else { return event.lane };
        #[derive(Deserialize)]
        struct Asked {
            lane: Option<Lane>,
        }
        let asked = content.envelope.as_ref().and_then(|said| serde_json::from_str::<Asked>(said.get()).ok());
        info.lane.raised_by(asked.and_then(|asked| asked.lane))
    }

    /// What should have come by now, with where it should have come from.
    pub(super) async fn absences(&self) -> Result<Vec<(IntegrationId, Became)>, Problem> {
        let mut all = Vec::new();
        loop {
            let now = self.intake.ports.clock.now();
            let due = self.intake.ports.store.memories_due(now, limits::ABSENCES).await;
            let due = due.map_err(|error| refusal::of_store(&error))?;
            if due.is_empty() {
                return Ok(all);
            }
            for one in due {
                all.extend(self.absence(&one).await?);
            }
        }
    }

    async fn absence(&self, due: &Remembered) -> Result<Option<(IntegrationId, Became)>, Problem> {
        match self.intake.missed(due).await? {
            Missed::Told(draft) => {
                let integration = draft.integration.id;
                Ok(Some((integration, self.settle(*draft).await?)))
            }
            Missed::Forgotten(memories) => self.intake.forget(memories).await.map(|()| None),
        }
    }

    /// Remembers what a draft leaves, as far as what comes later depends on it.
    async fn settle(&self, draft: Draft) -> Result<Became, Problem> {
        let draft = Draft { dedupe: None, name: None, cursor: None, received: None, ..draft };
        let contents = draft.happenings.iter().chain(draft.triggered.raised.iter().map(|one| &one.happening));
        let contents: Vec<Content> = contents.map(|happening| happening.content.clone()).collect();
        let judged = draft.triggered.judged.iter();
        let judged = judged.map(|made| (made.object, made.judged.clone())).collect();
        let (mut arrival, _) = self.intake.build(draft, &self.compiled).await?;
        let events: Vec<(Event, _)> =
            arrival.events.iter().map(|(new, _)| (new.event.clone(), new.decisions.clone())).collect();
        for (new, deliveries) in &mut arrival.events {
            self.intake.ports.warm.forget(new.event.id);
            new.body = None;
            deliveries.clear();
        }
        let arrival = Arrival { considered: Vec::new(), ..arrival };
        let batch = Batch { arrivals: vec![arrival], ..Batch::default() };
        self.intake.ports.store.commit(batch).await.map_err(|error| refusal::of_store(&error))?;
        Ok(Became::of(events, contents, judged))
    }
}
