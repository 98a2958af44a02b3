//! Stores in directories of their own, and the ways in which a process ends.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use model::ManualClock;
use store::Store;
use store::contract::World;
use store_sqlite::{Options, SqliteStore};
use tempfile::TempDir;

/// The key of the audit chains.
pub(crate) const AUDIT_KEY: [u8; 32] = [7; 32];

/// Opens the store in a directory.
pub(crate) fn open(dir: &Path) -> store::Result<Arc<SqliteStore>> {
    let clock = Arc::new(ManualClock::at(World::NOW));
    SqliteStore::open(dir, Options { audit_key: AUDIT_KEY, tag_seed: 42, clock })
}

/// Directories of open stores, by the address of the store.
#[derive(Default)]
pub(crate) struct Disk(RefCell<HashMap<usize, TempDir>>);

impl Disk {
    /// An empty store.
    pub(crate) fn open(&self) -> Arc<dyn Store> {
        self.open_in(tempfile::tempdir().unwrap())
    }

    /// What a killed process leaves: the files as they are, copied while the store is open.
    /// The log comes first: whatever is copied into the file meanwhile is in it too.
    pub(crate) fn kill(&self, store: &Arc<dyn Store>) -> Arc<dyn Store> {
        let copy = tempfile::tempdir().unwrap();
        let dirs = self.0.borrow();
        for name in ["store.db-wal", "store.db"] {
            let file = dirs[&Arc::as_ptr(store).addr()].path().join(name);
            std::fs::copy(file, copy.path().join(name)).unwrap();
        }
        drop(dirs);
        self.open_in(copy)
    }

    /// The end of a process that had time for it.
    pub(crate) fn restart(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        let dir = self.0.borrow_mut().remove(&Arc::as_ptr(&store).addr()).unwrap();
        drop(store);
        self.open_in(dir)
    }

    fn open_in(&self, dir: TempDir) -> Arc<dyn Store> {
        let store = open(dir.path()).unwrap();
        self.0.borrow_mut().insert(Arc::as_ptr(&store).addr(), dir);
        store
    }
}
