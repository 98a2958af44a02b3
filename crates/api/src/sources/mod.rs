//! `GET /admin/sources`: how each integration does as a way in.

mod silence; // When a source is too quiet.
pub(crate) mod list;

pub(crate) use list::Source;
