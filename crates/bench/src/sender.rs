//! The generator: senders with one connection each, in a closed or an open loop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use anyhow::{Context, Result, bail};
use tokio::task::JoinSet;

use crate::door::{Answer, Door};
use crate::event::{Event, Kind};
use crate::ledger::Ledger;
use crate::text::name;
use crate::wire::Connection;

/// Where events go.
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) door: Door,
    pub(crate) kind: Kind,
}

/// When the next event is sent.
#[derive(Clone, Copy)]
pub(crate) enum Pacing {
    /// As soon as the previous one of the same sender is acknowledged.
    Closed,
    /// So many a second, whether or not answers come.
    Open(u32),
}

/// Sends every event of `ledger` once and waits for its acknowledgement.
///
/// An answer of 429 or 503, or AE, is obeyed and the event sent again, as a sender
/// should; its latency counts from the first attempt. Any other answer but the
/// accepted one ends the run.
pub(crate) async fn send_all(
    target: &Arc<Target>,
    ledger: &Arc<Ledger>,
    senders: usize,
    pacing: Pacing,
) -> Result<()> {
    let next = Arc::new(AtomicUsize::new(0));
    // The first events of an open loop must not be late because connections are being made.
    let start = ledger.now() + START_NANOS;
    let mut running = JoinSet::new();
    for _ in 0..senders.max(1) {
        let connection = Connection::dial(target.address).await.context("failed to connect")?;
        let sender = Sender {
            event: Event::new(target.kind, ledger.nonce()),
            target: target.clone(),
            ledger: ledger.clone(),
            turn: Turn { pacing, start },
            request: Vec::new(),
            connection,
        };
        running.spawn(sender.run(next.clone()));
    }
    while let Some(ended) = running.join_next().await {
        ended.context("a sender panicked")??;
    }
    Ok(())
}

struct Sender {
    target: Arc<Target>,
    ledger: Arc<Ledger>,
    event: Event,
    turn: Turn,
    request: Vec<u8>,
    connection: Connection,
}

impl Sender {
    async fn run(mut self, next: Arc<AtomicUsize>) -> Result<()> {
        loop {
            let id = next.fetch_add(1, Relaxed);
            if id >= self.ledger.events() {
                return Ok(());
            }
            let from = self.turn.of(id, &self.ledger).await;
            self.ledger.note_sent(id, from);
            self.submit(id).await?;
            self.ledger.note_acknowledged(id);
        }
    }

    async fn submit(&mut self, id: usize) -> Result<()> {
        let door = &self.target.door;
        door.request(id, self.event.body_for(id), &mut self.request);
        let name = name(self.ledger.nonce(), id);
        for _ in 0..ATTEMPTS_MAX {
            match door.ask(&mut self.connection, &self.request, &name).await {
                Ok(Answer::Taken) => return Ok(()),
                Ok(Answer::Later(wait)) => {
                    self.ledger.note_pushed_back();
                    tokio::time::sleep(wait).await;
                }
                Ok(Answer::Refused(why)) => bail!("the server answered {why}"),
                // The id makes sending again harmless.
                Err(_) => {
                    let redialled = Connection::dial(self.target.address).await;
                    self.connection = redialled.context("lost the server")?;
                }
            }
        }
        bail!("an event was not acknowledged in {ATTEMPTS_MAX} attempts")
    }
}

/// When a sender may go on.
#[derive(Clone, Copy)]
struct Turn {
    pacing: Pacing,
    start: u64,
}

impl Turn {
    /// Waits for the turn of event `id` and answers the time its latency counts from.
    ///
    /// In an open loop that is the schedule, so that events due while all senders
    /// wait for the server carry that wait. One exception: a sender that was free
    /// and slept counts from its waking, because tokio's timer and `epoll` round
    /// up to whole milliseconds and that is not the server's doing.
    async fn of(self, id: usize, ledger: &Ledger) -> u64 {
        let Pacing::Open(rate) = self.pacing else { return ledger.now() };
        let due = self.start + id as u64 * SECOND_NANOS / u64::from(rate.max(1));
        if due <= ledger.now() {
            return due;
        }
        tokio::time::sleep_until(ledger.instant(due)).await;
        let woken = ledger.now();
        if woken - due <= TIMER_NANOS { woken } else { due }
    }
}

const SECOND_NANOS: u64 = 1_000_000_000;
const START_NANOS: u64 = 50_000_000;
/// Two roundings up to a millisecond.
const TIMER_NANOS: u64 = 2_000_000;
const ATTEMPTS_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pacing, send_all};
    use crate::sink::Pace;
    use crate::stage::Stage;

    #[tokio::test]
    async fn every_event_of_a_closed_loop_arrives_once() {
        let stage = Stage::raw(500).await.unwrap();
        send_all(&stage.target, &stage.ledger, 8, Pacing::Closed).await.unwrap();
        let tally = stage.ledger.tally();
        assert_eq!((tally.acknowledged, tally.delivered), (500, 500));
        assert_eq!((tally.lost, tally.duplicates, tally.strangers, tally.pushed_back), (0, 0, 0, 0));
        assert_eq!((stage.ledger.acknowledgement().len(), stage.ledger.arrival().len()), (500, 500));
    }

    #[tokio::test]
    async fn every_event_of_an_open_loop_arrives_once() {
        let stage = Stage::raw(300).await.unwrap();
        send_all(&stage.target, &stage.ledger, 4, Pacing::Open(1_000_000)).await.unwrap();
        assert_eq!((stage.ledger.tally().delivered, stage.ledger.outstanding()), (300, 0));
    }

    #[tokio::test]
    async fn the_same_ids_sent_twice_are_duplicates() {
        let stage = Stage::raw(200).await.unwrap();
        for _ in 0..2 {
            send_all(&stage.target, &stage.ledger, 2, Pacing::Closed).await.unwrap();
        }
        let tally = stage.ledger.tally();
        assert_eq!((tally.delivered, tally.duplicates), (200, 200));
    }

    #[tokio::test]
    async fn events_of_another_run_are_strangers() {
        let (ours, theirs) = (Stage::raw(50).await.unwrap(), Stage::raw(50).await.unwrap());
        send_all(&ours.target, &theirs.ledger, 2, Pacing::Closed).await.unwrap();
        assert_eq!((ours.ledger.tally().strangers, theirs.ledger.tally().lost), (50, 50));
        theirs.ledger.settle(Duration::ZERO).await;
        assert_eq!(theirs.ledger.outstanding(), 50);
    }

    #[tokio::test]
    async fn a_stalled_receiver_notes_what_it_never_answers() {
        let stage = Stage::raw(50).await.unwrap();
        stage.pace.change(Pace::NEVER);
        let sending = send_all(&stage.target, &stage.ledger, 3, Pacing::Closed);
        tokio::select! {
            _ended = sending => panic!("nothing is ever answered"),
            () = arrivals(&stage, 3) => {}
        }
        let tally = stage.ledger.tally();
        assert_eq!((tally.acknowledged, tally.delivered), (0, 3));
    }

    async fn arrivals(stage: &Stage, count: u64) {
        while stage.ledger.tally().delivered < count {
            tokio::task::yield_now().await;
        }
    }
}
