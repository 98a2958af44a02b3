//! What the console's operations pages ask: numbers that agree, previews that are true.

use serde_json::{Value, json};

use crate::harness::{Hook, Obx, Oru, Reply, Setting, critical, event, until};

fn get(story: &Setting, path: &str) -> Value {
    story.api.get(path).json(200)
}

fn lane<'a>(overview: &'a Value, name: &str) -> &'a Value {
    overview["lanes"].as_array().unwrap().iter().find(|lane| lane["lane"] == name).unwrap()
}

/// The sum of a member over all hours.
fn sum(hours: &Value, member: &str) -> u64 {
    hours.as_array().unwrap().iter().map(|hour| hour[member].as_u64().unwrap()).sum()
}

fn kinds(overview: &Value) -> Vec<&str> {
    overview["attention"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap()).collect()
}

#[test]
fn t1_the_overview_says_the_same_as_the_status_and_leaves_tests_out() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({ "acceptTest": true }));
    story.accept(&integration, &critical("a", "1001"));
    story.accept(&integration, &event("appointment.booked", "b", "1001"));
    let mut test = critical("t", "1001");
    test["test"] = json!(true);
    story.accept(&integration, &test);
    story.receiver.wait_for(3);
    story.until_settled(&hook);

    let overview = get(&story, "/admin/overview");
    let status = hook.status();
    assert_eq!(sum(&overview["hours"], "accepted"), 2);
    assert_eq!(json!(sum(&overview["hours"], "delivered")), status["delivered24h"]);
    assert_eq!(json!(sum(&overview["hours"], "failed")), status["failed24h"]);
    assert_eq!(overview["hours"].as_array().unwrap().len(), 25);
    let urgent = lane(&overview, "critical");
    assert_eq!((&urgent["pending"], &urgent["oldestWaitingAt"]), (&json!(0), &Value::Null));
    assert_eq!((&urgent["acceptedPerMinute"], &urgent["deliveredPerMinute"]), (&json!(0.2), &json!(0.2)));
    assert!(urgent["latencyMs"]["p95"].as_f64().unwrap() > 0.0);
    assert_eq!((&overview["testOnly"], &overview["dev"]), (&json!(false), &json!(true)));

    let monitored = get(&story, "/admin/monitoring/webhooks")["data"][0].clone();
    assert_eq!((&monitored["attempts"], &monitored["statuses"]), (&json!(2), &json!({ "2xx": 2 })));
    assert_eq!(monitored["latencyMs"], status["latencyMs"]);
    let types: Vec<&Value> =
        monitored["types"].as_array().unwrap().iter().map(|of| &of["eventType"]).collect();
    assert!(types.len() == 2 && types.contains(&&json!("lab.result.critical")), "{types:?}");
    let series =
        get(&story, &format!("/admin/monitoring/series?webhookId={}&eventType=appointment.booked", hook.id));
    assert_eq!(sum(&series["points"], "delivered"), 1);
    let volume = get(&story, "/admin/event-types/lab.result.critical");
    assert_eq!((&volume["volume24h"], &volume["webhooks"][0]["webhookId"]), (&json!(1), &json!(hook.id)));
    let source = get(&story, "/admin/sources")["data"][0].clone();
    assert_eq!((&source["events24h"], &source["testEvents24h"]), (&json!(2), &json!(1)));
    assert_eq!(source["state"], "active");
}

#[test]
fn what_is_given_up_is_told_by_cause_and_goes_again_once_the_receiver_is_well() {
    let story = Setting::new();
    let integration = story.events();
    story.receiver.answer(|_| Reply::status(500));
    let hook = story.hook(&integration, &json!({ "retry": { "schedule": ["1s"], "horizon": "2s" } }));
    story.accept(&integration, &critical("a", "1001"));
    hook.until_deliveries("dead_lettered", 1);

    let group = get(&story, "/admin/dead-letters")["data"][0].clone();
    assert_eq!(
        (&group["error"], &group["count"], &group["healthy"]),
        (&json!("http_5xx"), &json!(1), &json!(false))
    );
    assert_eq!((&group["webhookName"], &group["lanes"]), (&json!("Portal"), &json!({ "critical": 1 })));
    let overview = get(&story, "/admin/overview");
    assert_eq!(lane(&overview, "critical")["deadLettered"], 1);
    assert!(kinds(&overview).contains(&"dead_letters"), "{overview}");

    story.receiver.recover();
    let filter = json!({ "webhookId": hook.id, "error": "http_5xx" });
    let begun = story.api.post("/admin/redrives", &json!({ "filter": filter })).json(202);
    until("the redrive is listed as done", || {
        let listed = get(&story, "/admin/redrives")["data"][0].clone();
        let is_done = listed["id"] == begun["id"] && listed["state"] == "done";
        if is_done { Ok(()) } else { Err(listed) }
    });
    story.until_settled(&hook);
    assert_eq!(get(&story, "/admin/dead-letters")["data"], json!([]));
    let overview = get(&story, "/admin/overview");
    assert_eq!(lane(&overview, "critical")["deadLettered"], 0);
    assert!(!kinds(&overview).contains(&"dead_letters"), "{overview}");
}

