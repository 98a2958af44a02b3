//! A surface with two organisations and a key of every role.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use model::{
    ApiKey, Change, Code, IntegrationId, KeyId, ManualClock, Organisation, OrganisationId, Role, Timestamp,
};
use observe::live::Feed;
use observe::{Metrics, Stop};
use privacy::{ConfigSeal, Keyring, MasterKey, MemoryVault};
use repeats::Repeats;
use serde_json::{Value, json};
use settings::Settings;
use store::memory::MemoryStore;
use tower::ServiceExt;

use super::outside::Outside;
use crate::{Api, Options};

/// Now, in every test.
pub(super) const NOW: &str = "2026-01-01T09:30:00.120Z";

/// A surface with two organisations.
pub(super) struct Desk {
    pub(super) api: Api,
    pub(super) clock: Arc<ManualClock>,
    pub(super) outside: Arc<Outside>,
    keys: BTreeMap<&'static str, String>,
    router: axum::Router,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// Fails unless the status is this one; gives the JSON.
    #[track_caller]
    pub(super) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// Fails unless it is a problem with this code and field.
    #[track_caller]
    pub(super) fn refused(&self, code: Code, field: Option<&str>) {
        let json = self.json();
        let found = (json["code"].as_str(), json["field"].as_str());
        assert_eq!(found, (Some(code.name()), field), "{json}");
        assert_eq!(self.status, code.status());
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
    }
}

impl Desk {
    /// Organisation `a` with `admin`, `engineer`, `viewer`, `sender`; `b` with `stranger`.
    pub(super) async fn open() -> Desk {
        Desk::with(Options::default()).await
    }

    pub(super) async fn with(options: Options) -> Desk {
        let clock = Arc::new(ManualClock::at(NOW.parse().unwrap()));
        let master = MasterKey::from_bytes([1; 32]);
        let store = Arc::new(MemoryStore::new(store::memory::Options::default(), clock.clone()));
        let settings = Settings::load(store.clone(), ConfigSeal::new(&master)).await.unwrap();
        let outside = Arc::new(Outside::default());
        let keyring = Arc::new(Keyring::new(&master, Arc::new(MemoryVault::default()), clock.clone()));
        let api = Api {
            repeats: Repeats::new(store.clone(), keyring.clone(), clock.clone()),
            keyring,
            store,
            settings: Arc::new(settings),
            rehearse: outside.clone(),
            listeners: outside.clone(),
            presets: presets::Library::embedded(),
            readmit: outside.clone(),
            readings: outside.clone(),
            foretell: outside.clone(),
            senders: outside.clone(),
            challenge: outside.clone(),
            metrics: Arc::new(Metrics::new()),
            clock: clock.clone(),
            ids: Arc::new(model::Ids::new(1, 0)),
            feed: Feed::new(1),
            verified: Arc::default(),
            doors: Arc::default(),
            sessions: Arc::default(),
            sockets: Arc::default(),
            console: ui_assets::Console::embedded(),
            stop: Stop::new(),
            options,
        };
        let router = crate::fronted(crate::router(api.clone()));
        let mut desk = Desk { api, clock, outside, keys: BTreeMap::new(), router };
        desk.furnish().await;
        desk
    }

    /// Another process on the same store: whatever the old one had in memory is gone.
    pub(super) fn restart(&mut self) {
        let Api { store, keyring, clock, .. } = &self.api;
        self.api.repeats = Repeats::new(store.clone(), keyring.clone(), clock.clone());
        self.router = crate::fronted(crate::router(self.api.clone()));
    }

    /// What a write asks with an `Idempotency-Key`.
    pub(super) async fn asked(&self, who: &str, key: &str, path: &str, body: &Value) -> store::Asked {
        let found = self.api.settings.now().config.keys.values().find(|found| found.name == who).unwrap().id;
        let keys = self.api.keyring.organisation(self.ours()).await.unwrap();
        store::Asked {
            key: keys.answer(found, key),
            organisation: self.ours(),
            print: keys.print("POST", path, body.to_string().as_bytes()),
            at: model::Clock::now(&*self.clock),
            twice: store::Twice::Done,
        }
    }

