//! People who sign in: one file per call. Their cookie does what the key does that opened the session.

mod peer; // Who guesses.
mod shown; // What is answered.
pub(crate) mod create;
pub(crate) mod create_link;
pub(crate) mod delete;
pub(crate) mod read;
