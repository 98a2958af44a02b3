//! Integrations: one file per call.

mod wish; // What a caller may say, and what becomes of it.
mod shown; // What is answered.
pub(crate) mod list;
pub(crate) mod create;
pub(crate) mod read;
pub(crate) mod update;
pub(crate) mod delete;
