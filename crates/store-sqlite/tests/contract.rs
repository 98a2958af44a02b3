//! The embedded store keeps every promise of a store.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use model::ManualClock;
use store::Store;
use store::contract::{self, World};
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

/// Directories of open stores, by the address of the store.
#[derive(Default)]
struct Disk(RefCell<HashMap<usize, TempDir>>);

impl Disk {
    fn open_in(&self, dir: TempDir) -> Arc<dyn Store> {
        let clock = Arc::new(ManualClock::at(World::NOW));
        let options = Options { audit_key: [7; 32], tag_seed: 42, clock };
        let store = SqliteStore::open(dir.path(), options).unwrap();
        self.0.borrow_mut().insert(Arc::as_ptr(&store).addr(), dir);
        store
    }

    fn open(&self) -> Arc<dyn Store> {
        self.open_in(tempfile::tempdir().unwrap())
    }

    /// What a killed process leaves: the files as they are, copied while the store is open.
    fn kill(&self, store: &Arc<dyn Store>) -> Arc<dyn Store> {
        let copy = tempfile::tempdir().unwrap();
        let dirs = self.0.borrow();
        for name in ["store.db", "store.db-wal"] {
            let file = dirs[&Arc::as_ptr(store).addr()].path().join(name);
            std::fs::copy(file, copy.path().join(name)).unwrap();
        }
        drop(dirs);
        self.open_in(copy)
    }

    /// The end of a process that had time for it.
    fn restart(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        let dir = self.0.borrow_mut().remove(&Arc::as_ptr(&store).addr()).unwrap();
        drop(store);
        self.open_in(dir)
    }
}

#[tokio::test]
async fn every_story_holds() {
    let disk = Disk::default();
    contract::run(async || disk.open()).await;
}

#[tokio::test]
async fn every_story_about_killed_processes_holds() {
    let disk = Disk::default();
    contract::restart(async || disk.open(), async |store| disk.kill(&store)).await;
}

#[tokio::test]
async fn every_story_about_ended_processes_holds() {
    let disk = Disk::default();
    contract::restart(async || disk.open(), async |store| disk.restart(store)).await;
}
