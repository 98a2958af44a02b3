//! A node and everything around it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use delivery::egress::{Egress, Loopback, Options as EgressOptions, Policy};
use delivery::{Asker, Caller, Engine};
use http::{Request, header};
use http_body_util::BodyExt as _;
use model::{
    ApiKey, Change, Clock, DeliveryId, EventId, HookState, Ids, Integration, KeyId, Organisation,
    PauseReason, Secret, SubscriptionStatus, Timestamp, Webhook, WebhookId,
};
use observe::live::Feed;
use observe::{Metrics, Stop, tasks};
use privacy::{ConfigSeal, Keyring, MasterKey, MemoryVault, Seeded, Vault as _, Warm};
use retention::Keeper;
use serde_json::{Value, json};
use settings::Settings;
use sources::Intake;
use store::memory::{Durability, MemoryStore, Options};
use store::{Batch, Store};
use tower::ServiceExt as _;

use crate::clock::SimClock;
use crate::network::{Behaviour, Heard, Network, Nobody};

/// A node, its receivers and its senders, on time that does not pass by itself.
pub struct World {
    clock: Arc<SimClock>,
    network: Network,
    store: Arc<MemoryStore>,
    vault: Arc<MemoryVault>,
    seed: u64,
    ids: Arc<Ids>,
    key: Secret<String>,
    integration: model::IntegrationId,
    laboratory: model::IntegrationId,
    node: Option<Running>,
}

/// A webhook of a world and the host of its receiver.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its id.
    pub id: WebhookId,
    /// Its receiver.
    pub host: String,
}

/// What a laboratory says of one patient's potassium.
#[derive(Debug, Clone)]
pub struct Potassium {
    /// MSH-10.
    pub control: String,
    /// PID-3.1.
    pub patient: String,
    /// OBX-5.
    pub value: &'static str,
    /// OBX-8.
    pub flag: &'static str,
    /// OBX-11 and OBR-25.
    pub status: &'static str,
}

struct Running {
    stop: Stop,
    settings: Arc<Settings>,
    router: Router,
}

impl World {
    /// A world with one organisation and one integration, whose store keeps what it answered.
    pub async fn new(seed: u64) -> World {
        World::with(seed, Durability::Synced).await
    }

    /// The same with a store that may forget when it crashes: for showing that the laws would notice.
    pub async fn with(seed: u64, durability: Durability) -> World {
        let clock = Arc::new(SimClock::starting(Timestamp::from_millis(START)));
        let store = Arc::new(MemoryStore::new(Options { durability, ..Options::default() }, clock.clone()));
        let ids = Arc::new(Ids::new(store.installation().tag, 0));
        let mut world = World {
            network: Network::new(),
            vault: Arc::default(),
            seed,
            key: Secret::new(String::new()),
            integration: ids.next(clock.now()),
            laboratory: ids.next(clock.now()),
            ids,
            store,
            clock,
            node: None,
        };
        world.start().await;
        world.configure_first().await;
        world.store.sync();
        world
    }

    /// Starts the node over what its store holds.
    pub async fn start(&mut self) {
        let master = MasterKey::from_bytes([7; 32]);
        let store: Arc<dyn Store> = self.store.clone();
        let random = Arc::new(Seeded::new(self.seed));
        let keyring = Keyring::new(&master, self.vault.clone(), self.clock.clone()).with_random(random);
        let keyring = Arc::new(keyring);
        let settings = Settings::load(store.clone(), ConfigSeal::new(&master)).await;
        let settings = Arc::new(settings.expect("what was sealed under this key opens"));
        let (warm, metrics) = (Arc::new(Warm::new()), Arc::new(Metrics::new()));
        let feed = Feed::default();
        let policy = Policy::new(EgressOptions::default(), Loopback::Refused);
        let network = Arc::new(self.network.clone());
        let egress = Arc::new(Egress::new(policy, network.clone(), network));
        let intake = Intake::new(sources::Ports {
            store: store.clone(),
            settings: settings.clone(),
            keyring: keyring.clone(),
            warm: warm.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: metrics.clone(),
            sessions: Arc::default(),
            feed: feed.clone(),
            presets: presets::Library::embedded(),
            ask: Arc::new(Asker::new(egress.clone(), self.clock.clone())),
        });
        let engine = Engine::new(delivery::Ports {
            store: store.clone(),
            settings: settings.clone(),
            keyring: keyring.clone(),
            warm,
            caller: Arc::new(Caller::new(egress)),
            sockets: Arc::new(Nobody),
            announce: intake.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: metrics.clone(),
            feed,
            proof: model::Proof::Waived,
        });
        let clock: Arc<dyn Clock> = self.clock.clone();
        let kept = retention::Ports { store: store.clone(), keyring, clock, metrics };
        let keeper = Keeper::new(kept, retention::Options::default());
        store.hand_over_to(engine.clone());
        let stop = Stop::new();
        let running = stop.clone();
        tasks::spawn("engine", async move { engine.run(running).await.expect("a store in memory answers") });
        tasks::spawn("retention", keeper.run(stop.clone()));
        self.node = Some(Running { stop, settings, router: sources::router(intake) });
    }

