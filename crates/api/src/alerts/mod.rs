//! Alerts: one file per call.

mod shown; // What is answered.
pub(crate) mod list;
pub(crate) mod acknowledge;
