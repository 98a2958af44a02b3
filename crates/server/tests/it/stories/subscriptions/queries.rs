use serde_json::{Value, json};

use super::client::{CRITICAL, Client, START, guide, number, parts, said};

#[test]
fn shall_47_106_to_112_status_is_asked_of_one_of_some_or_of_all() {
    let client = Client::new();
    let one = client.active(&client.wish(CRITICAL, "empty", |_| {}));
    let other = client.active(&client.wish(START, "id-only", |_| {}));
    let off = client
        .post("Subscription", &client.wish(START, "empty", |wish| wish["status"] = "off".into()))
        .json(201);
    client.result("r1", "p1");
    client.events(1);

    let found = |rest: &str| {
        let bundle = client.get(&format!("Subscription/{rest}")).json(200);
        assert_eq!(bundle["type"], "searchset");
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        assert!(entries.iter().all(|entry| entry.get("request").is_none()), "bdl-3");
        entries.len()
    };
    assert_eq!(found("$status"), 3, "shall_109: all where nothing is given");
    assert_eq!(found(&format!("$status?id={one}&id={other}")), 2, "shall_107: one of the ids");
    assert_eq!(found(&format!("$status?id={one},{other}&status=active")), 2);
    assert_eq!(found("$status?status=active&status=off"), 3, "shall_108: one of the statuses");
    assert_eq!(found(&format!("$status?id={one}&status=off")), 0, "both must fit");
    assert_eq!(found(&format!("{one}/$status?status=off")), 1, "shall_110: of one, parameters mean nothing");
    let ask = json!({ "resourceType": "Parameters", "parameter": [{ "name": "id", "valueId": off["id"] }] });
    let asked = client.post("Subscription/$status", &ask).json(200);
    assert_eq!((asked["total"].as_u64(), said(&asked, "status").as_str()), (Some(1), "off"));

    let status = client.get(&format!("Subscription/{one}/$status")).json(200);
    assert_eq!((said(&status, "type").as_str(), number(&status)), ("query-status", 1));
    client.get("Subscription/nobody/$status").json(404);
    client.get("Subscription/$status?colour=blue").json(400);
}

