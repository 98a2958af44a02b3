use model::{Focus, Id, IntegrationId, Interaction, Lane, Timestamp, WebhookId};
use serde_json::value::RawValue;
use serde_json::{Value, json};

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

fn keys() -> OrganisationKeys {
    OrganisationKeys::new(&Key::new([1; 32]))
}

fn told(webhook: &Webhook, content: &Personal<Content>, original: Option<&Personal<Original>>) -> Disclosed {
    let origin = Origin { environment: Environment::Live, fhir_version: FhirVersion::R4 };
    disclose(webhook, &Told { event: &event(), content, origin, original, number: 7 }, &keys())
}

fn text(disclosed: &Disclosed) -> String {
    String::from_utf8(disclosed.body.to_vec()).unwrap()
}

fn body(id: u128, profile: Profile) -> String {
    text(&told(&webhook(id, profile), &content(), None))
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
    let report = keys().pseudonym(WebhookId::from_raw(1), "lab_report", "urn:hosp:lab", "R-7");
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
    let read = |body: &str| serde_json::from_str::<Value>(body).unwrap();
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

#[test]
fn what_is_said_of_a_profile_is_what_its_bodies_hold() {
    for (profile, format) in
        PROFILES.into_iter().flat_map(|one| [(one, Format::Native), (one, Format::Cloudevents)])
    {
        let webhook = Webhook { format, ..webhook(1, profile) };
        let (body, said) = (text(&told(&webhook, &content(), None)), extent(&webhook));
        for (part, named) in [("subject", "MRN-1001"), ("object", "R-7"), ("data", "6.90")] {
            assert_eq!(
                body.contains(named),
                said.named.contains(&part),
                "{part} of {profile:?} in {format:?}"
            );
        }
        assert_eq!(body.contains("psn_"), !said.pseudonymous.is_empty(), "{profile:?} in {format:?}");
        assert_eq!(
            [said.named, said.pseudonymous, said.left_out].concat().len(),
            3,
            "{profile:?} in {format:?}"
        );
    }
}

const OTHERS: [Format; 4] = [Format::Cloudevents, Format::FhirR4, Format::FhirR4b, Format::FhirR5];
const PROFILES: [Profile; 3] = [Profile::Ping, Profile::Reference, Profile::Full];

fn result() -> Personal<Content> {
    let resource = r#"{"resourceType":"Observation","id":"obs-1","status":"final","code":{"text":"Potassium"},"subject":{"identifier":{"system":"urn:hosp:mrn","value":"MRN-1001"}},"valueQuantity":{"value":6.90}}"#;
    let resource = RawValue::from_string(resource.to_owned()).unwrap();
    content().map(|content| Content {
        focus: Some(Focus { interaction: Interaction::Create, resource }),
        ..content
    })
}

fn in_format(format: Format, profile: Profile, content: &Personal<Content>) -> Disclosed {
    told(&Webhook { format, ..webhook(1, profile) }, content, None)
}

/// Every profile of a format, with what it is sent as.
fn gallery(format: Format) -> String {
    let mut shown = serde_json::Map::new();
    for profile in PROFILES {
        for (name, content) in [("resource", result()), ("data", content())] {
            let disclosed = in_format(format, profile, &content);
            let body: Value = serde_json::from_slice(&disclosed.body).unwrap();
            let name = format!("{profile:?} {name}").to_lowercase();
            shown.insert(name, json!({ "content-type": disclosed.media.content_type(), "body": body }));
        }
    }
    serde_json::to_string_pretty(&shown).unwrap()
}

#[test]
fn every_format_is_as_it_was() {
    for format in OTHERS.into_iter().chain([Format::Native]) {
        insta::assert_snapshot!(format.name(), gallery(format));
    }
}

/// Every format with both kinds of content.
fn every() -> impl Iterator<Item = (Format, Personal<Content>)> {
    OTHERS.into_iter().flat_map(|format| [(format, content()), (format, result())])
}

#[track_caller]
fn tells_nothing(shown: &str) {
    for secret in ["MRN", "1001", "urn:hosp", "R-7", "6.90", "obs-1", "Potassium"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn no_format_tells_more_than_the_profile_allows() {
    let subject = keys().pseudonym(WebhookId::from_raw(1), "patient", "urn:hosp:mrn", "MRN-1001");
    for (format, content) in every() {
        for profile in [Profile::Ping, Profile::Reference] {
            let shown = text(&in_format(format, profile, &content));
            tells_nothing(&shown);
            let has_stand_in = shown.contains(&subject) || shown.contains(&subject.replace('_', "-"));
            assert_eq!(has_stand_in, profile == Profile::Reference, "{shown}");
        }
        let full = text(&in_format(format, Profile::Full, &content));
        // A resource of R4 is told in a Bundle of R5 by its address only.
        assert_eq!(full.contains("6.90"), format != Format::FhirR5 || full.contains("Basic"), "{full}");
    }
}

#[test]
fn bundles_keep_the_rules_of_the_guide_at_every_level() {
    use fhir::notification::{Content as Level, check};
    let levels = [Level::Empty, Level::IdOnly, Level::FullResource];
    for (format, content) in every() {
        let Some(version) = format.fhir_version() else { continue };
        for (profile, level) in PROFILES.into_iter().zip(levels) {
            let bundle = serde_json::from_slice(&in_format(format, profile, &content).body).unwrap();
            let found: Vec<&str> = check(&bundle, version, level).iter().map(|flaw| flaw.rule).collect();
            // A resource of R4 is not told as one of R5: its address is.
            let is_unfit =
                version == FhirVersion::R5 && level == Level::FullResource && bundle_lacks_resource(&bundle);
            assert_eq!(found, if is_unfit { vec!["@45"] } else { vec![] }, "{bundle}");
        }
    }
}

fn bundle_lacks_resource(bundle: &Value) -> bool {
    bundle["entry"][1].get("resource").is_none()
}

#[test]
fn one_stand_in_names_a_resource_wherever_it_stands() {
    let bundle: Value =
        serde_json::from_slice(&in_format(Format::FhirR4b, Profile::Reference, &result()).body).unwrap();
    let object =
        keys().pseudonym(WebhookId::from_raw(1), "lab_report", "urn:hosp:lab", "R-7").replace('_', "-");
    let event = &bundle["entry"][0]["resource"]["notificationEvent"][0];
    let address = format!("urn:carehook:{}/Observation/{object}", IntegrationId::from_raw(3));
    assert_eq!(event["focus"]["reference"], address);
    assert_eq!(bundle["entry"][1]["fullUrl"], address);
    assert_eq!(bundle["entry"][1]["request"]["method"], "POST");
    let patient = event["additionalContext"][0]["reference"].as_str().unwrap();
    assert_eq!(bundle["entry"][2]["fullUrl"], patient);
    assert!(patient.ends_with(bundle["entry"][2]["request"]["url"].as_str().unwrap()));
}

#[test]
fn raw_is_what_was_received_and_needs_the_profile_full() {
    let original = Personal::new(Original::new("hl7v2", b"MSH|^~\\&|MRN-1001\r".to_vec()));
    let raw = |profile| {
        let webhook = Webhook { format: Format::Raw, ..webhook(1, profile) };
        told(&webhook, &content(), Some(&original))
    };
    let full = raw(Profile::Full);
    assert_eq!(
        (&full.body[..], full.media.content_type()),
        (&b"MSH|^~\\&|MRN-1001\r"[..], "application/hl7-v2")
    );
    assert!(!text(&raw(Profile::Reference)).contains("MRN-1001"));
    let sent = text(&told(&Webhook { format: Format::Raw, ..webhook(1, Profile::Full) }, &content(), None));
    let sent: Value = serde_json::from_str(&sent).unwrap();
    assert_eq!((&sent["type"], &sent["subject"]["id"]), (&json!("lab.result.critical"), &json!("MRN-1001")));
}

/// The notification of the sample of an event type, as a webhook of a profile is told.
fn sample(info: &matching::TypeInfo, (format, profile): (Format, Profile)) -> Option<Value> {
    let version = format.fhir_version()?;
    let specimen = matching::Specimen::find(info.name.as_str(), version)?;
    let content = content().map(|content| Content { focus: Some(specimen.focus()), ..content });
    let (event_type, object_type) = (info.name.clone(), info.object_type.clone());
    let event = Event { event_type, object_type, lane: info.lane, test: true, ..event() };
    let origin = Origin { environment: Environment::Test, fhir_version: version };
    let told = Told { event: &event, content: &content, origin, original: None, number: 7 };
    let body = disclose(&Webhook { format, ..webhook(1, profile) }, &told, &keys()).body;
    Some(serde_json::from_slice(&body).unwrap())
}

/// The resource in the sample of a type, if resources raise it; at every level the rules of the guide hold.
fn shown_in(format: Format, info: &matching::TypeInfo) -> Option<String> {
    use fhir::notification::{Content as Level, check};
    let levels = [Level::Empty, Level::IdOnly, Level::FullResource];
    for (profile, level) in PROFILES.into_iter().zip(levels) {
        let bundle = sample(info, (format, profile))?;
        assert_eq!(check(&bundle, format.fhir_version()?, level), [], "{}", info.name);
    }
    let bundle = sample(info, (format, Profile::Full))?;
    Some(format!("{} {}\n", info.name, bundle["entry"][1]["resource"]))
}

#[test]
fn a_sample_of_a_type_that_resources_raise_holds_the_resource_that_it_is_about() {
    for format in [Format::FhirR4, Format::FhirR4b, Format::FhirR5] {
        let types = matching::Catalogue::embedded().types();
        let golden: Vec<String> = types.filter_map(|info| shown_in(format, info)).collect();
        assert_eq!(golden.len(), 78);
        // R4 and R4B are alike in what events are about.
        let version = if format == Format::FhirR5 { "r5" } else { "r4" };
        insta::assert_snapshot!(format!("samples-{version}"), golden.concat());
    }
}
