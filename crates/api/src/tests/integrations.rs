//! Integrations and their ports.

use model::{Change, Code};
use serde_json::{Value, json};

use super::desk::{Desk, settings};

fn lab(port: u16) -> Value {
    json!({ "name": "Lab", "kind": "hl7v2", "timeZone": "Europe/London",
        "mllp": { "listen": format!("127.0.0.1:{port}") } })
}

#[tokio::test]
async fn a_port_is_open_when_its_integration_is_answered_and_closed_when_it_goes() {
    let desk = Desk::open().await;
    let open = |desk: &Desk| desk.outside.open.lock().unwrap().len();
    let refused = desk.post("admin", "/admin/integration", lab(1)).await;
    refused.refused(Code::ListenerCannotBind, Some("/mllp/listen"));
    assert_eq!(desk.get("admin", "/admin/integration").await.ok(200)["data"].as_array().unwrap().len(), 1);

    let made = desk.post("engineer", "/admin/integration", lab(2575)).await.ok(201);
    assert_eq!(open(&desk), 1);
    let path = format!("/admin/integration/{}", made["id"].as_str().unwrap());
    let read = desk.get("viewer", &path).await.ok(200);
    assert_eq!(read, made);
    assert_eq!(read["mllp"], json!({ "listen": "127.0.0.1:2575", "allow": [] }));
    assert_eq!(desk.put("engineer", &path, read).await.ok(200), made);
    desk.put("engineer", &path, lab(1)).await.refused(Code::ListenerCannotBind, Some("/mllp/listen"));
    let other = json!({ "name": "Lab", "kind": "events" });
    desk.put("engineer", &path, other).await.refused(Code::InvalidField, Some("/kind"));
    let silent = json!({ "name": "Lab", "kind": "hl7v2", "timeZone": "UTC" });
    desk.put("engineer", &path, silent).await.ok(200);
    assert_eq!(open(&desk), 0);
    desk.put("engineer", &path, lab(2575)).await.ok(200);
    assert_eq!(desk.delete("engineer", &path).await.status, 204);
    assert_eq!(open(&desk), 0);
    desk.get("viewer", &path).await.refused(Code::NotFound, None);
}