    /// Ends the node as a power cut would: nothing is settled, nobody is told.
    pub fn crash(&mut self) {
        self.store.crash();
        if let Some(node) = self.node.take() {
            node.stop.stop();
        }
    }

    /// Lets time pass.
    pub async fn pass(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }

    /// Moves the wall clock, back too.
    pub fn jump(&self, millis: i64) {
        self.clock.jump(millis);
    }

    /// Adds a receiver and a webhook for everything; `changes` go over the defaults.
    pub async fn hook(&self, behaviour: Behaviour, changes: Value) -> Hook {
        let host = self.network.add(behaviour);
        let id: WebhookId = self.ids.next(self.clock.now());
        let mut doc = json!({
            "id": id, "integrationId": self.integration, "organisationId": self.organisation(), "name": host,
            "url": format!("http://{host}/hooks"), "sources": "own", "eventTypes": ["*"], "objectTypes": [],
            "objectIds": [], "format": "native", "profile": "reference", "justification": null,
            "purpose": "TREAT", "recipientClass": "provider", "lane": null, "ordering": "none",
            "acceptTest": false, "auth": {"kind": "none"}, "tls": {"minVersion": "1.2"},
            "signing": {"keys": [{"kind": "hmac-sha256", "secret": SECRET, "until": null}]},
            "retry": null, "timeout": null, "rateLimit": null, "maxInFlight": 16,
            "state": {"kind": "active"}, "createdAt": self.clock.now()
        });
        let Value::Object(changes) = changes else { panic!("changes are an object") };
        doc.as_object_mut().expect("it is one").extend(changes);
        let webhook: Webhook = serde_json::from_value(doc).expect("a webhook of a scenario is well-formed");
        self.change(vec![Change::PutWebhook(Box::new(webhook))]).await;
        Hook { id, host }
    }

    /// Adds a receiver and a FHIR Subscription for critical results that is asked for now; its handshake follows.
    pub async fn subscribe(&self, behaviour: Behaviour) -> Hook {
        let facet = json!({
            "id": "sub-1", "base": "https://hub.example/fhir/int_1", "owner": self.owner(), "topic": "urn:carehook:topic:critical-lab",
            "content": "empty", "payload": "application/fhir+json", "status": "requested",
        });
        let state = json!({ "kind": "paused", "since": self.clock.now(), "reason": "subscription" });
        self.hook(
            behaviour,
            json!({ "format": "fhir-r4", "profile": "ping", "subscription": facet, "state": state }),
        )
        .await
    }

    /// Asks for a Subscription again, as its client does after an error.
    pub async fn ask_again(&self, hook: &Hook) {
        let mut webhook = self.webhook(hook.id);
        let facet = webhook.subscription.as_mut().expect("it is a Subscription");
        (facet.status, facet.error) = (SubscriptionStatus::Requested, None);
        webhook.state = HookState::Paused { since: self.clock.now(), reason: PauseReason::Subscription };
        self.change(vec![Change::PutWebhook(Box::new(webhook))]).await;
    }

    /// Lets Subscriptions in error recover by themselves, or not.
    pub async fn auto_recover(&self, auto_recover: bool) {
        let node = self.node.as_ref().expect("the node runs");
        let found =
            node.settings.now().config.integrations.get(&self.integration).expect("it is configured").clone();
        let integration = Integration { auto_recover, ..found.doc.clone() };
        self.change(vec![Change::PutIntegration(integration)]).await;
    }

    /// Sends an event through the door; the answer's id. None if it was refused.
    pub async fn send(&self, event_type: &str, subject: &str, number: usize) -> Option<EventId> {
        let event = json!({
            "id": format!("{subject}-{number}"), "type": event_type,
            "subject": {"id": subject}, "data": {"number": number}
        });
        let door = format!("/ingest/{}/events", self.integration);
        let body = self.post(door, "application/json", event.to_string()).await?;
        let body: Value = serde_json::from_slice(&body).ok()?;
        body["id"].as_str()?.parse().ok()
    }

