use model::FhirVersion;
use serde_json::{Value, json};

use super::*;

const KINDS: [Kind; 5] =
    [Kind::Handshake, Kind::Heartbeat, Kind::EventNotification, Kind::QueryStatus, Kind::QueryEvent];
const CONTENTS: [Content; 3] = [Content::Empty, Content::IdOnly, Content::FullResource];
const BASE: &str = "https://carehook.example/fhir/int_1";

fn result(version: &str) -> Entry {
    let text = format!(
        r#"{{"resourceType":"Observation","id":"k","meta":{{"versionId":"{version}"}},"status":"final","code":{{"text":"Potassium"}},"valueQuantity":{{"value":6.90}}}}"#
    );
    let resource = serde_json::from_str(&text).unwrap();
    entry("Observation", "k", Interaction::Create, Some(resource))
}

fn entry(kind: &str, id: &str, interaction: Interaction, resource: Option<Value>) -> Entry {
    let full_url = format!("{BASE}/{kind}/{id}");
    Entry { full_url, resource_type: kind.to_owned(), id: id.to_owned(), interaction, resource }
}

fn notification(version: FhirVersion, kind: Kind, content: Content) -> Notification {
    let at = |seconds: i64| Timestamp::from_millis(1_767_259_800_000 + seconds * 1_000);
    let report = json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": { "text": "Panel" } });
    let trigger = Coding {
        system: "http://terminology.hl7.org/CodeSystem/v2-0003".to_owned(),
        code: "R01".to_owned(),
        display: None,
    };
    let told = Event {
        number: 6,
        timestamp: Some(at(0)),
        focus: Some(result("1")),
        context: vec![entry("DiagnosticReport", "r", Interaction::Update, Some(report))],
        triggers: vec![trigger],
    };
    let gone = Event {
        number: 7,
        timestamp: Some(at(1)),
        focus: Some(entry("Encounter", "e", Interaction::Delete, None)),
        context: Vec::new(),
        triggers: Vec::new(),
    };
    let (status, total) = match kind {
        Kind::Handshake => (Status::Requested, 0),
        Kind::Heartbeat | Kind::EventNotification => (Status::Active, 7),
        Kind::QueryStatus | Kind::QueryEvent => (Status::Error, 9),
    };
    let error = Coding {
        system: "http://terminology.hl7.org/CodeSystem/subscription-error".to_owned(),
        code: "no-response".to_owned(),
        display: Some("No Response".to_owned()),
    };
    Notification {
        version,
        kind,
        content,
        id: 0x0190_0000_0000_0000_0000_0000_0000_0001,
        subscription: format!("{BASE}/Subscription/s1"),
        status,
        topic: Some("https://carehook.example/topics/critical-lab".to_owned()),
        events_since_start: total,
        events: vec![told, gone],
        errors: if status == Status::Error { vec![error] } else { Vec::new() },
        timestamp: at(2),
        test: false,
    }
}

fn read(notification: &Notification) -> Value {
    serde_json::from_str(&bundle(notification)).unwrap()
}

/// Every Bundle of a version, and that the rules of the guide find nothing in any of them.
fn gallery(version: FhirVersion) -> String {
    let mut shown = serde_json::Map::new();
    for (kind, content) in KINDS.into_iter().flat_map(|kind| CONTENTS.map(|content| (kind, content))) {
        let bundle = read(&notification(version, kind, content));
        let name = format!("{} {}", kind.code(), content.code());
        assert_eq!(check(&bundle, version, content), [], "{name}");
        shown.insert(name, bundle);
    }
    serde_json::to_string_pretty(&shown).unwrap()
}

#[test]
fn r4_has_a_status_of_parameters_in_a_history() {
    insta::assert_snapshot!("r4", gallery(FhirVersion::R4));
}

#[test]
fn r4b_has_a_subscription_status_in_a_history() {
    insta::assert_snapshot!("r4b", gallery(FhirVersion::R4B));
}

#[test]
fn r5_has_a_bundle_type_of_its_own() {
    insta::assert_snapshot!("r5", gallery(FhirVersion::R5));
}