/// TLS of a port whose certificate ends on this day of January 2026.
fn tls(day: u8) -> Value {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["hub.test".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2026, 1, day);
    json!({ "certificate": params.self_signed(&key).unwrap().pem(), "privateKey": key.serialize_pem() })
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_told_wherever_somebody_looks_and_its_renewal_is_audited() {
    let desk = Desk::open().await;
    let mut wish = lab(2575);
    wish["mllp"]["tls"] = tls(31);
    let made = desk.post("engineer", "/admin/integration", wish.clone()).await.ok(201);
    assert_eq!(made["mllp"]["tls"]["notAfter"], "2026-01-31T00:00:00.000Z");
    let told = async || {
        let overview = desk.get("viewer", "/admin/overview").await.ok(200);
        let kinds: Vec<String> =
            overview["attention"].as_array().unwrap().iter().map(|item| item["kind"].to_string()).collect();
        let sources = desk.get("viewer", "/admin/sources").await.ok(200);
        (
            desk.get("viewer", "/readyz").await.ok(200)["warnings"] == json!(["port_certificate"]),
            kinds.contains(&"\"certificate_ending\"".to_owned()),
            sources["data"][0]["mllp"]["certificateEnding"] == json!(true),
        )
    };
    assert_eq!(told().await, (false, false, false), "a month before its end");
    let path = format!("/admin/integration/{}", made["id"].as_str().unwrap());
    wish["mllp"]["tls"] = tls(10);
    desk.put("engineer", &path, wish).await.ok(200);
    assert_eq!(told().await, (true, true, true), "within 14 days");
    let audited = desk.get("admin", "/admin/audit").await.ok(200);
    assert!(audited["data"].to_string().contains("mllp"), "{audited}");
    assert!(!audited.to_string().contains("PRIVATE"));
}

#[tokio::test]
async fn s4_why_a_port_speaks_in_clear_is_audited_and_a_port_from_before_is_told_of() {
    let desk = Desk::open().await;
    let mut wish = lab(2575);
    wish["mllp"]["listen"] = json!("10.0.0.7:2575");
    let refused = desk.post("engineer", "/admin/integration", wish.clone()).await;
    refused.refused(Code::JustificationRequired, Some("/mllp/justification"));
    wish["mllp"]["justification"] = json!("A VPN of our own, says the officer");
    let made = desk.post("engineer", "/admin/integration", wish.clone()).await.ok(201);
    assert_eq!(made["mllp"]["justification"], "A VPN of our own, says the officer");
    let path = format!("/admin/integration/{}", made["id"].as_str().unwrap());
    wish["mllp"]["justification"] = json!("Until the sender speaks TLS");
    desk.put("engineer", &path, wish).await.ok(200);
    let audited = desk.get("admin", "/admin/audit").await.ok(200)["data"].to_string();
    for why in ["mllp in clear: A VPN of our own", "mllp; mllp in clear: Until the sender speaks TLS"] {
        assert!(audited.contains(why), "{audited}");
    }
    let told = async || {
        let overview = desk.get("viewer", "/admin/overview").await.ok(200);
        (
            desk.get("viewer", "/readyz").await.ok(200)["warnings"] == json!(["port_in_clear"]),
            overview["attention"].to_string().contains("port_in_clear"),
            desk.get("viewer", "/admin/sources").await.ok(200)["data"][0]["mllp"]["inClear"] == json!(true),
        )
    };
    assert_eq!(told().await, (false, false, false));
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let mut old = desk.api.settings.now().integration(desk.ours(), id).unwrap().doc.clone();
    old.mllp.as_mut().unwrap().justification = None;
    desk.api.settings.change(vec![Change::PutIntegration(old)], Vec::new()).await.unwrap();
    assert_eq!(told().await, (true, true, true));
}

#[tokio::test]
async fn an_integration_with_webhooks_stays_and_takes_its_senders_along() {
    let desk = Desk::open().await;
    let (webhook, _) = desk.webhook(json!({})).await;
    let path = format!("/admin/integration/{}", desk.integration());
    desk.delete("admin", &path).await.refused(Code::InUse, None);
    assert_eq!(desk.delete("admin", &webhook).await.status, 204);
    assert_eq!(desk.get("sender", "/metrics").await.status, 200);
    assert_eq!(desk.delete("admin", &path).await.status, 204);
    desk.get("sender", "/metrics").await.refused(Code::Unauthorized, None);
    desk.post("admin", &format!("{path}/webhooks"), settings(json!({}))).await.refused(Code::NotFound, None);
}

#[tokio::test]
async fn an_integration_that_a_trigger_names_stays_and_the_trigger_is_named() {
    let desk = Desk::open().await;
    let path = format!("/admin/integration/{}", desk.integration());
    let wish = json!({
        "name": "High potassium", "resourceType": "Observation", "eventType": "lab.result.critical",
        "fhirPath": "value > 6.0 'mmol/L'", "integrationId": desk.integration(),
    });
    let made = desk.post("admin", "/admin/triggers", wish).await.ok(201);
    let refused = desk.delete("admin", &path).await;
    refused.refused(Code::InUse, None);
    assert!(refused.json()["detail"].as_str().unwrap().contains("High potassium"), "{}", refused.json());
    let trigger = format!("/admin/triggers/{}", made["id"].as_str().unwrap());
    assert_eq!(desk.delete("admin", &trigger).await.status, 204);
    assert_eq!(desk.delete("admin", &path).await.status, 204);
}

#[tokio::test]
async fn what_a_vendor_tells_by_no_webhook_is_said_and_cannot_be_subscribed_to() {
    let desk = Desk::open().await;
    let preset = json!({ "clientId": "c", "secret": "s" });
    let wish = json!({ "name": "Surveys", "kind": "surveymonkey", "preset": preset });
    let made = desk.post("engineer", "/admin/integration", wish).await.ok(201);
    let contact = json!([{ "objectType": "contact", "eventType": "survey.contact.updated" }]);
    assert_eq!(made["polled"], contact);
    let path = format!("/admin/integration/{}", made["id"].as_str().unwrap());
    assert_eq!(desk.put("engineer", &path, made).await.ok(200)["polled"], contact, "PUT takes what GET gave");
    let hooks = format!("{path}/webhooks");
    let of = |member: &str, name: &str| {
        let mut wish = settings(json!({ "eventTypes": ["survey.response.completed"] }));
        wish[member] = json!([name]);
        wish
    };
    for (member, name) in [("objectTypes", "contact"), ("eventTypes", "survey.contact.updated")] {
        let refused = desk.post("engineer", &hooks, of(member, name)).await;
        refused.refused(Code::NotSupported, Some(&format!("/{member}/0")));
        assert!(refused.json()["fix"].as_str().unwrap().contains("survey.contact.updated"));
    }
    desk.post("engineer", &hooks, of("objectTypes", "survey_response")).await.ok(201);
}

#[tokio::test]
async fn lists_come_in_pages_and_end() {
    let desk = Desk::open().await;
    for number in 2..=5 {
        let wish = json!({ "name": number.to_string(), "kind": "events" });
        desk.post("admin", "/admin/integration", wish).await.ok(201);
    }
    let mut names = Vec::new();
    let mut path = "/admin/integration?limit=2".to_owned();
    loop {
        let page = desk.get("viewer", &path).await.ok(200);
        names.extend(
            page["data"].as_array().unwrap().iter().map(|found| found["name"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/admin/integration?limit=2&after={next}");
    }
    assert_eq!(names, ["5", "4", "3", "2", "EHR"]);
    desk.get("viewer", "/admin/integration?after=x").await.refused(Code::InvalidCursor, None);
    desk.get("viewer", "/admin/integration?limit=251").await.refused(Code::InvalidField, Some("limit"));
    desk.get("viewer", "/admin/integration?page=2").await.refused(Code::UnknownField, Some("page"));
    assert_eq!(desk.get("stranger", "/admin/integration").await.ok(200), json!({ "data": [], "next": null }));
}

#[tokio::test]
async fn the_catalogue_comes_whole_with_schema_and_sample() {
    let desk = Desk::open().await;
    let page = desk.get("viewer", "/admin/event-types").await.ok(200);
    let all = page["data"].as_array().unwrap();
    assert!(all.len() > 50 && page["next"].is_null());
    let critical = all.iter().find(|found| found["type"] == "lab.result.critical").unwrap();
    assert_eq!((&critical["lane"], &critical["objectType"]), (&json!("critical"), &json!("lab_report")));
    assert!(critical["sample"].is_object() && critical["schema"]["properties"].is_object());
    desk.post("admin", "/admin/consents", json!({})).await.refused(Code::NotSupported, None);
    desk.get("nobody", "/admin/consents").await.refused(Code::Unauthorized, None);
}
