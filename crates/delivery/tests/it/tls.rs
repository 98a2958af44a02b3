//! Receivers whose TLS is wrong.

use std::net::SocketAddr;
use std::time::Duration;

use model::TlsVersion;
use rustls::version::TLS12;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::server::TlsStream;

use crate::certificates::{self as faults, Authority, Identity, Offer};
use crate::receiver::{Do, Receiver, answer, exchanges, repeat, say};
use crate::stage::{self, call, verdict, webhook};

const DEADLINE: Duration = Duration::from_secs(1);
static OLD: &[&rustls::SupportedProtocolVersion] = &[&TLS12];

/// How a call ends at a receiver with this identity.
async fn meet(authority: &Authority, identity: Identity, offer: Offer, min: TlsVersion) -> String {
    let script = vec![Do::Hear, answer("200 OK", "", "")];
    let receiver = Receiver::start(vec![script], Some(identity.acceptor(&offer))).await;
    end(authority, &receiver, min).await
}

async fn end(authority: &Authority, receiver: &Receiver, min: TlsVersion) -> String {
    end_at(authority, receiver.address, min).await
}

async fn end_at(authority: &Authority, address: SocketAddr, min: TlsVersion) -> String {
    let (caller, network) = stage::on_loopback();
    let mut hook = webhook(&format!("https://{address}/"));
    (hook.tls.ca, hook.tls.min_version) = (Some(authority.pem()), min);
    let prepared = caller.prepare(&hook).unwrap();
    let began = Instant::now();
    let report = call(&caller, &prepared, DEADLINE).await;
    assert!(began.elapsed() < DEADLINE * 2, "{report:?}");
    assert_eq!(network.dials.load(std::sync::atomic::Ordering::SeqCst), 1);
    verdict(&report)
}

#[tokio::test]
async fn each_fault_of_a_certificate_has_its_category() {
    let authority = Authority::new();
    for (name, identity, expected) in [
        ("good", authority.sign(|_| {}), "200"),
        ("expired", authority.sign(faults::expired), "tls_expired"),
        ("not yet valid", authority.sign(faults::not_yet), "tls_expired"),
        ("of another host", authority.sign(faults::of_another_host), "tls_name"),
        ("for clients only", authority.sign(faults::for_clients_only), "tls_untrusted"),
        ("of another authority", Authority::new().sign(|_| {}), "tls_untrusted"),
        ("self-signed", Identity::self_signed(), "tls_untrusted"),
    ] {
        assert_eq!(meet(&authority, identity, Offer::default(), TlsVersion::V1_2).await, expected, "{name}");
    }
}

#[tokio::test]
async fn versions_and_client_certificates_are_agreed_or_refused() {
    let authority = Authority::new();
    let old = || Offer { versions: OLD, ..Offer::default() };
    let wanting = |offer: Offer| Offer { client_authority: Some(Authority::new()), ..offer };
    for (name, offer, min, expected) in [
        ("TLS 1.2", old(), TlsVersion::V1_2, "200"),
        ("TLS 1.2 where 1.3 is wanted", old(), TlsVersion::V1_3, "tls_handshake"),
        ("1.2 and a client certificate", wanting(old()), TlsVersion::V1_2, "tls_handshake"),
        ("1.3 and a client certificate", wanting(Offer::default()), TlsVersion::V1_3, "tls_handshake"),
    ] {
        assert_eq!(meet(&authority, authority.sign(|_| {}), offer, min).await, expected, "{name}");
    }
}

#[tokio::test]
async fn a_chain_of_a_megabyte_is_not_read() {
    let authority = Authority::new();
    let mut identity = authority.sign(|_| {});
    let first = identity.chain[0].clone();
    identity.chain.extend(std::iter::repeat_n(first, 2_000));
    assert_eq!(meet(&authority, identity, Offer::default(), TlsVersion::V1_2).await, "tls_handshake");
}

#[tokio::test]
async fn a_flood_of_tickets_is_not_kept_and_one_of_new_keys_ends_the_call() {
    let authority = Authority::new();
    let offer = Offer { tickets: 100, ..Offer::default() };
    assert_eq!(meet(&authority, authority.sign(|_| {}), offer, TlsVersion::V1_2).await, "200");
    for (times, expected) in [(1, "200"), (10_000, "tls_handshake")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = authority.sign(|_| {}).acceptor(&Offer::default());
        drop(observe::tasks::spawn("test-receiver", async move {
            let (stream, _) = listener.accept().await.unwrap();
            // The other end may be gone before all is said.
            Box::pin(rekey(acceptor.accept(stream).await.unwrap(), times)).await.ok();
        }));
        assert_eq!(end_at(&authority, address, TlsVersion::V1_3).await, expected, "{times} new keys");
    }
}

