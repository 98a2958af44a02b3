//! A full disk, a failing one, and what stands beside its table.

use std::sync::Arc;
use std::time::Duration;

use model::ManualClock;
use rusqlite::ffi;
use store::contract::World;
use store::{Arrival, Batch, End, Error, Store};
use tokio::time::Instant;

use super::known;
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

/// Lets an event with a key come in; the event that had the key before, if one had.
async fn arrive(world: &World, key: u8) -> Option<model::EventId> {
    let mut arrival = world.arrival(vec![]);
    arrival.dedupe = Some([key; 16]);
    let done = world.commit(Batch { arrivals: vec![arrival], ..Batch::default() }).await;
    done.duplicates.first().map(|(_, first)| *first)
}

/// Keys in the table, and the row from which on keys may wait.
async fn table(store: &SqliteStore) -> (i64, i64) {
    let look = |group: &mut super::group::Group<'_>| {
        let count = group.conn.query_row("SELECT count(*) FROM dedupe", [], |row| row.get(0))?;
        let from = "SELECT value FROM meta WHERE name = 'keys_from'";
        Ok((count, group.conn.query_row(from, [], |row| row.get(0))?))
    };
    mailbox(store).call(Weight::rows(1), look).await.unwrap()
}

/// Lets up to so many keys enter the table.
async fn enter(store: &SqliteStore, most: usize) {
    mailbox(store).call(Weight::rows(1), move |group| known::enter(group, most)).await.unwrap();
}

/// Ends the store of a world and opens its files again.
fn reopen(world: &mut World, store: &SqliteStore, dir: &std::path::Path) -> Arc<SqliteStore> {
    store.close();
    let store = open(dir);
    world.store = store.clone();
    store
}

#[tokio::test]
async fn a_key_is_known_whether_it_waits_or_stands_in_its_table() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let mut world = World::on(store.clone());
    let early = world.arrival(vec![]);
    let keys = [7, 3, 9, 1, 5];
    for key in keys {
        assert_eq!(arrive(&world, key).await, None);
    }
    for in_table in [0, 2, 4] {
        assert_eq!(table(&store).await.0, in_table, "neighbours enter, and go on where the last ones ended");
        for key in keys {
            assert!(arrive(&world, key).await.is_some(), "{key} with {in_table} in the table");
        }
        enter(&store, 2).await;
    }
    store = reopen(&mut world, &store, dir.path());
    let (in_table, from) = table(&store).await;
    let row = model::Id::row(early.events[0].0.event.id);
    assert!(in_table == 5 && from > row, "nothing waits any more, so a start reads no row again");
    let late = Arrival { dedupe: Some([4; 16]), ..early };
    world.commit(Batch { arrivals: vec![late], ..Batch::default() }).await;
    assert_eq!(table(&store).await.0, 6, "an earlier row that comes later is not read at a start");
    assert_eq!(arrive(&world, 6).await, None);
    reopen(&mut world, &store, dir.path());
    for key in [4, 6, 7] {
        assert!(arrive(&world, key).await.is_some(), "{key} after a start");
    }
}

#[tokio::test]
async fn what_stands_beside_the_sums_is_added_before_somebody_reads_and_at_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let mut world = World::on(store.clone());
    let owed = async |world: &World| world.store.piles(&[world.webhook]).await.unwrap()[0].count;
    let beside = async |store: &SqliteStore| {
        let count = |group: &mut super::group::Group<'_>| {
            Ok(group.conn.query_row("SELECT count(*) FROM sums_behind", [], |row| row.get::<_, i64>(0))?)
        };
        mailbox(store).call(Weight::rows(1), count).await.unwrap()
    };
    // The first group adds up itself, and so does one that comes after a quiet second.
    let mut count = 0;
    let mut owe_until_beside = async |world: &World, store: &SqliteStore| {
        while beside(store).await == 0 {
            world.owe(None).await;
            count += 1;
            assert!(count < 1_000, "a busy second writes each sum once");
        }
        count
    };
    let count = owe_until_beside(&world, &store).await;
    assert_eq!((owed(&world).await, beside(&store).await), (count, 0));
    let count = owe_until_beside(&world, &store).await;
    store = reopen(&mut world, &store, dir.path());
    assert_eq!((beside(&store).await, owed(&world).await), (0, count));
}
