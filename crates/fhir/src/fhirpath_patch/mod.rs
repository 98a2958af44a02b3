//! FHIRPath Patch (FHIR R4 and R5, "FHIRPath Patch"): operations over a resource, all of them or none.
//!
//! `operation` reads them from `Parameters`, `place` finds what a path leads to,
//! `take` does one after the other. Whether what comes out is a resource that can
//! be accepted is for whoever asked.

mod operation; // What is to be done.
mod place; // Where.
mod take; // Doing it.

use serde_json::Value;

use crate::subscription::Flaw;

/// Takes the operations of a `Parameters` one after the other.
///
/// # Errors
/// The first operation that cannot be read or taken, with its place in the `Parameters`; the
/// resource is as it was.
pub fn apply(resource: &mut Value, parameters: &Value) -> Result<(), Flaw> {
    let operations = operation::read(parameters)?;
    let mut changed = resource.clone();
    for (number, operation) in operations.iter().enumerate() {
        take::take(&mut changed, operation, number)?;
    }
    *resource = changed;
    Ok(())
}

/// The place of an operation's part in the `Parameters`.
fn part(number: usize, name: &str) -> String {
    format!("Parameters.parameter[{number}].part.where(name = '{name}')")
}

#[cfg(test)]
mod tests;
