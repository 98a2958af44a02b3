//! Code tables and their worklist.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Method, Request};
use model::{Code, IntegrationId, LocalCode, SiteTable, Timestamp};
use serde_json::{Value, json};

use super::desk::Desk;

async fn laboratory(desk: &Desk) -> String {
    let wish = json!({ "name": "Lab", "kind": "hl7v2", "timeZone": "Europe/London" });
    let made = desk.post("engineer", "/admin/integration", wish).await.ok(201);
    format!("/admin/integration/{}", made["id"].as_str().unwrap())
}

fn put(path: &str, kind: &str, body: &str) -> Request<Body> {
    let request = Request::builder().method(Method::PUT).uri(path).header("content-type", kind);
    request.body(Body::from(body.to_owned())).unwrap()
}

fn tables() -> Value {
    json!({
        "codes": [{"from": "K", "system": "L", "to": "2823-3", "display": "Potassium"}],
        "units": [{"from": "mmoll", "to": "mmol/L"}],
        "flags": [{"from": "CRIT", "to": "HH"}],
        "locations": [{"from": "4E", "to": "Cardiology"}],
        "thresholds": [{"loinc": "2823-3", "unit": "mmol/L", "high": 5.1, "criticalHigh": 6.5}],
    })
}

#[tokio::test]
async fn p4_tables_are_saved_whole_and_versioned_and_audited() {
    let desk = Desk::open().await;
    let lab = laboratory(&desk).await;
    let path = format!("{lab}/mapping");
    let empty = desk.get("viewer", &path).await;
    assert_eq!(empty.headers["etag"], "\"0\"");
    assert_eq!(empty.ok(200)["codes"], json!([]));
    let saved = desk.put("engineer", &path, tables()).await.ok(200);
    assert_eq!(saved, tables());
    assert_eq!(desk.get("viewer", &path).await.ok(200), saved);
    let audit = desk.get("admin", "/admin/audit").await.ok(200);
    let told = audit["data"].as_array().unwrap().iter().any(|entry| {
        entry["detail"].as_str().is_some_and(|detail| detail.starts_with("mapping codes,flags"))
    });
    assert!(told, "{audit}");
    desk.put("viewer", &path, tables()).await.refused(Code::Forbidden, None);
    desk.get("stranger", &path).await.refused(Code::NotFound, None);
    assert_eq!(desk.delete("engineer", &lab).await.status, 204);
    desk.get("viewer", &path).await.refused(Code::NotFound, None);
}

#[tokio::test]
async fn what_is_wrong_in_a_table_is_named_and_changes_nothing() {
    let desk = Desk::open().await;
    let path = format!("{}/mapping", laboratory(&desk).await);
    let put = async |wish: Value| desk.put("engineer", &path, wish).await;
    let wrong = json!({"codes": [{"from": "K", "to": "2823-4"}]});
    put(wrong).await.refused(Code::InvalidField, Some("/codes/0/to"));
    put(json!({"codse": []})).await.refused(Code::UnknownField, Some("/codse"));
    let row = json!({"overrides": {"segments": {"ZPD[Patient]": {"rows": [{"from": "1", "to": "a", "as": "no"}]}}}});
    put(row).await.refused(Code::InvalidField, Some("/overrides/segments/ZPD[Patient]/rows/0/as"));
    assert_eq!(desk.get("viewer", &path).await.headers["etag"], "\"0\"");
    let events = format!("/admin/integration/{}/mapping", desk.integration());
    desk.put("engineer", &events, tables()).await.refused(Code::NotSupported, None);
    let fhir = json!({ "name": "EHR", "kind": "fhir" });
    let made = desk.post("engineer", "/admin/integration", fhir).await.ok(201);
    let fhir = format!("/admin/integration/{}/mapping", made["id"].as_str().unwrap());
    desk.put("engineer", &fhir, tables()).await.refused(Code::NotSupported, Some("/codes"));
    desk.put("engineer", &fhir, json!({"thresholds": tables()["thresholds"]})).await.ok(200);
}

