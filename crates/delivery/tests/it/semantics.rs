//! Statuses and headers that ask for something.

use std::time::Duration;

use model::Outcome;

use crate::receiver::{Do, Receiver, Row, answer, check};
use crate::stage::{self, call, verdict, webhook};

fn answered(status: &'static str, headers: &str, expected: &'static str) -> Row {
    (status, vec![Do::Hear, answer(status, headers, "")], expected)
}

#[tokio::test]
async fn no_redirect_is_followed_wherever_it_leads() {
    check(vec![
        answered("301 Moved", "location: http://169.254.169.254/latest/meta-data/\r\n", "redirect_refused"),
        answered("302 Found", "location: https://other.example.com/\r\n", "redirect_refused"),
        answered("303 See Other", "location: /hook\r\n", "redirect_refused"),
        answered("307 Temporary", "location: file:///etc/passwd\r\n", "redirect_refused"),
        answered("308 Permanent", "location: //127.0.0.1/\r\nset-cookie: a=b\r\n", "redirect_refused"),
        answered("300 Choices", "location: http://127.0.0.1/\r\n", "redirect_refused"),
        answered("304 Not Modified", "", "redirect_refused"),
        answered("201 Created", "location: http://127.0.0.1/\r\n", "201"),
        answered("200 OK", "refresh: 0; url=http://127.0.0.1/\r\n", "200"),
        answered(
            "200 Fine",
            "alt-svc: h2=\"127.0.0.1:443\"\r\nstrict-transport-security: max-age=9\r\n",
            "200",
        ),
    ])
    .await;
}

#[tokio::test]
async fn each_refusal_has_its_category() {
    check(vec![
        answered("400 Bad", "", "http_4xx"),
        answered(
            "401 Unauthorized",
            "www-authenticate: Basic realm=\"http://127.0.0.1/\"\r\n",
            "http_401_403",
        ),
        answered("403 Forbidden", "www-authenticate: Negotiate\r\n", "http_401_403"),
        answered("407 Proxy", "proxy-authenticate: Basic\r\n", "http_4xx"),
        answered("408 Timeout", "", "http_4xx"),
        answered("410 Gone", "", "http_410"),
        answered("413 Large", "", "http_4xx"),
        answered("421 Misdirected", "alt-svc: h2=\":443\"\r\n", "http_4xx"),
        answered("425 Early", "", "http_4xx"),
        answered("429 Slow Down", "", "http_429"),
        answered("500 Broken", "", "http_5xx"),
        answered("503 Busy", "", "http_5xx"),
        answered("599 What", "", "http_5xx"),
    ])
    .await;
}

#[tokio::test]
async fn retry_after_is_heeded_where_the_status_says_later() {
    for (status, value, expected) in [
        ("429 Slow", "0", Some(0)),
        ("429 Slow", "120", Some(120)),
        ("503 Busy", "1000000000", Some(86_400)),
        ("502 Bad", "Thu, 01 Jan 2026 00:01:00 GMT", Some(60)),
        ("504 Late", "Mon, 01 Jan 2024 00:00:00 GMT", Some(0)),
        ("503 Busy", "-1", None),
        ("503 Busy", "soon", None),
        ("500 Broken", "5", None),
        ("404 No", "5", None),
    ] {
        let script = vec![Do::Hear, answer(status, &format!("retry-after: {value}\r\n"), "")];
        let receiver = Receiver::plain(script).await;
        let (caller, _) = stage::on_loopback();
        let prepared = caller.prepare(&webhook(&receiver.url())).unwrap();
        let report = call(&caller, &prepared, Duration::from_secs(5)).await;
        let Outcome::Failed { retry_after, .. } = report.outcome else { panic!("{status} is no success") };
        assert_eq!(retry_after, expected.map(Duration::from_secs), "{status}, {value}");
    }
}

#[tokio::test]
async fn nothing_a_receiver_sets_comes_back_to_it() {
    let cookie = "set-cookie: session=1\r\n";
    let receiver =
        Receiver::plain(vec![Do::Hear, answer("200 OK", cookie, ""), Do::Hear, answer("200 OK", "", "")])
            .await;
    let (caller, _) = stage::on_loopback();
    let prepared = caller.prepare(&webhook(&receiver.url())).unwrap();
    for _ in 0..2 {
        assert_eq!(verdict(&call(&caller, &prepared, Duration::from_secs(5)).await), "200");
    }
    assert!(receiver.requests().iter().all(|request| !request.contains("cookie")));
    assert_eq!((receiver.requests().len(), receiver.contacts()), (2, 1));
}

#[tokio::test]
async fn the_place_a_redirect_points_to_is_shown() {
    let place = "http://169.254.169.254/latest/";
    let receiver =
        Receiver::plain(vec![Do::Hear, answer("302 Found", &format!("location: {place}\r\n"), "")]).await;
    let (caller, _) = stage::on_loopback();
    let prepared = caller.prepare(&webhook(&receiver.url())).unwrap();
    assert_eq!(call(&caller, &prepared, Duration::from_secs(5)).await.location.as_deref(), Some(place));
}
