//! Connections used again: what may go wrong between two calls, on a network whose clock is ours.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use delivery::Caller;
use delivery::attempt::Prepared;
use delivery::egress::{Loopback, Options, Policy};
use model::limits;
use tokio::time::advance;

use crate::memory::Memory;
use crate::receiver::{Do, answer, exchanges, say};
use crate::stage::{self, Table, call, verdict, webhook};

fn fine() -> Do {
    answer("200 OK", "", "")
}

/// As many good exchanges as a test needs, on one connection.
fn patient() -> Vec<Do> {
    exchanges(400)
}

fn against(network: &Arc<Memory>) -> (Arc<Caller>, Arc<Prepared>) {
    let names = Table(|_| vec!["93.184.215.14".parse().unwrap()]);
    let policy = Policy::new(Options::default(), Loopback::Refused);
    let caller = stage::in_world(policy, Arc::new(names), Arc::clone(network) as _);
    let prepared = caller.prepare(&webhook("http://public.test/hook")).unwrap();
    (caller, prepared)
}

/// Makes one call after each of the pauses; says how each ended.
async fn calls(network: &Arc<Memory>, pauses: &[Duration]) -> Vec<String> {
    let (caller, prepared) = against(network);
    let mut verdicts = Vec::new();
    for pause in pauses {
        settle().await;
        advance(*pause).await;
        verdicts.push(verdict(&call(&caller, &prepared, Duration::from_secs(15)).await));
    }
    verdicts
}

/// Lets the other end do what it does next.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

const NONE: Duration = Duration::ZERO;

#[tokio::test(start_paused = true)]
async fn one_connection_carries_call_after_call_until_it_has_been_idle_too_long() {
    let network = Memory::new(vec![patient()]);
    let almost = limits::IDLE_CONNECTION - Duration::from_millis(1);
    assert_eq!(calls(&network, &[NONE, NONE, almost]).await, ["200"; 3]);
    assert_eq!(network.contacts(), 1);
    let network = Memory::new(vec![patient()]);
    assert_eq!(calls(&network, &[NONE, limits::IDLE_CONNECTION]).await, ["200"; 2]);
    assert_eq!(network.contacts(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_the_receiver_says_about_keeping_counts() {
    for (header, pause, contacts) in [
        ("connection: close\r\n", 0, 2),
        ("keep-alive: timeout=1\r\n", 0, 2),
        ("keep-alive: timeout=3, max=9\r\n", 1, 1),
        ("keep-alive: timeout=3, max=9\r\n", 2, 2),
        ("keep-alive: timeout=20\r\n", 18, 1),
        ("keep-alive: timeout=100000\r\n", 61, 2),
    ] {
        let network = Memory::new(vec![vec![Do::Hear, answer("200 OK", header, ""), Do::Hear, fine()]]);
        let verdicts = calls(&network, &[NONE, Duration::from_secs(pause)]).await;
        assert_eq!(
            (verdicts, network.contacts()),
            (vec!["200".to_owned(); 2], contacts),
            "{header}, {pause} s"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_closed_while_idle_costs_nothing_but_a_new_one() {
    let network = Memory::new(vec![vec![Do::Hear, fine()], patient()]);
    assert_eq!(calls(&network, &[NONE, NONE]).await, ["200"; 2]);
    assert_eq!((network.contacts(), network.requests.lock().unwrap().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_crosses_the_close_is_sent_again_at_once_and_only_once() {
    let closes_late = vec![Do::Hear, fine(), Do::Hear];
    let network = Memory::new(vec![closes_late.clone(), patient()]);
    assert_eq!(calls(&network, &[NONE, NONE]).await, ["200"; 2]);
    let requests = network.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[1], requests[2], "the same id, body and signature");

    let network = Memory::new(vec![closes_late, vec![Do::Hear]]);
    assert_eq!(calls(&network, &[NONE, NONE]).await, ["200", "connection_lost"]);
    assert_eq!(network.contacts(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_answered_in_part_is_not_sent_again() {
    let network = Memory::new(vec![vec![Do::Hear, fine(), Do::Hear, say("HTTP/1.1 2")], patient()]);
    assert_eq!(calls(&network, &[NONE, NONE]).await, ["200", "response_truncated"]);
    assert_eq!(network.contacts(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_nobody_asked_for_is_never_taken_for_the_next_one() {
    let twice =
        say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
    let network = Memory::new(vec![vec![Do::Hear, twice, Do::Wait], patient()]);
    assert_eq!(calls(&network, &[NONE, NONE]).await, ["200"; 2]);
    assert_eq!(network.contacts(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_not_read_to_its_end_closes_its_connection() {
    let endless = vec![
        Do::Hear,
        say("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n"),
        Do::Repeat(vec![b'x'; 1_024], None),
    ];
    let network = Memory::new(vec![endless, patient()]);
    assert_eq!(calls(&network, &[NONE, NONE]).await, ["200"; 2]);
    assert_eq!(network.contacts(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_at_its_age_however_busy_it_is() {
    let network = Memory::new(vec![patient()]);
    let pause = Duration::from_secs(3);
    let before = usize::try_from(limits::CONNECTION_AGE.as_secs() / pause.as_secs()).unwrap();
    calls(&network, &vec![pause; before]).await;
    assert_eq!(network.contacts(), 1);
    let network = Memory::new(vec![patient()]);
    calls(&network, &vec![pause; before + 2]).await;
    assert_eq!(network.contacts(), 2);
}

static HAS_MOVED: AtomicBool = AtomicBool::new(false);

fn moving(_: &str) -> Vec<IpAddr> {
    let ip = if HAS_MOVED.load(Ordering::SeqCst) { "10.0.0.1" } else { "93.184.215.14" };
    vec![ip.parse().unwrap()]
}

#[tokio::test(start_paused = true)]
async fn a_connection_does_not_outlive_its_name_by_more_than_a_minute() {
    let network = Memory::new(vec![patient()]);
    let policy = Policy::new(Options::default(), Loopback::Refused);
    let caller = stage::in_world(policy, Arc::new(Table(moving)), Arc::clone(&network) as _);
    let prepared = caller.prepare(&webhook("http://public.test/hook")).unwrap();
    let mut refused_after = None;
    for seconds in 0..70 {
        let report = call(&caller, &prepared, Duration::from_secs(15)).await;
        if stage::category(&report) == Some(model::Category::NetworkBlocked) {
            refused_after = Some(seconds);
            break;
        }
        HAS_MOVED.store(true, Ordering::SeqCst);
        settle().await;
        advance(Duration::from_secs(1)).await;
    }
    assert!(refused_after.is_some_and(|seconds| seconds <= 60), "{refused_after:?}");
    assert_eq!(network.contacts(), 1, "the private address is never dialled");
}

#[tokio::test(start_paused = true)]
async fn sweeping_closes_what_is_idle() {
    let network = Memory::new(vec![vec![Do::Hear, fine(), Do::Wait]]);
    let (caller, prepared) = against(&network);
    call(&caller, &prepared, Duration::from_secs(15)).await;
    settle().await;
    assert_eq!(network.ended.load(Ordering::SeqCst), 0);
    advance(limits::IDLE_CONNECTION).await;
    caller.sweep();
    settle().await;
    assert_eq!(network.ended.load(Ordering::SeqCst), 1);
}
