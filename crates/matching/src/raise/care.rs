//! Care teams, plans, goals, tasks and consents, by the table of rules.

use serde_json::{Value, json};

use super::data::{self, Members};
use super::order::{by_rule, own_ref};
use super::{Input, Outcome, changed_fields};

/// What a care team raises: who came and who went, by their roles.
pub(super) fn team(input: &Input<'_>) -> Outcome {
    by_rule(input, |input| {
        let (now, before) = (roles(Some(input.resource)), roles(input.previous));
        let beyond = |some: &[String], others: &[String]| {
            json!(some.iter().filter(|role| !others.contains(*role)).collect::<Vec<_>>())
        };
        Members::default()
            .with("careTeamRef", own_ref(input))
            .with("added", Some(beyond(&now, &before)))
            .with("removed", Some(beyond(&before, &now)))
            .with("status", data::element(input.resource, "status"))
    })
}

/// What a care plan raises.
pub(super) fn plan(input: &Input<'_>) -> Outcome {
    by_rule(input, |input| {
        let fields =
            input.previous.map(|previous| json!({ "fields": changed_fields(previous, input.resource) }));
        let category = input.resource.get("category").and_then(|list| list.get(0));
        Members::default()
            .with("carePlanRef", own_ref(input))
            .with("category", word(category))
            .with("change", fields)
            .with("status", data::element(input.resource, "status"))
    })
}

/// What a goal raises, once its status is another.
pub(super) fn goal(input: &Input<'_>) -> Outcome {
    by_rule(input, |input| {
        let achieved = word(input.resource.get("achievementStatus"));
        Members::default()
            .with("goalRef", own_ref(input))
            .with("status", achieved.or_else(|| data::element(input.resource, "lifecycleStatus")))
            .with("lifecycleStatus", data::element(input.resource, "lifecycleStatus"))
    })
}

/// What a task raises.
pub(super) fn task(input: &Input<'_>) -> Outcome {
    by_rule(input, |input| {
        let resource = input.resource;
        let allowed = resource.get("restriction").and_then(|bounds| bounds.get("period"));
        let due = allowed.or_else(|| resource.get("executionPeriod"));
        Members::default()
            .with("taskRef", own_ref(input))
            .with("ownerRef", data::reference(resource.get("owner")))
            .with("due", due.and_then(|period| data::time(period, "end")))
            .with("status", data::element(resource, "status"))
            .with("priority", data::element(resource, "priority"))
            .with("code", data::code(resource.get("code")))
    })
}

/// What a consent raises: one that denies takes back what was permitted.
pub(super) fn consent(input: &Input<'_>) -> Outcome {
    by_rule(input, |input| {
        let resource = input.resource;
        let category = resource.get("category").and_then(|list| list.get(0));
        Members::default()
            .with("consentRef", own_ref(input))
            .with("scope", word(resource.get("scope")).or_else(|| word(category)))
            .with("status", data::element(resource, "status"))
    })
}

/// The roles in a care team; in R5 each participant has one.
fn roles(team: Option<&Value>) -> Vec<String> {
    let participants = team.and_then(|team| team.get("participant")).and_then(Value::as_array);
    let role = |participant: &Value| {
        let role = participant.get("role")?;
        word(Some(role.get(0).unwrap_or(role)))
    };
    let said = participants.into_iter().flatten().filter_map(role);
    said.filter_map(|role| role.as_str().map(str::to_owned)).collect()
}

/// The code of a concept, or its text.
fn word(concept: Option<&Value>) -> Option<Value> {
    let found = data::code(concept)?;
    data::element(&found, "code").or_else(|| data::element(&found, "text"))
}
