//! What doors refused: listed, counted, revealed, taken in later.

use async_trait::async_trait;
use model::{
    Capture, CaptureHead, Clock, Code, Door, EventId, Id, Problem, Readmission, Readmit, RejectionId,
};
use privacy::RecordKind;
use serde_json::{Value, json};
use store::{Batch, Kept, Rejection, Standing, Surplus};

use super::desk::Desk;
use super::outside::Outside;

const BODY: &str = r#"{"patient":"MRN-1001"}"#;

/// Understands what says that it is mended.
#[async_trait]
impl Readmit for Outside {
    async fn readmit(&self, refused: Readmission) -> Result<Vec<EventId>, Problem> {
        let is_mended = |capture: &Capture| capture.head.headers.iter().any(|(name, _)| name == "mended");
        if refused.capture.look(is_mended) {
            return Ok(vec![EventId::from_raw(5)]);
        }
        Err(Problem::new(Code::UnknownContent, "The type is still not known."))
    }
}

/// A rejection as a door writes it.
async fn refused(desk: &Desk, standing: Standing, header: &str) -> String {
    let api = &desk.api;
    let (now, organisation) = (desk.clock.now(), desk.ours());
    let id: RejectionId = api.ids.next(now);
    let key = api.keyring.for_sealing(organisation, id.row(), None).await.unwrap();
    let headers = vec![(header.to_owned(), "x".to_owned())];
    let head = CaptureHead { method: "POST".to_owned(), headers };
    let capture = Capture { head, body: BODY.as_bytes().to_vec() };
    let rejection = Rejection {
        id,
        organisation,
        integration: desk.integration(),
        door: Door::Hook,
        at: now,
        code: Code::InvalidSignature,
        reason: "the header X-Signature is missing".to_owned(),
        peer: Some([192, 0, 2, 7].into()),
        bytes: BODY.len() as u64,
        standing,
        kept: Kept::Whole,
    };
    let raw = key.seal(RecordKind::Rejection, id.row(), &capture.to_bytes());
    let batch = Batch { rejections: vec![(rejection, Some(raw))], ..Batch::default() };
    api.store.commit(batch).await.unwrap();
    id.to_string()
}

#[tokio::test]
async fn a_rejection_says_why_and_nothing_personal() {
    let desk = Desk::open().await;
    let id = refused(&desk, Standing::Listed, "content-type").await;
    let listed = desk.get("viewer", "/admin/rejections").await.ok(200);
    let expected = json!([{
        "id": id, "integrationId": desk.integration().to_string(), "door": "hook", "at": super::desk::NOW,
        "code": "invalid_signature", "title": Code::InvalidSignature.title(),
        "reason": "the header X-Signature is missing", "peer": "192.0.2.7", "bytes": BODY.len(),
        "standing": "listed", "kept": "whole",
    }]);
    assert_eq!(listed["data"], expected);
    let path = format!("/admin/rejections/{id}");
    assert_eq!(desk.get("viewer", &path).await.ok(200), expected[0]);
    desk.get("stranger", &path).await.refused(Code::NotFound, None);
    assert_eq!(desk.get("stranger", "/admin/rejections").await.ok(200)["data"], json!([]));

    for (query, found) in
        [("door=hook", 1), ("door=mllp", 0), ("code=unreadable_hl7", 0), ("standing=listed", 1)]
    {
        let listed = desk.get("viewer", &format!("/admin/rejections?{query}")).await.ok(200);
        assert_eq!(listed["data"].as_array().unwrap().len(), found, "{query}");
    }
    let refused = desk.get("viewer", "/admin/rejections?code=no_such").await;
    refused.refused(Code::InvalidField, Some("code"));
}

#[tokio::test]
async fn what_was_refused_is_shown_for_a_reason_and_audited() {
    let desk = Desk::open().await;
    let id = refused(&desk, Standing::Listed, "content-type").await;
    let path = format!("/admin/rejections/{id}/reveal");
    desk.post("engineer", &path, json!({ "reason": "x" })).await.refused(Code::InvalidField, Some("/reason"));
    desk.post("viewer", &path, json!({ "reason": "broken feed" })).await.refused(Code::Forbidden, None);
    let audited = async || desk.get("admin", "/admin/audit").await.ok(200)["data"].clone();
    let is_reading = |row: &Value| row["target"] == id.as_str();
    assert!(!audited().await.as_array().unwrap().iter().any(is_reading), "nothing was read yet");
    let shown = desk.post("engineer", &path, json!({ "reason": "broken feed" })).await.ok(200);
    assert_eq!((&shown["body"], &shown["headers"][0][0]), (&json!(BODY), &json!("content-type")));
    let rows = audited().await;
    let row = rows.as_array().unwrap().iter().find(|row| is_reading(row)).unwrap();
    assert_eq!((&row["action"], &row["detail"]), (&json!("reveal"), &json!("broken feed")));
}

#[tokio::test]
async fn only_what_was_acknowledged_is_taken_in_later_and_once() {
    let desk = Desk::open().await;
    let replay =
        async |id: &str| desk.post("engineer", &format!("/admin/rejections/{id}/replay"), json!({})).await;
    let listed = refused(&desk, Standing::Listed, "mended").await;
    replay(&listed).await.refused(Code::NotQuarantined, None);
    let broken = refused(&desk, Standing::Quarantined, "content-type").await;
    replay(&broken).await.refused(Code::UnknownContent, None);
    let mended = refused(&desk, Standing::Quarantined, "mended").await;
    let became = replay(&mended).await.ok(202);
    assert_eq!(became["events"], json!([EventId::from_raw(5).to_string()]));
    replay(&mended).await.refused(Code::NotQuarantined, None);
    let waiting = desk.get("viewer", "/admin/rejections?standing=quarantined").await.ok(200);
    let ids: Vec<&str> =
        waiting["data"].as_array().unwrap().iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, [broken], "what is still not understood stays");
}

#[tokio::test]
async fn what_is_only_counted_is_in_the_counts() {
    let desk = Desk::open().await;
    refused(&desk, Standing::Listed, "content-type").await;
    let (organisation, integration) = (desk.ours(), desk.integration());
    let hour = desk.clock.now().hour();
    let surplus = vec![Surplus { organisation, integration, hour, code: Code::InvalidSignature, count: 99 }];
    desk.api.store.commit(Batch { surplus, ..Batch::default() }).await.unwrap();
    let counts = desk.get("viewer", "/admin/rejections/counts").await.ok(200);
    let expected = json!([{
        "integrationId": integration.to_string(), "count": 100, "codes": { "invalid_signature": 100 },
    }]);
    assert_eq!(counts["data"], expected);
}
