//! Deliveries: one file per call.

mod shown; // What is answered.
mod standing; // Where one stands.
mod response; // What receivers answered.
#[cfg(test)]
pub(crate) mod fixture; // A row for tests.
pub(crate) mod request;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod retry;
pub(crate) mod cancel;

pub(crate) use shown::Traced;
