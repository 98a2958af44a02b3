//! Opened keys in memory: bounded in number and in age.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{Timestamp, limits};

use crate::Scope;
use crate::crypto::Key;

/// Opened keys. An entry older than [`limits::OPENED_KEY_AGE`] is as good as absent.
pub(crate) struct Cache {
    shards: [Mutex<Shard>; SHARDS],
    generation: AtomicU64,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Cache { shards: std::array::from_fn(|_| Mutex::default()), generation: AtomicU64::new(0) }
    }

    pub(crate) fn find(&self, scope: Scope, now: Timestamp) -> Option<Key> {
        let shard = self.shard(scope);
        let opened = shard.young.get(&scope).or_else(|| shard.old.get(&scope))?;
        opened.is_fresh(now).then(|| opened.key.clone())
    }

    /// What [`Cache::insert`] must be told: taken before the keys are loaded.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Remembers a key, unless keys were erased since `generation`: it may be one of them.
    pub(crate) fn insert(&self, scope: Scope, key: Key, now: Timestamp, generation: u64) {
        let mut shard = self.shard(scope);
        if self.generation() != generation {
            return;
        }
        // Two halves: when the young one is full, the old one goes. No entry is
        // looked at, and whatever is in use is back within one load.
        if shard.young.len() >= HALF {
            shard.old = std::mem::take(&mut shard.young);
        }
        shard.young.insert(scope, Opened { key, at: now });
    }

    /// Stops what is being loaded from being remembered.
    pub(crate) fn turn(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Forgets the keys of some scopes.
    pub(crate) fn forget(&self, gone: impl Fn(&Scope) -> bool) {
        self.retain(|scope, _| !gone(scope));
    }

    /// Forgets the keys that are too old to be used.
    pub(crate) fn sweep(&self, now: Timestamp) {
        self.retain(|_, opened| opened.is_fresh(now));
    }

    fn retain(&self, keep: impl Fn(&Scope, &Opened) -> bool) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            shard.young.retain(|scope, opened| keep(scope, opened));
            shard.old.retain(|scope, opened| keep(scope, opened));
        }
    }

    fn shard(&self, scope: Scope) -> MutexGuard<'_, Shard> {
        lock(&self.shards[scope.spread() % SHARDS])
    }
}

const SHARDS: usize = 16;
const HALF: usize = limits::OPENED_KEYS / SHARDS / 2;

#[derive(Default)]
struct Shard {
    young: HashMap<Scope, Opened>,
    old: HashMap<Scope, Opened>,
}

struct Opened {
    key: Key,
    at: Timestamp,
}

impl Opened {
    // A clock that went back makes an entry unusable, never longer-lived.
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.at <= now && now.since(self.at) < limits::OPENED_KEY_AGE
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
