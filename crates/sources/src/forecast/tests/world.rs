//! A hospital with a laboratory that speaks HL7 v2, and a portal that sends events.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hl7v2::parse;
use model::{
    Ask, Category, Change, Clock as _, Content, EventId, Forecast, Foretell as _, Ids, Integration,
    IntegrationId, ManualClock, NoReply, Organisation, OrganisationId, Problem, Question, Reply, SiteMap,
    SiteTables, Stretch, Tally, Timestamp, Trigger, TriggerId, Versioned, Webhook, WebhookId,
};
use observe::Metrics;
use observe::live::Feed;
use privacy::{ConfigSeal, Keyring, MasterKey, MemoryVault, Warm};
use serde_json::{Value, json};
use settings::Settings;
use store::memory::{MemoryStore, Options};
use store::{EventFilter, Read as _};

use super::super::Bounds;
use crate::draft::{Draft, Happening};
use crate::intake::{Intake, Ports};

pub(super) struct World {
    pub(super) intake: Arc<Intake>,
    pub(super) clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
    pub(super) organisation: OrganisationId,
    pub(super) laboratory: IntegrationId,
    portal: IntegrationId,
}

/// Nobody is asked.
struct Nobody;

#[async_trait]
impl Ask for Nobody {
    async fn ask(&self, _: Question<'_>) -> Result<Reply, NoReply> {
        Err(NoReply(Category::ConnectRefused))
    }
}

impl World {
    pub(super) async fn new() -> World {
        let clock = Arc::new(ManualClock::at(START.parse().unwrap()));
        let store = Arc::new(MemoryStore::new(Options::default(), clock.clone()));
        let master = MasterKey::from_bytes([7; 32]);
        let settings = Settings::load(store.clone(), ConfigSeal::new(&master)).await.unwrap();
        let keyring = Arc::new(Keyring::new(&master, Arc::new(MemoryVault::default()), clock.clone()));
        let ids = Arc::new(Ids::new(1, 0));
        let organisation = ids.next(clock.now());
        let (laboratory, portal) = (ids.next(clock.now()), ids.next(clock.now()));
        let intake = Intake::new(Ports {
            store: store.clone(),
            settings: Arc::new(settings),
            keyring,
            presets: presets::Library::embedded(),
            warm: Arc::new(Warm::new()),
            clock: clock.clone(),
            ids,
            metrics: Arc::new(Metrics::new()),
            sessions: Arc::default(),
            feed: Feed::default(),
            ask: Arc::new(Nobody),
        });
        let world = World { intake, clock, store, organisation, laboratory, portal };
        let doc = Organisation { id: organisation, name: "A".to_owned(), created_at: world.clock.now() };
        world.change(Change::PutOrganisation(doc)).await;
        world.change(Change::PutIntegration(world.integration(laboratory, "hl7v2"))).await;
        world.change(Change::PutIntegration(world.integration(portal, "events"))).await;
        world
    }

    fn integration(&self, id: IntegrationId, kind: &str) -> Integration {
        serde_json::from_value(json!({
            "id": id, "organisationId": self.organisation, "name": kind, "kind": kind, "environment": "live",
            "region": "us", "timeZone": "UTC", "fhirVersion": "4.0.1", "createdAt": START,
        }))
        .unwrap()
    }

    pub(super) async fn change(&self, change: Change) {
        self.intake.ports.settings.change(vec![change], Vec::new()).await.unwrap();
    }

    fn present(&self, id: IntegrationId) -> Arc<Versioned<Integration>> {
        self.intake.ports.settings.now().config.integrations[&id].clone()
    }

    /// Lets the wall clock go on.
    pub(super) async fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// A message of the laboratory, a second after the one before.
    pub(super) async fn message(&self, text: &str) {
        self.pass(1).await;
        let (message, flaws) = parse(text.as_bytes()).unwrap();
        crate::hl7::take(&self.intake, &self.present(self.laboratory), &message, &flaws).await.unwrap();
    }

    /// A potassium without a flag.
    pub(super) async fn result(&self, patient: &str, value: &str) {
        self.result_in(patient, (value, "mmol/L")).await;
    }

    pub(super) async fn result_in(&self, patient: &str, (value, unit): (&str, &str)) {
        self.message(&self.oru(patient, &format!("2823-3^Potassium^LN||{value}|{unit}||"))).await;
    }

    /// One that its sender calls critical.
    pub(super) async fn flagged(&self, patient: &str, value: &str) {
        self.message(&self.oru(patient, &format!("2823-3^Potassium^LN||{value}|mmol/L||HH"))).await;
    }

    /// One in codes of the laboratory's own, with a range.
    pub(super) async fn local_result(&self, patient: &str, value: &str) {
        self.message(&self.oru(patient, &format!("K^Potassium^L||{value}|mmoll|3.5-5.1|"))).await;
    }

    pub(super) fn oru(&self, patient: &str, result: &str) -> String {
        let number: model::MessageId = self.intake.ports.ids.next(self.clock.now());
        let time = self.clock.now().to_string();
        let time: String = time.chars().filter(char::is_ascii_digit).take(14).collect();
        format!(
            "MSH|^~\\&|LAB|NORTH|CAREHOOK|HUB|{time}||ORU^R01|{number}|P|2.5.1\r\
             PID|1||{patient}^^^NORTH^MR||Doe^{patient}||19700101|F\r\
             OBR|1||F-{number}|CHEM^Chemistry^L|||{time}||||||||||||||||||F\r\
             OBX|1|NM|{result}|||F|||{time}\r"
        )
    }

