//! The behaviour of a store, as tests.
//!
//! [`run`] and [`restart`] are plain functions, so that a store's whole test is
//! a few lines. Each story opens a store of its own and panics with a sentence
//! when a promise is broken. `world` makes events and deliveries to tell it with.

mod world; // Ids, events and deliveries to tell stories with.
mod desk; // A sender that writes down what it hears.
mod arrivals; // What comes in.
mod queue; // Claimed, settled, put off, given back.
mod ends; // Dead letters, ends by hand, comebacks.
mod additions; // New deliveries of what came in before.
mod answers; // What was answered before.
mod orders; // Who waits for whom, and the hand-over.
mod followers; // Corrections after originals, in whatever lane.
mod merges; // A merged patient's identifiers share one order.
mod cursors; // How far sources were read.
mod leftovers; // What no table takes up.
mod settings; // The configuration and the audit log.
mod lists; // What people ask.
mod rejections; // What doors refused.
mod stream; // What receivers catch up with.
mod numbers; // Numbers of deliveries to subscriptions.
mod totals; // What attempts add up to.
mod sums; // What else is added up.
mod alerts; // When somebody should look.
mod retention; // What is forgotten, and what is not.
mod triggered; // What triggers remember, and what became of them.
mod restarts; // What the end of a process leaves.

use std::sync::Arc;

pub use desk::Desk;
pub use world::World;

use crate::Store;

/// Runs every story that needs no restart; `open` gives an empty store each time.
///
/// The store's own clock may show anything at or after [`World::NOW`].
///
/// # Panics
/// A promise is broken.
pub async fn run(open: impl AsyncFn() -> Arc<dyn Store>) {
    arrivals::tell(&open).await;
    queue::tell(&open).await;
    ends::tell(&open).await;
    additions::tell(&open).await;
    answers::tell(&open).await;
    orders::tell(&open).await;
    followers::tell(&open).await;
    merges::tell(&open).await;
    cursors::tell(&open).await;
    leftovers::tell(&open).await;
    settings::tell(&open).await;
    lists::tell(&open).await;
    rejections::tell(&open).await;
    stream::tell(&open).await;
    numbers::tell(&open).await;
    totals::tell(&open).await;
    sums::tell(&open).await;
    alerts::tell(&open).await;
    retention::tell(&open).await;
    triggered::tell(&open).await;
}

/// Runs the stories about restarts; `reopen` ends the process that has the store open and starts another.
///
/// # Panics
/// A promise is broken.
pub async fn restart(
    open: impl AsyncFn() -> Arc<dyn Store>,
    reopen: impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
) {
    restarts::tell(&open, &reopen).await;
    answers::tell_of_restarts(&open, &reopen).await;
    triggered::tell_of_restarts(&open, &reopen).await;
    numbers::tell_of_restarts(&open, &reopen).await;
}
