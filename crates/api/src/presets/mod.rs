//! Third parties that can be connected: one file per call.

mod shown; // What is answered.
pub(crate) mod list;
pub(crate) mod read;
