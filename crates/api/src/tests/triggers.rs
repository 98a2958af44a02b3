use model::{Code, Id};
use serde_json::{Value, json};

use super::desk::Desk;

fn settings(more: Value) -> Value {
    let mut all = json!({
        "name": "Potassium above 6", "resourceType": "Observation", "eventType": "lab.result.abnormal",
        "fhirPath": "code.coding.where(code = '2823-3').exists() and value > 6.0 'mmol/L'",
    });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

fn potassium(value: Value) -> Value {
    json!({
        "resourceType": "Observation", "id": "k", "status": "preliminary",
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
        "valueQuantity": value,
    })
}

fn millimolar(value: f64) -> Value {
    json!({ "value": value, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" })
}

#[tokio::test]
async fn a_trigger_is_made_read_changed_and_removed() {
    let desk = Desk::open().await;
    let made = desk.post("engineer", "/admin/triggers", settings(json!({}))).await.ok(201);
    let defaults = (&made["interactions"], &made["lane"], &made["active"], &made["integrationId"]);
    assert_eq!(defaults, (&json!(["create", "update"]), &json!("urgent"), &json!(true), &Value::Null));
    assert_eq!(made["state"], json!({ "kind": "each" }));
    assert_eq!(made["clauses"].as_array().unwrap().len(), 2);
    let path = format!("/admin/triggers/{}", made["id"].as_str().unwrap());
    let mut read = desk.get("viewer", &path).await.ok(200);
    assert_eq!(read, made);
    assert_eq!(desk.get("viewer", "/admin/triggers").await.ok(200)["data"], json!([made]));
    read["active"] = json!(false);
    assert_eq!(desk.put("engineer", &path, read.clone()).await.ok(200)["active"], false);
    desk.post("viewer", "/admin/triggers", settings(json!({}))).await.refused(Code::Forbidden, None);
    desk.get("stranger", &path).await.refused(Code::NotFound, None);
    assert_eq!(desk.get("viewer", &format!("{path}/judgements")).await.ok(200)["counts"], json!({}));
    assert_eq!(desk.delete("engineer", &path).await.status, 204);
    desk.put("engineer", &path, read).await.refused(Code::NotFound, None);
}

#[tokio::test]
async fn each_fault_of_a_trigger_names_its_member_and_changes_nothing() {
    let desk = Desk::open().await;
    let bound = json!({ "code": "2823-3", "comparator": ">", "value": 6, "unit": "mmol/L" });
    let unknown = json!({ "code": "2823-3", "comparator": ">", "value": 6, "unit": "mmoll" });
    for (more, code, field) in [
        (json!({ "name": null }), Code::InvalidField, "/name"),
        (json!({ "resourceType": null }), Code::InvalidField, "/resourceType"),
        (json!({ "resourceType": "Observations" }), Code::InvalidField, "/resourceType"),
        (json!({ "eventType": null }), Code::InvalidField, "/eventType"),
        (json!({ "eventType": "lab.result.bad" }), Code::UnknownEventType, "/eventType"),
        (json!({ "eventType": "source.silent" }), Code::InvalidField, "/eventType"),
        (json!({ "fhirPath": null }), Code::InvalidField, "/fhirPath"),
        (json!({ "fhirPath": "value >" }), Code::InvalidField, "/fhirPath"),
        (json!({ "fhirPath": "valeu > 6.0 'mmol/L'" }), Code::InvalidField, "/fhirPath"),
        (json!({ "threshold": bound }), Code::InvalidField, "/fhirPath"),
        (json!({ "fhirPath": null, "threshold": unknown }), Code::InvalidField, "/threshold/unit"),
        (json!({ "query": { "current": "colour=red" } }), Code::InvalidField, "/query/current"),
        (json!({ "query": { "now": "status=final" } }), Code::UnknownField, "/query/now"),
        (json!({ "fhirPath": null, "eventCodes": ["a01"] }), Code::InvalidField, "/eventCodes/0"),
        (json!({ "interactions": [] }), Code::InvalidField, "/interactions"),
        (json!({ "interactions": ["read"] }), Code::InvalidField, "/interactions/0"),
        (json!({ "integrationId": model::IntegrationId::from_raw(9) }), Code::InvalidField, "/integrationId"),
        (json!({ "state": { "kind": "sometimes" } }), Code::InvalidField, "/state/kind"),
        (json!({ "state": { "kind": "count", "times": 4, "of": 3 } }), Code::InvalidField, "/state/times"),
        (json!({ "state": { "kind": "absence", "within": "1ms" } }), Code::InvalidField, "/state/within"),
        (json!({ "state": { "kind": "crossing", "rearm": "value >=" } }), Code::InvalidField, "/state/rearm"),
        (json!({ "enrich": { "rule": "status" } }), Code::InvalidField, "/enrich"),
        (json!({ "colour": "red" }), Code::UnknownField, "/colour"),
    ] {
        desk.post("admin", "/admin/triggers", settings(more)).await.refused(code, Some(field));
    }
    assert!(desk.get("admin", "/admin/triggers").await.ok(200)["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn p4_a_trigger_that_its_integration_brings_nothing_for_is_saved_with_a_hint() {
    let desk = Desk::open().await;
    let made =
        desk.post("admin", "/admin/triggers", settings(json!({ "integrationId": desk.integration() })));
    let hints = made.await.ok(201)["hints"].clone();
    assert!(
        hints[0].as_str().unwrap().starts_with("/integrationId: The integration brings no resources"),
        "{hints}"
    );
    let previous = json!({ "fhirPath": "%previous.status = 'preliminary'" });
    let hints = desk.post("admin", "/admin/triggers", settings(previous)).await.ok(201)["hints"].clone();
    assert!(hints[0].as_str().unwrap().contains("seen for the first time"), "{hints}");
}

#[tokio::test]
async fn n7_a_trigger_states_its_lane_and_critical_needs_the_right() {
    let desk = Desk::open().await;
    let wish = |lane: &str| settings(json!({ "lane": lane }));
    desk.post("engineer", "/admin/triggers", wish("critical")).await.refused(Code::Forbidden, Some("/lane"));
    let made = desk.post("admin", "/admin/triggers", wish("critical")).await.ok(201);
    assert_eq!(made["lane"], "critical");
    let low = desk.post("engineer", "/admin/triggers", wish("bulk")).await.ok(201);
    assert_eq!(low["lane"], "urgent", "nothing falls below the floor of its type");
    let critical = settings(json!({ "eventType": "lab.result.critical" }));
    assert_eq!(desk.post("engineer", "/admin/triggers", critical).await.ok(201)["lane"], "critical");
}

#[tokio::test]
async fn a_trial_over_what_is_stored_stands_in_the_audit_log_and_one_of_a_resource_does_not() {
    let desk = Desk::open().await;
    let made = desk.post("engineer", "/admin/triggers", settings(json!({}))).await.ok(201);
    let resource = json!({ "triggerId": made["id"], "resource": potassium(millimolar(6.8)) });
    desk.post("engineer", "/admin/triggers/test", resource).await.ok(200);
    let previews = || desk.get("admin", "/admin/audit?action=preview");
    assert_eq!(previews().await.ok(200)["data"], json!([]));
    let past = json!({ "triggerId": made["id"], "backTest": { "from": "2025-12-31T00:00:00Z" } });
    desk.post("engineer", "/admin/triggers/test", past).await.ok(200);
    let told = previews().await.ok(200);
    assert_eq!((&told["data"][0]["target"], &told["data"][0]["detail"]), (&made["id"], &json!("trigger")));
    assert_eq!(told["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_trial_says_whether_it_fires_and_which_clause_fails() {
    let desk = Desk::open().await;
    let try_on = |resource: Value| json!({ "trigger": settings(json!({})), "resource": resource });
    let path = "/admin/triggers/test";
    let fired = desk.post("engineer", path, try_on(potassium(millimolar(6.8)))).await.ok(200);
    assert_eq!((&fired["matched"], &fired["judgement"]), (&json!(true), &json!("fired")));
    assert_eq!((&fired["failing"], &fired["event"]["lane"]), (&Value::Null, &json!("urgent")));
    assert_eq!(fired["event"]["data"]["status"], "preliminary", "n4: it says what it stands on");
    let calm = desk.post("engineer", path, try_on(potassium(millimolar(6.0)))).await.ok(200);
    assert_eq!((&calm["matched"], &calm["failing"]), (&json!(false), &json!("value > 6.0 'mmol/L'")));
    assert_eq!(calm["clauses"][0]["result"], "holds");
    let odd = potassium(json!({ "value": 6.8, "unit": "furlong" }));
    let undecided = desk.post("engineer", path, try_on(odd)).await.ok(200);
    assert_eq!((&undecided["matched"], &undecided["reason"]), (&Value::Null, &json!("unknown_unit")));
    let made = desk.post("engineer", "/admin/triggers", settings(json!({}))).await.ok(201);
    let saved = json!({ "triggerId": made["id"], "resource": potassium(millimolar(6.8)) });
    assert_eq!(desk.post("engineer", path, saved).await.ok(200)["matched"], true);
    let past = json!({ "triggerId": made["id"], "backTest": { "from": "2025-12-31T00:00:00Z" } });
    let told = desk.post("engineer", path, past).await.ok(200);
    assert_eq!((&told["backTest"]["changes"], &told["backTest"]["complete"]), (&json!(0), &json!(true)));
    assert_eq!((&told["matched"], &told["judgement"]), (&Value::Null, &Value::Null));
    let patient = json!({ "trigger": settings(json!({})), "resource": { "resourceType": "Patient" } });
    desk.post("engineer", path, patient).await.refused(Code::InvalidField, Some("/resource/resourceType"));
    let bad = json!({ "trigger": settings(json!({ "fhirPath": "value >" })), "resource": {} });
    desk.post("engineer", path, bad).await.refused(Code::InvalidField, Some("/trigger/fhirPath"));
}
