//! A FHIR client: it subscribes, and sends what its source has.

use serde_json::{Value, json};

use crate::harness::{Answer, Api, Hit, Setting, until};

pub(super) const START: &str = "http://argonautproject.org/encounters-ig/SubscriptionTopic/encounter-start";
pub(super) const CRITICAL: &str = "urn:carehook:topic:critical-lab";

/// A FHIR integration and a client of its facade.
pub(super) struct Client {
    pub(super) story: Setting,
    pub(super) integration: String,
    pub(super) api: Api,
}

impl Client {
    pub(super) fn new() -> Client {
        Client::speaking("4.0.1")
    }

    /// A client of a version of FHIR.
    pub(super) fn speaking(version: &str) -> Client {
        let story = Setting::new();
        let integration = story.integration("fhir", &json!({ "fhirVersion": version }));
        let api = story.api.clone();
        Client { story, integration, api }
    }

    /// An address below the facade.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/fhir/{}/{rest}", self.integration)
    }

    #[track_caller]
    pub(super) fn get(&self, rest: &str) -> Answer {
        self.api.get(&self.path(rest))
    }

    #[track_caller]
    pub(super) fn post(&self, rest: &str, body: &Value) -> Answer {
        self.api.post(&self.path(rest), body)
    }

    #[track_caller]
    pub(super) fn put(&self, rest: &str, body: &Value) -> Answer {
        self.api.put(&self.path(rest), body)
    }

    /// Makes a Subscription and tells its id.
    #[track_caller]
    pub(super) fn subscribe(&self, wish: &Value) -> String {
        let made = self.post("Subscription", wish).json(201);
        assert_eq!(made["status"], "requested", "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    /// Makes a Subscription that is active, and forgets its handshake.
    #[track_caller]
    pub(super) fn active(&self, wish: &Value) -> String {
        let id = self.subscribe(wish);
        self.until_status(&id, "active");
        self.story.receiver.forget();
        id
    }

    #[track_caller]
    pub(super) fn until_status(&self, id: &str, status: &str) -> Value {
        until(&format!("the Subscription is {status}"), || {
            let shown = self.get(&format!("Subscription/{id}")).json(200);
            if shown["status"] == status { Ok(shown) } else { Err(shown["status"].clone()) }
        })
    }

    /// What a client asks for; `change` has the last word.
    pub(super) fn wish(&self, topic: &str, content: &str, change: impl FnOnce(&mut Value)) -> Value {
        let mut wish = json!({
            "resourceType": "Subscription", "status": "requested", "reason": "follow up on synthetic patients",
            "criteria": topic,
            "channel": {
                "type": "rest-hook", "endpoint": self.story.receiver.url("/fhir-hook"),
                "payload": "application/fhir+json",
                "_payload": { "extension": [{ "url": guide("backport-payload-content"), "valueCode": content }] },
                "header": ["Authorization: Bearer of-the-client", "X-Tag: a:b"],
            },
        });
        change(&mut wish);
        wish
    }

    /// An encounter begins.
    #[track_caller]
    pub(super) fn admit(&self, id: &str, patient: &str) {
        let encounter = json!({
            "resourceType": "Encounter", "id": id, "status": "in-progress",
            "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP" },
            "subject": { "reference": format!("Patient/{patient}") },
        });
        self.bring("Encounter", id, &encounter);
    }

    /// A critical potassium arrives.
    #[track_caller]
    pub(super) fn result(&self, id: &str, patient: &str) {
        self.bring("Observation", id, &self.observation(id, patient));
    }

    /// A critical potassium.
    pub(super) fn observation(&self, id: &str, patient: &str) -> Value {
        let flags = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
        json!({
            "resourceType": "Observation", "id": id, "status": "final",
            "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory" }] }],
            "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
            "subject": { "reference": format!("Patient/{patient}") },
            "valueQuantity": { "value": 6.9, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" },
            "interpretation": [{ "coding": [{ "system": flags, "code": "HH" }] }],
        })
    }

    /// A resource arrives at the FHIR door.
    #[track_caller]
    pub(super) fn bring(&self, kind: &str, id: &str, resource: &Value) {
        let path = format!("/ingest/{}/fhir/{kind}/{id}", self.integration);
        let answer = self.story.api.put(&path, resource);
        assert!(matches!(answer.status, 200 | 201), "{}", String::from_utf8_lossy(&answer.body));
    }

    /// A resource is gone at its source.
    #[track_caller]
    pub(super) fn remove(&self, kind: &str, id: &str) {
        let path = format!("/ingest/{}/fhir/{kind}/{id}", self.integration);
        self.story.api.call("DELETE", &path, None).is(204);
    }

    /// The notifications of events that arrived, once there are so many, by their numbers.
    #[track_caller]
    pub(super) fn events(&self, count: usize) -> Vec<Value> {
        let mut found = self.story.receiver.wait(|hits| {
            let found: Vec<Value> =
                hits.iter().filter(|hit| kind(&hit.json()) == "event-notification").map(Hit::json).collect();
            if found.len() >= count { Ok(found) } else { Err((found.len(), count)) }
        });
        found.sort_by_key(number);
        found
    }
}

/// An extension of the guide.
pub(super) fn guide(name: &str) -> String {
    format!("http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/{name}")
}

/// A condition as the guide writes it.
pub(super) fn filtered(wish: &mut Value, filters: &[&str]) {
    let filters = filters
        .iter()
        .map(|filter| json!({ "url": guide("backport-filter-criteria"), "valueString": filter }));
    wish["_criteria"] = json!({ "extension": filters.collect::<Vec<_>>() });
}

/// The parameters of a status with a name.
pub(super) fn parameters<'v>(status: &'v Value, name: &str) -> Vec<&'v Value> {
    let all = status["parameter"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["name"] == name).collect()
}

/// The text or code of a parameter of a notification's status.
pub(super) fn said(bundle: &Value, name: &str) -> String {
    let status = &bundle["entry"][0]["resource"];
    let found = parameters(status, name);
    let members = found.first().and_then(|parameter| parameter.as_object()).into_iter().flatten();
    let value = members.into_iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value);
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What a notification is for.
pub(super) fn kind(bundle: &Value) -> String {
    said(bundle, "type")
}

/// How many events there were, as a notification says.
pub(super) fn number(bundle: &Value) -> u64 {
    said(bundle, "events-since-subscription-start").parse().unwrap()
}

/// The parts of a notification's events with a name.
pub(super) fn parts(bundle: &Value, name: &str) -> Vec<Value> {
    let status = &bundle["entry"][0]["resource"];
    let events = parameters(status, "notification-event").into_iter();
    let parts = events.flat_map(|event| event["part"].as_array().into_iter().flatten());
    parts.filter(|part| part["name"] == name).cloned().collect()
}
