//! A node with one integration, two webhooks and rules, and whoever is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use model::{
    AlertRule, AlertScope, Announce, Auth, Certificates, Change, Clock, Environment, FhirVersion, Format,
    HookState, Id, Ids, Integration, IntegrationId, Kind, Lane, Letter, ManualClock, News, NotPosted, Notify,
    Ordering, Organisation, OrganisationId, Post, Problem, Profile, Purpose, RecipientClass, Region,
    Severity, Signal, Signing, Sources, Span, Timestamp, Tls, TlsVersion, Webhook, WebhookId,
};
use observe::Metrics;
use observe::alerts::Called;
use privacy::{ConfigSeal, Keyring, MasterKey, MemoryVault};
use settings::Settings;
use store::memory::{MemoryStore, Options};
use store::{Alert, AlertFilter};

use crate::{Evaluator, Notifier, Ports};

/// Whoever is told: subscribers by events, people by letters.
#[derive(Default)]
pub(super) struct Outside {
    pub(super) news: Mutex<Vec<News>>,
    pub(super) letters: Mutex<Vec<Letter>>,
    pub(super) is_down: Mutex<bool>,
}

impl Outside {
    fn up(&self) -> bool {
        !*self.is_down.lock().unwrap()
    }
}

#[async_trait]
impl Announce for Outside {
    async fn announce(&self, news: News) -> Result<(), Problem> {
        self.news.lock().unwrap().push(news);
        Ok(())
    }
}

#[async_trait]
impl Post for Outside {
    async fn post(&self, letter: &Letter) -> Result<(), NotPosted> {
        if !self.up() {
            return Err(NotPosted { code: "connect_refused", is_transient: true });
        }
        self.letters.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

impl Certificates for Outside {
    fn certificate_until(&self, _: &Webhook) -> Option<Timestamp> {
        None
    }
}

/// A node with one integration, two webhooks and a rule.
pub(super) struct World {
    pub(super) ports: Ports,
    pub(super) clock: Arc<ManualClock>,
    pub(super) outside: Arc<Outside>,
    pub(super) evaluator: Evaluator,
    pub(super) notifier: Notifier,
}

impl World {
    pub(super) async fn with(rules: Vec<AlertRule>) -> World {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_790_000_000_000)));
        let store = Arc::new(MemoryStore::new(Options::default(), clock.clone()));
        let master = MasterKey::from_bytes([1; 32]);
        let settings = Settings::load(store.clone(), ConfigSeal::new(&master)).await.unwrap();
        let mut changes = vec![
            Change::PutOrganisation(Organisation {
                id: organisation(),
                name: "a".to_owned(),
                created_at: clock.now(),
            }),
            Change::PutIntegration(integration()),
        ];
        changes.extend([1, 2].map(|number| Change::PutWebhook(Box::new(webhook(number)))));
        changes.extend(rules.into_iter().map(Box::new).map(Change::PutAlertRule));
        settings.change(changes, Vec::new()).await.unwrap();
        let outside = Arc::new(Outside::default());
        let ports = Ports {
            store,
            settings: Arc::new(settings),
            keyring: Arc::new(Keyring::new(&master, Arc::new(MemoryVault::default()), clock.clone())),
            announce: outside.clone(),
            post: Some(outside.clone()),
            certificates: outside.clone(),
            clock: clock.clone(),
            ids: Arc::new(Ids::new(1, 1 << 40)),
            metrics: Arc::new(Metrics::new()),
            console: "https://carehook.example".to_owned(),
        };
        let (evaluator, notifier) = (Evaluator::new(ports.clone()), Notifier::new(ports.clone()));
        let mut world = World { ports, clock, outside, evaluator, notifier };
        world.look().await;
        world
    }

    /// A call of the first webhook for a confirmation.
    pub(super) fn call(&self, millis: u32) {
        let call = Called {
            organisation: organisation(),
            integration: IntegrationId::from_raw(5),
            webhook: WebhookId::from_raw(1),
            event_type: "appointment.confirmed",
            lane: Lane::Routine,
            micros: millis * 1_000,
            is_success: true,
        };
        self.ports.metrics.recent().called(call, self.clock.now());
    }

    pub(super) async fn look(&mut self) {
        self.evaluator.look().await.unwrap();
        self.notifier.tell().await.unwrap();
    }

    pub(super) async fn pass(&mut self, span: Duration) {
        self.clock.advance(span);
        self.look().await;
    }

    pub(super) async fn alerts(&self) -> Vec<Alert> {
        self.ports.store.list_alerts(AlertFilter::default(), None, 50).await.unwrap().rows
    }

    pub(super) async fn only(&self) -> Alert {
        let mut alerts = self.alerts().await;
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        alerts.remove(0)
    }

    pub(super) fn raised(&self) -> Vec<String> {
        self.outside.news.lock().unwrap().iter().map(|news| news.event_type.to_string()).collect()
    }

    pub(super) fn letters(&self) -> Vec<Letter> {
        self.outside.letters.lock().unwrap().clone()
    }
}

pub(super) fn organisation() -> OrganisationId {
    OrganisationId::from_raw(9)
}

pub(super) fn slow(number: u128, notify: Vec<Notify>) -> AlertRule {
    AlertRule {
        id: Id::from_raw(number),
        organisation_id: organisation(),
        name: format!("Slow {number}"),
        on: Signal::Latency,
        scope: AlertScope::default(),
        threshold: 800.0,
        window: Span::secs(60),
        severity: Severity::Warning,
        notify,
        active: true,
        created_at: Timestamp::from_millis(0),
    }
}

pub(super) fn ward() -> Vec<Notify> {
    vec![Notify::Email { to: vec!["ward@hospital.example".parse().unwrap()] }]
}

pub(super) fn integration() -> Integration {
    Integration {
        poll: None,
        id: IntegrationId::from_raw(5),
        organisation_id: organisation(),
        name: "EHR".to_owned(),
        kind: Kind::Events,
        environment: Environment::Live,
        region: Region::Us,
        time_zone: "UTC".to_owned(),
        fhir_version: FhirVersion::R4,
        mllp: None,
        allow: Vec::new(),
        silent_after: None,
        auto_recover: false,
        fields: None,
        preset: None,
        created_at: Timestamp::from_millis(0),
    }
}

pub(super) fn webhook(number: u128) -> Webhook {
    Webhook {
        id: WebhookId::from_raw(number),
        integration_id: IntegrationId::from_raw(5),
        organisation_id: organisation(),
        name: format!("destination {number}"),
        url: serde_json::from_value("https://receiver.example/hook".into()).unwrap(),
        sources: Sources::Own,
        event_types: vec!["appointment.*".parse().unwrap()],
        object_types: Vec::new(),
        object_ids: Vec::new(),
        filter: None,
        format: Format::Native,
        profile: Profile::Reference,
        justification: None,
        purpose: Purpose::Treat,
        recipient_class: RecipientClass::Provider,
        lane: None,
        ordering: Ordering::None,
        accept_test: false,
        auth: Auth::None,
        tls: Tls { min_version: TlsVersion::V1_2, ca: None },
        signing: Signing { keys: Vec::new() },
        retry: None,
        timeout: None,
        rate_limit: None,
        max_in_flight: 16,
        state: HookState::Active,
        proven: None,
        subscription: None,
        template: None,
        created_at: Timestamp::from_millis(0),
    }
}
