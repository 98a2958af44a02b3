//! The writing side: one thread, one transaction for everything that waits.
//!
//! `writer` is the loop; it opens a `group` for what waits and commits it.
//! What a group may do: `arrivals` and `additions` come in, `endings` leave, `comebacks`
//! return, `known` tells what was seen before, `answers` and `alerts` are kept, `numbers` are given,
//! `orders` and `followers` decide who waits for whom,
//! `merges` makes two subjects one, `claims` go to the sender,
//! `configure`, `expiry` and `resealing` speak for themselves, and `journal` writes the audit rows.

pub(crate) mod writer; // The loop, and what a fault means.
pub(crate) mod group; // One transaction and what it tells afterwards.
mod hot; // Statements of the way through memory.
pub(crate) mod batch; // One call of commit.
mod arrivals; // What comes in.
mod additions; // New deliveries of what came in before.
mod cursors; // How far sources were read.
mod leftovers; // What no table takes up.
pub(crate) mod known; // Keys that were seen before.
mod objects; // States of tracked objects.
pub(crate) mod triggered; // What triggers remember, and what became of them.
mod found; // A delivery as its row says it is.
pub(crate) mod endings; // Settled, rescheduled, held.
pub(crate) mod alerts; // When somebody should look.
mod comebacks; // Owed again; redrives.
pub(crate) mod rejections; // What doors refused.
pub(crate) mod answers; // What was answered before.
mod numbers; // Numbers of deliveries to subscriptions.
mod orders; // Who waits for whom.
pub(crate) mod followers; // Who waits for one particular other.
pub(crate) mod merges; // Who is one with whom.
pub(crate) mod claims; // On their way to the sender.
pub(crate) mod configure; // Documents.
pub(crate) mod expiry; // What retention removes.
pub(crate) mod resealing; // Records under another key.
pub(crate) mod journal; // Audit rows.
pub(crate) mod gaps; // Audit rows of machine steps, taken out.
pub(crate) mod checkpoint; // The way of the log into the file.
pub(crate) mod reserve; // Space for what must go on when the disk is full.
#[cfg(test)]
mod tests; // A full disk and a failing one.
