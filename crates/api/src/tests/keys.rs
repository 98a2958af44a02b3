//! Keys and organisations.

use model::Code;
use serde_json::json;

use super::desk::Desk;

#[tokio::test]
async fn a_key_shows_its_text_once_and_works_until_it_is_revoked() {
    let mut desk = Desk::open().await;
    let wish = json!({ "name": "Grafana", "role": "viewer", "expiresAt": "2026-01-02T00:00:00Z" });
    let made = desk.post("admin", "/admin/keys", wish).await.ok(201);
    desk.learn("grafana", made["key"].as_str().unwrap());
    desk.get("grafana", "/admin/integration").await.ok(200);
    let listed = desk.get("admin", "/admin/keys").await;
    let text = String::from_utf8_lossy(&listed.bytes).into_owned();
    assert!(!text.contains("chk_") && !text.contains("hash"), "{text}");
    assert_eq!(listed.ok(200)["data"][0]["name"], "Grafana");

    let path = format!("/admin/keys/{}", made["id"].as_str().unwrap());
    desk.delete("stranger", &path).await.refused(Code::NotFound, None);
    assert_eq!(desk.delete("admin", &path).await.status, 204);
    desk.get("grafana", "/admin/integration").await.refused(Code::Unauthorized, None);
    desk.delete("admin", &path).await.refused(Code::NotFound, None);
}

#[tokio::test]
async fn each_fault_of_a_key_names_its_member() {
    let desk = Desk::open().await;
    for (wish, code, place) in [
        (json!({ "role": "viewer" }), Code::InvalidField, "/name"),
        (json!({ "name": "x" }), Code::InvalidField, "/role"),
        (json!({ "name": "x", "role": "owner" }), Code::InvalidField, "/role"),
        (json!({ "name": "x", "role": "clinician" }), Code::NotSupported, "/role"),
        (json!({ "name": "x", "role": "sender" }), Code::InvalidField, "/integrationId"),
        (
            json!({ "name": "x", "role": "viewer", "integrationId": desk.integration() }),
            Code::InvalidField,
            "/integrationId",
        ),
        (json!({ "name": "x", "role": "viewer", "scopes": ["root"] }), Code::InvalidField, "/scopes/0"),
        (
            json!({ "name": "x", "role": "viewer", "expiresAt": "2025-01-01T00:00:00Z" }),
            Code::InvalidField,
            "/expiresAt",
        ),
        (json!({ "name": "x", "role": "admin", "installation": true }), Code::UnknownField, "/installation"),
    ] {
        desk.post("admin", "/admin/keys", wish).await.refused(code, Some(place));
    }
    let sender = json!({ "name": "x", "role": "sender", "integrationId": desk.integration() });
    desk.post("stranger", "/admin/keys", sender).await.refused(Code::InvalidField, Some("/integrationId"));
}

#[tokio::test]
async fn the_last_admin_key_stays() {
    let desk = Desk::open().await;
    let keys = desk.get("stranger", "/admin/keys").await.ok(200);
    let path = format!("/admin/keys/{}", keys["data"][0]["id"].as_str().unwrap());
    desk.delete("stranger", &path).await.refused(Code::InUse, None);
    desk.post("stranger", "/admin/keys", json!({ "name": "Two", "role": "admin" })).await.ok(201);
    assert_eq!(desk.delete("stranger", &path).await.status, 204);
}

#[tokio::test]
async fn an_organisation_is_made_with_its_first_admin_who_sees_nothing_else() {
    let mut desk = Desk::open().await;
    let made = desk.post("admin", "/admin/organisations", json!({ "name": "c" })).await.ok(201);
    desk.learn("c", made["adminKey"].as_str().unwrap());
    desk.post("c", "/admin/integration", json!({ "name": "EHR", "kind": "fhir" })).await.ok(201);
    assert_eq!(desk.get("c", "/admin/integration").await.ok(200)["data"].as_array().unwrap().len(), 1);
    desk.get("c", "/admin/organisations").await.refused(Code::Forbidden, None);
    let all = desk.get("admin", "/admin/organisations").await.ok(200);
    assert_eq!(all["data"].as_array().unwrap().len(), 3);
    assert!(all["data"][0].get("adminKey").is_none());
    let rows = desk.get("c", "/admin/audit").await.ok(200);
    assert_eq!(rows["data"].as_array().unwrap().len(), 3);
}
