//! Third parties: their webhooks come in proven, go out signed, and forged ones leave a reason.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::harness::{Answer, Setting, until};

pub(super) const SECRET: &str = "api-secret-of-the-app";

/// A SurveyMonkey integration.
#[track_caller]
pub(super) fn surveymonkey(story: &Setting) -> String {
    story.integration("surveymonkey", &json!({ "preset": { "clientId": "cid_123", "secret": SECRET } }))
}

/// A call as SurveyMonkey makes it: HMAC-SHA1 under client id and secret.
#[track_caller]
pub(super) fn call(story: &Setting, integration: &str, secret: &str, body: &str) -> Answer {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, format!("cid_123&{secret}").as_bytes());
    let signature = BASE64_STANDARD.encode(hmac::sign(&key, body.as_bytes()));
    let headers = [
        ("content-type", "application/vnd.surveymonkey.response.v1+json"),
        ("sm-apikey", "cid_123"),
        ("sm-signature", signature.as_str()),
    ];
    // A vendor has no key of ours.
    let vendor = story.api.with_key("");
    vendor.send("POST", &format!("/ingest/{integration}/hook"), &headers, body.as_bytes()).unwrap()
}

fn response(event_type: &str, id: &str) -> String {
    json!({
        "name": "Post-op day 3", "filter_type": "survey", "filter_id": "418000001", "event_type": event_type,
        "event_id": id, "object_type": "response", "object_id": "5007154401",
        "event_datetime": "2026-01-01T09:30:00.000000+00:00",
        "resources": { "respondent_id": "5007154401", "recipient_id": "77001", "collector_id": "4410001",
            "survey_id": "418000001", "user_id": "9001" },
    })
    .to_string()
}

/// The rejections of an integration, the oldest first.
#[track_caller]
fn rejected(story: &Setting, integration: &str) -> Vec<Value> {
    let mut listed = story.api.all(&format!("/admin/rejections?integrationId={integration}"));
    listed.reverse();
    listed
}

#[test]
fn a_survey_response_comes_in_proven_and_goes_out_signed_once() {
    let story = Setting::new();
    let integration = surveymonkey(&story);
    let hook = story.hook(&integration, &json!({ "eventTypes": ["survey.response.completed"] }));
    let head = story.api.with_key("").send("HEAD", &format!("/ingest/{integration}/hook"), &[], b"").unwrap();
    assert_eq!(head.status, 200, "SurveyMonkey asks whether anybody is there");

    let body = response("response_completed", "10012345678");
    for _ in 0..3 {
        let answer = call(&story, &integration, SECRET, &body);
        answer.is(200);
        assert!(answer.body.is_empty(), "the vendor wants no words");
    }
    let hits = story.receiver.wait_for(1);
    story.until_settled(&hook);
    assert_eq!(story.receiver.hits().len(), 1, "what is sent again is one event");
    assert!(hits[0].is_signed_by(&hook.secret));
    let event = hits[0].json();
    assert_eq!(event["type"], "survey.response.completed");
    assert_eq!(event["time"], "2026-01-01T09:30:00.000Z");
    let data = json!({ "collectorRef": "4410001", "contactRef": "77001", "responseRef": "5007154401", "surveyRef": "418000001" });
    assert_eq!(event["data"], data);
    let lineage = story.lineage(event["id"].as_str().unwrap());
    assert_eq!(
        (&lineage["message"]["format"], &lineage["message"]["kind"]),
        (&json!("hook"), &json!("surveymonkey"))
    );
}

#[test]
fn a_forged_call_never_becomes_an_event_and_always_leaves_a_reason() {
    let story = Setting::new();
    let integration = surveymonkey(&story);
    let body = response("response_completed", "1");
    let refused = call(&story, &integration, "guessed", &body).json(401);
    assert_eq!(
        (&refused["code"], refused.to_string().contains("sm-signature")),
        (&json!("invalid_signature"), false)
    );
    let bare =
        story.api.with_key("").send("POST", &format!("/ingest/{integration}/hook"), &[], body.as_bytes());
    bare.unwrap().is(401);
    story
        .api
        .with_key("")
        .send("PUT", &format!("/ingest/{integration}/hook"), &[], body.as_bytes())
        .unwrap()
        .is(405);
    let elsewhere = format!("/ingest/{}/hook", story.events());
    story.api.with_key("").send("POST", &elsewhere, &[], body.as_bytes()).unwrap().is(404);

    let kept = rejected(&story, &integration);
    let reasons: Vec<&str> = kept.iter().map(|one| one["reason"].as_str().unwrap()).collect();
    let expected = [
        "the signature in sm-signature is of another key or another body.",
        "the header sm-signature is missing.",
        "The preset takes no calls of this method.",
    ];
    assert_eq!(reasons, expected);
    assert!(story.raised(&integration).is_empty());
    for _ in 0..100 {
        call(&story, &integration, "guessed", &body).is(401);
    }
    assert!(rejected(&story, &integration).len() <= 40, "a flood is kept in part");
    until("a flood is counted in full", || {
        let counts = story.api.get("/admin/rejections/counts").json(200);
        if counts["data"][0]["count"] == 103 { Ok(()) } else { Err(counts.to_string()) }
    });
}

