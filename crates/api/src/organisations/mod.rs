//! Organisations: for the admin of the installation. One file per call.

mod shown; // What is answered.
pub(crate) mod list;
pub(crate) mod create;
