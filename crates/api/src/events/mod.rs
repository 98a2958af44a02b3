//! Events: one file per call. Nothing here shows what an event says, but `reveal`.

mod shown; // What is answered.
mod fate; // What became of one.
mod decided; // What was decided about each webhook.
mod traced; // Where what was received went.
mod disclosed; // What recipients are told.
pub(crate) mod content; // Opening what is sealed.
pub(crate) mod raw; // Opening what was received.
pub(crate) mod list;
pub(crate) mod search;
pub(crate) mod read;
pub(crate) mod mapping;
pub(crate) mod replay;
pub(crate) mod reveal;

pub(crate) use content::open;
