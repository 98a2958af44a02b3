//! What goes out.

use std::time::Duration;

use delivery::Signer;
use model::{Auth, Secret};

use crate::receiver::{Do, Receiver, answer};
use crate::stage::{self, BODY, call, delivery, now, verdict, webhook};

#[tokio::test]
async fn a_request_is_exactly_what_the_contract_says() {
    let receiver = Receiver::plain(vec![Do::Hear, answer("204 No Content", "", "")]).await;
    let (caller, _) = stage::on_loopback();
    let mut hook = webhook(&format!("{}?x=1&y=%2F", receiver.url()));
    let headers = vec![("X-Api-Key".to_owned(), Secret::new("k".to_owned()))];
    hook.auth = Auth::Headers { headers };
    let prepared = caller.prepare(&hook).unwrap();
    let report = call(&caller, &prepared, Duration::from_secs(5)).await;
    assert_eq!(verdict(&report), "204");

    let request = receiver.requests().pop().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.as_bytes(), BODY);
    let mut lines: Vec<_> = head.lines().map(str::to_owned).collect();
    assert_eq!(lines.remove(0), "POST /hook?x=1&y=%2F HTTP/1.1");
    lines.sort();
    let signature = Signer::new(&hook.signing).unwrap().sign(&delivery(1).to_string(), now(), BODY).unwrap();
    let mut expected = [
        format!("host: {}", receiver.address),
        "content-type: application/json".to_owned(),
        format!("content-length: {}", BODY.len()),
        concat!("user-agent: Carehook/", env!("CARGO_PKG_VERSION")).to_owned(),
        format!("webhook-id: {}", delivery(1)),
        "webhook-timestamp: 1767225600".to_owned(),
        format!("webhook-signature: {}", signature.to_str().unwrap()),
        "x-api-key: k".to_owned(),
    ];
    expected.sort();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn an_answer_is_kept_up_to_its_bound_and_reported() {
    let body = "a".repeat(10_000);
    let script = vec![Do::Hear, answer("503 Busy", "retry-after: 7\r\n", &body)];
    let receiver = Receiver::plain(script).await;
    let (caller, _) = stage::on_loopback();
    let prepared = caller.prepare(&webhook(&receiver.url())).unwrap();
    let report = call(&caller, &prepared, Duration::from_secs(5)).await;
    let wait = Some(Duration::from_secs(7));
    let category = model::Category::Http5xx;
    assert_eq!(report.outcome, model::Outcome::Failed { category, status: Some(503), retry_after: wait });
    assert_eq!(report.answer.unwrap().look(|answer| answer.shown().body.len()), 4_096);
    assert!(report.timings.total >= report.timings.first_byte);
}