#[test]
fn what_a_paused_webhook_is_owed_is_seen_until_it_goes_out() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    hook.ask("pause", &json!({}), 200);
    story.accept(&integration, &critical("a", "1001"));
    let overview = until("it is owed", || {
        let overview = get(&story, "/admin/overview");
        if lane(&overview, "critical")["pending"] == 1 { Ok(overview) } else { Err(overview) }
    });
    let urgent = lane(&overview, "critical");
    assert_eq!((&urgent["held"], urgent["oldestWaitingAt"].is_string()), (&json!(1), true));
    let item = &overview["attention"][0];
    assert_eq!((&item["kind"], &item["severity"]), (&json!("webhook_paused"), &json!("critical")));
    assert_eq!((&item["verb"], &item["webhookId"]), (&json!("resume"), &json!(hook.id)));
    hook.ask("resume", &json!({}), 200);
    story.until_settled(&hook);
    assert_eq!(lane(&get(&story, "/admin/overview"), "critical")["pending"], 0);
}

#[test]
fn a_preview_is_the_request_that_is_sent_and_the_request_of_a_delivery_shows_no_patient() {
    let story = Setting::new();
    let integration = story.events();
    let path = format!("/admin/integration/{integration}/webhooks/preview");
    let unsaved = json!({
        "url": format!(" {} ", story.receiver.url("/hook")), "eventTypes": ["lab.*"], "profile": "full",
        "justification": "synthetic patients", "auth": { "kind": "bearer", "token": "s3cret-token" },
        "eventType": "lab.result.critical",
    });
    let shown = story.api.post(&path, &unsaved).json(200);
    assert_eq!((&shown["method"], &shown["url"]), (&json!("POST"), &json!(story.receiver.url("/hook"))));
    assert_eq!(
        (&shown["urlChanges"], &shown["headers"]["authorization"]),
        (&json!(["trimmed"]), &json!("(masked)"))
    );
    assert!(!shown.to_string().contains("s3cret"), "{shown}");
    let body: Value = serde_json::from_str(shown["body"].as_str().unwrap()).unwrap();
    assert_eq!((&body["type"], &body["test"]), (&json!("lab.result.critical"), &json!(true)));
    let personal = shown["personal"].as_array().unwrap();
    assert!(personal.contains(&json!({ "pointer": "/subject/id", "kind": "identifier" })), "{personal:?}");
    assert!(story.receiver.hits().is_empty(), "a preview sends nothing");

    let hook = story.hook(&integration, &json!({}));
    story.accept(&integration, &critical("a", "MRN-77001"));
    let hit = story.receiver.wait_for(1).remove(0);
    story.until_settled(&hook);
    let path = format!("/admin/deliveries/{}", hit.id());
    let delivery = get(&story, &path);
    let text = delivery.to_string();
    assert!(!text.contains("77001") && !text.contains("6.90"), "{text}");
    let request = &delivery["request"];
    assert_eq!(
        (&request["headers"]["webhook-id"], &request["url"]),
        (&json!(hit.id()), &json!(story.receiver.url("/hook")))
    );
    assert!(request["curl"].as_str().unwrap().starts_with("curl -X POST 'http://"));
    assert!(delivery["log"][0]["timings"]["totalMs"].as_f64().unwrap() > 0.0);

    let refused = story.api.post(&format!("{path}/reveal"), &json!({ "reason": "x" })).json(422);
    assert_eq!(refused["field"], "/reason");
    let revealed =
        story.api.post(&format!("{path}/reveal"), &json!({ "reason": "check with the ward" })).json(200);
    assert_eq!(revealed["body"].as_str().unwrap().as_bytes(), hit.body);
    let audit = get(&story, "/admin/audit?limit=1")["data"][0].clone();
    assert_eq!((&audit["action"], &audit["detail"]), (&json!("reveal"), &json!("check with the ward")));
}

