//! The door out to machines: how much of an event a webhook may see, and in what form.

use bytes::Bytes;
use model::{
    Content, Environment, Event, EventId, Format, IntegrationId, Lane, Object, Personal, Profile, Subject,
    Timestamp, Webhook,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::OrganisationKeys;

/// The body of a delivery of `event` to `webhook`.
///
/// The same arguments give the same bytes. Pseudonyms are the recipient's own,
/// so the body of one webhook must never be sent to another.
#[must_use]
pub fn disclose(
    webhook: &Webhook,
    environment: Environment,
    event: &Event,
    content: &Personal<Content>,
    keys: &OrganisationKeys,
) -> Bytes {
    let body = content.look(|content| match webhook.format {
        Format::Native => {
            let known = Known { webhook, keys, content };
            serde_json::to_vec(&Native::new(event, environment, &known))
        }
    });
    body.expect("ids, names and times of events have a text").into()
}

/// What one recipient may come to know of a content.
struct Known<'a> {
    webhook: &'a Webhook,
    keys: &'a OrganisationKeys,
    content: &'a Content,
}

impl<'a> Known<'a> {
    fn subject(&self) -> Shown<About<'a>> {
        let about = |subject: &'a Subject| match self.webhook.profile {
            Profile::Full => About::Named { kind: &subject.kind, system: &subject.system, id: &subject.id },
            Profile::Ping | Profile::Reference => About::Pseudonym {
                kind: &subject.kind,
                pseudonym: self.pseudonym(&subject.kind, &subject.system, &subject.id),
                recipient_id: None,
            },
        };
        self.beyond_ping(self.content.subject.as_ref().map(about))
    }

    fn object(&self, event: &'a Event) -> Shown<Thing<'a>> {
        let kind = event.object_type.as_str();
        let known_as = |object: &Object| self.pseudonym(kind, &object.system, &object.id);
        let pseudonym = self.content.object.as_ref().map(known_as);
        self.beyond_ping(Some(Thing { kind, pseudonym }))
    }

    fn data(&self) -> Option<&'a RawValue> {
        (self.webhook.profile == Profile::Full).then_some(&*self.content.data)
    }

    fn beyond_ping<T>(&self, shown: Option<T>) -> Shown<T> {
        (self.webhook.profile > Profile::Ping).then_some(shown)
    }

    fn pseudonym(&self, what: &str, system: &str, id: &str) -> String {
        self.keys.pseudonym(self.webhook.id, what, system, id)
    }
}

// Outside: whether the profile has the member at all. Inside: `null` if the event has none.
type Shown<T> = Option<Option<T>>;

/// The native body; the order of its members is part of the contract.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Native<'a> {
    id: EventId,
    #[serde(rename = "type")]
    event_type: &'a str,
    schema: String,
    time: Timestamp,
    received: Timestamp,
    lane: Lane,
    environment: Environment,
    test: bool,
    integration_id: IntegrationId,
    profile: Profile,
    sequence: u32,
    replaces: Option<EventId>,
    caused_by: Option<EventId>,
    hops: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Shown<About<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Shown<Thing<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

impl<'a> Native<'a> {
    fn new(event: &'a Event, environment: Environment, known: &Known<'a>) -> Self {
        Native {
            id: event.id,
            event_type: event.event_type.as_str(),
            schema: format!("{}/1", event.event_type),
            time: event.time,
            received: event.received,
            lane: event.lane,
            environment,
            test: event.test,
            integration_id: event.integration,
            profile: known.webhook.profile,
            sequence: event.sequence,
            replaces: event.replaces,
            caused_by: event.caused_by,
            hops: event.hops,
            subject: known.subject(),
            object: known.object(event),
            data: known.data(),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum About<'a> {
    Named {
        #[serde(rename = "type")]
        kind: &'a str,
        system: &'a str,
        id: &'a str,
    },
    Pseudonym {
        #[serde(rename = "type")]
        kind: &'a str,
        pseudonym: String,
        // Always `null` until recipients can register ids of their own (C4).
        #[serde(rename = "recipientId")]
        recipient_id: Option<&'a str>,
    },
}

#[derive(Serialize)]
struct Thing<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    pseudonym: Option<String>,
}

#[cfg(test)]
mod tests {
    use model::{Id, WebhookId};
    use serde_json::json;

    use super::*;
    use crate::crypto::Key;

