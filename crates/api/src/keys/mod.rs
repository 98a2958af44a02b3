//! API keys: one file per call. Their text stands in the answer to POST only.

mod shown; // What is answered.
pub(crate) mod list;
pub(crate) mod create;
pub(crate) mod delete;

pub(crate) use shown::role_name;
