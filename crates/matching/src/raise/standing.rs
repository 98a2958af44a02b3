//! How a result stands: its status now and before, and whether it says something else.

use model::Status;
use serde_json::Value;

use super::{Input, Interaction, data};

/// The status of the resource as ours; nothing where it is unknown, which fires like a first result.
pub(super) fn status_of(input: &Input<'_>) -> Option<Status> {
    if input.interaction == Interaction::Delete {
        return Some(Status::Cancelled);
    }
    status(input.resource)
}

/// What an event says of the status; of a resource that is gone, that it was an error.
pub(super) fn said(input: &Input<'_>) -> Option<Value> {
    match input.interaction {
        Interaction::Delete => Some("entered-in-error".into()),
        Interaction::Create | Interaction::Update => data::element(input.resource, "status"),
    }
}

/// The status of a result as FHIR names it; another text is shown to nobody.
pub(super) fn named(resource: &Value) -> &str {
    data::text(resource, "status").filter(|_| status(resource).is_some()).unwrap_or("unknown")
}

fn status(resource: &Value) -> Option<Status> {
    match data::text(resource, "status")? {
        "registered" => Some(Status::Registered),
        "preliminary" | "partial" | "modified" => Some(Status::Preliminary),
        "final" => Some(Status::Final),
        "amended" | "corrected" | "appended" => Some(Status::Corrected),
        "cancelled" | "entered-in-error" => Some(Status::Cancelled),
        _ => None,
    }
}

/// Its status before: that of the version that is known, else that of the last event.
pub(super) fn before(input: &Input<'_>) -> Option<Status> {
    input.previous.and_then(status).or(input.prior.and_then(|prior| prior.status))
}

/// Whether a status moves back, and is no news (N5).
pub(super) fn is_stale(now: Status, before: Status) -> bool {
    match before {
        Status::Cancelled => now < Status::Final,
        // Some laboratories call a result final again after a correction.
        Status::Corrected => now < Status::Final,
        Status::Registered | Status::Preliminary | Status::Final => now < before,
    }
}

/// Whether nothing stood before: it was told that it never happened.
pub(super) fn was_taken_back(input: &Input<'_>) -> bool {
    before(input) == Some(Status::Cancelled)
}

/// Whether a result says something else than before; what was taken back said nothing.
pub(super) fn has_changed(input: &Input<'_>) -> bool {
    was_taken_back(input) || input.previous.is_none_or(|previous| says_otherwise(previous, input.resource))
}

/// Whether a result says something else: value, flags, or why there is none.
pub(super) fn says_otherwise(before: &Value, now: &Value) -> bool {
    let is_said = |name: &str| {
        name.starts_with("value")
            || matches!(
                name,
                "interpretation"
                    | "component"
                    | "dataAbsentReason"
                    | "conclusion"
                    | "conclusionCode"
                    | "result"
            )
    };
    let told = |resource: &Value| -> Vec<(String, Value)> {
        let members = resource.as_object().into_iter().flatten().filter(|(name, _)| is_said(name));
        let mut members: Vec<_> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
        members.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        members
    };
    let is_named_otherwise = || before.get("code") != now.get("code") && !shares_code(before, now);
    told(before) != told(now) || is_named_otherwise()
}

/// A code that a table of the site put beside that of the sender is the same test.
fn shares_code(before: &Value, now: &Value) -> bool {
    let codings = |resource: &Value| resource["code"]["coding"].as_array().cloned().unwrap_or_default();
    let is_same =
        |one: &Value, other: &Value| one["code"] == other["code"] && one["system"] == other["system"];
    let before = codings(before);
    codings(now).iter().any(|one| before.iter().any(|other| is_same(one, other)))
}
