//! Redrives: many dead letters on their way back. One file per call.

mod way; // How they come back.
mod shown; // What is answered.
pub(crate) mod list;
pub(crate) mod create;
pub(crate) mod read;
pub(crate) mod cancel;

pub(crate) use way::Way;
