//! A FHIR server in memory, and a node that reads it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use model::{Ask, Category, Integration, ManualClock, NoReply, Question, Reply, Versioned};
use privacy::MemoryVault;
use serde_json::{Value, json};
use store::memory::{MemoryStore, Options};
use store::{EventFilter, Read as _, RejectionFilter, Store as _};

use crate::intake::Intake;
use crate::node;
use crate::reading::round::Reader;
use crate::reading::seen::Seen;

pub(super) const NOW: &str = "2026-01-01T12:00:00.000Z";

/// A server that answers in order what it was told, and remembers what it was asked.
#[derive(Default)]
pub(super) struct Ehr {
    answers: Mutex<VecDeque<Result<Reply, NoReply>>>,
    asked: Mutex<Vec<Asked>>,
}

/// A question as it came.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) url: String,
    pub(super) authorization: Option<String>,
    pub(super) form: Option<String>,
}

impl Ehr {
    pub(super) fn says(&self, answer: Value) {
        self.replies(200, None, answer.to_string());
    }

    pub(super) fn replies(&self, status: u16, retry_after: Option<Duration>, body: String) {
        let reply = Reply { status, retry_after, body: Bytes::from(body) };
        self.answers.lock().unwrap().push_back(Ok(reply));
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// What was asked for since the last look, without the address of the server.
    pub(super) fn paths(&self) -> Vec<String> {
        let below = |asked: Asked| asked.url.trim_start_matches("https://ehr.example/fhir/").to_owned();
        self.asked().into_iter().map(below).collect()
    }
}

#[async_trait]
impl Ask for Ehr {
    async fn ask(&self, question: Question<'_>) -> Result<Reply, NoReply> {
        let form = question.body.map(|(body, _)| String::from_utf8(body.to_vec()).unwrap());
        self.asked.lock().unwrap().push(Asked {
            url: question.url.as_url().to_string(),
            authorization: question.authorization.map(|proof| proof.expose().clone()),
            form,
        });
        self.answers.lock().unwrap().pop_front().unwrap_or(Err(NoReply(Category::ConnectRefused)))
    }
}

/// A node with one integration that reads the server.
pub(super) struct World {
    pub(super) ehr: Arc<Ehr>,
    pub(super) clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
    vault: Arc<MemoryVault>,
    pub(super) intake: Arc<Intake>,
    pub(super) integration: Arc<Versioned<Integration>>,
}

impl World {
    /// Reads `Observation`; `more` is laid over the settings.
    pub(super) async fn reading(more: Value) -> World {
        let clock = Arc::new(ManualClock::at(NOW.parse().unwrap()));
        let store = Arc::new(MemoryStore::new(Options::default(), clock.clone()));
        let vault = Arc::new(MemoryVault::default());
        let ehr = Arc::new(Ehr::default());
        let intake = node::start(&store, &vault, &clock, ehr.clone()).await;
        let mut poll = json!({
            "url": "https://ehr.example/fhir", "searches": [{ "resourceType": "Observation" }], "every": "1m",
            "overlap": "5m", "requestsPerHour": 1000, "auth": { "kind": "none" }
        });
        poll.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let integration = node::integration(
            &intake,
            json!({ "name": "EHR", "kind": "fhir", "createdAt": "2026-01-01T11:00:00.000Z", "poll": poll }),
        );
        let integration = integration.await;
        World { ehr, clock, store, vault, intake, integration }
    }

    /// Another process over the same store: whatever was in memory is gone.
    pub(super) async fn restart(&mut self) {
        self.intake = node::start(&self.store, &self.vault, &self.clock, self.ehr.clone()).await;
        self.integration = self.intake.ports.settings.now().config.integrations[&self.integration.id].clone();
    }

    pub(super) fn reader(&self) -> Reader {
        let client = self.intake.client(&self.integration).unwrap();
        let (intake, integration) = (self.intake.clone(), self.integration.clone());
        Reader { intake, integration, client, seen: Seen::default() }
    }

    /// The types of the events so far, oldest first.
    pub(super) async fn events(&self) -> Vec<String> {
        let page = self.store.list_events(EventFilter::default(), None, 250).await.unwrap();
        page.rows.iter().rev().map(|row| row.event.event_type.to_string()).collect()
    }

    /// The reasons of the rejections so far.
    pub(super) async fn rejections(&self) -> Vec<String> {
        let page = self.store.list_rejections(RejectionFilter::default(), None, 250).await.unwrap();
        page.rows.into_iter().map(|row| row.reason).collect()
    }

    /// How far the feeds were read.
    pub(super) async fn position(&self, feed: &str) -> Option<String> {
        let cursors = self.store.cursors(self.integration.id).await.unwrap();
        cursors.into_iter().find(|(name, _)| name == feed).map(|(_, position)| position)
    }
}

/// A laboratory result.
pub(super) fn result(id: &str, version: u32, changed: &str) -> Value {
    json!({
        "resourceType": "Observation", "id": id,
        "meta": { "versionId": version.to_string(), "lastUpdated": changed },
        "status": "final", "subject": { "reference": "Patient/p" },
        "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
        "valueQuantity": { "value": 6.8, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
        "interpretation": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "HH" }] }]
    })
}

/// A page of a search.
pub(super) fn page(resources: &[Value], next: Option<&str>) -> Value {
    let entries: Vec<Value> = resources.iter().map(|resource| json!({ "resource": resource })).collect();
    let links: Vec<Value> = next.iter().map(|url| json!({ "relation": "next", "url": url })).collect();
    json!({ "resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries })
}
