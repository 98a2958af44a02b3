//! What a feed tells of a change that raises nothing of its own: a normal value, a draft, a status.

use fhir::feed::RESOURCES;
use serde_json::{Value, json};

use super::{Input, Interaction, Raised, changed_fields};

/// The event of a change for whoever asked for all changes: none where the resource is of no feed, or
/// nothing but bookkeeping differs.
#[must_use]
pub fn feed(input: &Input<'_>) -> Option<Raised> {
    let kind = input.resource.get("resourceType").and_then(Value::as_str)?;
    let is_other = |previous: &Value| !changed_fields(previous, input.resource).is_empty();
    let is_news = input.interaction == Interaction::Delete || input.previous.is_none_or(is_other);
    if !is_news || !RESOURCES.contains(&kind) {
        return None;
    }
    let data = json!({ "resourceType": kind, "status": input.resource.get("status") });
    Some(Raised::new(&format!("x.fhir.{}", kind.to_ascii_lowercase()), input, data))
}