#[test]
fn t1_a_test_is_marked_in_every_version() {
    for version in [FhirVersion::R4, FhirVersion::R4B, FhirVersion::R5] {
        let live = notification(version, Kind::Heartbeat, Content::Empty);
        assert!(!bundle(&live).contains("HTEST"));
        let marked = read(&Notification { test: true, ..live });
        assert_eq!(check(&marked, version, Content::Empty), []);
        assert_eq!(marked["meta"]["tag"][0]["code"], "HTEST");
    }
}

#[test]
fn decimals_keep_their_text() {
    let full = notification(FhirVersion::R4, Kind::EventNotification, Content::FullResource);
    assert!(bundle(&full).contains(r#""value":6.90}"#), "{}", bundle(&full));
}

#[test]
fn one_resource_told_twice_stands_once_where_it_must() {
    for content in [Content::IdOnly, Content::FullResource] {
        let mut twice = notification(FhirVersion::R5, Kind::EventNotification, content);
        twice.events[1].focus = Some(result("1"));
        let told = read(&twice);
        assert_eq!(check(&told, FhirVersion::R5, content), []);
        assert_eq!(told["entry"].as_array().unwrap().len(), 3);
        twice.events[1].focus = Some(result("2"));
        let expected = if content == Content::FullResource { 4 } else { 3 };
        assert_eq!(read(&twice)["entry"].as_array().unwrap().len(), expected);
        twice.version = FhirVersion::R4;
        assert_eq!(read(&twice)["entry"].as_array().unwrap().len(), 4, "a history tells each version");
    }
}

#[test]
fn a_search_for_statuses_has_one_for_each_subscription() {
    let one = notification(FhirVersion::R5, Kind::QueryStatus, Content::IdOnly);
    let other = Notification { id: 2, subscription: format!("{BASE}/Subscription/s2"), ..one.clone() };
    let asked = (&*format!("{BASE}/Subscription/$status"), one.timestamp);
    let answer: Value = serde_json::from_str(&statuses(FhirVersion::R5, &[one, other], asked)).unwrap();
    assert_eq!(check(&answer, FhirVersion::R5, Content::IdOnly), []);
    assert_eq!((answer["total"].as_u64(), answer["entry"].as_array().unwrap().len()), (Some(2), 2));
    let none: Value = serde_json::from_str(&statuses(FhirVersion::R4, &[], asked)).unwrap();
    assert_eq!((none["total"].as_u64(), none.get("entry")), (Some(0), None));
}

/// Plants one fault and looks for the rule that it breaks.
#[track_caller]
fn caught(of: (FhirVersion, Kind, Content), rule: &str, plant: impl FnOnce(&mut Value)) {
    let (version, kind, content) = of;
    let mut bundle = read(&notification(version, kind, content));
    plant(&mut bundle);
    let found = check(&bundle, version, content);
    assert!(found.iter().any(|flaw| flaw.rule == rule), "{rule} is not among {found:?}");
}

fn remove(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name);
}

#[test]
fn faults_of_a_bundle_are_caught() {
    use FhirVersion::{R4, R4B, R5};
    let full = |version| (version, Kind::EventNotification, Content::FullResource);
    caught(full(R4), "bdl-13", |bundle| bundle["type"] = "collection".into());
    caught(full(R5), "bdl-13", |bundle| bundle["type"] = "history".into());
    caught(full(R5), "bdl-1", |bundle| bundle["total"] = 3.into());
    caught(full(R4B), "bdl-2", |bundle| bundle["entry"][1]["search"] = json!({ "mode": "match" }));
    caught(full(R4), "bdl-3", |bundle| remove(&mut bundle["entry"][0], "request"));
    caught(full(R4), "bdl-4", |bundle| remove(&mut bundle["entry"][2], "response"));
    caught(full(R5), "bdl-5", |bundle| bundle["entry"][3] = json!({ "fullUrl": "urn:x" }));
    caught(full(R5), "bdl-7", |bundle| bundle["entry"][2] = bundle["entry"][1].clone());
    caught(full(R4), "bdl-8", |bundle| {
        bundle["entry"][1]["fullUrl"] = format!("{BASE}/Observation/k/_history/1").into();
    });
    caught(full(R4), "profile", |bundle| {
        bundle["entry"][1]["fullUrl"] = format!("{BASE}/Observation/other").into()
    });
    caught(full(R4), "profile", |bundle| bundle["entry"][1]["response"]["status"] = "500".into());
    caught(full(R4), "@28", |bundle| remove(bundle, "meta"));
    caught(full(R4), "backport-notification-bundle-r4-1", |bundle| {
        bundle["entry"].as_array_mut().unwrap().swap(0, 1);
    });
    caught(full(R4B), "@14", |bundle| bundle["entry"].as_array_mut().unwrap().swap(0, 1));
    caught(full(R4), "@15", |bundle| bundle["entry"][0]["request"]["url"] = "Subscription/s1".into());
    let search = (R5, Kind::QueryStatus, Content::IdOnly);
    caught(search, "bdl-18", |bundle| remove(bundle, "link"));
    caught(search, "bdl-3", |bundle| bundle["entry"][0]["request"] = json!({ "method": "GET", "url": "x" }));
    caught(search, "@112", |bundle| bundle["entry"][0]["resource"]["type"] = "heartbeat".into());
}

#[test]
fn faults_of_a_status_are_caught() {
    use FhirVersion::{R4, R4B, R5};
    let full = |version| (version, Kind::EventNotification, Content::FullResource);
    let counter = |bundle: &mut Value, value: Value| {
        bundle["entry"][0]["resource"]["eventsSinceSubscriptionStart"] = value;
    };
    caught(full(R5), "profile", |bundle| counter(bundle, json!(7)));
    caught(full(R4B), "@103", |bundle| counter(bundle, json!("8")));
    caught(full(R4), "profile", |bundle| {
        bundle["entry"][0]["resource"]["parameter"][4] =
            json!({ "name": "events-since-subscription-start", "valueInteger": 7 })
    });
    caught(full(R4), "profile", |bundle| {
        let parameters = bundle["entry"][0]["resource"]["parameter"].as_array_mut().unwrap();
        parameters.push(parameters[0].clone());
    });
    caught(full(R4B), "@102", |bundle| {
        bundle["entry"][0]["resource"]["notificationEvent"].as_array_mut().unwrap().reverse();
    });
    caught(full(R5), "sst-1", |bundle| remove(&mut bundle["entry"][0]["resource"], "notificationEvent"));
    caught(full(R5), "sst-2", |bundle| bundle["entry"][0]["resource"]["status"] = "happy".into());
    caught(full(R4B), "sst-2", |bundle| bundle["entry"][0]["resource"]["status"] = "entered-in-error".into());
    caught(full(R4B), "profile", |bundle| bundle["entry"][0]["resource"]["trigger"] = "R01".into());
    caught(full(R4B), "profile", |bundle| bundle["entry"][0]["resource"]["type"] = "news".into());
}

#[test]
fn what_says_more_than_its_level_is_caught() {
    use FhirVersion::{R4, R5};
    let told = |content| (R5, Kind::EventNotification, content);
    let focus = json!({ "reference": format!("{BASE}/Observation/k") });
    caught(told(Content::Empty), "@38", |bundle| {
        bundle["entry"][0]["resource"]["notificationEvent"][0]["focus"] = focus;
    });
    caught(told(Content::Empty), "@39", |bundle| {
        let first = bundle["entry"][0].clone();
        bundle["entry"].as_array_mut().unwrap().push(first);
    });
    caught(told(Content::Empty), "@99", |bundle| bundle["entry"][0]["resource"]["topic"] = "urn:t".into());
    caught(told(Content::IdOnly), "@40", |bundle| {
        remove(&mut bundle["entry"][0]["resource"]["notificationEvent"][1], "focus");
    });
    caught(told(Content::IdOnly), "@42", |bundle| {
        bundle["entry"][1]["resource"] = json!({ "resourceType": "Observation", "id": "k" });
    });
    caught(told(Content::FullResource), "@43", |bundle| {
        remove(&mut bundle["entry"][0]["resource"]["notificationEvent"][1], "focus");
    });
    caught(told(Content::FullResource), "@44", |bundle| drop(bundle["entry"].as_array_mut().unwrap().pop()));
    caught(told(Content::FullResource), "@45", |bundle| remove(&mut bundle["entry"][1], "resource"));
    caught(told(Content::FullResource), "@101", |bundle| {
        remove(&mut bundle["entry"][0]["resource"], "topic")
    });
    caught((R4, Kind::Heartbeat, Content::IdOnly), "@20", |bundle| {
        let first = bundle["entry"][0].clone();
        bundle["entry"].as_array_mut().unwrap().push(first);
    });
}
