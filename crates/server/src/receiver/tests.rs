use std::time::Duration;

use bytes::Bytes;
use delivery::Signer;
use http::Request;
use http_body_util::Full;
use model::{ManualClock, Signing};

use super::*;
use crate::client::Line;

const NOW: Timestamp = Timestamp::from_millis(1_767_259_800_000);

fn key() -> SigningKey {
    privacy::secrets::new_hmac_secret()
}

fn signed(key: &SigningKey, id: &str, body: &'static str) -> Request<Full<Bytes>> {
    let signer = Signer::new(&Signing { keys: vec![key.clone()] }).unwrap();
    Request::post("/hook")
        .header("webhook-id", id)
        .header("webhook-timestamp", NOW.seconds())
        .header("webhook-signature", signer.sign(id, NOW, body.as_bytes()).unwrap())
        .body(Full::from(body))
        .unwrap()
}

async fn send(to: &Receiver, request: Request<Full<Bytes>>) -> u16 {
    let line = Line::to(&to.url()).unwrap();
    line.send(request, Duration::from_secs(10)).await.unwrap().status().as_u16()
}

async fn ask(to: &Receiver, request: Request<Full<Bytes>>) -> Bytes {
    let line = Line::to(&to.url()).unwrap();
    let answer = line.send(request, Duration::from_secs(10)).await.unwrap();
    answer.into_body()
}

#[tokio::test]
async fn what_is_genuine_is_handed_over_and_known_again_and_what_is_not_is_refused() {
    let (key, stop) = (key(), Stop::new());
    let clock = Arc::new(ManualClock::at(NOW));
    let (receiver, mut arriving) = Receiver::open(key.clone(), clock, stop.clone()).await.unwrap();
    let bodies = tasks::spawn("bodies", async move {
        // The first answer is a failure: what failed is not known when it comes again.
        let mut answers = [StatusCode::BAD_GATEWAY].into_iter().chain(std::iter::repeat(StatusCode::OK));
        let mut bodies = Vec::new();
        while let Some(arrival) = arriving.recv().await {
            bodies.push((arrival.body.clone(), arrival.again));
            arrival.answer(answers.next().unwrap());
        }
        bodies
    });

    assert_eq!(send(&receiver, signed(&key, "dlv_1", "{}")).await, 502);
    assert_eq!(send(&receiver, signed(&key, "dlv_1", "{}")).await, 200);
    assert_eq!(send(&receiver, signed(&key, "dlv_1", "{}")).await, 200);
    assert_eq!(send(&receiver, signed(&self::key(), "dlv_2", "{}")).await, 401);
    assert_eq!(send(&receiver, Request::get("/hook").body(Full::default()).unwrap()).await, 405);
    assert_eq!(receiver.refused(), 1);
    let challenge = r#"{"type":"webhook.challenge","challenge":"v4lue"}"#;
    let answer = ask(&receiver, signed(&key, "dlv_3", challenge)).await;
    assert_eq!(answer, r#"{"answer":"v4lue"}"#);

    stop.stop();
    drop(receiver);
    let body = Bytes::from("{}");
    assert_eq!(bodies.await.unwrap(), [(body.clone(), false), (body.clone(), false), (body, true)]);
}
