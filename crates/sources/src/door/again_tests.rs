//! Calls whose answer was never kept.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use model::{
    ApiKey, Ask, Change, Clock as _, Ids, Integration, IntegrationId, KeyId, ManualClock, NoReply,
    Organisation, Principal, Question, Reply, Role,
};
use observe::Metrics;
use observe::live::Feed;
use privacy::{ConfigSeal, Keyring, MasterKey, MemoryVault, Warm};
use serde_json::{Value, json};
use settings::Settings;
use store::memory::{MemoryStore, Options};
use store::{Batch, Begun, EventFilter, Read as _, Store, Twice};
use tower::ServiceExt as _;

use crate::intake::{Intake, Ports};

/// A node without a network.
struct World {
    store: Arc<MemoryStore>,
    intake: Arc<Intake>,
    integration: IntegrationId,
    principal: Principal,
    key: String,
}

struct Nobody;

#[async_trait]
impl Ask for Nobody {
    async fn ask(&self, _: Question<'_>) -> Result<Reply, NoReply> {
        Err(NoReply(model::Category::ConnectRefused))
    }
}

impl World {
    async fn of_kind(kind: &str) -> World {
        let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00.000Z".parse().unwrap()));
        let store = Arc::new(MemoryStore::new(Options::default(), clock.clone()));
        let master = MasterKey::from_bytes([7; 32]);
        let settings = Settings::load(store.clone(), ConfigSeal::new(&master)).await.unwrap();
        let installed = store.installation();
        let now = clock.now();
        let intake = Intake::new(Ports {
            store: store.clone(),
            settings: Arc::new(settings),
            keyring: Arc::new(Keyring::new(&master, Arc::new(MemoryVault::default()), clock.clone())),
            presets: presets::Library::embedded(),
            warm: Arc::new(Warm::new()),
            clock,
            ids: Arc::new(Ids::new(installed.tag, installed.last_row)),
            metrics: Arc::new(Metrics::new()),
            sessions: Arc::default(),
            feed: Feed::default(),
            ask: Arc::new(Nobody),
        });
        let ids = &intake.ports.ids;
        let organisation = Organisation { id: ids.next(now), name: "A".to_owned(), created_at: now };
        let integration: Integration = serde_json::from_value(json!({
            "id": ids.next::<IntegrationId>(now), "organisationId": organisation.id, "name": "One", "kind": kind,
            "environment": "live", "region": "us", "timeZone": "UTC", "fhirVersion": "4.0.1", "createdAt": now
        }))
        .unwrap();
        let id: KeyId = ids.next(now);
        let (text, hash) = privacy::api_key::mint(id);
        let key = ApiKey {
            id,
            organisation_id: organisation.id,
            name: "sender".to_owned(),
            role: Role::Admin,
            integration_id: None,
            scopes: Vec::new(),
            hash,
            created_at: now,
            expires_at: None,
            installation: false,
        };
        let principal = Principal::of(&key);
        let of = integration.id;
        let changes = vec![
            Change::PutOrganisation(organisation),
            Change::PutIntegration(integration),
            Change::PutKey(key),
        ];
        intake.ports.settings.change(changes, Vec::new()).await.unwrap();
        World { store, intake, integration: of, principal, key: text.expose().clone() }
    }

    async fn send(&self, path: &str, body: &str) -> Response {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.key))
            .header("idempotency-key", "one")
            .body(Body::from(body.to_owned()));
        crate::router(self.intake.clone()).oneshot(request.unwrap()).await.unwrap()
    }

    /// The process ends between a call's commit and the keeping of its answer.
    async fn lose_the_answer(&self, path: &str, body: &str) {
        let (key, method, target, body) = ("one", "POST", path, body.as_bytes());
        let call = repeats::Call { key, method, target, body, twice: Twice::Harmless };
        let asked = self.intake.repeats.asked(&self.principal, call).await.unwrap();
        let answers = vec![(asked.key, None)];
        self.store.commit(Batch { answers, ..Batch::default() }).await.unwrap();
        assert_eq!(self.store.begin(asked).await.unwrap(), Begun::Now, "it was begun, and nothing more");
    }

    async fn events(&self) -> usize {
        self.store.list_events(EventFilter::default(), None, 250).await.unwrap().rows.len()
    }
}

async fn json(response: Response) -> Value {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn events_without_ids_are_found_by_the_key_of_their_call() {
    let world = World::of_kind("events").await;
    let path = format!("/ingest/{}/events", world.integration);
    let event = json!({ "type": "lab.result.critical", "data": { "resultRef": "r1" } });
    let body = json!([event, event]).to_string();
    let first = json(world.send(&path, &body).await).await;
    world.lose_the_answer(&path, &body).await;
    let other = world.send(&path, &json!([event]).to_string()).await;
    assert_eq!(other.status(), StatusCode::CONFLICT, "another call under the key of one that was begun");
    let again = json(world.send(&path, &body).await).await;
    for place in [0, 1] {
        let (first, again) = (&first["accepted"][place], &again["accepted"][place]);
        assert_eq!((&first["id"], &first["duplicate"]), (&again["id"], &json!(false)));
        assert_eq!(again["duplicate"], true);
    }
    assert_eq!(world.events().await, 2);
}

#[tokio::test]
async fn resources_without_ids_are_found_by_the_key_of_their_call() {
    let entry = |year: &str| {
        let resource = json!({ "resourceType": "Patient", "birthDate": year });
        json!({ "resource": resource, "request": { "method": "POST", "url": "Patient" } })
    };
    let bundle = |kind: &str| {
        json!({ "resourceType": "Bundle", "type": kind, "entry": [entry("1970"), entry("1971")] }).to_string()
    };
    for kind in ["transaction", "batch"] {
        let world = World::of_kind("fhir").await;
        let path = format!("/ingest/{}/fhir", world.integration);
        assert_eq!(world.send(&path, &bundle(kind)).await.status(), StatusCode::OK);
        let events = world.events().await;
        assert!(events > 0);
        world.lose_the_answer(&path, &bundle(kind)).await;
        assert_eq!(world.send(&path, &bundle(kind)).await.status(), StatusCode::OK);
        assert_eq!(world.events().await, events, "{kind}");
    }
}