#[test]
fn what_nobody_understands_waits_until_it_is_understood() {
    let story = Setting::new();
    let wish = |given: Value| json!({ "preset": given });
    let integration = story.integration("generic-token", &wish(json!({ "secret": "long-and-random-token" })));
    let path = format!("/ingest/{integration}/hook");
    let bearer = [("authorization", "Bearer long-and-random-token"), ("content-type", "application/json")];
    let body = r#"{"kind":"form.completed","formRef":"F-12","score":7.50}"#;
    let send = || story.api.with_key("").send("POST", &path, &bearer, body.as_bytes()).unwrap();
    send().is(200);
    let poison = story.api.with_key("").send("POST", &path, &bearer, b"{\"broken\":").unwrap();
    poison.is(200);
    assert!(story.raised(&integration).is_empty());
    let kept = rejected(&story, &integration);
    assert!(
        kept.iter().all(|one| one["standing"] == "quarantined" && one["code"] == "unknown_content"),
        "{kept:?}"
    );

    let replay = |id: &Value| format!("/admin/rejections/{}/replay", id.as_str().unwrap());
    assert_eq!(story.api.post(&replay(&kept[0]["id"]), &json!({})).json(422)["code"], "unknown_content");
    let mut mended = story.api.get(&format!("/admin/integration/{integration}")).json(200);
    assert_eq!(mended["preset"], json!({ "keys": { "secret": 1 } }), "a secret is not shown again");
    mended["preset"]["typePointer"] = json!("/kind");
    story.api.put(&format!("/admin/integration/{integration}"), &mended).is(200);
    let became = story.api.post(&replay(&kept[0]["id"]), &json!({})).json(202);
    assert_eq!(story.raised(&integration), ["form.completed"]);
    assert_eq!(story.api.post(&replay(&kept[0]["id"]), &json!({})).json(422)["code"], "not_quarantined");
    send().is(200);
    assert_eq!(story.raised(&integration).len(), 1, "the same call is known by now");
    assert_eq!(became["events"].as_array().unwrap().len(), 1);
}

#[test]
fn an_integration_offers_what_its_third_party_raises_and_nothing_else() {
    let story = Setting::new();
    let integration = surveymonkey(&story);
    let shown = story.api.get(&format!("/admin/integration/{integration}")).json(200);
    assert_eq!(shown["objectTypes"], json!(["collector", "survey", "survey_response"]));
    assert_eq!(shown["address"], format!("/ingest/{integration}/hook"));
    let refused = story.send(&integration, &json!({ "type": "lab.result.critical", "data": {} })).json(422);
    assert_eq!(refused["code"], "event_type_not_offered");
    assert!(refused["detail"].as_str().unwrap().contains("survey.response.completed"), "{refused}");
    let hooks = format!("/admin/integration/{integration}/webhooks");
    let hook =
        json!({ "name": "x", "url": story.receiver.url("/hook"), "eventTypes": ["lab.result.critical"] });
    assert_eq!(story.api.post(&hooks, &hook).json(422)["code"], "event_type_not_offered");

    let presets = story.api.get("/admin/presets").json(200);
    let names: Vec<&str> =
        presets["data"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"surveymonkey") && names.contains(&"generic-hmac"), "{names:?}");
    let preset = story.api.get("/admin/presets/drchrono").json(200);
    assert_eq!((&preset["senderCheckOnly"], &preset["fields"][0]["secret"]), (&json!(true), &json!(true)));
    story.api.get("/admin/presets/no-such").is(404);
}
