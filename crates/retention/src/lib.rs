//! What is over is forgotten, what is owed is kept (K1).
//!
//! A [`Keeper`] goes by a clock that it does not believe blindly (`trusted`).
//! While it does, rows that are over are removed (`keeper`), and the keys of
//! days that are over are dropped once everything that is still needed of them
//! is sealed under a later day (`days`).
//!
//! The order makes a crash at any step harmless: the new key is durable before
//! the new record, the new record before the audit row, the audit row before
//! the old key goes. What was begun is begun again.

mod options; // How long things are kept.
mod trusted; // The time, as long as it can be believed.
mod days; // Days whose keys may go.
mod keeper; // The loop.

pub use keeper::{Error, Keeper, Ports, Stand};
pub use options::Options;
