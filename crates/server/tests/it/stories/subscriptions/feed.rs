//! US Core's Patient Data Feed.

use serde_json::{Value, json};

use super::client::{Client, filtered, number, parts, said};
use crate::harness::{Obx, Oru, adt};

const FEED: &str = "http://hl7.org/fhir/us/core/SubscriptionTopic/patient-data-feed";

/// The codes of the one event that a notification tells of.
fn codes(bundle: &Value) -> Vec<String> {
    let codings = parts(bundle, "trigger").into_iter().map(|part| part["valueCoding"]["code"].clone());
    codings.map(|code| code.as_str().unwrap().to_owned()).collect()
}

fn focus(bundle: &Value) -> String {
    let reference = parts(bundle, "focus").remove(0)["valueReference"]["reference"].clone();
    reference.as_str().unwrap().rsplit('/').take(2).collect::<Vec<_>>().join(" of ")
}

fn filters(subscription: &Value) -> Vec<&str> {
    let all = subscription["_criteria"]["extension"].as_array().into_iter().flatten();
    all.map(|one| one["valueString"].as_str().unwrap()).collect()
}

#[test]
fn every_change_is_told_once_with_all_its_codes() {
    let client = Client::new();
    let wanted = ["Observation?patient=p1&category=laboratory", "Encounter?patient=p1&trigger=feed-event"];
    client.active(&client.wish(FEED, "full-resource", |wish| filtered(wish, &wanted)));
    let bring = |id: &str, status: &str, value: f64| {
        let mut observation = client.observation(id, "p1");
        observation["status"] = status.into();
        observation["valueQuantity"]["value"] = value.into();
        observation.as_object_mut().unwrap().remove("interpretation");
        client.bring("Observation", id, &observation);
    };
    bring("normal", "preliminary", 4.1);
    bring("normal", "final", 4.1);
    bring("normal", "final", 4.1);
    client.result("critical", "p1");
    client.result("elsewhere", "p2");
    client.admit("stay", "p1");
    let bundles = client.events(4);
    let told: Vec<(String, Vec<String>)> =
        bundles.iter().map(|bundle| (focus(bundle), codes(bundle))).collect();
    let all =
        |more: &[&str]| [&["feed-event"], more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>();
    let expected = [
        ("normal of Observation".to_owned(), all(&[])),
        ("normal of Observation".to_owned(), all(&[])),
        ("critical of Observation".to_owned(), all(&["lab.result.critical"])),
        ("stay of Encounter".to_owned(), all(&["encounter.admitted"])),
    ];
    assert_eq!(told, expected, "nothing for what says nothing new, nothing of another patient");
    assert_eq!(bundles.iter().map(number).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[test]
fn changes_are_chosen_by_their_codes_those_of_hl7_v2_included() {
    let mut client = Client::new();
    let (hospital, port) = client.story.hl7v2();
    client.integration = hospital;
    let r01 = ["Observation?trigger=http://terminology.hl7.org/CodeSystem/v2-0003|R01"];
    client.active(&client.wish(FEED, "id-only", |wish| filtered(wish, &r01)));
    let critical = ["Observation?trigger=lab.result.critical"];
    client.active(&client.wish(FEED, "empty", |wish| filtered(wish, &critical)));
    let results = [Obx::potassium("6.90", "HH", "F"), Obx::sodium("140", "N", "F")];
    client.story.mllp(port, &adt("A01", "MSG-1", "1001", "I"));
    client.story.mllp(port, &Oru::new("MSG-2", "1001", &results).bytes());
    let bundles = client.events(3);
    let (bare, named): (Vec<&Value>, Vec<&Value>) =
        bundles.iter().partition(|bundle| said(bundle, "topic").is_empty());
    let mut told: Vec<Vec<String>> = named.iter().map(|bundle| codes(bundle)).collect();
    told.sort();
    assert_eq!(told, [vec!["feed-event", "R01"], vec!["feed-event", "lab.result.critical", "R01"]]);
    assert_eq!(
        bare.iter().map(|bundle| codes(bundle)).collect::<Vec<_>>(),
        [["feed-event"]],
        "empty names nothing"
    );
}

#[test]
fn what_cannot_be_served_is_adjusted_and_hears_nothing_before_its_client_accepts() {
    let client = Client::new();
    let asked =
        ["CareTeam?patient=p1", "Observation?patient=p1&device=Device/7", "Encounter?patient=p1&trigger=R01"];
    let made =
        client.post("Subscription", &client.wish(FEED, "id-only", |wish| filtered(wish, &asked))).json(201);
    assert_eq!((&made["status"], filters(&made)), (&json!("error"), vec!["Observation?patient=p1"]));
    let why = made["error"].as_str().unwrap();
    for (name, is_told) in [("CareTeam", true), ("device", true), ("trigger", true), ("Device/7", false)] {
        assert_eq!(why.contains(name), is_told, "{why}");
    }
    let id = made["id"].as_str().unwrap();
    client.result("r1", "p1");
    let status = client.get(&format!("Subscription/{id}/$status")).json(200);
    assert_eq!((said(&status, "status").as_str(), number(&status)), ("error", 0), "nothing is counted yet");
    assert!(status.to_string().contains("adjusted"), "{status}");
    assert!(client.story.receiver.hits().is_empty(), "and nobody is called");

    let mut accepted = client.get(&format!("Subscription/{id}")).json(200);
    accepted["status"] = "requested".into();
    accepted["channel"]["header"] = json!([]);
    let accepted = client.put(&format!("Subscription/{id}"), &accepted).json(200);
    assert_eq!((&accepted["status"], accepted.get("error")), (&json!("requested"), None));
    client.until_status(id, "active");
    client.result("r2", "p1");
    assert_eq!(number(&client.events(1)[0]), 1);
}

#[test]
fn what_would_widen_to_everybody_is_refused() {
    let client = Client::new();
    for (asked, place) in [
        (vec!["CareTeam?patient=p1"], 0),
        (vec!["Observation?patient:in=Group/1&trigger=feed-event"], 0),
        (vec!["Observation?patient=p1", "Encounter?patient=Patient/p2"], 1),
    ] {
        let wish = client.wish(FEED, "id-only", |wish| filtered(wish, &asked));
        let told = client.post("Subscription", &wish).json(422);
        let at = format!("Subscription.criteria.extension[{place}]");
        assert_eq!(told["issue"][0]["expression"][0], at.as_str(), "{told}");
    }
    assert_eq!(client.get("Subscription").json(200)["total"], 0);
    let events = client.story.events();
    let metadata = client.api.get(&format!("/fhir/{events}/metadata")).json(200).to_string();
    assert!(!metadata.contains(FEED), "an integration without resources has no feed");
}
