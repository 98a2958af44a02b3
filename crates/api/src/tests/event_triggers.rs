use model::{Code, Id};
use serde_json::{Value, json};

use super::desk::Desk;

fn settings(more: &Value) -> Value {
    let mut all = json!({
        "name": "Low score", "onEventTypes": ["clinic.survey.answered"], "eventType": "alert.clinical.raised",
        "fhirPath": "data.score <= 6 and data.done",
    });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

/// A desk with a type of its own, which takes a score and nothing that is not named.
async fn desk() -> Desk {
    let desk = Desk::open().await;
    let own = json!({
        "type": "clinic.survey.answered", "objectType": "survey", "title": "Answered.", "sample": { "score": 3 },
        "schema": {
            "type": "object", "additionalProperties": false, "required": ["score"],
            "properties": { "score": { "type": ["integer", "string"] }, "done": { "type": "boolean" } },
        },
    });
    desk.post("admin", "/admin/event-types", own).await.ok(201);
    desk
}

#[tokio::test]
async fn a_trigger_over_events_is_made_read_and_changed_as_it_was_answered() {
    let desk = desk().await;
    let made = desk.post("engineer", "/admin/triggers", settings(&json!({}))).await.ok(201);
    let told = (&made["resourceType"], &made["onEventTypes"], &made["interactions"], &made["topic"]);
    let types = json!(["clinic.survey.answered"]);
    assert_eq!(told, (&Value::Null, &types, &json!(["create"]), &Value::Null));
    assert_eq!(made["clauses"], json!(["data.score <= 6", "data.done"]));
    let path = format!("/admin/triggers/{}", made["id"].as_str().unwrap());
    let read = desk.get("viewer", &path).await.ok(200);
    assert_eq!(read, made);
    assert_eq!(desk.put("engineer", &path, read.clone()).await.ok(200), made);
    // A type that is looked at or raised is not taken away.
    desk.delete("admin", "/admin/event-types/clinic.survey.answered").await.refused(Code::InUse, None);
    assert_eq!(desk.delete("engineer", &path).await.status, 204);
    assert_eq!(desk.delete("admin", "/admin/event-types/clinic.survey.answered").await.status, 204);
}

#[tokio::test]
async fn what_could_never_fire_over_events_is_refused_with_its_member() {
    let desk = desk().await;
    let bound = json!({ "code": "2823-3", "comparator": ">", "value": 6, "unit": "mmol/L" });
    for (more, code, field) in [
        (json!({ "resourceType": "Observation" }), Code::InvalidField, "/onEventTypes"),
        (json!({ "onEventTypes": [] }), Code::InvalidField, "/resourceType"),
        (json!({ "onEventTypes": ["lab.result.bad"] }), Code::UnknownEventType, "/onEventTypes/0"),
        (json!({ "onEventTypes": ["source.silent"] }), Code::InvalidField, "/onEventTypes/0"),
        (json!({ "onEventTypes": ["trigger.retracted"] }), Code::InvalidField, "/onEventTypes/0"),
        (json!({ "interactions": ["update"] }), Code::InvalidField, "/interactions"),
        (json!({ "fhirPath": "score <= 6" }), Code::InvalidField, "/fhirPath"),
        (json!({ "fhirPath": "data.scroe <= 6" }), Code::InvalidField, "/fhirPath"),
        (json!({ "fhirPath": "data.done = 'yes'" }), Code::InvalidField, "/fhirPath"),
        (json!({ "fhirPath": "%previous.data.exists()" }), Code::InvalidField, "/fhirPath"),
        (json!({ "fhirPath": null, "threshold": bound }), Code::InvalidField, "/fhirPath"),
        (json!({ "fhirPath": null, "eventCodes": ["A01"] }), Code::InvalidField, "/fhirPath"),
        (
            json!({ "fhirPath": null, "query": { "current": "status=final" } }),
            Code::InvalidField,
            "/fhirPath",
        ),
        (json!({ "enrich": { "mood": "data.mood" } }), Code::InvalidField, "/enrich/mood"),
        (
            json!({ "state": { "kind": "change", "direction": "fall", "amount": "2", "within": "1h" } }),
            Code::InvalidField,
            "/state/value",
        ),
    ] {
        let refused = desk.post("admin", "/admin/triggers", settings(&more)).await;
        refused.refused(code, Some(field));
    }
    assert!(desk.get("admin", "/admin/triggers").await.ok(200)["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn what_a_type_of_the_catalogue_leaves_open_is_taken_with_a_hint() {
    let desk = desk().await;
    let open =
        settings(&json!({ "onEventTypes": ["survey.response.completed"], "fhirPath": "data.score <= 6" }));
    let made = desk.post("engineer", "/admin/triggers", open).await.ok(201);
    let hint = made["hints"][0].as_str().unwrap();
    assert!(hint.contains("has no member score") && hint.contains("responseRef"), "{hint}");
    let vendors = settings(&json!({ "onEventTypes": ["x.acme.answered"], "fhirPath": "data.score <= 6" }));
    assert_eq!(desk.post("engineer", "/admin/triggers", vendors).await.ok(201)["hints"], Value::Null);
}

#[tokio::test]
async fn a_trial_of_an_event_says_whether_it_fires_which_clause_fails_and_what_is_raised() {
    let desk = desk().await;
    let try_on = |event: Value| json!({ "trigger": settings(&json!({})), "event": event });
    let path = "/admin/triggers/test";
    let low = try_on(json!({ "data": { "score": 6, "done": true } }));
    let fired = desk.post("engineer", path, low).await.ok(200);
    assert_eq!((&fired["matched"], &fired["judgement"]), (&json!(true), &json!("fired")));
    assert_eq!(fired["event"]["data"]["onEventType"], "clinic.survey.answered");
    assert_eq!(fired["event"]["lane"], "critical", "n7: the floor of the type");
    let high = try_on(json!({ "data": { "score": 7, "done": true } }));
    let calm = desk.post("engineer", path, high).await.ok(200);
    assert_eq!((&calm["matched"], &calm["failing"]), (&json!(false), &json!("data.score <= 6")));
    let odd = try_on(json!({ "data": { "score": "six", "done": true } }));
    assert_eq!(desk.post("engineer", path, odd).await.ok(200)["matched"], Value::Null, "p5");
    for (event, field) in [
        (json!({ "data": { "mood": 6 } }), "/event/data"),
        (json!({ "type": "order.created", "data": {} }), "/event/type"),
        (json!({ "data": { "score": 6 }, "colour": "red" }), "/event/colour"),
    ] {
        let told = desk.post("engineer", path, try_on(event)).await;
        assert_eq!(told.json()["field"], field);
    }
    let resource = json!({ "trigger": settings(&json!({})), "resource": { "resourceType": "Observation" } });
    desk.post("engineer", path, resource).await.refused(Code::InvalidField, Some("/resource"));
    let nothing = json!({ "trigger": settings(&json!({})) });
    desk.post("engineer", path, nothing).await.refused(Code::InvalidField, Some("/event"));
    let past = json!({ "trigger": settings(&json!({})), "backTest": { "from": "2025-12-31T00:00:00Z" } });
    assert_eq!(desk.post("engineer", path, past).await.ok(200)["backTest"]["changes"], 0);
    let elsewhere = json!({ "triggerId": model::TriggerId::from_raw(1), "event": { "data": {} } });
    desk.post("engineer", path, elsewhere).await.refused(Code::NotFound, None);
}
