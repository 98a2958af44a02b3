//! What a trigger reads of events and they do not have, as far as their types say.

use fhirpath::{Expression, Lint};
use model::{Memory, Trigger};

use super::shape;
use crate::{Misread, TypeInfo};

/// What is wrong, or may be, with what a trigger reads of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linted {
    /// The member of the trigger, as a JSON pointer.
    pub pointer: String,
    /// What is wrong with it.
    pub misread: Misread,
    /// Whether it is so for events of every type that the trigger looks at: it could never fire.
    pub is_certain: bool,
}

/// Lints the expressions of a trigger by the types of events that it looks at.
#[must_use]
pub fn lint_events(trigger: &Trigger, types: &[&TypeInfo]) -> Vec<Linted> {
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
