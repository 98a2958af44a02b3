use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Api, Reply, Setting, critical};

/// Everything behind a cursor, and the cursor to go on from.
fn read(api: &Api, mut after: Option<String>) -> (Vec<Value>, Option<String>) {
    let mut items = Vec::new();
    loop {
        let from = after.as_ref().map(|cursor| format!("&after={cursor}")).unwrap_or_default();
        let part = api.get(&format!("/stream?limit=20{from}")).json(200);
        let data = part["data"].as_array().unwrap().clone();
        after = part["next"].as_str().map(str::to_owned).or(after);
        if data.is_empty() {
            return (items, after);
        }
        items.extend(data);
    }
}

fn ids(items: &[Value]) -> Vec<String> {
    items.iter().map(|item| item["eventId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_stream_has_no_gap_across_a_kill() {
    let mut story = Setting::new();
    let integration = story.events();
    story.hook(&integration, &json!({}));
    story.receiver.answer(|_| Reply::status(500));
    let send = |story: &Setting, range: std::ops::Range<u32>| -> Vec<String> {
        range.map(|n| story.accept(&integration, &critical(&format!("a{n}"), "1001"))).collect()
    };
    let mut accepted = send(&story, 0..30);
    let (first, cursor) = read(&story.api, None);
    assert_eq!(ids(&first), accepted, "the oldest first, each once, delivered or not");
    assert_eq!(first[0]["body"]["data"]["value"]["unit"], "mmol/L", "with what the webhook is owed");

    accepted.extend(send(&story, 30..45));
    story.server.kill();
    story.server.restart();
    accepted.extend(send(&story, 45..60));
    let (then, end) = read(&story.api, cursor);
    assert_eq!(ids(&then), accepted[30..], "from the cursor on, across the kill");
    assert_eq!(ids(&read(&story.api, None).0), accepted);
    assert!(read(&story.api, end).0.is_empty());
}

#[test]
fn a_stream_shows_a_caller_what_its_webhooks_may_see() {
    let story = Setting::new();
    let integration = story.events();
    let reference = story.hook(&integration, &json!({ "profile": "reference" }));
    story.accept(&integration, &critical("a", "MRN-1001"));
    let (items, _) = read(&story.api, None);
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["webhookId"], reference.id);
    assert!(!items[0].to_string().contains("MRN-1001"), "no more than the delivery carries");
    let hit = story.receiver.wait_for(1).remove(0);
    assert_eq!(items[0]["body"], hit.json(), "the same body");

    let wish = json!({ "name": "Other hospital" });
    let other = story.api.post("/admin/organisations", &wish).json(201);
    let key = other["key"].as_str().or(other["adminKey"].as_str()).expect("the key of its first admin");
    let seen: BTreeSet<String> = ids(&read(&story.api.with_key(key), None).0).into_iter().collect();
    assert!(seen.is_empty(), "another organisation sees nothing of it");
}