    async fn furnish(&mut self) {
        let (a, b) = (self.organisation("a").await, self.organisation("b").await);
        self.key("admin", a, Role::Admin, None).await;
        self.key("stranger", b, Role::Admin, None).await;
        self.key("engineer", a, Role::Engineer, None).await;
        self.key("viewer", a, Role::Viewer, None).await;
        let made = self.post("admin", "/admin/integration", json!({ "name": "EHR", "kind": "events" })).await;
        let id = made.ok(201)["id"].as_str().unwrap().parse().unwrap();
        self.key("sender", a, Role::Sender, Some(id)).await;
    }

    async fn organisation(&self, name: &str) -> OrganisationId {
        let created_at = Timestamp::from_millis(0);
        let doc = Organisation { id: self.api.ids.next(created_at), name: name.to_owned(), created_at };
        self.api.settings.change(vec![Change::PutOrganisation(doc.clone())], Vec::new()).await.unwrap();
        doc.id
    }

    pub(super) async fn key(
        &mut self,
        name: &'static str,
        organisation_id: OrganisationId,
        role: Role,
        integration_id: Option<IntegrationId>,
    ) {
        let created_at = Timestamp::from_millis(0);
        let id: KeyId = self.api.ids.next(created_at);
        let (text, hash) = privacy::api_key::mint(id);
        let doc = ApiKey {
            id,
            organisation_id,
            name: name.to_owned(),
            role,
            integration_id,
            scopes: Vec::new(),
            hash,
            created_at,
            expires_at: None,
            installation: name == "admin",
        };
        self.api.settings.change(vec![Change::PutKey(doc)], Vec::new()).await.unwrap();
        self.keys.insert(name, text.expose().clone());
    }

    /// Remembers the text of a key that a call made.
    pub(super) fn learn(&mut self, name: &'static str, text: &str) {
        self.keys.insert(name, text.to_owned());
    }

    /// The text of a key.
    pub(super) fn text(&self, name: &str) -> String {
        self.keys[name].clone()
    }

    /// The organisation `a`.
    pub(super) fn ours(&self) -> OrganisationId {
        self.api.settings.now().config.organisations.values().find(|found| found.name == "a").unwrap().id
    }

    /// The integration that is there from the start.
    pub(super) fn integration(&self) -> IntegrationId {
        *self.api.settings.now().config.integrations.keys().next().unwrap()
    }

    /// The address of the webhooks of that integration.
    pub(super) fn webhooks(&self) -> String {
        format!("/admin/integration/{}/webhooks", self.integration())
    }

    /// Makes a webhook; gives its address and what was answered.
    pub(super) async fn webhook(&self, more: Value) -> (String, Value) {
        let made = self.post("admin", &self.webhooks(), settings(more)).await.ok(201);
        (format!("{}/{}", self.webhooks(), made["id"].as_str().unwrap()), made)
    }

    pub(super) async fn get(&self, who: &str, path: &str) -> Answer {
        self.call(who, Method::GET, path, None).await
    }

    pub(super) async fn post(&self, who: &str, path: &str, body: Value) -> Answer {
        self.call(who, Method::POST, path, Some(body)).await
    }

    pub(super) async fn put(&self, who: &str, path: &str, body: Value) -> Answer {
        self.call(who, Method::PUT, path, Some(body)).await
    }

    pub(super) async fn delete(&self, who: &str, path: &str) -> Answer {
        self.call(who, Method::DELETE, path, None).await
    }

    pub(super) async fn call(&self, who: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = self.keys.get(who) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    /// Sends a request as `who`.
    pub(super) async fn send_as(&self, who: &str, mut request: Request<Body>) -> Answer {
        let value = format!("Bearer {}", self.keys[who]).parse().unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
        self.send(request).await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        // A stream does not end: its head is enough.
        let is_stream =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let bytes = if is_stream { Vec::new() } else { body.collect().await.unwrap().to_bytes().to_vec() };
        Answer { status: parts.status, headers: parts.headers, bytes }
    }
}

/// The settings of a webhook, with more.
pub(super) fn settings(more: Value) -> Value {
    let mut all = json!({ "name": "Portal", "url": "https://portal.example/hooks", "eventTypes": ["lab.*"] });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

/// An event type of one's own, with more.
pub(super) fn own_type(more: Value) -> Value {
    let mut all = json!({
        "type": "north.bed.cleaned", "objectType": "bed", "title": "A bed was cleaned.",
        "schema": { "type": "object", "required": ["bed"] }, "sample": { "bed": "B7" },
    });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}
