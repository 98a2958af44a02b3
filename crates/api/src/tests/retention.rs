//! The clock of retention.

use model::{Clock as _, Code, Timestamp};
use serde_json::json;

use super::desk::{Desk, NOW};

#[tokio::test]
async fn the_time_is_accepted_when_a_person_and_the_clock_agree_and_that_is_audited() {
    let desk = Desk::open().await;
    let path = "/admin/retention/clock";
    let believed: Timestamp = "2025-12-20T00:00:00.000Z".parse().unwrap();
    desk.api.store.set_retention_clock(believed, Vec::new()).await.unwrap();
    desk.api.metrics.retention_stopped(true);
    let ready = desk.get("nobody", "/readyz").await.ok(200);
    assert_eq!(ready, json!({ "ready": true, "missing": [], "warnings": ["retention_clock"] }));
    let shown = json!({ "now": NOW, "believed": "2025-12-20T00:00:00.000Z", "stopped": true });
    assert_eq!(desk.get("admin", path).await.ok(200), shown);

    let other = json!({ "now": "2026-01-01T09:36:00Z" });
    desk.post("admin", path, other).await.refused(Code::InvalidField, Some("/now"));
    assert_eq!(desk.api.store.retention_clock().await.unwrap(), Some(believed), "nothing was accepted");
    let answer = desk.post("admin", path, json!({ "now": "2026-01-01T09:31:00Z" })).await.ok(200);
    assert_eq!(answer["believed"], NOW, "it is the server's clock that is believed");
    assert_eq!(desk.api.store.retention_clock().await.unwrap(), Some(desk.clock.now()));
    let log = desk.get("admin", "/admin/audit").await.ok(200);
    let row = log["data"].as_array().unwrap().iter().find(|row| row["target"] == "retention clock").cloned();
    assert!(row.is_some_and(|row| row["detail"].as_str().unwrap().contains("from 2025-12-20")), "{log}");
}
