//! A ward whose measurements come by FHIR, a trigger that looks at them, and what it told.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::{
    Ask, Category, Change, Content, Event, Id as _, Integration, Interaction, ManualClock, NoReply, Question,
    Reply, Timestamp, TriggerId, Versioned,
};
use privacy::{MemoryVault, RecordKind};
use serde_json::{Value, json};
use store::EventFilter;
use store::memory::{MemoryStore, Options};

use crate::intake::Intake;
use crate::node;
use crate::resources::{Incoming, Sender};

/// When a day begins.
const MIDNIGHT: &str = "2026-01-01T00:00:00.000Z";

pub(super) struct Ward {
    pub(super) intake: Arc<Intake>,
    clock: Arc<ManualClock>,
    pub(super) integration: Arc<Versioned<Integration>>,
}

/// Nobody is asked.
struct Nobody;

#[async_trait]
impl Ask for Nobody {
    async fn ask(&self, _: Question<'_>) -> Result<Reply, NoReply> {
        Err(NoReply(Category::ConnectRefused))
    }
}

impl Ward {
    /// A ward at midnight with a trigger upon saturations, of which `more` goes over the usual.
    pub(super) async fn with(more: Value) -> Ward {
        let clock = Arc::new(ManualClock::at(MIDNIGHT.parse().unwrap()));
        let store = Arc::new(MemoryStore::new(Options::default(), clock.clone()));
        let vault = Arc::new(MemoryVault::default());
        let intake = node::start(&store, &vault, &clock, Arc::new(Nobody)).await;
        let integration = node::integration(&intake, json!({ "name": "Ward", "kind": "fhir" })).await;
        let mut doc = json!({
            "id": trigger(), "organisationId": integration.organisation_id, "name": "Low", "integrationId": null,
            "resourceType": "Observation", "eventType": "vital.threshold_crossed",
            "criteria": { "fhirPath": "value < 90 '%'" }, "interactions": ["create", "update"],
            "lane": "urgent", "memory": { "kind": "crossing" }, "active": true, "createdAt": MIDNIGHT,
        });
        doc.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let ward = Ward { intake, clock, integration };
        let doc = Change::PutTrigger(serde_json::from_value(doc).unwrap());
        ward.intake.ports.settings.change(vec![doc], Vec::new()).await.unwrap();
        ward
    }

    /// A time of the day, in minutes.
    pub(super) fn at(&self, minute: u64) -> Timestamp {
        MIDNIGHT.parse::<Timestamp>().unwrap() + Duration::from_secs(60 * minute)
    }

    /// Lets the clock go on to a minute, and whatever is due then be told.
    pub(super) async fn pass_to(&self, minute: u64) {
        self.clock.set(self.at(minute));
        self.intake.fire_absences().await;
    }

    /// Lets a measurement come in, as an object of the name of its minute.
    pub(super) async fn measure(&self, minute: u64, value: i64) {
        self.bring(&[self.saturation(minute, ("final", value))]).await;
    }

    /// Says that the measurement of a minute never was.
    pub(super) async fn withdraw(&self, minute: u64) {
        self.bring(&[self.saturation(minute, ("entered-in-error", 0))]).await;
    }

    pub(super) fn saturation(&self, minute: u64, (status, value): (&str, i64)) -> Value {
        json!({
            "resourceType": "Observation", "id": format!("m{minute}"), "status": status,
            "category": [{ "coding": [{ "code": "vital-signs" }] }],
            "code": { "coding": [{ "system": "http://loinc.org", "code": "59408-5" }] },
            "subject": { "reference": "Patient/p1" }, "effectiveDateTime": self.at(minute),
            "valueQuantity": { "value": value, "system": "http://unitsofmeasure.org", "code": "%" },
        })
    }

    /// Lets resources come in together.
    pub(super) async fn bring(&self, resources: &[Value]) {
        let incoming: Vec<Incoming> = resources.iter().map(|one| self.incoming(one)).collect();
        let sender = Sender { integration: &self.integration, cause: None, call: None };
        self.intake.accept_resources(sender, &incoming, ("Bundle", b"{}")).await.unwrap();
    }

    fn incoming(&self, resource: &Value) -> Incoming {
        let member = |name: &str| resource[name].as_str().unwrap().to_owned();
        let (kind, id) = (member("resourceType"), Some(member("id")));
        Incoming::new(kind, id, Interaction::Update, Some(resource.clone()), &self.intake)
    }

    /// Everything that is stored, the oldest first.
    pub(super) async fn events(&self) -> Vec<(Event, Value)> {
        let store = &self.intake.ports.store;
        let page = store.list_events(EventFilter::default(), None, 250).await.unwrap();
        let ids: Vec<_> = page.rows.iter().rev().map(|row| row.event.id).collect();
        let mut opened = Vec::new();
        for stored in store.events(&ids).await.unwrap().into_iter().flatten() {
            let (event, body) = (stored.event, stored.body.unwrap());
            let key = self.intake.ports.keyring.for_opening(event.organisation, event.subject, &body).await;
            let bytes = key.unwrap().unwrap().open(RecordKind::Event, event.id.row(), &body).unwrap();
            let content: Content = serde_json::from_slice(&bytes).unwrap();
            opened.push((event, serde_json::from_str(content.data.get()).unwrap()));
        }
        opened
    }

    /// What the trigger told, the oldest first.
    pub(super) async fn told(&self) -> Vec<(Event, Value)> {
        let all = self.events().await.into_iter();
        all.filter(|(_, data)| data["rule"]["id"] == trigger().to_string()).collect()
    }

    /// The types of what it told.
    pub(super) async fn types(&self) -> Vec<String> {
        self.told().await.iter().map(|(event, _)| event.event_type.to_string()).collect()
    }
}

fn trigger() -> TriggerId {
    TriggerId::from_raw(7)
}
