use serde_json::{Value, json};

use super::client::{CRITICAL, Client, START, number};
use crate::harness::Api;

impl Client {
    /// A key; `more` goes over its name.
    #[track_caller]
    fn key(&self, more: &Value) -> (String, Api) {
        let mut wish = json!({ "name": "somebody" });
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        let made = self.story.api.post("/admin/keys", &wish).json(201);
        (made["id"].as_str().unwrap().to_owned(), self.story.api.with_key(made["key"].as_str().unwrap()))
    }

    fn subscriber(&self, scopes: &[&str]) -> (String, Api) {
        self.key(&json!({ "role": "subscriber", "integrationId": self.integration, "scopes": scopes }))
    }
}

#[test]
fn a_subscriber_sees_and_changes_its_own_subscriptions_only() {
    let mut client = Client::new();
    let staff = client.subscribe(&client.wish(START, "empty", |_| {}));
    let (_, api) = client.subscriber(&[]);
    client.api = api;
    let own = client.subscribe(&client.wish(START, "empty", |_| {}));
    let found = client.get("Subscription").json(200);
    assert_eq!((found["total"].as_u64(), &found["entry"][0]["resource"]["id"]), (Some(1), &json!(own)));
    client.get(&format!("Subscription/{staff}")).json(404);
    client.get(&format!("Subscription/{staff}/$status")).json(404);
    assert_eq!(client.get("Subscription/$status").json(200)["total"], 1);
    let steal = client.wish(START, "empty", |wish| wish["id"] = staff.as_str().into());
    client.put(&format!("Subscription/{staff}"), &steal).json(403);
    client.api.call("DELETE", &client.path(&format!("Subscription/{staff}")), None).is(204);
    client.api = client.story.api.clone();
    client.get(&format!("Subscription/{staff}")).json(200);

    let (_, api) = client.subscriber(&[]);
    client.story.api.get("/admin/events").json(200);
    api.get("/admin/events").is(403);
    let elsewhere = client.story.integration("fhir", &json!({}));
    api.get(&format!("/fhir/{elsewhere}/metadata")).is(403);
}

#[test]
fn should_36_whole_resources_need_a_scope_and_a_reason() {
    let mut client = Client::new();
    let (_, api) = client.subscriber(&[]);
    client.api = api;
    let refused = client.post("Subscription", &client.wish(CRITICAL, "full-resource", |_| {})).json(422);
    assert_eq!(refused["issue"][0]["code"], "forbidden");
    let (_, api) = client.subscriber(&["subscription:full-resource"]);
    client.api = api;
    client.active(&client.wish(CRITICAL, "full-resource", |_| {}));
    client.result("r1", "p1");
    assert_eq!(client.events(1)[0]["entry"][1]["resource"]["id"], "r1");
}

#[test]
fn whoever_loses_the_right_hears_nothing_more() {
    let mut client = Client::new();
    let (key, api) = client.subscriber(&[]);
    client.api = api;
    let id = client.active(&client.wish(CRITICAL, "empty", |_| {}));
    client.result("r1", "p1");
    client.events(1);
    client.story.api.call("DELETE", &format!("/admin/keys/{key}"), None).is(204);
    client.api = client.story.api.clone();
    client.result("r2", "p1");
    client.until_status(&id, "off");
    let stays = client.active(&client.wish(CRITICAL, "empty", |_| {}));
    client.result("r3", "p1");
    assert_eq!(number(&client.events(1)[0]), 1, "{stays} is told of the third and nobody of the second");
    assert_eq!(client.story.receiver.hits().len(), 1);
}

#[test]
fn shall_138_139_json_is_spoken_and_every_refusal_is_an_operation_outcome() {
    let mut client = Client::new();
    let outcome = |api: &Api, path: &str, status: u16, issue: &str| {
        let answer = api.get(path);
        let told = answer.json(status);
        assert_eq!(
            (&told["resourceType"], &told["issue"][0]["code"]),
            (&json!("OperationOutcome"), &json!(issue))
        );
    };
    let metadata = client.path("metadata");
    outcome(&client.story.api.with_key("nonsense"), &metadata, 401, "login");
    outcome(&client.story.api, "/fhir/int_00000000000000000000000001/metadata", 404, "not-found");
    outcome(&client.story.api, &client.path("Observation/1"), 404, "not-supported");
    let (_, viewer) = client.key(&json!({ "role": "viewer" }));
    client.api = viewer;
    client.get("Subscription").json(200);
    client.post("Subscription", &client.wish(START, "empty", |_| {})).json(403);
    let send = |headers: &[(&str, &str)], body: &str| {
        client.story.api.send("POST", &client.path("Subscription"), headers, body.as_bytes()).unwrap()
    };
    assert_eq!(
        send(&[("content-type", "application/fhir+json")], "{\"a\":1,\"a\":2}").json(400)["issue"][0]["code"],
        "structure"
    );
    send(&[("content-type", "application/fhir+xml")], "<a/>").json(415);
    send(&[("content-type", "application/fhir+json"), ("accept", "application/fhir+xml")], "{}").json(406);
}
