use serde_json::json;

use crate::harness::{Reply, Setting, critical};

#[test]
fn a_watcher_hears_of_everything_that_happens_without_a_word_about_a_person() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(
        &integration,
        &json!({ "profile": "full", "justification": "direct care", "retry": { "schedule": ["1s"], "horizon": "2s" } }),
    );
    let mut line = story.api.line().unwrap();
    let head = format!(
        "GET /admin/live HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
        story.api.address,
        story.api.key()
    );
    line.write(head.as_bytes()).unwrap();
    line.read_until(&["text/event-stream"]).unwrap();

    let event = story.accept(&integration, &critical("one", "MRN-1001"));
    story.send(&integration, &json!({ "type": "no.such.type", "data": {} })).is(422);
    hook.ask("pause", &json!({}), 200);
    hook.ask("resume", &json!({}), 200);
    let heard = line
        .read_until(&[
            "event: event\n",
            &format!("\"eventId\":\"{event}\",\"eventType\":\"lab.result.critical\",\"lane\":\"critical\""),
            "event: attempt\n",
            "event: delivery\n",
            "\"state\":\"delivered\"",
            "\"door\":\"events\",\"code\":\"unknown_event_type\"",
            "\"status\":\"paused\"",
            "\"status\":\"active\"",
        ])
        .unwrap();
    assert!(!heard.contains("MRN-1001") && !heard.contains("chk_"), "{heard}");

    // A receiver that fails: the breaker trips, the delivery is given up and sent again.
    story.receiver.answer(|_| Reply::status(500));
    for number in 0..12 {
        story.accept(&integration, &critical(&format!("more-{number}"), "MRN-1001"));
    }
    line.read_until(&["\"status\":\"tripped\"", "\"state\":\"dead_lettered\""]).unwrap();
    story.receiver.recover();
    let redrive = story.api.post("/admin/redrives", &json!({ "filter": { "webhookId": hook.id } })).json(202);
    let id = redrive["id"].as_str().unwrap();
    line.read_until(&["event: redrive\n", &format!("\"redriveId\":\"{id}\",\"state\":\"done\"")]).unwrap();
}
