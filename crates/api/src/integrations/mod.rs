//! Integrations: one file per call.

mod wish; // What a caller may say, and what becomes of it.
mod shown; // What is answered.
mod offer; // What is raised.
mod fields; // What is taken of what it sends.
mod given; // What a preset is given.
mod networks; // Who may send.
mod mllp; // Its MLLP port.
mod poll; // How a FHIR server is read.
pub(crate) mod list;
pub(crate) mod create;
pub(crate) mod read;
pub(crate) mod update;
pub(crate) mod delete;

pub(crate) use offer::{Offer, Polled};
