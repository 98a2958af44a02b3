//! What triggers remember, and what became of them.

use std::sync::Arc;
use std::time::Duration;

use model::{ClauseResult, EventId, Judged, Judgement, MemoryKey, Sealed, SubjectKey, Timestamp, TriggerId};

use super::World;
use crate::{Arrival, Considered, Expiry, Remembered, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    a_memory_is_written_only_over_the_one_it_was_made_from(World::on(open().await)).await;
    what_is_due_comes_the_earliest_first(World::on(open().await)).await;
    what_triggers_made_of_an_event_is_kept_counted_and_listed(World::on(open().await)).await;
    what_waits_outlives_the_log_and_the_rest_does_not(World::on(open().await)).await;
}

/// The same after a restart: waiting is not forgotten with the process.
pub(super) async fn tell_of_restarts(
    open: &impl AsyncFn() -> Arc<dyn Store>,
    reopen: &impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
) {
    let world = World::on(open().await);
    let waiting = memory(&world, 1, 1, Some(World::NOW));
    remember(&world, waiting.clone()).await;
    let store = reopen(world.store).await;
    let due = store.memories_due(World::NOW + Duration::from_secs(1), 9).await.expect("read");
    assert_eq!(due, [waiting]);
}

fn memory(world: &World, key: u8, version: u32, due: Option<Timestamp>) -> Remembered {
    Remembered {
        key: MemoryKey([key; 16]),
        version,
        organisation: world.organisation,
        trigger: world.id(),
        subject: SubjectKey([7; 16]),
        due,
        touched: World::NOW,
        sealed: Sealed(vec![key; 9]),
    }
}

/// Lets something come in that leaves a memory; tells whether it was written.
async fn remember(world: &World, memory: Remembered) -> bool {
    let arrival = Arrival { memories: vec![memory], ..world.arrival(Vec::new()) };
    world.arrive(arrival).await.conflicts.is_empty()
}

async fn a_memory_is_written_only_over_the_one_it_was_made_from(world: World) {
    let first = memory(&world, 1, 1, None);
    let next = Remembered { version: 2, sealed: Sealed(vec![2]), ..first.clone() };
    assert!(remember(&world, first.clone()).await);
    assert!(!remember(&world, first).await, "somebody else was first");
    assert!(remember(&world, next.clone()).await);
    let keys = [MemoryKey([1; 16]), MemoryKey([9; 16])];
    assert_eq!(world.store.memories(&keys).await.expect("read"), [Some(next), None]);
}

async fn what_is_due_comes_the_earliest_first(world: World) {
    let at = |secs| World::NOW + Duration::from_secs(secs);
    for (key, due) in [(1, Some(at(30))), (2, Some(at(10))), (3, None), (4, Some(at(20)))] {
        assert!(remember(&world, memory(&world, key, 1, due)).await);
    }
    let due = async |before, max| {
        let found = world.store.memories_due(before, max).await.expect("read");
        found.into_iter().map(|known| known.key.0[0]).collect::<Vec<_>>()
    };
    assert_eq!(due(at(30), 9).await, [2, 4]);
    assert_eq!(due(at(99), 2).await, [2, 4]);
    let off = Remembered { version: 2, due: None, ..memory(&world, 2, 1, None) };
    assert!(remember(&world, off).await);
    assert_eq!(due(at(99), 9).await, [4, 1]);
}

fn judged(trigger: TriggerId, judgement: Judgement) -> Judged {
    Judged {
        trigger,
        version: 3,
        judgement,
        clauses: vec![ClauseResult::Holds, ClauseResult::Empty],
        reason: (judgement == Judgement::Indeterminate).then(|| "unknown_unit".to_owned()),
        disagrees: judgement == Judgement::NotMatched,
        raised: None,
    }
}

/// Lets an event come in of which triggers made something.
async fn consider(world: &World, test: bool, all: &[Judged]) -> EventId {
    let mut arrival = world.arrival(Vec::new());
    let event = arrival.events[0].0.event.id;
    arrival.considered = vec![Considered { event, at: World::NOW, test, judged: all.to_vec() }];
    world.arrive(arrival).await;
    event
}

async fn what_triggers_made_of_an_event_is_kept_counted_and_listed(world: World) {
    let (one, other): (TriggerId, TriggerId) = (world.id(), world.id());
    let all = [judged(one, Judgement::Fired), judged(other, Judgement::Indeterminate)];
    let first = consider(&world, false, &all).await;
    let second = consider(&world, false, &[judged(one, Judgement::Fired)]).await;
    let third = consider(&world, false, &[judged(one, Judgement::NotMatched)]).await;
    consider(&world, true, &all).await;
    assert_eq!(world.store.judged(first).await.expect("read"), all);
    assert_eq!(world.store.judged(world.id()).await.expect("read"), []);
    let page =
        world.store.judged_by(one, Judgement::Fired, Some(model::Id::row(third)), 1).await.expect("read");
    assert_eq!((page.rows, page.next), (vec![second], Some(model::Id::row(second))));
    let page = world.store.judged_by(one, Judgement::Fired, page.next, 9).await.expect("read");
    assert_eq!((page.rows, page.next), (vec![first], None));
    assert!(
        world.store.judged_by(one, Judgement::NotMatched, None, 9).await.expect("read").rows.is_empty(),
        "what did not fire is told by its event, not listed"
    );
    let totals = world.store.judgements(&[one, other], World::NOW).await.expect("read");
    let counts: Vec<_> = totals[&one].counts.iter().map(|(of, count)| (*of, *count)).collect();
    assert_eq!(counts, [(Judgement::Fired, 2), (Judgement::NotMatched, 1)], "t1: tests do not count");
    assert_eq!((totals[&one].disagreements, totals[&other].disagreements), (1, 0));
    let later = World::NOW + Duration::from_secs(7_200);
    assert!(world.store.judgements(&[one], later).await.expect("read")[&one].counts.is_empty());
}

async fn what_waits_outlives_the_log_and_the_rest_does_not(world: World) {
    assert!(remember(&world, memory(&world, 1, 1, None)).await);
    assert!(remember(&world, memory(&world, 2, 1, Some(World::NOW))).await);
    let event = consider(&world, false, &[judged(world.id(), Judgement::Fired)]).await;
    let then = World::NOW + Duration::from_secs(7_200);
    let horizon = Expiry { bodies: then, dead_letters: then, log: then, audit: World::NOW, answers: then };
    while world.store.expire(horizon, 1_000).await.expect("expired") > 0 {}
    let known = world.store.memories(&[MemoryKey([1; 16]), MemoryKey([2; 16])]).await.expect("read");
    assert_eq!(known.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    assert_eq!(world.store.judged(event).await.expect("read"), []);
}
