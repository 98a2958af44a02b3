//! Calls against receivers that do everything a receiver can do.
//!
//! `stage` sets the scene, `receiver` and `certificates` are the other end,
//! `memory` is a network without a clock. The rest is one table per subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod stage;
mod receiver;
mod certificates;
mod memory;

mod request;
mod connect;
mod tls;
mod head;
mod body;
mod semantics;
mod reuse;
mod multiplex;
mod rehearsal;
mod ssrf;
mod fuzz;