#[tokio::test]
async fn a_table_comes_and_goes_as_comma_separated_values() {
    let desk = Desk::open().await;
    let lab = laboratory(&desk).await;
    desk.put("engineer", &format!("{lab}/mapping"), tables()).await.ok(200);
    let path = format!("{lab}/mapping/codes");
    let text = "from,system,to,display\r\nNA,L,2951-2,Sodium\r\n";
    let answer = desk.send_as("engineer", put(&path, "text/csv", text)).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.as_slice()), (200, text.as_bytes()));
    let read = desk.get("viewer", &path).await;
    assert_eq!(
        (read.headers["content-type"].to_str().unwrap(), read.bytes.as_slice()),
        ("text/csv; charset=utf-8", text.as_bytes())
    );
    let whole = desk.get("viewer", &format!("{lab}/mapping")).await.ok(200);
    assert_eq!(
        (whole["codes"].as_array().unwrap().len(), &whole["units"]),
        (1, &tables()["units"]),
        "others stay"
    );
    let wrong = desk.send_as("engineer", put(&path, "text/csv", "from,to\nK,no\n")).await;
    wrong.refused(Code::InvalidField, Some("/codes/0/to"));
    let json = desk.send_as("engineer", put(&path, "application/json", "[]")).await;
    json.refused(Code::UnsupportedMediaType, None);
    desk.get("viewer", &format!("{lab}/mapping/nothing")).await.refused(Code::NotFound, None);
}

#[tokio::test]
async fn p4_the_worklist_tells_what_is_unmapped_by_volume_and_what_cannot_fire() {
    let desk = Desk::open().await;
    desk.webhook(json!({"eventTypes": ["lab.result.critical"]})).await;
    let lab = laboratory(&desk).await;
    let bound = json!({ "code": "http://loinc.org|2823-3", "comparator": ">", "value": 6, "unit": "mmol/L" });
    let wish = json!({
        "name": "High potassium", "resourceType": "Observation", "eventType": "lab.result.critical", "threshold": bound,
    });
    let trigger = desk.post("engineer", "/admin/triggers", wish).await.ok(201);
    let id: IntegrationId = lab.rsplit('/').next().unwrap().parse().unwrap();
    let code = |table, code: &str| LocalCode { table, code: code.to_owned(), system: None };
    let codes = BTreeMap::from([(code(SiteTable::Codes, "K"), 7), (code(SiteTable::Locations, "4E"), 9)]);
    let at = Timestamp::from_millis(1_000);
    desk.api.metrics.worklists().note((id, 1), at, &codes, &BTreeMap::from([("ZPD".to_owned(), 3)]));
    let path = format!("{lab}/worklist");
    let list = desk.get("viewer", &path).await.ok(200);
    let told = |place: usize| {
        (
            list["codes"][place]["code"].clone(),
            list["codes"][place]["count"].clone(),
            list["codes"][place]["webhooks"].clone(),
        )
    };
    assert_eq!(told(0), (json!("4E"), json!(9), json!(0)));
    assert_eq!(told(1), (json!("K"), json!(7), json!(1)));
    assert_eq!(list["codes"][1]["affects"][1], "lab.result.critical");
    assert_eq!(list["codes"][1]["triggers"], json!([{ "id": trigger["id"], "name": "High potassium" }]));
    assert_eq!(list["codes"][0]["triggers"], json!([]), "a place has nothing to do with it");
    assert_eq!(list["fields"], json!([{"place": "ZPD", "count": 3}]));
    desk.put("engineer", &format!("{lab}/mapping"), json!({"codes": tables()["codes"]})).await.ok(200);
    let list = desk.get("viewer", &path).await.ok(200);
    assert_eq!(list["codes"].as_array().unwrap().len(), 1, "a table that changed is counted anew");
    desk.get("stranger", &path).await.refused(Code::NotFound, None);
}