    fn event() -> Event {
        Event {
            id: Id::from_raw(1),
            organisation: Id::from_raw(2),
            integration: Id::from_raw(3),
            event_type: "lab.result.critical".into(),
            object_type: "lab_report".into(),
            lane: Lane::Critical,
            time: Timestamp::from_millis(0),
            received: Timestamp::from_millis(1),
            test: false,
            subject: None,
            object: None,
            message: None,
            sequence: 3,
            replaces: None,
            caused_by: None,
            hops: 0,
        }
    }

    fn content() -> Personal<Content> {
        let content = json!({
            "subject": { "type": "patient", "system": "urn:hosp:mrn", "id": "MRN-1001" },
            "object": { "system": "urn:hosp:lab", "id": "R-7" },
            "data": 0,
        });
        let mut content: Content = serde_json::from_value(content).unwrap();
        content.data = RawValue::from_string(r#"{ "value": 6.90, "note": "\u00e9" }"#.to_owned()).unwrap();
        Personal::new(content)
    }

    fn webhook(id: u128, profile: Profile) -> Webhook {
        serde_json::from_value(json!({
            "id": WebhookId::from_raw(id), "integrationId": IntegrationId::from_raw(3),
            "organisationId": "org_00000000000000000000000002", "name": "Portal",
            "url": "https://portal.example/hooks", "sources": "own", "eventTypes": ["*"],
            "objectTypes": [], "objectIds": [], "format": "native", "profile": profile,
            "purpose": "TREAT", "recipientClass": "provider", "ordering": "none", "acceptTest": false,
            "auth": { "kind": "none" }, "tls": { "minVersion": "1.2" }, "signing": { "keys": [] },
            "maxInFlight": 16, "state": { "kind": "active" }, "createdAt": Timestamp::from_millis(0),
        }))
        .unwrap()
    }

    fn body(id: u128, profile: Profile) -> String {
        let keys = OrganisationKeys::new(&Key::new([1; 32]));
        let bytes = disclose(&webhook(id, profile), Environment::Live, &event(), &content(), &keys);
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    const START: &str = concat!(
        r#"{"id":"evt_00000000000000000000000001","type":"lab.result.critical","#,
        r#""schema":"lab.result.critical/1","time":"1970-01-01T00:00:00.000Z","#,
        r#""received":"1970-01-01T00:00:00.001Z","lane":"critical","environment":"live","test":false,"#,
        r#""integrationId":"int_00000000000000000000000003","profile":"#,
    );
    const MIDDLE: &str = r#","sequence":3,"replaces":null,"causedBy":null,"hops":0"#;

    #[test]
    fn full_shows_everything_to_the_letter() {
        let keys = OrganisationKeys::new(&Key::new([1; 32]));
        let report = keys.pseudonym(WebhookId::from_raw(1), "lab_report", "urn:hosp:lab", "R-7");
        let shown = format!(
            r#"{START}"full"{MIDDLE},"subject":{{"type":"patient","system":"urn:hosp:mrn","id":"MRN-1001"}},"object":{{"type":"lab_report","pseudonym":"{report}"}},"data":{{ "value": 6.90, "note": "\u00e9" }}}}"#
        );
        assert_eq!(body(1, Profile::Full), shown);
    }

    #[test]
    fn reference_shows_stand_ins_that_no_other_recipient_knows() {
        let (portal, payer) = (body(1, Profile::Reference), body(2, Profile::Reference));
        assert_eq!(portal, body(1, Profile::Reference));
        assert!(portal.starts_with(&format!(r#"{START}"reference"{MIDDLE},"subject":"#)), "{portal}");
        let read = |body: &str| serde_json::from_str::<serde_json::Value>(body).unwrap();
        let (portal_knows, payer_knows) = (read(&portal), read(&payer));
        for member in ["subject", "object"] {
            assert!(portal_knows[member]["pseudonym"].as_str().unwrap().starts_with("psn_"));
            assert_ne!(portal_knows[member]["pseudonym"], payer_knows[member]["pseudonym"]);
        }
        assert!(portal_knows["subject"]["recipientId"].is_null());
        for secret in ["MRN", "1001", "urn:hosp", "R-7", "6.90", "data"] {
            assert!(!portal.contains(secret), "{secret} in {portal}");
        }
    }

    #[test]
    fn ping_shows_that_something_happened() {
        assert_eq!(body(1, Profile::Ping), format!(r#"{START}"ping"{MIDDLE}}}"#));
    }
}
