//! Providers and their free times, by the table of rules. They are about nobody, so that no version of them is kept.

use serde_json::{Value, json};

use super::data::{self, Members};
use super::order::{by_rule, own_ref};
use super::{Input, Outcome, changed_fields};

/// What a provider's record raises.
pub(super) fn provider(input: &Input<'_>) -> Outcome {
    by_rule(input, |input| {
        let of_role = data::reference(input.resource.get("practitioner"));
        let fields = |previous| json!({ "fields": changed_fields(previous, input.resource) });
        Members::default()
            .with("providerRef", of_role.or_else(|| own_ref(input)))
            .with("active", data::element(input.resource, "active"))
            .with("change", input.previous.map(fields))
    })
}

/// What a schedule, or a slot of one, says of free times.
pub(super) fn times(input: &Input<'_>) -> Outcome {
    by_rule(input, |input| {
        let resource = input.resource;
        let actor = resource.get("actor").and_then(|list| list.get(0));
        let kind = if is_over(resource) { "removed" } else { "added" };
        Members::default()
            .with("providerRef", data::reference(actor))
            .with("scheduleRef", data::reference(resource.get("schedule")))
            .with("range", range(resource))
            .with("kind", Some(kind.into()))
    })
}

fn range(of: &Value) -> Option<Value> {
    let horizon = of.get("planningHorizon").unwrap_or(of);
    let range = Members::default().with("start", data::time(horizon, "start"));
    let range = range.with("end", data::time(horizon, "end")).into_value();
    Some(range).filter(|range| range.as_object().is_some_and(|range| !range.is_empty()))
}

fn is_over(of: &Value) -> bool {
    let taken = ["busy", "busy-unavailable", "busy-tentative", "entered-in-error"];
    of["active"] == false || data::text(of, "status").is_some_and(|status| taken.contains(&status))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::told;

    #[test]
    fn a_slot_that_was_free_and_is_taken_is_told_and_one_that_never_was_is_not() {
        let slot = |status: &&str| (json!({"resourceType": "Slot", "id": "s", "status": status}), None);
        let course = |versions: &[&str]| told(&versions.iter().map(slot).collect::<Vec<_>>());
        assert_eq!(course(&["busy"]), ["NoRule"]);
        assert_eq!(course(&["free", "busy"]), ["availability.changed routine"; 2]);
    }
}
