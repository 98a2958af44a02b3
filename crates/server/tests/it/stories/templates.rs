use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::harness::{Hook, Reply, Setting, critical};

/// Another event about another patient each time.
fn send(story: &Setting, integration: &str) -> String {
    static SENT: AtomicU64 = AtomicU64::new(0);
    let number = SENT.fetch_add(1, Ordering::Relaxed);
    let mut event = critical(&format!("s-{number}"), "MRN-77001");
    event["data"]["value"]["value"] = serde_json::from_str("6.90").unwrap();
    story.accept(integration, &event)
}

fn chat() -> Value {
    json!({ "channel": "ward-4e", "text": { "$path": "type & ' (' & lane & ')'" }, "patient": { "$path": "subject.id" } })
}

fn pager() -> Value {
    json!([{ "severity": { "$path": "iif(lane = 'critical', 1, 3)" },
        "value": { "$path": "data.value.value" }, "unit": { "$path": "data.value.code" },
        "note": { "$path": "data.note", "$omit": true } }])
}

fn text(body: &[u8]) -> &str {
    std::str::from_utf8(body).unwrap()
}

#[test]
fn a20_two_webhooks_on_one_event_get_two_shapes_each_signed_with_its_own_key() {
    let story = Setting::new();
    let integration = story.events();
    let chat =
        Hook::new(&story.api, &integration, &story.receiver.url("/chat"), &json!({ "template": chat() }));
    let pager =
        Hook::new(&story.api, &integration, &story.receiver.url("/pager"), &json!({ "template": pager() }));
    send(&story, &integration);
    let hits = story.receiver.wait_for(2);
    let at = |path: &str| hits.iter().find(|hit| hit.path() == path).unwrap();
    let (told, paged) = (at("/chat"), at("/pager"));
    assert_eq!(
        text(&told.body),
        r#"{"channel":"ward-4e","text":"lab.result.critical (critical)","patient":"MRN-77001"}"#
    );
    assert_eq!(text(&paged.body), r#"[{"severity":1,"value":6.90,"unit":"mmol/L"}]"#, "to the letter");
    assert!(told.is_signed_by(&chat.secret) && !told.is_signed_by(&pager.secret));
    assert!(paged.is_signed_by(&pager.secret) && !paged.is_signed_by(&chat.secret));
    assert_eq!(
        (told.header("content-type"), paged.header("content-type")),
        ("application/json", "application/json")
    );
}

#[test]
fn a_template_that_cannot_tell_an_event_keeps_it_owed_until_it_is_mended() {
    let story = Setting::new();
    let integration = story.events();
    let strict = json!({ "high": { "$path": "iif(data.value > 6 'furlong', true, false)" } });
    let settings = json!({ "retry": { "schedule": ["1h"], "horizon": "72h" } });
    let unsaved = json!({ "name": "Pager", "url": story.receiver.url("/hook"), "eventTypes": ["*"], "profile": "full",
        "justification": "synthetic patients", "template": strict });
    let refused = story.api.post(&format!("/admin/integration/{integration}/webhooks"), &unsaved).json(422);
    assert_eq!(refused["field"], "/template/high/$path", "{refused}");
    assert!(refused["fix"].as_str().unwrap().contains("UCUM"), "{refused}");

    let hook = story.hook(&integration, &settings);
    hook.change(&json!({ "template": { "high": { "$path": "iif(data.value > 6 'm', true, false)" } } }));
    let first = hook.read()["templateVersion"].clone();
    let event = send(&story, &integration);
    let waiting = hook.until_deliveries("waiting", 1).remove(0);
    assert_eq!(waiting["error"], "template_failed", "{waiting}");
    assert!(story.receiver.hits().is_empty(), "P5: nothing undecided is told as if it were decided");
    assert_eq!(hook.status()["breaker"], "flowing", "the receiver is not to blame");
    let path = format!("/admin/deliveries/{}", waiting["id"].as_str().unwrap());
    let shown = story.api.get(&path).json(200);
    let problem = shown["request"]["problem"].as_str().unwrap();
    assert!(problem.starts_with("/high/$path: `data.value > 6 'm'` cannot be decided: "), "{problem}");
    assert_eq!(shown["log"][0]["templateVersion"], first);

    let lenient =
        json!({ "high": { "$path": "iif(data.value > 6 'm', true, false)", "$undecided": "look" } });
    let mut preview = hook.read();
    preview["webhookId"] = hook.id.clone().into();
    preview["eventId"] = event.into();
    preview["reason"] = "mending the template".into();
    preview["template"] = lenient.clone();
    let at = format!("/admin/integration/{integration}/webhooks/preview");
    assert_eq!(story.api.post(&at, &preview).json(200)["body"], r#"{"high":"look"}"#);
    hook.change(&json!({ "template": lenient }));
    story.api.post(&format!("{path}/retry"), &json!({})).is(202);
    assert_eq!(text(&story.receiver.wait_for(1)[0].body), r#"{"high":"look"}"#);
    story.until_settled(&hook);
    let log = &story.api.get(&path).json(200)["log"];
    assert_eq!(log[1]["templateVersion"], hook.read()["templateVersion"], "{log}");
    assert_ne!(log[1]["templateVersion"], first);
}

#[test]
fn a_template_shows_nothing_that_disclosure_withheld_and_its_places_are_masked_for_who_may_only_look() {
    let story = Setting::new();
    let integration = story.events();
    let whole = json!({ "all": { "$path": "$this" }, "kind": { "$path": "type" } });
    let settings = json!({ "profile": "reference", "justification": null, "template": whole });
    let hook = story.hook(&integration, &settings);
    send(&story, &integration);
    let hit = story.receiver.wait_for(1).remove(0);
    assert_eq!(hit.json()["all"]["profile"], "reference");
    for secret in ["77001", "6.90", "urn:north"] {
        assert!(!text(&hit.body).contains(secret), "{secret} in {}", text(&hit.body));
    }
    let ask = |path: &str| {
        let mut doc = hook.read();
        doc["template"] = json!({ "x": { "$path": path } });
        let at = format!("/admin/integration/{integration}/webhooks/{}", hook.id);
        story.api.put(&at, &doc).json(422)
    };
    assert_eq!(ask("data.value")["detail"], "The profile reference does not show data.");
    assert_eq!(ask("subject.id")["field"], "/template/x/$path");

    let full = story.hook(&integration, &json!({ "template": chat() }));
    send(&story, &integration);
    story.receiver.wait_for(3);
    story.until_settled(&full);
    let delivery = &full.deliveries()[0];
    let shown = story.api.get(&format!("/admin/deliveries/{}", delivery["id"].as_str().unwrap())).json(200);
    let body: Value = serde_json::from_str(shown["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        body,
        json!({ "channel": "ward-4e", "text": "lab.result.critical (critical)", "patient": "(masked)" })
    );
    assert_eq!(shown["request"]["personal"], json!([{ "pointer": "/patient", "kind": "content" }]));
}

#[test]
fn a_template_comes_back_as_it_was_given_and_guards_its_version() {
    let story = Setting::new();
    let integration = story.events();
    let given: Value = serde_json::from_str(
        r#"{ "z": 1.50, "a": [{ "$list": "data.results", "$each": { "v": { "$path": "value" } } }], "$$ref": null }"#,
    )
    .unwrap();
    let hook = story.hook(&integration, &json!({ "template": given }));
    let path = format!("/admin/integration/{integration}/webhooks/{}", hook.id);
    let read = story.api.get(&path);
    let (etag, doc) = (read.header("etag").unwrap().to_owned(), read.json(200));
    assert_eq!(doc["template"].to_string(), given.to_string());
    let again = story.api.put(&path, &doc).json(200);
    assert_eq!(again["template"].to_string(), given.to_string());
    assert_eq!(again["templateVersion"], doc["templateVersion"]);
    let stale = [("content-type", "application/json"), ("if-match", etag.as_str())];
    story.api.send("PUT", &path, &stale, doc.to_string().as_bytes()).unwrap().is(412);
    assert_eq!(hook.change(&json!({ "template": null }))["templateVersion"], Value::Null);
    let mut other = hook.read();
    other["template"] = json!({ "a": 1 });
    other["format"] = json!("cloudevents");
    let refused = story.api.put(&path, &other).json(422);
    assert_eq!((&refused["code"], &refused["field"]), (&json!("not_supported"), &json!("/template")));
}

#[test]
fn a_preview_shows_the_shape_of_a_sample_or_of_a_stored_event_and_what_of_it_does_not_fit() {
    let story = Setting::new();
    let integration = story.events();
    let at = format!("/admin/integration/{integration}/webhooks/preview");
    let schema = json!({ "type": "object", "required": ["channel"], "properties": { "patient": { "maxLength": 3 }, "text": { "type": "string" } } });
    let mut wish = json!({ "url": story.receiver.url("/x"), "eventTypes": ["lab.result.critical"], "profile": "full",
        "justification": "synthetic patients", "template": chat(), "schema": schema });
    let shown = story.api.post(&at, &wish).json(200);
    assert_eq!(
        shown["body"],
        r#"{"channel":"ward-4e","text":"lab.result.critical (critical)","patient":"SAMPLE-1"}"#
    );
    assert_eq!(shown["misfits"][0]["pointer"], "/patient");

    let event = send(&story, &integration);
    wish["eventId"] = json!(event);
    assert_eq!(story.api.post(&at, &wish).json(422)["field"], "/reason");
    wish["reason"] = json!("a look at the shape");
    let shown = story.api.post(&at, &wish).json(200);
    assert!(shown["body"].as_str().unwrap().contains("MRN-77001"), "{shown}");
    let audit = story.api.get("/admin/audit?limit=1").json(200)["data"][0].clone();
    assert_eq!((&audit["action"], &audit["target"]), (&json!("reveal"), &json!(event)));
    wish["template"] = json!({ "x": { "$path": "data.value | subject.id" } });
    let refused = story.api.post(&at, &wish).json(422);
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("template_failed"), &json!("/template/x/$path"))
    );
    assert!(story.receiver.hits().is_empty(), "nothing is sent");
}

#[test]
fn every_attempt_sends_the_same_bytes_whatever_the_template_became() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({ "template": chat() }));
    let made = hook.read()["templateVersion"].clone();
    let mut asked = 0;
    story.receiver.answer(move |_| {
        asked += 1;
        Reply::status(if asked < 3 { 500 } else { 200 })
    });
    send(&story, &integration);
    story.receiver.wait_for(1);
    hook.change(&json!({ "template": pager() }));
    let hits = story.receiver.wait_for(3);
    assert!(hits.iter().all(|hit| hit.body == hits[0].body), "K3");
    story.until_settled(&hook);
    assert!(hook.logs().iter().all(|attempt| attempt["templateVersion"] == made));
}
