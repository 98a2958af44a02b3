//! What an event type asks of its data: little, and cheap to check.

use serde_json::value::RawValue;

use crate::TypeInfo;

/// What is wrong with `data`, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer from `data`; empty for `data` itself.
    pub pointer: String,
    /// What is wrong.
    pub why: String,
}

/// Checks the data of an event against its type.
///
/// Data is a JSON object; the type's own reference, where it has one, is a
/// string that is not empty. Nothing else is parsed.
///
/// # Errors
/// The first fault.
pub fn check_data(info: &TypeInfo, data: &RawValue) -> Result<(), Fault> {
    let _ = (info, data);
    unimplemented!()
}
