//! Peers that take their time, or take ours. Time stands still here until everybody waits.
//!
//! Numbers in names, such as `n16`, are those of the list of hostile input.

use std::time::Duration;

use async_trait::async_trait;
use hl7v2::mllp::{Decoder, Event, frame};
use model::{Ask, Category, Change, Code, Integration, ManualClock, NoReply, Question, Reply};
use privacy::MemoryVault;
use serde_json::json;
use store::memory::{MemoryStore, Options};
use store::{EventFilter, Kept, Read as _, RejectionFilter};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::*;
use crate::node;

struct Nobody;

#[async_trait]
impl Ask for Nobody {
    async fn ask(&self, _: Question<'_>) -> Result<Reply, NoReply> {
        Err(NoReply(Category::ConnectRefused))
    }
}

/// A port with one integration, and a peer on its list.
pub(super) struct World {
    pub(super) intake: Arc<Intake>,
    pub(super) store: Arc<MemoryStore>,
    pub(super) integration: Arc<Versioned<Integration>>,
    pub(super) crowd: Arc<Crowd>,
}

pub(super) const PORT: &str = "127.0.0.1:2575";

impl World {
    pub(super) async fn new() -> World {
        let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00.000Z".parse().unwrap()));
        let store = Arc::new(MemoryStore::new(Options::default(), clock.clone()));
        let intake = node::start(&store, &Arc::new(MemoryVault::default()), &clock, Arc::new(Nobody)).await;
        let port = json!({ "listen": PORT, "allow": ["192.0.2.0/24"] });
        let doc = json!({ "name": "LAB", "kind": "hl7v2", "mllp": port });
        let integration = node::integration(&intake, doc).await;
        World { intake, store, integration, crowd: Crowd::new(8, 4) }
    }

    fn connect(&self, room: usize) -> (DuplexStream, JoinHandle<Over>) {
        let (ours, theirs) = duplex(room);
        let connection = self.connection();
        (ours, tasks::spawn("mllp", async move { connection.serve(theirs).await }))
    }

    /// A connection of the peer before it has said anything.
    pub(super) fn connection(&self) -> Connection {
        let address = "192.0.2.1".parse().unwrap();
        let peer = Peer { intake: self.intake.clone(), port: PORT.parse().unwrap(), address, papers: None };
        Connection { peer, place: self.crowd.admit(address).unwrap(), stop: Stop::new() }
    }

    pub(super) async fn events(&self) -> usize {
        self.store.list_events(EventFilter::default(), None, 250).await.unwrap().rows.len()
    }
}

pub(super) fn admission(control: &str) -> Vec<u8> {
    format!(
        "MSH|^~\\&|ADT|NORTH|HUB|B|20260101||ADT^A01|{control}|P|2.5\rPID|1||1001^^^NORTH^MR\r\
         PV1|1|I||||||||||||||||||V1^^^NORTH^VN\r"
    )
    .into_bytes()
}

/// MSA of the next answer.
pub(super) async fn hear(line: &mut (impl AsyncRead + Unpin)) -> String {
    let mut decoder = Decoder::new(4096);
    let mut bytes = [0; 512];
    loop {
        if let Some(Event::Frame(answer)) = decoder.next() {
            let text = String::from_utf8(answer).unwrap();
            return text.split('\r').find(|line| line.starts_with("MSA")).unwrap().to_owned();
        }
        let count = line.read(&mut bytes).await.unwrap();
        assert!(count > 0, "the connection ended without an answer");
        decoder.push(&bytes[..count]);
    }
}

