//! Watching what happens.

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;
use http::{Request, Response};
use model::{Id, WebhookId, limits};
use observe::live::Note;
use serde_json::json;
use tower::ServiceExt;

use super::desk::Desk;

async fn watch(desk: &Desk, headers: &[(&str, &str)]) -> BodyDataStream {
    let request = headers
        .iter()
        .fold(Request::get("/admin/live"), |request, (name, value)| request.header(*name, *value));
    let answer: Response<Body> =
        crate::router(desk.api.clone()).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.into_body().into_data_stream()
}

async fn watch_as(desk: &Desk, who: &str, last: Option<&str>) -> BodyDataStream {
    let bearer = format!("Bearer {}", desk.text(who));
    let last = last.map(|last| ("last-event-id", last));
    watch(desk, &[&[("authorization", bearer.as_str())], last.as_slice()].concat()).await
}

async fn heard(frames: &mut BodyDataStream) -> String {
    String::from_utf8(frames.next().await.unwrap().unwrap().to_vec()).unwrap()
}

fn tell(desk: &Desk, status: &'static str) {
    desk.api.feed.tell(desk.ours(), || Note::Webhook { webhook_id: WebhookId::from_raw(1), status });
}

#[tokio::test]
async fn a_watcher_is_told_what_belongs_to_its_organisation_and_nothing_else() {
    let desk = Desk::open().await;
    let (mut ours, mut theirs) =
        (watch_as(&desk, "viewer", None).await, watch_as(&desk, "stranger", None).await);
    tell(&desk, "tripped");
    let text = heard(&mut ours).await;
    let data = "data: {\"at\":\"2026-01-01T09:30:00.120Z\",\"kind\":\"webhook\",\"webhookId\":\"whk_";
    assert!(text.starts_with("id: 1-1\nevent: webhook\n") && text.contains(data), "{text}");
    assert!(text.contains("\"status\":\"tripped\""), "{text}");
    // The end of the server is the end of the stream; a stranger saw nothing.
    desk.api.stop.stop();
    assert!(ours.next().await.is_none() && theirs.next().await.is_none());
}

#[tokio::test]
async fn who_comes_back_hears_that_something_was_missed_and_goes_on() {
    let desk = Desk::open().await;
    tell(&desk, "paused");
    let mut nothing_missed = watch_as(&desk, "viewer", Some("1-1")).await;
    let mut one_missed = watch_as(&desk, "viewer", Some("1-0")).await;
    let mut another_start = watch_as(&desk, "viewer", Some("9-1")).await;
    tell(&desk, "active");
    assert!(heard(&mut nothing_missed).await.starts_with("id: 1-2\n"));
    for (frames, count) in [(&mut one_missed, "1"), (&mut another_start, "null")] {
        assert_eq!(heard(frames).await, format!("event: missed\ndata: {{\"count\":{count}}}\n\n"));
        assert!(heard(frames).await.starts_with("id: 1-2\n"));
    }
    // Who is too slow hears so, too.
    for _ in 0..(2 * limits::LIVE_NOTES) {
        tell(&desk, "paused");
    }
    assert!(heard(&mut nothing_missed).await.starts_with("event: missed\ndata: {\"count\":"));
    assert!(heard(&mut nothing_missed).await.starts_with("id: 1-"));
}

#[tokio::test]
async fn a_watcher_whose_key_is_revoked_or_who_signs_out_watches_no_longer() {
    let mut desk = Desk::open().await;
    let made = desk.post("admin", "/admin/keys", json!({ "name": "Ana", "role": "viewer" })).await.ok(201);
    desk.learn("ana", made["key"].as_str().unwrap());
    let mut by_key = watch_as(&desk, "ana", None).await;
    let signed_in = desk.post("nobody", "/session", json!({ "key": desk.text("ana") })).await;
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut by_cookie = watch(&desk, &[("cookie", &cookie)]).await;
    desk.delete("admin", &format!("/admin/keys/{}", made["id"].as_str().unwrap())).await.ok(204);
    assert!(by_key.next().await.is_none() && by_cookie.next().await.is_none());

    let signed_in = desk.post("nobody", "/session", json!({ "key": desk.text("viewer") })).await;
    let csrf = signed_in.json()["csrf"].as_str().unwrap().to_owned();
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut watching = watch(&desk, &[("cookie", &cookie)]).await;
    tell(&desk, "paused");
    assert!(heard(&mut watching).await.contains("paused"));
    let request = Request::delete("/session").header("cookie", &cookie).header("x-csrf-token", csrf);
    desk.send(request.header("sec-fetch-site", "same-origin").body(Body::empty()).unwrap()).await.ok(204);
    assert!(watching.next().await.is_none());
}
