//! The stories of the whole server: the real binary as a child, on loopback.
//!
//! `stories` are what people rely on; `kill`, `syscalls`, `backlog` and `soak` are
//! the proofs that nothing acknowledged is lost; `pages` holds the reference to the tests it names; `fhir_server` reads a server that is not ours; `conformance` lets
//! programs that are not ours judge what we say.

#[cfg(test)]
mod harness; // What stories are told with.
#[cfg(test)]
mod stories; // What people rely on.
#[cfg(test)]
mod pages; // What the reference says is proven.
#[cfg(test)]
mod ledger; // What was acknowledged against what arrived.
#[cfg(test)]
mod kill; // Killed at any moment.
#[cfg(test)]
mod syscalls; // Every call to the kernel fails once.
#[cfg(test)]
mod backlog; // Started with much to do.
#[cfg(test)]
mod fhir_server; // Read as others are read.
#[cfg(test)]
mod conformance; // Judged by others.
#[cfg(test)]
mod soak; // A day of traffic.