/// Hears a request, changes its keys so often, and answers.
async fn rekey(mut stream: TlsStream<TcpStream>, times: usize) -> std::io::Result<()> {
    let mut request = vec![0; 16_384];
    let length = stream.read(&mut request).await?;
    assert!(length > 0, "a request comes");
    for _ in 0..times {
        stream.get_mut().1.refresh_traffic_keys().map_err(std::io::Error::other)?;
        stream.flush().await?;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
    stream.flush().await
}

#[tokio::test]
async fn what_is_not_a_handshake_fails_as_one() {
    let authority = Authority::new();
    let alert = |code: u8| Do::Say(vec![0x15, 3, 3, 0, 2, 2, code]);
    let mut all = vec![
        ("silence", vec![Do::Wait]),
        ("closed", vec![]),
        ("reset", vec![Do::Reset]),
        ("HTTP", vec![say("HTTP/1.1 400 Bad Request\r\n\r\n")]),
        ("garbage for ever", vec![repeat("x", None)]),
        ("records for ever", vec![Do::Repeat([0x16, 3, 3, 0, 1, 0].to_vec(), None)]),
        ("a handshake byte by byte", vec![Do::Drip([0x16, 3, 3, 0, 100].repeat(10))]),
        (
            "TLS 1.0",
            vec![Do::Say(
                [&[0x16, 3, 1, 0, 46, 2, 0, 0, 42, 3, 1][..], &[7; 32], &[0, 0, 47, 0, 0, 0, 0]].concat(),
            )],
        ),
    ];
    // handshake_failure, bad_certificate, protocol_version, internal_error, unrecognized_name, no_application_protocol.
    all.extend([40, 42, 70, 80, 112, 120].map(|code| ("an alert", vec![alert(code)])));
    let ends = all.into_iter().map(async |(name, script)| {
        let receiver = Receiver::plain(script).await;
        (name, end(&authority, &receiver, TlsVersion::V1_2).await)
    });
    for (name, verdict) in futures_util::future::join_all(ends).await {
        assert_eq!(verdict, "tls_handshake", "{name}");
    }
}

/// How a call ends if the receiver follows a script behind a good handshake.
async fn behind(script: Vec<Do>, alpn: &'static [&'static str]) -> String {
    let authority = Authority::new();
    let offer = Offer { alpn, ..Offer::default() };
    let receiver = Receiver::start(vec![script], Some(authority.sign(|_| {}).acceptor(&offer))).await;
    end(&authority, &receiver, TlsVersion::V1_2).await
}

#[tokio::test]
async fn a_good_handshake_proves_nothing_about_what_follows() {
    let open_end = say("HTTP/1.1 200 OK\r\n\r\nuntil the close");
    assert_eq!(behind(vec![Do::Hear, open_end.clone()], &[]).await, "200");
    // Without close_notify nobody can tell an end from a cut.
    assert_eq!(behind(vec![Do::Hear, open_end, Do::Vanish], &[]).await, "response_truncated");
    assert_eq!(behind(vec![Do::Hear], &[]).await, "connection_lost");
    assert_eq!(behind(vec![Do::Hear, Do::Wait], &[]).await, "read_timeout");
    let http1 = answer("200 OK", "", "");
    assert_eq!(behind(vec![http1, Do::Wait], &["h2"]).await, "protocol_error");
}

#[tokio::test]
async fn one_handshake_serves_call_after_call() {
    let authority = Authority::new();
    let script = exchanges(3);
    let receiver =
        Receiver::start(vec![script], Some(authority.sign(|_| {}).acceptor(&Offer::default()))).await;
    let (caller, _) = stage::on_loopback();
    let mut hook = webhook(&format!("https://{}/", receiver.address));
    hook.tls.ca = Some(authority.pem());
    let prepared = caller.prepare(&hook).unwrap();
    for number in 0..3 {
        let report = call(&caller, &prepared, Duration::from_secs(5)).await;
        assert_eq!((verdict(&report).as_str(), report.timings.tls > 0), ("200", number == 0));
    }
    assert_eq!(receiver.contacts(), 1);
}
