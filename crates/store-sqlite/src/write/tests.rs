//! A full disk and a failing one.

use std::sync::Arc;
use std::time::Duration;

use model::ManualClock;
use rusqlite::ffi;
use store::contract::World;
use store::{Batch, End, Error, Store};
use tokio::time::Instant;

use crate::fault::Fault;
use crate::mailbox::{Mailbox, Weight};
use crate::{Options, SqliteStore};

fn open(dir: &std::path::Path) -> Arc<SqliteStore> {
    let clock = Arc::new(ManualClock::at(World::NOW));
    SqliteStore::open(dir, Options { audit_key: [1; 32], tag_seed: 1, clock }).unwrap()
}

fn mailbox(store: &SqliteStore) -> Arc<Mailbox> {
    store.mailbox.lock().unwrap().clone().unwrap()
}

/// Lets the file grow by so many pages and no more.
async fn leave_pages(store: &SqliteStore, pages: i64) {
    let limit = move |group: &mut super::group::Group<'_>| {
        let count: i64 = group.conn.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let most = count + pages;
        group.conn.pragma_update_and_check(None, "max_page_count", most, |_| Ok(()))?;
        Ok(())
    };
    mailbox(store).call(Weight::rows(1), limit).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_a_state_and_not_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let world = World::on(store.clone());
    world.owe(None).await;
    let claim = world.claim(1).await.remove(0);
    leave_pages(&store, 1).await;
    let large = || {
        let mut arrival = world.arrival(vec![]);
        arrival.events[0].0.body = Some(model::Sealed(vec![1; 100_000]));
        Batch { arrivals: vec![arrival], ..Batch::default() }
    };
    assert!(matches!(store.commit(large()).await, Err(Error::DiskFull)), "what has no room is refused");
    let small = Batch { arrivals: vec![world.arrival(vec![])], ..Batch::default() };
    assert!(matches!(store.commit(small).await, Err(Error::DiskFull)), "and so is all that comes in");
    let ended = Batch { ended: vec![(claim.delivery, End::Cancelled)], ..Batch::default() };
    store.commit(ended).await.expect("what goes out goes on");
    assert!(store.health().await.failed.is_none(), "the store has not stopped");

    leave_pages(&store, 1_000).await;
    let began = Instant::now();
    while store.commit(large()).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "it recovers by itself");
    }
    assert_eq!(std::fs::metadata(dir.path().join("reserve")).unwrap().len(), 64 << 20, "the reserve is back");
}

// R7: after a failed write nobody knows what is on disk.
#[tokio::test]
async fn a_failed_write_ends_everything() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let world = World::on(store.clone());
    world.owe(None).await;
    let fail = |_: &mut super::group::Group<'_>| -> crate::fault::Result<()> {
        let error = ffi::Error::new(ffi::SQLITE_IOERR_FSYNC);
        Err(Fault::Sql(rusqlite::Error::SqliteFailure(error, None)))
    };
    let failed = mailbox(&store).call(Weight::rows(1), fail).await;
    assert!(matches!(failed, Err(Error::Stopped(_))), "whoever waited hears of it");
    let batch = Batch { arrivals: vec![world.arrival(vec![])], ..Batch::default() };
    assert!(matches!(store.commit(batch).await, Err(Error::Stopped(_))), "nothing is acknowledged any more");
    assert!(store.health().await.failed.is_some(), "the server sees it and ends");
    let rows = store.audit_rows(1, 10).await.unwrap();
    assert_eq!(rows.len(), 1, "what is stored stays readable");
}