    /// An event of the portal.
    pub(super) async fn event(&self, event_type: &str, number: &str) {
        self.event_from(self.portal, (event_type, number)).await;
    }

    /// An event that an integration sends, of whatever kind it is.
    pub(super) async fn event_from(&self, integration: IntegrationId, (event_type, number): (&str, &str)) {
        self.pass(1).await;
        let data = serde_json::value::to_raw_value(&json!({ "number": number })).unwrap();
        let what = (event_type.into(), "result".into());
        let happening = Happening::new(what, model::Lane::Urgent, Content::of(data));
        let draft = Draft::new(&self.present(integration), vec![happening]);
        self.intake.accept(vec![draft]).await.unwrap();
    }

    /// Fires what waited for too long.
    pub(super) async fn miss_what_is_due(&self) {
        self.intake.fire_absences().await;
    }

    /// A trigger as it would be saved.
    pub(super) fn trigger_doc(&self, number: &str, expression: &str, memory: Value) -> Trigger {
        let memory = if memory == json!({}) { json!({ "kind": "each" }) } else { memory };
        serde_json::from_value(json!({
            "id": trigger_id(number), "organisationId": self.organisation, "name": "High", "integrationId": null,
            "resourceType": "Observation", "eventType": "vital.threshold_crossed", "criteria": { "fhirPath": expression },
            "interactions": ["create", "update"], "lane": "urgent", "memory": memory, "active": true,
            "createdAt": START,
        }))
        .unwrap()
    }

    /// Saves one.
    pub(super) async fn trigger(&self, number: &str, expression: &str, memory: Value) {
        self.change(Change::PutTrigger(Box::new(self.trigger_doc(number, expression, memory)))).await;
    }

    pub(super) fn tables(&self, tables: SiteTables) -> Change {
        let (integration_id, organisation_id) = (self.laboratory, self.organisation);
        Change::PutSiteMap(Box::new(SiteMap { integration_id, organisation_id, tables }))
    }

    /// Saves a webhook for everything of the laboratory.
    pub(super) async fn webhook(&self, filter: Option<&str>) -> Webhook {
        self.saved(self.laboratory, filter).await
    }

    /// Saves a webhook for everything of the portal.
    pub(super) async fn webhook_of_events(&self) -> Webhook {
        self.saved(self.portal, None).await
    }

    async fn saved(&self, integration: IntegrationId, filter: Option<&str>) -> Webhook {
        let id: WebhookId = self.intake.ports.ids.next(self.clock.now());
        let doc: Webhook = serde_json::from_value(json!({
            "id": id, "integrationId": integration, "organisationId": self.organisation, "name": "Portal",
            "url": "https://portal.example/hooks", "sources": "own", "eventTypes": ["lab.*"], "objectTypes": [],
            "objectIds": [], "format": "native", "profile": "reference", "justification": null,
            "purpose": "TREAT", "recipientClass": "provider", "lane": null, "ordering": "none",
            "acceptTest": false, "auth": {"kind": "none"}, "tls": {"minVersion": "1.2"},
            "retry": null, "timeout": "15s", "rateLimit": null, "maxInFlight": 16, "filter": filter,
            "state": {"kind": "active"}, "signing": {"keys": []}, "createdAt": START,
        }))
        .unwrap();
        self.change(Change::PutWebhook(Box::new(doc.clone()))).await;
        doc
    }

    /// Erases the patient who came first.
    pub(super) async fn erase_first(&self) {
        let page = self.store.list_events(EventFilter::default(), None, 250).await.unwrap();
        let first = page.rows.iter().filter_map(|row| row.event.subject).next_back().unwrap();
        self.intake.ports.keyring.forget_subject(self.organisation, first).await.unwrap();
    }

    /// The ids of what is stored.
    pub(super) async fn stored(&self) -> Vec<EventId> {
        let page = self.store.list_events(EventFilter::default(), None, 250).await.unwrap();
        page.rows.into_iter().map(|row| row.event.id).collect()
    }

    pub(super) async fn foretell(&self, change: Change) -> Forecast {
        self.asked(change).await.unwrap()
    }

    /// The same within other bounds, over a part of the time.
    pub(super) async fn foretell_in(
        &self,
        bounds: Bounds,
        change: Change,
        part: Option<(Timestamp, Timestamp)>,
    ) -> Forecast {
        let mut over = self.all();
        (over.from, over.to) = part.unwrap_or((over.from, over.to));
        self.intake.foretell_within(change, over, bounds).await.unwrap()
    }

    pub(super) async fn asked(&self, change: Change) -> Result<Forecast, Problem> {
        self.intake.foretell(change, self.all()).await
    }

    fn all(&self) -> Stretch {
        let (from, to) = (START.parse().unwrap(), self.clock.now() + Duration::from_secs(1));
        Stretch { organisation: self.organisation, integrations: Vec::new(), from, to }
    }
}

pub(super) fn tally(of: Tally) -> (u64, u64, u64, u64) {
    (of.same, of.anew, of.no_longer, of.changed)
}

fn trigger_id(number: &str) -> TriggerId {
    model::Id::from_raw(number.parse::<u128>().unwrap())
}

pub(super) const START: &str = "2026-01-01T09:00:00.000Z";