#[test]
fn shall_115_118_119_events_are_asked_for_by_number_both_ends_included() {
    let client = Client::new();
    let id = client.active(&client.wish(CRITICAL, "full-resource", |_| {}));
    (1..=4).for_each(|result| client.result(&format!("r{result}"), "p1"));
    client.events(4);
    let asked = |rest: &str| client.get(&format!("Subscription/{id}/$events{rest}")).json(200);
    let numbers = |bundle: &Value| -> Vec<String> {
        parts(bundle, "event-number")
            .iter()
            .map(|part| part["valueString"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = asked("");
    assert_eq!((all["type"].as_str(), said(&all, "type").as_str()), (Some("history"), "query-event"));
    assert_eq!(numbers(&all), ["1", "2", "3", "4"]);
    assert_eq!(all["entry"][1]["resource"]["resourceType"], "Observation");
    assert_eq!(numbers(&asked("?eventsSinceNumber=2&eventsUntilNumber=3")), ["2", "3"]);
    assert_eq!(numbers(&asked("?eventsSinceNumber=4")), ["4"]);
    assert_eq!(number(&asked("?eventsSinceNumber=9")), 4, "the count goes with every answer");
    let bare = asked("?content=empty");
    assert_eq!((numbers(&bare).len(), bare["entry"].as_array().unwrap().len()), (4, 1));
    client.get(&format!("Subscription/{id}/$events?content=everything")).json(400);

    let narrow = client.active(&client.wish(CRITICAL, "id-only", |_| {}));
    client.result("r5", "p1");
    client.events(1);
    let more = client.get(&format!("Subscription/{narrow}/$events?content=full-resource")).json(200);
    assert!(!more.to_string().contains("valueQuantity"), "nobody asks for more than it is told");
}

#[test]
fn shall_121_124_129_134_and_should_130_subscriptions_are_read_and_searched() {
    let client = Client::new();
    let one = client.active(&client.wish(CRITICAL, "empty", |_| {}));
    let off = client.wish(START, "id-only", |wish| {
        wish["status"] = "off".into();
        wish["channel"]["endpoint"] = client.story.receiver.url("/elsewhere").into();
        wish["contact"] = json!([{ "system": "email", "value": "team@clinic.example" }]);
    });
    let other = client.post("Subscription", &off).json(201)["id"].as_str().unwrap().to_owned();
    let read = client.get(&format!("Subscription/{one}"));
    assert_eq!(read.json(200)["meta"]["profile"], json!([guide("backport-subscription")]));
    assert!(read.header("etag").is_some());

    let ids = |query: &str| -> Vec<String> {
        let bundle = client.get(&format!("Subscription?{query}")).json(200);
        assert_eq!(bundle["type"], "searchset");
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect()
    };
    let url = client.story.receiver.url("/elsewhere");
    assert_eq!(ids(&format!("url={url}")), [other.as_str()], "shall_129");
    assert_eq!(ids("status=active"), [one.as_str()], "should_130");
    assert_eq!(ids("status=active,off").len(), 2);
    assert_eq!(ids(&format!("topic={CRITICAL}")), [one.as_str()]);
    assert_eq!(ids("payload-type=id-only"), [other.as_str()]);
    assert_eq!(ids("contact=team@clinic.example"), [other.as_str()]);
    assert_eq!(ids("type=rest-hook&payload=application/fhir%2Bjson").len(), 2);
    assert!(ids("type=email").is_empty());
    client.get("Subscription?colour=blue").json(400);
}

#[test]
fn shall_7_52_58_and_should_48_57_120_metadata_tells_what_is_served_and_no_more() {
    let mut client = Client::new();
    let statement = client.get("metadata").json(200);
    assert_eq!(
        (&statement["resourceType"], &statement["fhirVersion"]),
        (&json!("CapabilityStatement"), &json!("4.0.1"))
    );
    let instantiates = statement["instantiates"][0].as_str().unwrap();
    assert!(instantiates.ends_with("CapabilityStatement/backport-subscription-server-r4"), "should_57");
    let served = &statement["rest"][0]["resource"][0];
    assert_eq!(served["type"], "Subscription");
    assert_eq!(served["supportedProfile"], json!([guide("backport-subscription")]), "shall_58, should_120");
    let topics = topics_of(&statement);
    assert!(topics.contains(&START) && topics.contains(&CRITICAL), "should_48");
    let codes: Vec<&Value> =
        served["interaction"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    for code in ["create", "read", "update", "patch", "delete", "search-type"] {
        assert!(codes.contains(&&json!(code)), "{code}");
    }
    let operations: Vec<&Value> =
        served["operation"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(operations, ["status", "events", "resend", "get-ws-binding-token"]);
    for canonical in topics {
        let wish = client.wish(canonical, "empty", |wish| {
            wish["status"] = "off".into();
            if canonical.contains("DSUBm") {
                super::client::filtered(wish, &["patient=Patient/1"]);
            }
        });
        client.post("Subscription", &wish).json(201);
    }
    client.integration = client.story.hl7v2().0;
    let statement = client.get("metadata").json(200);
    let topics = topics_of(&statement);
    let is_raised =
        ["critical-lab", "survey-completed"].map(|end| topics.iter().any(|one| one.ends_with(end)));
    assert_eq!(is_raised, [true, false], "no message brings answers");
}

#[test]
fn topics_are_read_and_searched_in_the_shape_of_each_version() {
    for (version, kind) in
        [("4.0.1", "Basic"), ("4.3.0", "SubscriptionTopic"), ("5.0.0", "SubscriptionTopic")]
    {
        let client = Client::speaking(version);
        let query = format!("{kind}?{}={START}", if kind == "Basic" { "url" } else { "derived-or-self" });
        let found = client.get(&query).json(200);
        assert_eq!(found["total"], 1, "{found}");
        let topic = &found["entry"][0]["resource"];
        assert_eq!((&topic["resourceType"], &topic["id"]), (&json!(kind), &json!("encounter-start")));
        assert!(topic.to_string().contains("in-progress"), "the condition: {topic}");
        assert_eq!(client.get(&format!("{kind}/encounter-start")).json(200), *topic);
        client.get(&format!("{kind}/nothing")).json(404);
        let by_resource = client.get(&format!("{kind}?resource=Encounter")).json(200);
        assert_eq!(by_resource["total"], 4, "{by_resource}");
    }
}

/// The canonicals of the topics that a capability statement lists.
fn topics_of(statement: &Value) -> Vec<&str> {
    let listed = statement["rest"][0]["resource"][0]["extension"].as_array().unwrap();
    listed.iter().map(|one| one["valueCanonical"].as_str().unwrap()).collect()
}
