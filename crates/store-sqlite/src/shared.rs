//! What the writer tells everybody.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use store::Error;

/// Seen by all, written by the writer.
#[derive(Default)]
pub(crate) struct Shared {
    failed: OnceLock<String>,
    unfinished: AtomicI64,
    full: AtomicBool,
    behind: AtomicBool,
    head: Mutex<Option<audit::Head>>,
}

impl Shared {
    /// Stops everything: what is on disk is not known any more (R7). The first reason stays.
    pub(crate) fn fail(&self, why: &impl Display) {
        if self.failed.set(why.to_string()).is_ok() {
            tracing::error!(error = %why, "the store has stopped");
        }
    }

    /// Why everything has stopped, if it has.
    pub(crate) fn failed(&self) -> Option<&str> {
        self.failed.get().map(String::as_str)
    }

    /// The error of every verb once everything has stopped.
    pub(crate) fn stopped(&self) -> Option<Error> {
        self.failed.get().map(|why| Error::Stopped(why.clone()))
    }

    /// So many more deliveries are not finished; fewer, if negative.
    pub(crate) fn count(&self, unfinished: i64) {
        self.unfinished.fetch_add(unfinished, Ordering::Relaxed);
    }

    /// Whether the disk is full and nothing new is accepted.
    pub(crate) fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }

    /// Whether the disk is full.
    pub(crate) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Whether something stands beside the sums that they do not hold.
    pub(crate) fn set_behind(&self, behind: bool) {
        self.behind.store(behind, Ordering::Release);
    }

    /// Whether the sums lack something.
    pub(crate) fn is_behind(&self) -> bool {
        self.behind.load(Ordering::Acquire)
    }

    /// How many deliveries are not finished.
    pub(crate) fn unfinished(&self) -> u64 {
        u64::try_from(self.unfinished.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// The audit chain is durable up to here.
    pub(crate) fn set_head(&self, head: audit::Head) {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
    }

    /// Where the durable audit chain ends.
    pub(crate) fn head(&self) -> audit::Head {
        self.head.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or(audit::Head::EMPTY)
    }
}
