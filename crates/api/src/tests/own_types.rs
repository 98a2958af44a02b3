//! What an event type of one's own cannot be.

use model::Code;
use serde_json::{Value, json};

use super::desk::{Desk, own_type, settings};

#[tokio::test]
async fn each_fault_of_an_own_type_names_its_member() {
    let desk = Desk::open().await;
    let mut without_type = own_type(json!({}));
    without_type.as_object_mut().unwrap().remove("type");
    let deep = json!({ "properties": { "a": { "type": "objekt" } } });
    let cases: Vec<(Value, Code, &str)> = vec![
        (without_type, Code::InvalidField, "/type"),
        (own_type(json!({ "type": "bed" })), Code::InvalidField, "/type"),
        (own_type(json!({ "type": "lab.bed" })), Code::InvalidField, "/type"),
        (own_type(json!({ "type": "x.north.bed" })), Code::InvalidField, "/type"),
        (own_type(json!({ "type": "North.Bed" })), Code::InvalidField, "/type"),
        (own_type(json!({ "objectType": "Bed 7" })), Code::InvalidField, "/objectType"),
        (own_type(json!({ "title": " " })), Code::InvalidField, "/title"),
        (own_type(json!({ "schema": true })), Code::InvalidField, "/schema"),
        (own_type(json!({ "schema": deep })), Code::InvalidField, "/schema"),
        (own_type(json!({ "schema": { "$ref": "https://example.org/s" } })), Code::InvalidField, "/schema"),
        (own_type(json!({ "sample": {} })), Code::InvalidField, "/sample"),
        (own_type(json!({ "sample": "B7" })), Code::InvalidField, "/sample"),
        (own_type(json!({ "lane": "critical" })), Code::Forbidden, "/lane"),
        (own_type(json!({ "colour": "red" })), Code::UnknownField, "/colour"),
    ];
    for (wish, code, field) in cases {
        desk.post("engineer", "/admin/event-types", wish).await.refused(code, Some(field));
    }
}

#[tokio::test]
async fn an_own_type_is_wanted_like_those_of_the_catalogue() {
    let desk = Desk::open().await;
    let wish = settings(json!({ "eventTypes": ["north.*"] }));
    let refused = desk.post("admin", &desk.webhooks(), wish.clone()).await;
    refused.refused(Code::UnknownEventType, Some("/eventTypes/0"));
    desk.post("engineer", "/admin/event-types", own_type(json!({}))).await.ok(201);
    desk.post("admin", &desk.webhooks(), wish).await.ok(201);
    let raised = desk.get("viewer", &format!("/admin/integration/{}", desk.integration())).await.ok(200);
    assert!(raised["eventTypes"].as_array().unwrap().contains(&json!("north.bed.cleaned")));
    assert!(raised["objectTypes"].as_array().unwrap().contains(&json!("bed")));
    let foreign = settings(json!({ "eventTypes": ["lab.*"], "objectTypes": ["cot"] }));
    desk.post("admin", &desk.webhooks(), foreign).await.refused(Code::InvalidField, Some("/objectTypes/0"));
}
