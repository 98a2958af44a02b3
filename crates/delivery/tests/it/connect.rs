//! Receivers that cannot be reached.

use std::time::Duration;

use delivery::attempt::Stage;
use delivery::egress::{Loopback, Options, Policy};
use tokio::net::TcpListener;

use crate::memory::Memory;
use crate::receiver::{Do, Receiver, answer, check};
use crate::stage::{self, Table, call, verdict, webhook};

#[tokio::test]
async fn connections_that_end_before_an_answer_are_lost() {
    check(vec![
        ("closed at once", vec![], "connection_lost"),
        ("reset at once", vec![Do::Reset], "connection_lost"),
        ("silent", vec![Do::Wait], "read_timeout"),
        ("hears, then closes", vec![Do::Hear], "connection_lost"),
        ("hears, then resets", vec![Do::Hear, Do::Reset], "connection_lost"),
        ("hears, then silent", vec![Do::Hear, Do::Wait], "read_timeout"),
    ])
    .await;
}

#[tokio::test]
async fn a_refused_port_that_opens_later_is_reached_then() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (caller, _) = stage::on_loopback();
    let prepared = caller.prepare(&webhook(&format!("http://{address}/"))).unwrap();
    let report = call(&caller, &prepared, Duration::from_secs(5)).await;
    assert_eq!((verdict(&report).as_str(), report.stage), ("connect_refused", Stage::Connect));

    let receiver = Receiver::plain(vec![Do::Hear, answer("200 OK", "", "")]).await;
    let prepared = caller.prepare(&webhook(&receiver.url())).unwrap();
    assert_eq!(verdict(&call(&caller, &prepared, Duration::from_secs(5)).await), "200");
}

/// Never answers.
struct Blackhole;

#[async_trait::async_trait]
impl delivery::egress::Dialer for Blackhole {
    async fn dial(&self, _: std::net::SocketAddr) -> std::io::Result<Box<dyn delivery::egress::Stream>> {
        std::future::pending().await
    }
}

#[async_trait::async_trait]
impl delivery::egress::Resolver for Blackhole {
    async fn resolve(&self, _: &str) -> std::io::Result<Vec<std::net::IpAddr>> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn one_deadline_covers_the_name_and_the_connection() {
    let timeout = Duration::from_secs(15);
    let policy = || Policy::new(Options::default(), Loopback::Refused);
    let public = Table(|_| vec!["93.184.215.14".parse().unwrap()]);
    let silent = stage::in_world(policy(), std::sync::Arc::new(public), std::sync::Arc::new(Blackhole));
    let nameless = stage::in_world(policy(), std::sync::Arc::new(Blackhole), Memory::new(vec![]));
    for (caller, expected) in [(silent, "connect_timeout"), (nameless, "dns")] {
        let prepared = caller.prepare(&webhook("http://public.test/")).unwrap();
        let began = tokio::time::Instant::now();
        let report = call(&caller, &prepared, timeout).await;
        assert_eq!(verdict(&report), expected);
        assert_eq!(began.elapsed().as_secs(), 15);
    }
}
