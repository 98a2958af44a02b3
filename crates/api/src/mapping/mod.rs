//! What the codes of an integration mean: one file per call.

mod described; // How tables and worklists are described.
mod csv; // Tables as comma separated values.
mod save; // Checked, audited, seen by all.
pub(crate) mod read;
pub(crate) mod update;
pub(crate) mod read_table;
pub(crate) mod update_table;
pub(crate) mod worklist;

pub(crate) use described::Mapping;
pub(crate) use save::Given;
