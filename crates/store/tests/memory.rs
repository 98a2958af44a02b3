//! The store in memory keeps every promise of a store.

use std::sync::Arc;

use model::SystemClock;
use store::memory::{MemoryStore, Options};
use store::{Store, contract};

fn open() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(Options::default(), Arc::new(SystemClock)))
}

#[tokio::test]
async fn the_store_in_memory_passes_the_contract() {
    contract::run(async || open()).await;
}
