//! Hostile input with the end state of each, seen from outside.
//!
//! Numbers in comments are those of the list of hostile input in the project's plan.

mod frames; // Bytes of a connection.
mod messages; // Bytes of a message.
mod values; // Bytes of a field.
mod properties; // Any bytes at all.
mod corpus; // Small files, replayed by the fuzz targets.
mod samples; // Messages of other projects, when they are at hand.
