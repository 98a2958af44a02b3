use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use model::limits::DAY_KEY_REST;
use model::{ManualClock, OrganisationId};
use privacy::{KeyName, Vault, VaultError, WrappedKey};
use store::End;
use store_sqlite::KeyFile;

use crate::place::{DAY, Place};

/// A key file that ends with the process at its N-th call from some moment on.
struct Ending {
    inner: KeyFile,
    left: Arc<AtomicI64>,
}

impl Ending {
    fn call(&self) -> Result<(), VaultError> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            1.. => Ok(()),
            _ => Err(VaultError::DiskFull),
        }
    }
}

#[async_trait]
impl Vault for Ending {
    async fn load(&self, names: &[KeyName]) -> Result<Vec<Option<WrappedKey>>, VaultError> {
        self.call()?;
        self.inner.load(names).await
    }

    async fn keep(&self, keys: Vec<(KeyName, WrappedKey)>) -> Result<Vec<WrappedKey>, VaultError> {
        self.call()?;
        self.inner.keep(keys).await
    }

    async fn days(&self, before: i64) -> Result<Vec<(OrganisationId, i64)>, VaultError> {
        self.call()?;
        self.inner.days(before).await
    }

    async fn erase(&self, names: &[KeyName]) -> Result<u64, VaultError> {
        self.call()?;
        self.inner.erase(names).await
    }
}

#[tokio::test(start_paused = true)]
async fn k1_an_end_at_any_step_of_sealing_anew_and_dropping_loses_nothing() {
    let mut steps = 0;
    loop {
        let dir = tempfile::tempdir().unwrap();
        let left = Arc::new(AtomicI64::new(i64::MAX));
        let inner = KeyFile::open(&dir.path().join("keys.db")).unwrap();
        let vault = Arc::new(Ending { inner, left: left.clone() });
        let mut place = Place::with(dir, Arc::new(ManualClock::at(store::contract::World::NOW)), vault);
        let dead = place.accept().await;
        place.settle(End::DeadLettered).await;
        place.pass(7 * DAY).await;
        tokio::time::advance(DAY).await;
        place.clock.advance(DAY);
        place.round().await;
        tokio::time::advance(DAY_KEY_REST).await;
        place.clock.advance(DAY_KEY_REST);
        left.store(steps, Ordering::SeqCst);
        let ended = place.try_round().await.is_err();
        place = place.restart();
        assert!(place.readable(dead).await.iter().all(Option::is_some), "ended at step {steps}");
        place.pass(DAY).await;
        assert!(place.readable(dead).await.iter().all(Option::is_some), "and gone on after step {steps}");
        assert_eq!(place.days().await.len(), 1, "the old day is gone in the end");
        if !ended {
            break;
        }
        steps += 1;
    }
    assert!(steps > 4, "the round has steps to end at: {steps}");
}
