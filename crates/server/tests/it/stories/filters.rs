use serde_json::json;

use crate::harness::{Hook, Setting, event};

#[test]
fn a_filter_chooses_among_events_and_says_so_for_each() {
    let story = Setting::new();
    let integration = story.events();
    let wish = |filter: &str| json!({ "filter": filter, "justification": "acts on high potassium" });
    let high = story.hook(&integration, &wish("data.value > 6.0 'mmol/L'"));
    let higher = story.hook(&integration, &wish("data.value > 7000 'umol/L'"));
    let sent = story.accept(&integration, &event("lab.result.available", "a", "1001"));
    assert_eq!(story.reason(&sent, &high).as_deref(), Some("matched"));
    assert_eq!(story.reason(&sent, &higher).as_deref(), Some("filtered"));
    assert_eq!((high.deliveries().len(), higher.deliveries().len()), (1, 0));

    let other = story.hook(&integration, &wish("lane = 'routine' and data.value > 7.0 'mmol/L'"));
    let next = story.accept(&integration, &event("lab.result.available", "next", "1001"));
    let decided = |sent: &str, hook: &Hook| story.decided(sent, hook).unwrap();
    assert_eq!(
        decided(&next, &other)["clauses"],
        json!([
            { "text": "lane = 'routine'", "result": "holds" },
            { "text": "data.value > 7.0 'mmol/L'", "result": "fails" },
        ])
    );
    assert_eq!(decided(&sent, &high)["clauses"][0]["result"], "holds");
    // A filter that is written later answers nothing about what came before.
    higher.change(&json!({ "filter": null }));
    let before = decided(&sent, &higher);
    assert_eq!((&before["clauses"], &before["changedSince"]), (&json!([]), &json!(true)), "{before}");
    let sent = story.accept(&integration, &event("lab.result.available", "b", "1001"));
    assert_eq!(story.reason(&sent, &higher).as_deref(), Some("matched"));
}

#[test]
fn p5_what_a_filter_cannot_decide_is_listed_and_holds_no_critical_result_back() {
    let story = Setting::new();
    let integration = story.events();
    let wish = json!({ "filter": "data.value > 6.0 'mmol/L'", "justification": "acts on high potassium" });
    let hook = story.hook(&integration, &wish);
    let strange = |event_type: &str, id: &str| {
        let mut strange = event(event_type, id, "1001");
        strange["data"]["value"] = json!({ "value": 6.9, "unit": "furlongs" });
        story.accept(&integration, &strange)
    };
    let (routine, critical) = (strange("lab.result.available", "a"), strange("lab.result.critical", "b"));
    assert_eq!(story.reason(&routine, &hook).as_deref(), Some("undecided"));
    assert_eq!(story.reason(&critical, &hook).as_deref(), Some("matched"));
    assert_eq!(hook.deliveries().len(), 1);
}
