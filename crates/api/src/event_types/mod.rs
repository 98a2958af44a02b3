//! Event types: one file per call.

mod shown; // What is answered.
mod specimen; // A webhook that nobody has.
pub(crate) mod list;
pub(crate) mod create;
pub(crate) mod read;
pub(crate) mod delete;

pub(crate) use create::schema;
#[cfg(test)]
pub(crate) use specimen::specimen;
