//! What only this store promises of its files.

use std::sync::Arc;

use audit::{Action, Actor, Entry, Head};
use model::{DeliveryState, EventId, Lane, Timestamp};
use store::contract::World;
use store::{Batch, Error, Expiry, Store};

use crate::support::{AUDIT_KEY, open};

fn entry(detail: &str) -> Entry {
    Entry {
        at: World::NOW,
        organisation: None,
        actor: Actor::CommandLine,
        action: Action::Update,
        target: String::new(),
        detail: detail.to_owned(),
    }
}

#[tokio::test]
async fn one_process_at_a_time_has_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()), Err(Error::Stopped(_))), "a second process is refused");
    store.close();
    assert!(open(dir.path()).is_ok(), "after a close, the next may begin");
    let closed = store.commit(Batch::default()).await;
    assert!(matches!(closed, Err(Error::Stopped(_))), "a closed store says so");
    assert!(store.health().await.failed.is_some());
}

#[tokio::test]
async fn nobody_but_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let keys = store_sqlite::KeyFile::open(&dir.path().join("keys.db")).unwrap();
    store.commit(Batch::default()).await.unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
    drop(keys);
}

#[tokio::test]
async fn a_file_of_another_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    for (version, word) in [(99, "newer"), (1, "--data")] {
        let conn = rusqlite::Connection::open(dir.path().join("store.db")).unwrap();
        conn.pragma_update(None, "user_version", version).unwrap();
        drop(conn);
        let Err(Error::Stopped(why)) = open(dir.path()) else { panic!("version {version} is refused") };
        assert!(why.contains(&version.to_string()) && why.contains(word), "{why}");
    }
}

#[tokio::test]
async fn the_audit_chain_goes_on_over_restarts() {
    let dir = tempfile::tempdir().unwrap();
    for start in 0..3 {
        let store = open(dir.path()).unwrap();
        let world = World::on(store.clone());
        world.owe(None).await;
        world.commit(Batch { audit: vec![entry(&start.to_string())], ..Batch::default() }).await;
        let rows = store.audit_rows(1, 100).await.unwrap();
        assert_eq!(rows.last().unwrap().head(), store.audit_head(), "the head is that of the last row");
        let verified = audit::verify(rows, &AUDIT_KEY, Head::EMPTY, None).unwrap();
        assert_eq!(verified.up_to, store.audit_head());
        assert_eq!(verified.rows, (start + 1) * 2, "one row for each group, one for each act");
    }
    let store = open(dir.path()).unwrap();
    let horizon = Expiry {
        bodies: Timestamp::default(),
        dead_letters: Timestamp::default(),
        log: Timestamp::default(),
        audit: World::NOW + std::time::Duration::from_millis(1),
        answers: Timestamp::default(),
    };
    assert_eq!(store.expire(horizon, 4).await.unwrap(), 4);
    let base = store.audit_base().await.unwrap();
    let rest = store.audit_rows(0, 100).await.unwrap();
    assert_eq!(base.number, 4);
    audit::verify(rest, &AUDIT_KEY, base, None).expect("what retention leaves can still be checked");
}

#[tokio::test]
async fn a_command_at_fault_does_not_spoil_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let world = World::on(store.clone());
    let arrival = world.arrival(vec![world.delivery(None)]);
    let id: EventId = arrival.events[0].0.event.id;
    let batch = |arrival| store.commit(Batch { arrivals: vec![arrival], ..Batch::default() });
    let (good, other) = (world.arrival(vec![]), world.arrival(vec![]));
    let ids = [good.events[0].0.event.id, id, other.events[0].0.event.id];
    // The same row twice cannot be written; the channel brings all four together.
    let (a, b, c, d) = tokio::join!(batch(good), batch(arrival.clone()), batch(arrival), batch(other));
    assert!(a.is_ok() && b.is_ok() && d.is_ok(), "the others are written");
    assert!(matches!(c, Err(Error::Backend(_))), "the one at fault hears of it");
    let found = store.events(&ids).await.unwrap();
    assert!(found.iter().all(Option::is_some));
    assert!(store.health().await.failed.is_none(), "the store goes on");
    let rows = store.audit_rows(1, 100).await.unwrap();
    audit::verify(rows, &AUDIT_KEY, Head::EMPTY, None).expect("what was rolled back left no trace");
}

#[tokio::test]
async fn a_full_channel_refuses_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let world = World::on(store.clone());
    let big = || {
        let mut arrival = world.arrival(vec![]);
        arrival.events[0].0.body = Some(model::Sealed(vec![1; 6 << 20]));
        Batch { arrivals: vec![arrival], ..Batch::default() }
    };
    let commits = (0..12).map(|_| store.commit(big()));
    let done = futures(commits).await;
    let refused = done.iter().filter(|done| matches!(done, Err(Error::Overloaded))).count();
    let written = done.iter().filter(|done| done.is_ok()).count();
    assert!(refused > 0 && written > 0 && refused + written == 12, "{refused} refused, {written} written");
    assert_eq!(store.health().await.waiting_bytes, 0, "what was taken is not counted any more");
}

/// Runs all futures together.
async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = all.map(|one| (Box::pin(one), None)).collect();
    std::future::poll_fn(|context| {
        for (one, done) in all.iter_mut().filter(|(_, done)| done.is_none()) {
            if let std::task::Poll::Ready(value) = one.as_mut().poll(context) {
                *done = Some(value);
            }
        }
        if all.iter().all(|(_, done)| done.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    all.into_iter().filter_map(|(_, done)| done).collect()
}

#[tokio::test]
async fn space_is_given_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let world = World::on(store.clone());
    for _ in 0..4 {
        let mut arrivals: Vec<_> = (0..100).map(|_| world.arrival(vec![])).collect();
        arrivals.iter_mut().for_each(|arrival| {
            arrival.events[0].0.body = Some(model::Sealed(vec![7; 8_000]));
        });
        world.commit(Batch { arrivals, ..Batch::default() }).await;
    }
    let later = World::NOW + std::time::Duration::from_secs(86_400);
    let never = Timestamp::default();
    let horizon = Expiry { bodies: later, dead_letters: never, log: later, audit: never, answers: never };
    let mut removed = 0;
    while let Ok(some @ 1..) = store.expire(horizon, 300).await {
        removed += some;
    }
    assert!(removed >= 800, "four hundred bodies, as many events, and the steps that wrote them: {removed}");
    store.close();
    let size = std::fs::metadata(dir.path().join("store.db")).unwrap().len();
    assert!(size < 1 << 20, "{size} bytes are left of more than three million");
}

#[tokio::test]
async fn a_long_queue_does_not_delay_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let world = World::on(store.clone());
    let deliveries = (0..2_000).map(|_| world.delivery(None)).collect();
    world.commit(Batch { arrivals: vec![world.arrival(deliveries)], ..Batch::default() }).await;
    let claims = world.claim(5).await;
    drop((world, store));
    let store: Arc<dyn Store> = open(dir.path()).unwrap();
    let (backlog, _) = store.backlog().await.unwrap();
    assert_eq!((backlog[0].lane, backlog[0].count), (Lane::Routine, 2_000), "all of it is due");
    let row = store.find_delivery(claims[0].delivery).await.unwrap().unwrap();
    assert_eq!(row.state, DeliveryState::Pending);
}
