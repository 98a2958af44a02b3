//! What an integration does not want to know (C7).

use serde::{Deserialize, Serialize};

use crate::Kind;

/// What is taken of what comes in; the rest is taken out before anything is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fields {
    /// If there are some, nothing else is taken.
    #[serde(default)]
    pub accept: Vec<FieldPath>,
    /// What is taken out.
    #[serde(default)]
    pub drop: Vec<FieldPath>,
}

impl Fields {
    /// Whether everything is taken.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.accept.is_empty() && self.drop.is_empty()
    }
}

/// A place in what comes in: `PID-13` of HL7 v2, `Patient.telecom` of FHIR, `data.contact.phone` of an event,
/// `body.payload.email` of a third party's call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldPath(String);

impl FieldPath {
    /// A path for an integration of a kind; none if it can be no place there.
    ///
    /// In FHIR and JSON, steps are joined by dots, lists are passed through, `*` is
    /// any member, and `value[x]` every typed form of it.
    #[must_use]
    pub fn of(kind: &Kind, text: &str) -> Option<Self> {
        let fits = match kind {
            Kind::Hl7v2 => is_segment_path(text),
            Kind::Fhir => {
                let is_type =
                    |first: &str| first == "*" || first.starts_with(|c: char| c.is_ascii_uppercase());
                is_dotted(text) && text.split('.').next().is_some_and(is_type)
            }
            Kind::Events => is_dotted(text) && text.starts_with("data."),
            Kind::Preset(_) => is_dotted(text) && text.starts_with("body."),
        };
        fits.then(|| FieldPath(text.to_owned()))
    }

    /// Its steps, of FHIR and JSON.
    #[must_use]
    pub fn steps(&self) -> Vec<&str> {
        self.0.split('.').collect()
    }

    /// Whether a step names a member: `_birthDate` says more of `birthDate`, `valueQuantity` is a `value[x]`.
    #[must_use]
    pub fn names(step: &str, member: &str) -> bool {
        let member = member.strip_prefix('_').filter(|_| !step.starts_with('_')).unwrap_or(member);
        let is_form_of = |base: &str| {
            member.strip_prefix(base).is_some_and(|kind| kind.starts_with(|c: char| c.is_ascii_uppercase()))
        };
        step == "*" || step == member || step.strip_suffix("[x]").is_some_and(is_form_of)
    }

    /// Whether the member at `place` goes if what the path leads to is taken out.
    #[must_use]
    pub fn takes_out(&self, place: &[&str]) -> bool {
        let steps = self.steps();
        steps.len() <= place.len() && steps.iter().zip(place).all(|(step, member)| Self::names(step, member))
    }

    /// The segment, and the field if it is one, of HL7 v2.
    #[must_use]
    pub fn segment(&self) -> (&str, Option<usize>) {
        let (segment, field) =
            self.0.split_once('-').map_or((self.0.as_str(), None), |(name, n)| (name, Some(n)));
        (segment, field.and_then(|field| field.parse().ok()))
    }
}

fn is_dotted(text: &str) -> bool {
    let is_step = |step: &str| {
        let name = step.strip_suffix("[x]").unwrap_or(step);
        name == "*"
            || (!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'))
    };
    let count = text.split('.').count();
    (1..=DEPTH).contains(&count) && text.split('.').all(is_step)
}

/// MSH says what a message is and how it is read: it is always taken.
fn is_segment_path(text: &str) -> bool {
    let (segment, field) = text.split_once('-').map_or((text, None), |(name, field)| (name, Some(field)));
    let is_name = segment.len() == 3
        && segment.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && segment != "MSH";
    let is_number = |field: &str| field.parse().is_ok_and(|number: usize| (1..=FIELDS).contains(&number));
    is_name && field.is_none_or(is_number)
}

const DEPTH: usize = 16;
const FIELDS: usize = 999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_place_in_what_the_kind_sends() {
        let fits = |kind: &str, text: &str| FieldPath::of(&Kind::from(kind), text).is_some();
        for (kind, text) in [
            ("hl7v2", "PID-13"),
            ("hl7v2", "NK1"),
            ("fhir", "Patient.telecom"),
            ("fhir", "*.text"),
            ("fhir", "Observation.value[x]"),
            ("fhir", "Encounter"),
            ("events", "data.contact.phone"),
            ("surveymonkey", "body.contact.email"),
        ] {
            assert!(fits(kind, text), "{text}");
        }
        for (kind, text) in [
            ("hl7v2", "MSH-10"),
            ("hl7v2", "PID-0"),
            ("hl7v2", "Patient.telecom"),
            ("fhir", "patient.telecom"),
            ("fhir", "Patient..x"),
            ("events", "data"),
            ("events", "subject.id"),
            ("surveymonkey", "data.x"),
            ("surveymonkey", "body"),
        ] {
            assert!(!fits(kind, text), "{text}");
        }
    }

    #[test]
    fn a_path_takes_out_what_stands_below_it_too() {
        let takes_out = |path: &str, place: &[&str]| {
            FieldPath::of(&Kind::from("surveymonkey"), path).unwrap().takes_out(place)
        };
        assert!(takes_out("body.a", &["body", "a", "b"]) && takes_out("body.*.b", &["body", "a", "b"]));
        assert!(!takes_out("body.a.b", &["body", "a"]) && !takes_out("body.a", &["body", "b"]));
    }
}
