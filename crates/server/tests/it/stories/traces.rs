use serde_json::{Value, json};

use crate::harness::{Home, Receiver, Server, Setting, Start, event, until};

/// All spans that a collector took.
fn spans(collector: &Receiver) -> Vec<Value> {
    let requests = collector.hits();
    let of =
        |request: &Value| request["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
    requests.iter().flat_map(|hit| of(&hit.json())).collect()
}

#[test]
fn an_event_is_one_trace_from_its_door_to_its_receiver() {
    let collector = Receiver::start();
    let endpoint = collector.url("/v1/traces");
    let settings = vec![("CAREHOOK__OTEL__ENDPOINT", &*endpoint.leak()), ("CAREHOOK__OTEL__SAMPLE", "1.0")];
    let server = Server::start_with(Home::new(), Start { settings, ..Start::default() });
    let story = Setting::on(server);
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    story.accept(&integration, &event("appointment.booked", "a", "MRN-1001"));
    let hit = story.receiver.wait_for(1).remove(0);
    story.until_settled(&hook);
    let parts: Vec<&str> = hit.header("traceparent").split('-').collect();
    let (trace, parent) = (parts[1], parts[2]);
    let of_event = until("every span of the event is there", || {
        let mut own: Vec<Value> =
            spans(&collector).into_iter().filter(|span| span["traceId"] == trace).collect();
        own.sort_by_key(|span| span["name"].to_string());
        if own.len() == 5 { Ok(own) } else { Err(own) }
    });
    let names: Vec<&str> = of_event.iter().map(|span| span["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["attempt", "commit", "delivery", "intake", "match"]);
    assert_eq!(of_event[0]["parentSpanId"], parent, "the receiver's spans hang under the same delivery");
    assert_eq!(
        (&of_event[2]["spanId"], &of_event[2]["parentSpanId"]),
        (&json!(parent), &of_event[3]["spanId"])
    );
    let said = json!(of_event).to_string();
    assert!(!said.contains("MRN-1001") && !said.contains(story.receiver.url("").as_str()), "{said}");
}
