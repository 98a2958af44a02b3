//! A node in memory, for tests.

use std::sync::Arc;

use model::{Ask, Change, Ids, Integration, IntegrationId, ManualClock, Versioned};
use observe::Metrics;
use observe::live::Feed;
use privacy::{ConfigSeal, Keyring, MasterKey, MemoryVault, Warm};
use serde_json::{Value, json};
use settings::Settings;
use store::Store as _;
use store::memory::MemoryStore;

use crate::intake::{Intake, Ports};

/// Intake over what a store and a vault hold by now.
pub(crate) async fn start(
    store: &Arc<MemoryStore>,
    vault: &Arc<MemoryVault>,
    clock: &Arc<ManualClock>,
    ask: Arc<dyn Ask>,
) -> Arc<Intake> {
    let master = MasterKey::from_bytes([7; 32]);
    let settings = Settings::load(store.clone(), ConfigSeal::new(&master)).await.unwrap();
    let installed = store.installation();
    Intake::new(Ports {
        store: store.clone(),
        settings: Arc::new(settings),
        keyring: Arc::new(Keyring::new(&master, vault.clone(), clock.clone())),
        presets: presets::Library::embedded(),
        warm: Arc::new(Warm::new()),
        clock: clock.clone(),
        ids: Arc::new(Ids::new(installed.tag, installed.last_row)),
        metrics: Arc::new(Metrics::new()),
        sessions: Arc::default(),
        feed: Feed::default(),
        ask,
    })
}

/// An integration of a new organisation; `more` is laid over what every integration has.
pub(crate) async fn integration(intake: &Intake, more: Value) -> Arc<Versioned<Integration>> {
    let (ids, now): (&Ids, _) = (&intake.ports.ids, intake.ports.clock.now());
    let organisation = model::Organisation { id: ids.next(now), name: "A".to_owned(), created_at: now };
    let mut doc = json!({
        "id": ids.next::<IntegrationId>(now), "organisationId": organisation.id, "environment": "live",
        "region": "us", "timeZone": "UTC", "fhirVersion": "4.0.1", "createdAt": now,
    });
    doc.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let doc: Integration = serde_json::from_value(doc).unwrap();
    let id = doc.id;
    let changes = vec![Change::PutOrganisation(organisation), Change::PutIntegration(doc)];
    intake.ports.settings.change(changes, Vec::new()).await.unwrap();
    intake.ports.settings.now().config.integrations[&id].clone()
}
