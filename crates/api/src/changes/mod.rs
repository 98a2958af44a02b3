//! Changes that nobody has made yet.

mod wanted; // What may be asked.
mod shown; // What is answered.
pub(crate) mod preview;
