//! HTTP/2: many calls on one connection, and receivers that abuse it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use delivery::Caller;
use delivery::attempt::Prepared;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{Authority, Offer};
use crate::receiver::{Do, Receiver, repeat};
use crate::stage::{self, call, verdict, webhook};

fn offer() -> Offer {
    Offer { alpn: &["h2", "http/1.1"], ..Offer::default() }
}

fn caller_to(authority: &Authority, address: std::net::SocketAddr) -> (Arc<Caller>, Arc<Prepared>) {
    let (caller, _) = stage::on_loopback();
    let mut hook = webhook(&format!("https://{address}/hook"));
    hook.tls.ca = Some(authority.pem());
    let prepared = caller.prepare(&hook).unwrap();
    (caller, prepared)
}

/// A good HTTP/2 receiver whose answers wait until that many requests are there together.
struct Good {
    address: std::net::SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Good {
    async fn start(acceptor: TlsAcceptor, streams: u32, together: usize) -> Good {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let barrier = Arc::new(Barrier::new(together));
        drop(observe::tasks::spawn("test-h2", async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let (acceptor, barrier) = (acceptor.clone(), Arc::clone(&barrier));
                let connection = converse(acceptor, stream, streams, barrier);
                drop(observe::tasks::spawn("test-h2-connection", connection));
            }
        }));
        Good { address, connections }
    }
}

async fn converse(acceptor: TlsAcceptor, stream: TcpStream, streams: u32, barrier: Arc<Barrier>) {
    let stream = acceptor.accept(stream).await.unwrap();
    let service = service_fn(move |request| reply(request, Arc::clone(&barrier)));
    let mut server = http2::Builder::new(TokioExecutor::new());
    let server = server.max_concurrent_streams(streams);
    drop(server.serve_connection(TokioIo::new(stream), service).await);
}

async fn reply(
    request: http::Request<Incoming>,
    barrier: Arc<Barrier>,
) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let is_right = request.version() == http::Version::HTTP_2
        && request.headers()["content-length"] == stage::BODY.len().to_string()
        && request.headers().contains_key("webhook-signature")
        && !request.headers().contains_key("host")
        && request.uri().path() == "/hook";
    let body = request.into_body().collect().await.unwrap().to_bytes();
    barrier.wait().await;
    let status = if is_right && body == stage::BODY { 200 } else { 400 };
    Ok(http::Response::builder().status(status).body(Full::default()).unwrap())
}

#[tokio::test]
async fn calls_share_a_connection_and_open_another_when_it_is_full() {
    let authority = Authority::new();
    let good = Good::start(authority.sign(|_| {}).acceptor(&offer()), 2, 1).await;
    let (caller, prepared) = caller_to(&authority, good.address);
    for _ in 0..5 {
        assert_eq!(verdict(&call(&caller, &prepared, Duration::from_secs(5)).await), "200");
    }
    assert_eq!(good.connections.load(Ordering::SeqCst), 1);

    // Six at once, none answered before all have arrived: three connections of two.
    let good = Good::start(authority.sign(|_| {}).acceptor(&offer()), 2, 6).await;
    let (caller, prepared) = caller_to(&authority, good.address);
    let all = (0..6).map(|_| call(&caller, &prepared, Duration::from_secs(5)));
    for report in futures_util::future::join_all(all).await {
        assert_eq!(verdict(&report), "200", "{report:?}");
    }
    assert!(good.connections.load(Ordering::SeqCst) >= 3);
}

const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const SETTINGS_ACK: &[u8] = &[0, 0, 0, 4, 1, 0, 0, 0, 0];

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

fn setting(id: u8, value: u32) -> Vec<u8> {
    frame(4, 0, 0, &[&[0, id][..], &value.to_be_bytes()].concat())
}

fn after_settings(frames: &[u8]) -> Vec<Do> {
    vec![Do::Say([SETTINGS, SETTINGS_ACK, frames].concat()), Do::Wait]
}

async fn abused(script: Vec<Do>) -> String {
    let authority = Authority::new();
    let acceptor = authority.sign(|_| {}).acceptor(&offer());
    let receiver = Receiver::start(vec![script], Some(acceptor)).await;
    let (caller, prepared) = caller_to(&authority, receiver.address);
    let began = tokio::time::Instant::now();
    let report = call(&caller, &prepared, Duration::from_secs(1)).await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(receiver.contacts() <= 2, "{report:?}");
    verdict(&report)
}