    /// Sends a laboratory report with one potassium as HL7 v2; whether it was accepted.
    pub async fn report(&self, potassium: &Potassium) -> bool {
        let Potassium { control, patient, value, flag, status } = potassium;
        let message = format!(
            "MSH|^~\\&|LAB|NORTH|HUB|HUB|20260101093000||ORU^R01^ORU_R01|{control}|P|2.5.1\r\
             PID|1||{patient}^^^NORTH^MR\r\
             OBR|1||LAB-{patient}|24323-8^Panel^LN|||20260101091200||||||||||||||||||{status}\r\
             OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L|3.5-5.1|{flag}|||{status}\r"
        );
        let door = format!("/ingest/{}/hl7v2", self.laboratory);
        let answer = self.post(door, "application/hl7-v2", message).await.unwrap_or_default();
        answer.windows(6).any(|window| window == b"MSA|AA")
    }

    async fn post(&self, door: String, kind: &str, body: String) -> Option<bytes::Bytes> {
        let node = self.node.as_ref()?;
        let request = Request::post(door)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key.expose()))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .expect("a request of a scenario is well-formed");
        let answer = node.router.clone().oneshot(request).await.expect("the router answers");
        Some(answer.into_body().collect().await.expect("answers are whole").to_bytes())
    }

    /// Owes dead letters again, as a person's redrive does.
    pub async fn redrive(&self, deliveries: Vec<DeliveryId>) {
        let batch = Batch { revived: deliveries, ..Batch::default() };
        self.store.commit(batch).await.expect("a store in memory takes it");
    }

    /// A webhook as it is configured now.
    #[must_use]
    pub fn webhook(&self, id: WebhookId) -> Webhook {
        let node = self.node.as_ref().expect("the node runs");
        node.settings.now().config.webhooks.get(&id).expect("it was added").doc.clone()
    }

    /// The days that have keys.
    pub async fn days(&self) -> Vec<i64> {
        let days = self.vault.days(i64::MAX).await.expect("a vault in memory answers");
        days.into_iter().map(|(_, day)| day).collect()
    }

    /// What the receiver of a webhook heard.
    #[must_use]
    pub fn heard(&self, host: &str) -> Vec<Heard> {
        self.network.heard(host)
    }

    /// What is stored.
    #[must_use]
    pub fn store(&self) -> &MemoryStore {
        &self.store
    }

    fn owner(&self) -> KeyId {
        let node = self.node.as_ref().expect("the node runs");
        *node.settings.now().config.keys.keys().next().expect("it was configured first")
    }

    fn organisation(&self) -> model::OrganisationId {
        let node = self.node.as_ref().expect("the node runs");
        *node.settings.now().config.organisations.keys().next().expect("it was configured first")
    }

    async fn change(&self, changes: Vec<Change>) {
        let node = self.node.as_ref().expect("the node runs");
        node.settings.change(changes, Vec::new()).await.expect("a store in memory takes it");
    }

    async fn configure_first(&mut self) {
        let now = self.clock.now();
        let organisation =
            Organisation { id: self.ids.next(now), name: "Simulated".to_owned(), created_at: now };
        let id: KeyId = self.ids.next(now);
        let (text, hash) = privacy::api_key::mint(id);
        let key: ApiKey = serde_json::from_value(json!({
            "id": id, "organisationId": organisation.id, "name": "sender", "role": "admin", "integrationId": null,
            "hash": hash, "createdAt": now, "expiresAt": null
        }))
        .expect("a key of a scenario is well-formed");
        let of_kind = |id: model::IntegrationId, kind: &str| -> Integration {
            let doc = json!({
                "id": id, "organisationId": organisation.id, "name": "Hospital", "kind": kind,
                "environment": "live", "region": "us", "timeZone": "UTC", "fhirVersion": "4.0.1", "createdAt": now
            });
            serde_json::from_value(doc).expect("an integration of a scenario is well-formed")
        };
        let integrations = [of_kind(self.integration, "events"), of_kind(self.laboratory, "hl7v2")];
        self.key = text;
        let mut changes = vec![Change::PutOrganisation(organisation), Change::PutKey(key)];
        changes.extend(integrations.map(Change::PutIntegration));
        self.change(changes).await;
    }
}

// 2026-01-01T00:00:00Z
const START: i64 = 1_767_225_600_000;
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
