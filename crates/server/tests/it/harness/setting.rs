//! A server with what most stories need: a receiver, an integration, a webhook.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Answer, Api, Hook, Mllp, Receiver, Server, free_port, until};

/// Where most stories play.
pub(crate) struct Setting {
    pub(crate) receiver: Receiver,
    pub(crate) server: Server,
    pub(crate) api: Api,
}

impl Setting {
    /// A fresh server and a receiver that takes everything.
    pub(crate) fn new() -> Setting {
        Setting::on(Server::start())
    }

    /// A receiver that takes everything, beside a server.
    pub(crate) fn on(server: Server) -> Setting {
        let api = server.api();
        Setting { receiver: Receiver::start(), server, api }
    }

    /// An integration; `more` goes over name and kind.
    #[track_caller]
    pub(crate) fn integration(&self, kind: &str, more: &Value) -> String {
        let mut wish = json!({ "name": kind, "kind": kind, "timeZone": "Europe/London" });
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        self.api.post("/admin/integration", &wish).json(201)["id"].as_str().unwrap().to_owned()
    }

    /// An integration that takes events.
    #[track_caller]
    pub(crate) fn events(&self) -> String {
        self.integration("events", &json!({}))
    }

    /// An integration that takes HL7 v2 on an MLLP port.
    #[track_caller]
    pub(crate) fn hl7v2(&self) -> (String, SocketAddr) {
        let port = free_port();
        (self.integration("hl7v2", &json!({ "mllp": { "listen": port.to_string() } })), port)
    }

    /// A webhook of an integration at the receiver.
    #[track_caller]
    pub(crate) fn hook(&self, integration: &str, more: &Value) -> Hook {
        Hook::new(&self.api, integration, &self.receiver.url("/hook"), more)
    }

    /// Sends an event, or an array of them.
    #[track_caller]
    pub(crate) fn send(&self, integration: &str, event: &Value) -> Answer {
        self.api.post(&format!("/ingest/{integration}/events"), event)
    }

    /// Sends an event that must be new; its id.
    #[track_caller]
    pub(crate) fn accept(&self, integration: &str, event: &Value) -> String {
        let taken = self.send(integration, event).json(202);
        assert_eq!(taken["duplicate"], false, "{taken}");
        taken["id"].as_str().unwrap().to_owned()
    }

    /// Sends a message over MLLP that must be acknowledged with AA.
    #[track_caller]
    pub(crate) fn mllp(&self, port: SocketAddr, message: &[u8]) {
        let told = Mllp::dial(port).unwrap().send(message).unwrap();
        assert_eq!(told.verdict().0, "AA", "{}", told.0);
    }

    /// The types of all events about labs and patients, the oldest first.
    #[track_caller]
    pub(crate) fn raised(&self, integration: &str) -> Vec<String> {
        let listed = self.api.all(&format!("/admin/events?integrationId={integration}"));
        listed.iter().rev().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// The lineage of an event.
    #[track_caller]
    pub(crate) fn lineage(&self, event: &str) -> Value {
        self.api.get(&format!("/admin/events/{event}")).json(200)
    }

    /// The reason of what was decided about a webhook; none where it was not even near.
    #[track_caller]
    pub(crate) fn reason(&self, event: &str, hook: &Hook) -> Option<String> {
        Some(self.decided(event, hook)?["reason"].as_str().unwrap().to_owned())
    }

    /// What was decided about a webhook; none where it was not even near.
    #[track_caller]
    pub(crate) fn decided(&self, event: &str, hook: &Hook) -> Option<Value> {
        let lineage = self.lineage(event);
        lineage["decisions"].as_array().unwrap().iter().find(|one| one["webhookId"] == hook.id).cloned()
    }

    /// Waits until nothing is owed to a webhook any more.
    #[track_caller]
    pub(crate) fn until_settled(&self, hook: &Hook) {
        until("nothing is owed", || {
            let owed = hook.deliveries();
            let owed: Vec<&Value> = owed.iter().filter(|one| one["state"] != "delivered").collect();
            if owed.is_empty() { Ok(()) } else { Err(format!("{owed:?}")) }
        });
    }
}

/// A critical potassium as an event, with a sender's id and a patient.
pub(crate) fn critical(id: &str, patient: &str) -> Value {
    event("lab.result.critical", id, patient)
}

/// An event of a type whose data may be anything.
pub(crate) fn event(event_type: &str, id: &str, patient: &str) -> Value {
    json!({
        "id": id, "type": event_type, "subject": { "type": "patient", "system": "urn:north:mrn", "id": patient },
        "time": "2026-01-01T09:30:00.120Z",
        "data": { "value": { "value": 6.90, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" } },
    })
}

/// A number from the environment, for runs that are longer or are repeated.
#[expect(clippy::disallowed_methods, reason = "the size of a run is no configuration of the server")]
pub(crate) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}