#[tokio::test]
async fn abuse_of_http_2_ends_the_attempt_in_time() {
    let status = |code: u8| frame(1, 4, 1, &[0x80 | code]);
    let ok_then = |frames: &[u8]| after_settings(&[&status(8), frames].concat());
    let goaway = |code: u8| frame(7, 0, 0, &[0, 0, 0, 0, 0, 0, 0, code]);
    let reset = |code: u8| frame(3, 0, 1, &[0, 0, 0, code]);
    let push = frame(5, 4, 1, &[0, 0, 0, 2, 0x82]);
    let end = frame(0, 1, 1, b"");
    let too_late = ["read_timeout"].as_slice();
    let broken = ["protocol_error", "connection_lost", "response_too_large"].as_slice();
    let broken_or_late =
        ["protocol_error", "connection_lost", "response_too_large", "read_timeout"].as_slice();
    let rows: Vec<(&str, Vec<Do>, &[&str])> = vec![
        ("fine", ok_then(&end), &["200"]),
        ("silence", vec![Do::Wait], too_late),
        ("settings, then silence", after_settings(b""), too_late),
        ("GOAWAY", after_settings(&goaway(0)), broken),
        ("GOAWAY, enhance your calm", after_settings(&goaway(11)), broken),
        ("RST_STREAM, internal error", after_settings(&reset(2)), broken),
        ("RST_STREAM, refused", after_settings(&reset(7)), broken),
        ("RST_STREAM, cancel, after the head", ok_then(&reset(8)), &["response_truncated"]),
        ("no streams", vec![Do::Say(setting(3, 0)), Do::Wait], broken_or_late),
        ("no window", vec![Do::Say(setting(4, 0)), Do::Wait], too_late),
        ("a push", after_settings(&push), broken),
        (
            "SETTINGS for ever",
            vec![Do::Say(SETTINGS.to_vec()), Do::Repeat(SETTINGS.to_vec(), None)],
            broken_or_late,
        ),
        (
            "PING for ever",
            vec![Do::Say(SETTINGS.to_vec()), Do::Repeat(frame(6, 0, 0, &[0; 8]), None)],
            broken_or_late,
        ),
        (
            "CONTINUATION for ever",
            vec![
                Do::Say([SETTINGS, &frame(1, 0, 1, &[0x88])].concat()),
                Do::Repeat(frame(9, 0, 1, &[0x84]), None),
            ],
            broken_or_late,
        ),
        (
            "empty DATA for ever",
            vec![Do::Say([SETTINGS, &status(8)].concat()), Do::Repeat(frame(0, 0, 1, b""), None)],
            &["response_too_large", "read_timeout", "protocol_error", "response_truncated"],
        ),
        ("a body that never ends", ok_then(&frame(0, 0, 1, b"x")), too_late),
        ("garbage", vec![repeat("x", None)], broken),
    ];
    let ends = rows.into_iter().map(async |(name, script, expected)| (name, abused(script).await, expected));
    for (name, verdict, expected) in futures_util::future::join_all(ends).await {
        assert!(expected.contains(&verdict.as_str()), "{name}: {verdict}, not one of {expected:?}");
    }
}

#[tokio::test]
async fn a_connection_that_was_told_to_go_away_is_replaced() {
    let authority = Authority::new();
    let answered =
        [SETTINGS, SETTINGS_ACK, &frame(1, 5, 1, &[0x88]), &frame(7, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 0])]
            .concat();
    let receiver = Receiver::start(
        vec![vec![Do::Say(answered), Do::Wait]],
        Some(authority.sign(|_| {}).acceptor(&offer())),
    )
    .await;
    let (caller, prepared) = caller_to(&authority, receiver.address);
    for _ in 0..3 {
        assert_eq!(verdict(&call(&caller, &prepared, Duration::from_secs(2)).await), "200");
    }
    assert_eq!(receiver.contacts(), 3);
}

#[tokio::test]
async fn a_connection_whose_address_is_shut_is_not_used_again() {
    let authority = Authority::new();
    let good = Good::start(authority.sign(|_| {}).acceptor(&offer()), 100, 1).await;
    let (caller, prepared) = caller_to(&authority, good.address);
    assert_eq!(verdict(&call(&caller, &prepared, Duration::from_secs(5)).await), "200");
    caller.egress().policy().listen_on(vec![good.address]);
    assert_eq!(verdict(&call(&caller, &prepared, Duration::from_secs(5)).await), "network_blocked");
    assert_eq!(good.connections.load(Ordering::SeqCst), 1);
}