#[test]
fn a_type_of_ones_own_is_checked_told_and_removed() {
    let story = Setting::new();
    let integration = story.events();
    let sample = json!({ "bed": "B7", "minutes": 12 });
    let wish = json!({
        "type": "north.bed.cleaned", "objectType": "bed", "title": "A bed was cleaned.", "sample": sample,
        "schema": { "type": "object", "required": ["bed"], "properties": { "minutes": { "type": "integer" } } },
    });
    let made = story.api.post("/admin/event-types", &wish).json(201);
    assert_eq!(
        (&made["own"], &made["lane"], &made["offeredBy"]),
        (&json!(true), &json!("routine"), &json!(["events"]))
    );
    let mut other = wish.clone();
    other["type"] = json!("lab.bed.cleaned");
    assert_eq!(story.api.post("/admin/event-types", &other).json(422)["field"], "/type");
    assert_eq!(story.api.post("/admin/event-types", &wish).json(409)["code"], "in_use");

    let hook = story.hook(&integration, &json!({ "eventTypes": ["north.bed.cleaned"] }));
    let bad = json!({ "type": "north.bed.cleaned", "data": { "bed": "B7", "minutes": 1.5 } });
    let refused = story.send(&integration, &bad).json(422);
    assert_eq!(refused["field"], "/data/minutes");
    story.accept(&integration, &json!({ "id": "n1", "type": "north.bed.cleaned", "data": sample }));
    let hit = story.receiver.wait_for(1).remove(0);
    assert_eq!((hit.event_type(), &hit.json()["data"]), ("north.bed.cleaned".to_owned(), &sample));
    let detail = get(&story, "/admin/event-types/north.bed.cleaned");
    assert_eq!((&detail["volume24h"], &detail["samples"]["ingest"]["data"]), (&json!(1), &sample));
    assert_eq!(detail["samples"]["native"]["full"]["data"], sample);

    let path = "/admin/event-types/north.bed.cleaned";
    assert_eq!(story.api.call("DELETE", path, None).json(409)["code"], "in_use");
    hook.change(&json!({ "eventTypes": ["*"] }));
    story.api.call("DELETE", path, None).is(204);
    assert_eq!(story.send(&integration, &bad).json(422)["code"], "unknown_event_type");
}

#[test]
fn the_system_tells_how_it_is_and_its_audit_chain_holds() {
    let story = Setting::new();
    let (_, port) = story.hl7v2();
    let checked = story.api.post("/admin/audit/verify", &json!({})).json(200);
    assert_eq!(
        (&checked["ok"], &checked["complete"], &checked["fault"]),
        (&json!(true), &json!(true), &Value::Null)
    );
    let health = get(&story, "/admin/health");
    assert_eq!((&health["ready"], &health["disk"]["full"]), (&json!(true), &json!(false)));
    assert!(
        health["disk"]["freeBytes"].as_u64().unwrap() > 0
            && health["store"]["dataBytes"].as_u64().unwrap() > 0
    );
    assert_eq!(health["audit"]["lastVerified"]["upTo"], checked["upTo"]);
    assert!(get(&story, "/admin/retention")["bodies"].is_string());
    let source = get(&story, "/admin/sources")["data"][0].clone();
    assert_eq!((&source["mllp"]["open"], &source["state"]), (&json!(true), &json!("new")));
    story.mllp(port, &Oru::new("1", "1001", &[Obx::potassium("6.9", "HH", "F")]).bytes());
    let event = get(&story, "/admin/events")["data"][0].clone();
    let revealed = story
        .api
        .post(
            &format!("/admin/events/{}/reveal", event["id"].as_str().unwrap()),
            &json!({ "reason": "trace it" }),
        )
        .json(200);
    assert_eq!(revealed["rawFormat"], "hl7v2");
    assert!(revealed["raw"].as_str().unwrap().starts_with("MSH|"));
}

#[test]
fn things_are_found_by_name_and_by_the_beginning_of_an_id_and_never_by_a_patient() {
    let story = Setting::new();
    let integration = story.events();
    let hook: Hook = story.hook(&integration, &json!({ "name": "North portal" }));
    let id = story.accept(&integration, &critical("a", "MRN-77001"));
    story.until_settled(&hook);
    let find = |words: &str| {
        let found = get(&story, &format!("/admin/search?q={words}"));
        let hits = found["data"].as_array().unwrap().clone();
        hits.into_iter().map(|hit| (hit["kind"].clone(), hit["id"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(find("north"), [(json!("webhook"), json!(hook.id))]);
    assert!(find("critical").contains(&(json!("event-type"), json!("lab.result.critical"))));
    assert_eq!(find(id.get(..14).unwrap()), [(json!("event"), json!(id))]);
    assert_eq!(find(&integration), [(json!("integration"), json!(integration))]);
    assert!(find("77001").is_empty());
    assert_eq!(story.api.get("/admin/search").json(422)["field"], "q");
    let packs = get(&story, "/admin/packs");
    assert_eq!(packs["data"][0]["eventTypes"].as_array().unwrap().len(), 7);
}
