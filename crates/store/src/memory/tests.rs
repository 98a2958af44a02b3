//! What only a store that can crash shows; the rest is in the contract suite.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use model::{Event, Id, Lane, ManualClock, OrderKey};

use super::*;
use crate::{Arrival, NewDelivery, Place, Read as _, Reschedule, Settled};

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn store(durability: Durability) -> MemoryStore {
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_000)));
    MemoryStore::new(Options { durability, ..Options::default() }, clock)
}

fn event(row: i64) -> NewEvent {
    let event = Event {
        id: Id::from_row(row, 1),
        organisation: Id::from_raw(2),
        integration: Id::from_raw(3),
        event_type: "lab.result.critical".into(),
        object_type: "lab_report".into(),
        lane: Lane::Critical,
        time: Timestamp::from_millis(row),
        received: Timestamp::from_millis(row),
        test: false,
        subject: None,
        object: None,
        message: None,
        sequence: 0,
        replaces: None,
        caused_by: None,
        hops: 0,
    };
    NewEvent { event, decisions: Vec::new(), config_version: 1, body: None }
}

fn id(row: i64) -> DeliveryId {
    Id::from_row(row, 1)
}

const HOOK: u128 = 9;

/// One delivery, in the order of patient 1, whose id and event have the same row.
fn arrival(row: i64) -> Batch {
    let delivery = NewDelivery {
        id: id(row),
        webhook: Id::from_raw(HOOK),
        lane: Lane::Critical,
        order: Some(OrderKey([1; 16])),
        follows: None,
        dead: None,
        numbered: false,
    };
    let arrival = Arrival { events: vec![(event(row), vec![delivery])], ..Arrival::default() };
    Batch { arrivals: vec![arrival], ..Batch::default() }
}

fn claims(store: &MemoryStore) -> Vec<Claim> {
    now(store.claim(Ask { webhook: Id::from_raw(HOOK), lane: Lane::Critical, max: 9 })).unwrap()
}

fn delivered(claim: &Claim) -> Batch {
    let settled = Settled {
        delivery: claim.delivery,
        epoch: claim.epoch,
        end: End::Delivered,
        at: Timestamp::from_millis(2_000),
        attempts: 1,
        error: None,
        rendered: None,
    };
    Batch { settled: vec![settled], ..Batch::default() }
}

/// A sender that takes the first delivery and holds the others behind it.
#[derive(Default)]
struct OneByOne(Mutex<Vec<String>>);

impl Handover for OneByOne {
    fn place(&self, _: WebhookId, _: Lane, _: Option<model::OrderKey>) -> Place {
        let first = self.0.lock().unwrap().is_empty();
        if first { Place::Memory } else { Place::Behind }
    }

    fn take(&self, claims: Vec<Claim>) {
        let rows = claims.iter().map(|claim| format!("take {}", claim.delivery.row()));
        self.0.lock().unwrap().extend(rows);
    }

    fn spilled(&self, backlog: Vec<Backlog>) {
        self.0.lock().unwrap().extend(backlog.iter().map(|of| format!("spilled {}", of.count)));
    }

    fn released(&self, keys: Vec<BlockedKey>) {
        self.0.lock().unwrap().push(format!("released {}", keys.len()));
    }

    fn recalled(&self, _: Vec<crate::Recall>) {}

    fn hastened(&self, _: Vec<DeliveryId>) {}

    fn withdrawn(&self, _: Vec<DeliveryId>) {}
}

#[test]
fn a_crash_leaves_what_was_answered_and_fences_what_was_claimed() {
    let store = store(Durability::Synced);
    now(store.commit(arrival(1))).unwrap();
    let before = claims(&store);
    assert!(claims(&store).is_empty());
    store.crash();
    assert_eq!(now(store.commit(delivered(&before[0]))).unwrap().fenced, [id(1)]);
    let after = claims(&store);
    assert_eq!((after[0].delivery, after[0].epoch), (before[0].delivery, before[0].epoch + 1));
    assert!(now(store.commit(delivered(&after[0]))).unwrap().fenced.is_empty());
    store.crash();
    assert!(claims(&store).is_empty());
    assert_eq!(now(store.health()).unfinished, 0);
}

#[test]
fn a_store_that_answers_too_early_loses_what_it_did_not_sync() {
    let store = store(Durability::Lossy);
    now(store.commit(arrival(1))).unwrap();
    store.sync();
    now(store.commit(arrival(2))).unwrap();
    store.crash();
    let found = |row| now(store.find_delivery(id(row))).unwrap().is_some();
    assert!(found(1) && !found(2));
}

#[test]
fn what_is_held_behind_a_key_goes_by_age_when_its_head_ends_or_the_sender_dies() {
    let store = store(Durability::Synced);
    let sender = Arc::new(OneByOne::default());
    store.hand_over_to(sender.clone());
    for row in 1..=3 {
        now(store.commit(arrival(row))).unwrap();
    }
    assert!(claims(&store).is_empty());
    let head = Claim { epoch: 1, ..store.look(|state| state.find(id(1)).map(state::Owed::claim)).unwrap() };
    now(store.commit(delivered(&head))).unwrap();
    assert_eq!(*sender.0.lock().unwrap(), ["take 1", "spilled 2", "released 1"]);
    let rows = |claims: &[Claim]| claims.iter().map(|claim| claim.delivery.row()).collect::<Vec<_>>();
    let held = claims(&store);
    assert_eq!(rows(&held), [2, 3]);

    // The head waits on disk for its retry: whoever starts next must know.
    let (delivery, due) = (held[0].delivery, Timestamp::from_millis(9_000));
    let again = Reschedule { delivery, epoch: 1, due, attempts: 1, error: None, rendered: None, keep: false };
    now(store.commit(Batch { again: vec![again], ..Batch::default() })).unwrap();
    store.crash();
    let (backlog, blocked) = now(store.backlog()).unwrap();
    assert_eq!((backlog[0].count, blocked.len()), (1, 1));
    assert_eq!(rows(&claims(&store)), [3]);
    assert!(now(store.due(Timestamp::from_millis(8_999), 9)).unwrap().is_empty());
    assert_eq!(now(store.due(due, 9)).unwrap()[0].count, 1);
    assert_eq!(rows(&claims(&store)), [2]);
}