#[tokio::test(start_paused = true)]
async fn hostile_16_a_message_that_drips_is_given_up_a_minute_after_its_first_byte() {
    let world = World::new().await;
    let (mut line, over) = world.connect(1 << 10);
    line.write_all(b"\x0bMSH|").await.unwrap();
    let began = Instant::now();
    while line.write_all(b"x").await.is_ok() {
        sleep(Duration::from_secs(20)).await;
    }
    assert_eq!(over.await.unwrap(), Over::Slow);
    assert!(began.elapsed() <= limits::MLLP_FRAME + Duration::from_secs(20), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn hostile_16_every_message_has_its_own_minute() {
    let world = World::new().await;
    let (mut line, over) = world.connect(1 << 10);
    for control in ["1", "2", "3"] {
        let whole = frame(&admission(control));
        let (first, rest) = whole.split_at(50);
        line.write_all(first).await.unwrap();
        sleep(Duration::from_secs(50)).await;
        line.write_all(rest).await.unwrap();
        assert_eq!(hear(&mut line).await, format!("MSA|AA|{control}"));
    }
    drop(line);
    assert_eq!(over.await.unwrap(), Over::Left);
}

#[tokio::test(start_paused = true)]
async fn hostile_17_a_connection_that_brings_no_message_ends_whatever_else_it_sends() {
    let world = World::new().await;
    let (mut line, over) = world.connect(1 << 10);
    let began = Instant::now();
    while line.write_all(b"\n").await.is_ok() {
        sleep(Duration::from_secs(60)).await;
    }
    assert_eq!(over.await.unwrap(), Over::Idle);
    assert!(began.elapsed() <= limits::MLLP_IDLE + Duration::from_secs(60), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn hostile_17_a_connection_whose_place_is_needed_ends_at_once() {
    let world = World::new().await;
    let (_line, over) = world.connect(1 << 10);
    let others: Vec<_> = (0..4).map(|_| world.connect(1 << 10)).collect();
    assert_eq!(over.await.unwrap(), Over::Crowded);
    assert!(others.iter().all(|(_, over)| !over.is_finished()));
}

#[tokio::test(start_paused = true)]
async fn hostile_14_15_a_message_beyond_the_limit_is_refused_by_its_name_and_one_without_an_end_is_cut() {
    let world = World::new().await;
    let (mut line, over) = world.connect(1 << 16);
    let mut large = admission("large");
    large.extend(b"NTE|1||");
    large.resize(limits::HL7_MESSAGE_BYTES + 1, b'x');
    line.write_all(&frame(&large)).await.unwrap();
    assert_eq!(hear(&mut line).await, "MSA|AR|large");
    line.write_all(&frame(&admission("small"))).await.unwrap();
    assert_eq!(hear(&mut line).await, "MSA|AA|small", "the connection goes on");
    line.write_all(b"\x0bMSH|^~\\&|ADT|NORTH|HUB|B|20260101||ADT^A01|endless|P|2.5\r").await.unwrap();
    while line.write_all(&[b'x'; 1 << 16]).await.is_ok() {}
    assert_eq!(over.await.unwrap(), Over::NotMllp);
    assert_eq!(world.events().await, 1);
    let kept = world.store.list_rejections(RejectionFilter::default(), None, 250).await.unwrap().rows;
    let told: Vec<(Code, Kept)> = kept.iter().map(|one| (one.code, one.kept)).collect();
    assert_eq!(told, [(Code::BodyTooLarge, Kept::Part), (Code::BodyTooLarge, Kept::Part)]);
}

#[tokio::test(start_paused = true)]
async fn hostile_18_a_peer_that_reads_no_answers_is_read_no_further() {
    let world = World::new().await;
    let (mut line, over) = world.connect(1 << 10);
    let many: Vec<u8> = (0..1_000).flat_map(|place| frame(&admission(&place.to_string()))).collect();
    assert!(line.write_all(&many).await.is_err(), "the connection is over before all is sent");
    assert_eq!(over.await.unwrap(), Over::Unread);
    assert!(world.events().await < 200, "what was not read was not taken: {}", world.events().await);
}

#[tokio::test(start_paused = true)]
async fn hostile_3_a_message_without_its_last_byte_is_taken_when_its_sender_waits_or_closes_its_half() {
    let world = World::new().await;
    let bare = |control: &str| {
        let mut whole = frame(&admission(control));
        whole.pop();
        whole
    };
    let (mut line, over) = world.connect(1 << 10);
    line.write_all(&bare("1")).await.unwrap();
    assert_eq!(hear(&mut line).await, "MSA|AA|1");
    line.write_all(&bare("2")).await.unwrap();
    line.shutdown().await.unwrap();
    assert_eq!(hear(&mut line).await, "MSA|AA|2");
    assert_eq!(over.await.unwrap(), Over::Left);
}

#[tokio::test(start_paused = true)]
async fn hostile_2_a_message_without_an_end_is_not_taken() {
    let world = World::new().await;
    let (mut line, over) = world.connect(1 << 10);
    let mut whole = frame(&admission("1"));
    whole.truncate(whole.len() - 2);
    line.write_all(&whole).await.unwrap();
    line.shutdown().await.unwrap();
    assert_eq!(over.await.unwrap(), Over::Left);
    assert_eq!(world.events().await, 0);
}

#[tokio::test(start_paused = true)]
async fn c10_a_peer_that_is_taken_off_the_list_is_not_read_any_further() {
    let world = World::new().await;
    let (mut line, over) = world.connect(1 << 10);
    line.write_all(&frame(&admission("1"))).await.unwrap();
    assert_eq!(hear(&mut line).await, "MSA|AA|1");
    let mut doc: Integration = Integration::clone(&world.integration);
    doc.mllp.as_mut().unwrap().allow = vec!["10.0.0.0/8".parse().unwrap()];
    world.intake.ports.settings.change(vec![Change::PutIntegration(doc)], Vec::new()).await.unwrap();
    line.write_all(&frame(&admission("2"))).await.unwrap();
    assert_eq!(over.await.unwrap(), Over::Barred(Code::PeerNotAllowed));
    assert_eq!(world.events().await, 1);
    let kept = world.store.list_rejections(RejectionFilter::default(), None, 250).await.unwrap().rows;
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].code, kept[0].kept, kept[0].bytes), (Code::PeerNotAllowed, Kept::Nothing, 0));
}
