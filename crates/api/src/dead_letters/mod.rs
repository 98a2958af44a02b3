//! Dead letters by what they have in common.

pub(crate) mod list;
