//! What deciding costs: `cargo bench -p matching`.
//!
//! Prints microseconds for one event against 1,000 triggers and 1,000 webhooks, which is finding and asking the
//! triggers that its change could concern and finding the webhooks that want it; and for one decision of each of a
//! few expressions, the simple ones first.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench measures and prints")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use fhirpath::{Context, Expression};
use matching::trigger::Change;
use matching::{Compiled, Facts};
use model::{
    Config, Criteria, Event, Id, IntegrationId, Interaction, Lane, Memory, OrganisationId, Sight, Timestamp,
    Trigger, TriggerId, Versioned, Webhook, WebhookId,
};
use serde_json::{Value, json};

const ROUNDS: u32 = 20_000;

const EXPRESSIONS: [&str; 7] = [
    "status = 'final'",
    "value.value > 6.0",
    "value > 6.0 'mmol/L'",
    "value > 6000 'umol/L'",
    "%previous.status != 'final' and %current.status = 'final'",
    "code.coding.where(system = %loinc and code = '2823-3').exists() and value > 6.0 'mmol/L'",
    "interpretation.coding.code in ('HH' | 'LL' | 'AA')",
];

fn main() {
    println!("{:>8.2} µs  one event, 1,000 triggers, 1,000 webhooks", event_against_a_thousand());
    for text in EXPRESSIONS {
        println!("{:>8.2} µs  {text}", decision(text));
    }
}

/// Microseconds for each round of something.
fn each(mut round: impl FnMut(u32)) -> f64 {
    (0..100).for_each(&mut round);
    let began = Instant::now();
    (0..ROUNDS).for_each(round);
    began.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
}

fn decision(text: &str) -> f64 {
    let mut resource = observation(6);
    resource["interpretation"] = json!([{ "coding": [{ "code": "HH" }] }]);
    let previous = json!({ "resourceType": "Observation", "status": "preliminary" });
    let expression = Expression::compile(text).expect("the expressions above are valid");
    let context = Context::of(&resource).previous(Some(&previous));
    each(|_| assert!(black_box(expression.decide(black_box(&context))).is_ok(), "{text}"))
}

fn event_against_a_thousand() -> f64 {
    let mut config = Config::default();
    for number in 0..1_000 {
        let doc = trigger(number);
        config.triggers.insert(doc.id, Arc::new(Versioned { version: 1, doc }));
        let doc = webhook(number);
        config.webhooks.insert(doc.id, Arc::new(Versioned { version: 1, doc }));
    }
    let compiled = Compiled::new(config);
    let resources: Vec<Value> = (0..100).map(observation).collect();
    let event = event();
    each(|round| {
        let resource = &resources[round as usize % resources.len()];
        let change = Change::new(resource, None, Interaction::Update, None);
        let concerned = compiled.triggers.concerned(event.organisation, event.integration, &change);
        let held = concerned.iter().map(|ready| ready.test(&change));
        black_box(held.collect::<Vec<_>>());
        black_box(compiled.decide(black_box(&event), Facts::default()));
    })
}

/// One for each of 200 codes five times, as a laboratory has them.
fn trigger(number: u128) -> Trigger {
    let code = number % 200;
    let text = format!("code.coding.where(code = '{code}-0').exists() and value > {number} 'mmol/L'");
    Trigger {
        id: TriggerId::from_raw(number + 1),
        organisation_id: OrganisationId::from_raw(1),
        name: format!("Trigger {number}"),
        integration_id: None,
        sight: Sight::Changes("Observation".to_owned()),
        event_type: "lab.result.abnormal".into(),
        criteria: Criteria { fhir_path: Some(text), ..Criteria::default() },
        interactions: vec![Interaction::Create, Interaction::Update],
        lane: Lane::Urgent,
        memory: Memory::Each,
        enrich: [].into(),
        active: true,
        created_at: Timestamp::from_millis(0),
    }
}

/// One in a hundred wants results.
fn webhook(number: u128) -> Webhook {
    let types = if number.is_multiple_of(100) { "lab.result.*" } else { "appointment.*" };
    let text = json!({
        "id": WebhookId::from_raw(number + 1), "integrationId": IntegrationId::from_raw(1),
        "organisationId": OrganisationId::from_raw(1), "name": "x", "url": "https://receiver.example/hook",
        "sources": "own", "eventTypes": [types], "objectTypes": [], "objectIds": [], "format": "native",
        "profile": "reference", "purpose": "TREAT", "recipientClass": "provider", "ordering": "none",
        "acceptTest": false, "auth": { "kind": "none" }, "tls": { "minVersion": "1.2" },
        "signing": { "keys": [] }, "maxInFlight": 16, "state": { "kind": "active" },
        "createdAt": "2026-01-01T00:00:00.000Z",
    });
    serde_json::from_value(text).expect("the members of a webhook")
}

fn observation(number: u32) -> Value {
    json!({
        "resourceType": "Observation", "status": "final",
        "code": { "coding": [{ "system": "http://loinc.org", "code": format!("{number}-0") }] },
        "valueQuantity": { "value": 500, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
    })
}

fn event() -> Event {
    Event {
        id: Id::from_raw(1),
        organisation: OrganisationId::from_raw(1),
        integration: IntegrationId::from_raw(1),
        event_type: "lab.result.abnormal".into(),
        object_type: "lab_report".into(),
        lane: Lane::Urgent,
        time: Timestamp::from_millis(0),
        received: Timestamp::from_millis(0),
        test: false,
        subject: None,
        object: None,
        message: None,
        sequence: 0,
        replaces: None,
        caused_by: None,
        hops: 0,
    }
}
