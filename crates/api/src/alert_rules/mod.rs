//! Alert rules: one file per call.

mod shown; // What is answered.
mod wish; // What may be said about a rule.
mod history; // What the store still knows, told once more.
pub(crate) mod list;
pub(crate) mod create;
pub(crate) mod read;
pub(crate) mod update;
pub(crate) mod delete;
pub(crate) mod preview;
