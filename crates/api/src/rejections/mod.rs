//! What doors refused: one file per call.

mod shown; // What is answered.
pub(crate) mod list;
pub(crate) mod counts;
pub(crate) mod read;
pub(crate) mod reveal;
pub(crate) mod replay;
