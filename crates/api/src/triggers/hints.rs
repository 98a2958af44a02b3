//! What is likely wrong with a trigger, and what it reads of events and they may not have: told when it is saved, and
//! with it.

use matching::trigger::{Linted, lint, topic};
use matching::{Compiled, TypeInfo};
use model::{Problem, Trigger};

use crate::strict::invalid;

/// Refuses a trigger that could never fire by what the types of its events say.
pub(super) fn check(now: &Compiled, trigger: &Trigger) -> Result<(), Problem> {
    match linted(now, trigger).into_iter().find(|one| one.is_certain) {
        Some(Linted { pointer, misread, .. }) => Err(invalid(pointer, misread.what).fix(misread.fix)),
        None => Ok(()),
    }
}

/// What it reads and nobody says is there, in words.
pub(super) fn hints(now: &Compiled, trigger: &Trigger) -> Vec<String> {
    let words = |one: Linted| format!("{}: {} {}", one.pointer, one.misread.what, one.misread.fix);
    let read = linted(now, trigger).into_iter().map(words);
    read.chain(brings_nothing(now, trigger)).collect()
}

/// A trigger over changes that is meant for an integration which brings none (P4).
fn brings_nothing(now: &Compiled, trigger: &Trigger) -> Option<String> {
    let meant = now.integration(trigger.organisation_id, trigger.integration_id?)?;
    let is_blind = trigger.sight.resource_type().is_some() && !topic::brings(&meant.kind, trigger);
    let brought = if trigger.criteria.event_codes.is_empty() { "resources" } else { "HL7 v2 messages" };
    is_blind.then(|| {
        format!(
            "/integrationId: The integration brings no {brought}, so the trigger never fires. \
             Name one that does, or none for all of them."
        )
    })
}

fn linted(now: &Compiled, trigger: &Trigger) -> Vec<Linted> {
    let names = trigger.sight.event_types().iter();
    let types: Vec<&TypeInfo> =
        names.filter_map(|name| now.find_type(trigger.organisation_id, name.as_str())).collect();
    lint(trigger, &types)
}
