//! What is likely wrong with a trigger that can be saved, and what it reads of events and they do not have.

use fhirpath::{Expression, Lint};
use model::{Interaction, Memory, Sight, Trigger};

use super::condition::Condition;
use super::shape;
use crate::{Misread, TypeInfo};

/// What is wrong, or may be, with what a trigger reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linted {
    /// The member of the trigger, as a JSON pointer.
    pub pointer: String,
    /// What is wrong with it.
    pub misread: Misread,
    /// Whether it is so for whatever the trigger looks at: it could never fire.
    pub is_certain: bool,
}

/// Lints the expressions of a trigger by its type of resource, or by the types of events that it looks at.
#[must_use]
pub fn lint(trigger: &Trigger, types: &[&TypeInfo]) -> Vec<Linted> {
    match &trigger.sight {
        Sight::Changes(resource_type) => lint_changes(trigger, resource_type),
        Sight::Events(_) => lint_events(trigger, types),
    }
}

/// What is certainly wrong is refused when a trigger is made ready: these are hints.
fn lint_changes(trigger: &Trigger, resource_type: &str) -> Vec<Linted> {
    let hint = |pointer: &str, misread| Linted { pointer: pointer.to_owned(), misread, is_certain: false };
    let mut linted = Vec::new();
    for (pointer, text) in texts(trigger) {
        let Ok(expression) = Expression::compile(text) else { continue };
        let likely = expression.lint(resource_type).into_iter().filter(|lint| !lint.is_certain);
        linted.extend(likely.map(|lint| hint(&pointer, lint.into())));
    }
    let Some(text) = &trigger.criteria.fhir_path else { return linted };
    let criterion = Expression::compile(text).ok().filter(Expression::reads_present);
    let criterion = criterion.and_then(|expression| expression.lint_criterion(resource_type));
    linted.extend(criterion.map(|lint| hint("/fhirPath", lint.into())));
    if trigger.interactions.contains(&Interaction::Create) {
        linted.extend(blind_at_first(text, resource_type).map(|misread| hint("/fhirPath", misread)));
    }
    linted
}

/// Of what is seen for the first time there is no version before: who asks for one misses it.
fn blind_at_first(text: &str, resource_type: &str) -> Option<Misread> {
    let clause = Condition::new(text, resource_type).ok()?.never_holds_for(Interaction::Create)?;
    let what =
        format!("What is seen for the first time has no %previous, so it does not fire then: `{clause}`");
    Some(Misread::new(what, format!("Write `(%previous.empty() or {clause})` if it should")))
}

fn lint_events(trigger: &Trigger, types: &[&TypeInfo]) -> Vec<Linted> {
    let shapes: Vec<_> = types.iter().map(|info| shape::event(info)).collect();
    let mut linted: Vec<Linted> = Vec::new();
    for (pointer, text) in texts(trigger) {
        let Ok(expression) = Expression::compile(text) else { continue };
        let found: Vec<Vec<Lint>> = shapes.iter().map(|shape| expression.lint_shape(shape)).collect();
        let is_certain =
            !found.is_empty() && found.iter().all(|of_type| of_type.iter().any(|lint| lint.is_certain));
        let wanted = found.into_iter().flatten().filter(|lint| lint.is_certain || !is_certain);
        for lint in wanted {
            let one = Linted { pointer: pointer.clone(), misread: lint.into(), is_certain };
            if !linted.contains(&one) {
                linted.push(one);
            }
        }
    }
    linted
}

/// The expressions of a trigger, each with where it stands.
fn texts(trigger: &Trigger) -> impl Iterator<Item = (String, &String)> {
    let condition = trigger.criteria.fhir_path.iter().map(|text| ("/fhirPath".to_owned(), text));
    let remembered = match &trigger.memory {
        Memory::Crossing { rearm, .. } => rearm.as_ref().map(|text| ("/state/rearm".to_owned(), text)),
        Memory::Change { value, .. } => value.as_ref().map(|text| ("/state/value".to_owned(), text)),
        Memory::Each | Memory::Count { .. } | Memory::Absence { .. } => None,
    };
    let added = trigger.enrich.iter().map(|(name, text)| (format!("/enrich/{name}"), text));
    condition.chain(remembered).chain(added)
}
