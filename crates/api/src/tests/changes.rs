//! What a change would do, asked before it is made.

use async_trait::async_trait;
use model::{Change, Code, Forecast, Foretell, Problem, Stretch};
use serde_json::json;

use super::desk::{Desk, NOW, settings};
use super::outside::Outside;

const PATH: &str = "/admin/changes/preview";

#[async_trait]
impl Foretell for Outside {
    async fn foretell(&self, change: Change, over: Stretch) -> Result<Forecast, Problem> {
        let (from, to) = (over.from, over.to);
        self.foretold.lock().unwrap().push((change, over));
        Ok(Forecast { messages: 3, from, to, ..Forecast::default() })
    }
}

fn trigger() -> serde_json::Value {
    json!({
        "name": "High potassium", "resourceType": "Observation", "eventType": "lab.result.critical",
        "fhirPath": "value > 6.0 'mmol/L'",
    })
}

#[tokio::test]
async fn a_change_is_foretold_of_the_last_day_and_only_the_audit_log_keeps_that_it_was_asked() {
    let desk = Desk::open().await;
    let version = desk.api.settings.now().config.version;
    let told = desk.post("engineer", PATH, json!({ "trigger": { "settings": trigger() } })).await.ok(200);
    assert_eq!((&told["messages"], &told["complete"]), (&json!(3), &json!(true)));
    assert_eq!((&told["from"], &told["to"]), (&json!("2025-12-31T09:30:00.120Z"), &json!(NOW)));
    let webhook = json!({ "integrationId": desk.integration(), "settings": settings(json!({ "filter": "type = 'x'" })) });
    desk.post("engineer", PATH, json!({ "webhook": webhook })).await.ok(200);
    let asked = std::mem::take(&mut *desk.outside.foretold.lock().unwrap());
    assert!(matches!(&asked[0].0, Change::PutTrigger(doc) if doc.name == "High potassium"));
    assert!(asked[0].1.integrations.is_empty(), "a trigger of all integrations is tried over all");
    assert!(matches!(&asked[1].0, Change::PutWebhook(doc) if doc.filter.as_deref() == Some("type = 'x'")));
    assert_eq!(asked[1].1.integrations, [desk.integration()], "a webhook of its own events over these");
    assert_eq!(desk.api.settings.now().config.version, version, "nothing was changed");
    let log = desk.get("admin", "/admin/audit?action=preview").await.ok(200);
    assert_eq!(log["data"].as_array().unwrap().len(), 2, "{log}");
}

#[tokio::test]
async fn what_is_no_change_is_refused_with_the_member_that_is_wrong() {
    let desk = Desk::open().await;
    let bad = |more: serde_json::Value| {
        let mut settings = trigger();
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "trigger": { "settings": settings } })
    };
    let tables = json!({ "codes": [{ "from": "K", "to": "2823-3" }] });
    for (wanted, code, field) in [
        (json!({}), Code::InvalidField, Some("/trigger")),
        (bad(json!({ "fhirPath": "value >" })), Code::InvalidField, Some("/trigger/settings/fhirPath")),
        (bad(json!({ "eventType": "no.such" })), Code::UnknownEventType, Some("/trigger/settings/eventType")),
        (
            json!({ "mapping": { "integrationId": desk.integration(), "tables": tables } }),
            Code::NotSupported,
            None,
        ),
        (
            json!({ "mapping": { "integrationId": desk.integration(), "table": "codes" } }),
            Code::InvalidField,
            Some("/mapping/tables"),
        ),
        (
            json!({ "trigger": { "settings": trigger() }, "from": NOW, "to": NOW }),
            Code::InvalidField,
            Some("/from"),
        ),
        (
            json!({ "trigger": { "settings": trigger() }, "integrationIds": ["int_00000000000000000000000000"] }),
            Code::InvalidField,
            Some("/integrationIds/0"),
        ),
    ] {
        desk.post("engineer", PATH, wanted).await.refused(code, field);
    }
    assert!(desk.outside.foretold.lock().unwrap().is_empty());
    desk.post("viewer", PATH, bad(json!({}))).await.refused(Code::Forbidden, None);
}
