//! Reading FHIR servers: what changed is asked for, again and again, within what the server allows.
//!
//! `run` follows the configuration and keeps one reader for each integration that
//! has a server; a `round` reads its searches page by page (`page`) through a
//! `client`, which signs in (`smart`) and heeds the `governor`. How far was read is
//! stored with what was read; versions that come again are known (`seen`, and the
//! store). `notice` takes in what a server's Subscription tells, fetches what it only
//! names, and asks for what was missed. Nothing here connects: it asks through a port.

mod fault; // What goes wrong.
mod governor; // How often a server may be asked.
mod smart; // Signing in.
mod client; // Asking one server.
mod page; // One page of a search.
mod seen; // Versions that were read lately.
mod take; // What was told, taken in.
mod round; // One round.
mod notice; // What Subscriptions of outside servers tell.
mod run; // The readers.

pub(crate) use run::Clients;

#[cfg(test)]
mod tests;
