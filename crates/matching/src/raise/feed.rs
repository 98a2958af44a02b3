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
    let is_news = match input.interaction {
        // Of what was never known nobody was told.
        Interaction::Delete => input.previous.is_some() || input.prior.is_some(),
        Interaction::Create | Interaction::Update => input.previous.is_none_or(is_other),
    };
    if !is_news || !RESOURCES.contains(&kind) {
        return None;
    }
    let data = json!({ "resourceType": kind, "status": input.resource.get("status") });
    Some(Raised::new(&format!("x.fhir.{}", kind.to_ascii_lowercase()), input, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_told_of_what_is_new_other_or_gone_and_of_nothing_else() {
        let now = json!({ "resourceType": "Observation", "id": "1", "status": "final" });
        let (bare, other) =
            (json!({ "resourceType": "Observation", "id": "1" }), json!({ "resourceType": "Task" }));
        let told = |resource: &Value, interaction, previous: Option<&Value>| {
            let (prior, event_code) = (None, None);
            feed(&Input { resource, interaction, previous, prior, event_code, namespace: "urn:x" }).is_some()
        };
        let mut before = now.clone();
        before["meta"] = json!({ "versionId": "1" });
        assert!(told(&now, Interaction::Update, None));
        assert!(!told(&now, Interaction::Update, Some(&before)), "bookkeeping");
        before["status"] = "preliminary".into();
        assert!(told(&now, Interaction::Update, Some(&before)));
        assert!(told(&bare, Interaction::Delete, Some(&now)));
        assert!(!told(&bare, Interaction::Delete, None), "nobody was told of it");
        assert!(!told(&other, Interaction::Update, None), "of no feed");
    }
}
