//! Carehook, put together: the command line, the configuration and the wiring.
//!
//! `wire` is the only place that picks implementations; everything it starts
//! stops with it. Start reading at `wire::Node`.

pub mod cli; // What can be asked of the binary.
pub mod config; // What can be set.
pub mod base; // The store with its keys.
pub mod wire; // The parts, joined.
mod http; // The accept loop.
mod doorman; // A way in for the person who started it.
mod tls; // Certificates of our own port.
pub mod keyfile; // The master key, and other private files.
mod samples; // Sample events for test sends.
mod anchor; // The head of the audit chain, outside the store.
mod gauges; // What is owed, looked at every few seconds.
mod alarms; // Alert rules looked at, and people told.
mod upkeep; // What grows old in memory.
pub mod client; // Calls to a running server.
pub mod receiver; // A receiver that verifies signatures, for demo and listen.
pub mod commands; // One file per command.
