//! `GET /admin/overview`: one look at everything that matters now.
//!
//! Nothing here reads an event or a delivery: the sums of the store, the
//! configuration and the senders know enough. `attention` is pure.

mod attention; // What somebody should do something about.
mod facts; // What is known, gathered once.
mod lanes; // The four lanes as they are.
pub(crate) mod read;

pub(crate) use attention::is_low;
pub(crate) use facts::{Facts, Hook};
