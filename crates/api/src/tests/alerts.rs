use model::{AlertTarget, Code, Id, IntegrationId, Severity, WebhookId};
use serde_json::{Value, json};
use store::{Alert, Batch, Notice, NoticeState, Recipient};

use super::desk::{Desk, NOW};
use crate::Options;

fn rule(more: Value) -> Value {
    let mut all = json!({ "name": "Slow", "on": "latency", "threshold": 800 });
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

impl Desk {
    async fn alert(&self, target: AlertTarget) -> Alert {
        let now = NOW.parse().unwrap();
        let to = Recipient::Email([7; 16]);
        let alert = Alert {
            id: self.api.ids.next(now),
            organisation: self.ours(),
            rule: self.api.ids.next(now),
            target,
            severity: Severity::Warning,
            value: 912.0,
            threshold: 800.0,
            since: now,
            resolved: None,
            acknowledged: None,
            notices: vec![Notice { to, state: NoticeState::Owed, attempts: 0, at: now, error: None }],
        };
        let batch = Batch { alerts: vec![alert.clone()], ..Batch::default() };
        self.api.store.commit(batch).await.unwrap();
        alert
    }
}

#[tokio::test]
async fn a_rule_is_made_read_changed_and_removed() {
    let desk = Desk::with(Options { mails: true, ..Options::default() }).await;
    let (webhook, _) = desk.webhook(json!({})).await;
    let webhook = webhook.rsplit('/').next().unwrap().to_owned();
    let notify = json!([
        { "kind": "email", "to": ["ward@hospital.example"] },
        { "kind": "webhook", "webhookId": webhook },
    ]);
    let wish =
        rule(json!({ "scope": { "eventType": "appointment.confirmed" }, "window": "1m", "notify": notify }));
    let made = desk.post("engineer", "/admin/alert-rules", wish).await.ok(201);
    assert_eq!(
        (&made["severity"], &made["active"], &made["window"]),
        (&json!("warning"), &json!(true), &json!("1m"))
    );
    let path = format!("/admin/alert-rules/{}", made["id"].as_str().unwrap());
    let mut read = desk.get("viewer", &path).await.ok(200);
    assert_eq!(read, made);
    assert_eq!(desk.get("viewer", "/admin/alert-rules").await.ok(200)["data"], json!([made]));
    read["active"] = json!(false);
    assert_eq!(desk.put("engineer", &path, read.clone()).await.ok(200)["active"], false);
    desk.get("stranger", &path).await.refused(Code::NotFound, None);
    assert_eq!(desk.delete("engineer", &path).await.status, 204);
    desk.put("engineer", &path, read).await.refused(Code::NotFound, None);
}

#[tokio::test]
async fn a_rule_that_tells_by_email_is_refused_where_no_mail_server_is() {
    let desk = Desk::open().await;
    let told = json!([{ "kind": "email", "to": ["ward@hospital.example"] }]);
    let refused = desk.post("engineer", "/admin/alert-rules", rule(json!({ "notify": told }))).await;
    refused.refused(Code::InvalidField, Some("/notify/0/kind"));
    assert_eq!(desk.get("viewer", "/admin/alert-rules").await.ok(200)["data"], json!([]));
}

#[tokio::test]
async fn each_fault_of_a_rule_names_its_member() {
    let desk = Desk::with(Options { mails: true, ..Options::default() }).await;
    let email = |to: Value| json!({ "notify": [{ "kind": "email", "to": to }] });
    let nobody = WebhookId::from_raw(9);
    for (more, code, field) in [
        (json!({ "name": null }), Code::InvalidField, "/name"),
        (json!({ "on": null }), Code::InvalidField, "/on"),
        (json!({ "on": "heat" }), Code::InvalidField, "/on"),
        (json!({ "threshold": null }), Code::InvalidField, "/threshold"),
        (json!({ "threshold": -1 }), Code::InvalidField, "/threshold"),
        (json!({ "on": "success_rate", "threshold": 101 }), Code::InvalidField, "/threshold"),
        (json!({ "window": "30s" }), Code::InvalidField, "/window"),
        (json!({ "window": "2h" }), Code::InvalidField, "/window"),
        (json!({ "scope": { "eventType": "nothing.like.it" } }), Code::InvalidField, "/scope/eventType"),
        (json!({ "scope": { "webhookId": nobody } }), Code::InvalidField, "/scope/webhookId"),
        (
            json!({ "scope": { "integrationId": IntegrationId::from_raw(9) } }),
            Code::InvalidField,
            "/scope/integrationId",
        ),
        (json!({ "scope": { "unit": "4b" } }), Code::UnknownField, "/scope/unit"),
        (json!({ "on": "dead_letters", "scope": { "lane": "bulk" } }), Code::InvalidField, "/scope/lane"),
        (
            json!({ "on": "backlog_age", "scope": { "eventType": "*" } }),
            Code::InvalidField,
            "/scope/eventType",
        ),
        (email(json!([])), Code::InvalidField, "/notify/0/to"),
        (email(json!(["a@b\r\nRCPT TO:<c@d>"])), Code::InvalidField, "/notify/0/to/0"),
        (
            json!({ "notify": [{ "kind": "webhook", "webhookId": nobody }] }),
            Code::InvalidField,
            "/notify/0/webhookId",
        ),
        (json!({ "severity": "awful" }), Code::InvalidField, "/severity"),
    ] {
        desk.post("admin", "/admin/alert-rules", rule(more)).await.refused(code, Some(field));
    }
    let bound = model::limits::ALERT_RULES;
    for _ in 0..bound {
        desk.post("admin", "/admin/alert-rules", rule(json!({}))).await.ok(201);
    }
    desk.post("admin", "/admin/alert-rules", rule(json!({}))).await.refused(Code::InvalidField, None);
}

#[tokio::test]
async fn a_new_organisation_begins_with_rules() {
    let desk = Desk::open().await;
    desk.post("admin", "/admin/organisations", json!({ "name": "c" })).await.ok(201);
    let now = desk.api.settings.now();
    let names: Vec<&str> = now.config.alert_rules.values().map(|rule| rule.name.as_str()).collect();
    assert!(names.contains(&"Appointment confirmations slower than 800 ms"), "{names:?}");
}

#[tokio::test]
async fn an_alert_is_listed_and_acknowledged_once() {
    let desk = Desk::open().await;
    let alert = desk.alert(AlertTarget::Integration(desk.integration())).await;
    let listed = desk.get("viewer", "/admin/alerts?state=open").await.ok(200);
    let [shown] = listed["data"].as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!((&shown["value"], &shown["target"]["name"]), (&json!(912.0), &json!("EHR")));
    assert_eq!(
        shown["notices"][0],
        json!({
            "kind": "email", "webhookId": null, "state": "owed", "attempts": 0, "at": NOW, "error": null,
        })
    );
    let path = format!("/admin/alerts/{}/acknowledge", alert.id);
    desk.post("stranger", &path, json!({})).await.refused(Code::NotFound, None);
    let acknowledged = desk.post("engineer", &path, json!({})).await.ok(200);
    assert_eq!(acknowledged["acknowledgedAt"], NOW);
    let again = desk.post("admin", &path, json!({})).await.ok(200);
    assert_eq!(again["acknowledgedBy"], acknowledged["acknowledgedBy"], "the first stays");
    for (query, count) in [("state=resolved", 0), ("webhookId=whk_00000000000000000000000009", 0)] {
        let listed = desk.get("viewer", &format!("/admin/alerts?{query}")).await.ok(200);
        assert_eq!(listed["data"].as_array().unwrap().len(), count, "{query}");
    }
    assert_eq!(desk.get("stranger", "/admin/alerts").await.ok(200)["data"], json!([]));
    desk.get("viewer", "/admin/alerts?state=bad").await.refused(Code::InvalidField, Some("state"));
}

#[tokio::test]
async fn a_preview_says_where_its_history_ends_and_what_has_none() {
    let desk = Desk::open().await;
    let quiet = rule(json!({ "on": "silent_source", "threshold": 60 }));
    let preview = desk.post("viewer", "/admin/alert-rules/preview", json!({ "rule": quiet })).await.ok(200);
    assert_eq!(
        (&preview["complete"], &preview["firings"]),
        (&json!(true), &json!([])),
        "it never sent anything"
    );
    let state = json!({ "rule": rule(json!({ "on": "webhook_state" })) });
    let refused = desk.post("viewer", "/admin/alert-rules/preview", state).await;
    refused.refused(Code::NotSupported, Some("/rule/on"));
    let bad = json!({ "rule": rule(json!({ "window": "1s" })) });
    desk.post("viewer", "/admin/alert-rules/preview", bad)
        .await
        .refused(Code::InvalidField, Some("/rule/window"));
    let span = json!({ "rule": rule(json!({})), "from": "2025-01-01T00:00:00Z" });
    desk.post("viewer", "/admin/alert-rules/preview", span).await.refused(Code::InvalidField, Some("/from"));
}
