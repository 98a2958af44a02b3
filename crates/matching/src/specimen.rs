//! The resource that an event type is about, from `catalogue/resources.toml`: what samples in the formats of FHIR hold.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use model::{FhirVersion, Focus, Interaction};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::to_raw_value;

/// A resource as it raises an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Specimen {
    /// As it is now.
    pub resource: Value,
    /// As it was, if it changed.
    pub previous: Option<Value>,
    /// The trigger event of the v2 message that it would come by; none for the FHIR door.
    pub event_code: Option<String>,
}

impl Specimen {
    /// The specimen of an event type in a version; none if nothing but events by themselves tell of it.
    #[must_use]
    pub fn find(event_type: &str, version: FhirVersion) -> Option<&'static Specimen> {
        static ALL: LazyLock<BTreeMap<String, [Specimen; 2]>> = LazyLock::new(read);
        let [r4, r5] = ALL.get(event_type)?;
        Some(if version == FhirVersion::R5 { r5 } else { r4 })
    }

    /// What was done to the resource.
    #[must_use]
    pub fn interaction(&self) -> Interaction {
        if self.previous.is_some() { Interaction::Update } else { Interaction::Create }
    }

    /// The resource as an event keeps it.
    ///
    /// # Panics
    /// Never: JSON that was read has a text.
    #[must_use]
    pub fn focus(&self) -> Focus {
        let resource = to_raw_value(&self.resource).expect("JSON that was read has a text");
        Focus { interaction: self.interaction(), resource }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    base: Vec<Base>,
    specimen: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Base {
    name: String,
    r4: String,
    r5: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "type")]
    event_type: String,
    base: String,
    event: Option<String>,
    now: Option<String>,
    before: Option<String>,
    r5: Option<String>,
}

fn read() -> BTreeMap<String, [Specimen; 2]> {
    let file: File = toml::from_str(include_str!("../../../catalogue/resources.toml"))
        .expect("the tests read the resources");
    let bases = &file.base;
    let of = |entry: &Entry| {
        let base = bases.iter().find(|base| base.name == entry.base).expect("the tests find every base");
        let (r4, r5) = (json(&base.r4), json(base.r5.as_ref().unwrap_or(&base.r4)));
        (entry.event_type.clone(), [entry.of(&r4, None), entry.of(&r5, entry.r5.as_deref())])
    };
    file.specimen.iter().map(of).collect()
}

impl Entry {
    fn of(&self, base: &Value, more: Option<&str>) -> Specimen {
        let patched = |patches: &[Option<&str>]| {
            patches.iter().flatten().fold(base.clone(), |resource, patch| merged(resource, json(patch)))
        };
        Specimen {
            resource: patched(&[self.now.as_deref(), more]),
            previous: self.before.as_deref().map(|before| patched(&[Some(before)])),
            event_code: self.event.clone(),
        }
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the tests read every resource")
}

/// A JSON merge patch (RFC 7386).
fn merged(target: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else { return patch };
    let mut members = if let Value::Object(members) = target { members } else { serde_json::Map::new() };
    for (name, value) in patch {
        match (value, members.get(&name).cloned()) {
            (Value::Null, _) => drop(members.shift_remove(&name)),
            (value, before) => drop(members.insert(name, merged(before.unwrap_or_default(), value))),
        }
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;
    use crate::raise::{Input, Prior, Raised, raise};

    /// What a specimen raises, after what the version before it did.
    fn raised(specimen: &Specimen) -> Vec<Raised> {
        let input = |resource, previous, prior| Input {
            resource,
            interaction: specimen.interaction(),
            previous,
            prior,
            event_code: specimen.event_code.as_deref(),
            namespace: "urn:carehook:sample",
        };
        let previous = specimen.previous.as_ref();
        let before = previous.map(|previous| Input { event_code: None, ..input(previous, None, None) });
        let told = before.and_then(|before| raise(&before).raised.pop());
        let prior =
            told.map(|told| Prior { status: told.status, lane: told.lane, last_type: told.event_type });
        raise(&input(&specimen.resource, previous, prior.as_ref())).raised
    }

    /// Types that nothing but triggers or events by themselves raise.
    const NOT_OF_RESOURCES: [&str; 4] =
        ["vital.threshold_crossed", "source.data_quality", "trigger.retracted", "trigger.indeterminate"];

    #[test]
    fn every_type_that_resources_raise_has_a_specimen_that_raises_it() {
        use model::Kind;
        let of_resources = |kinds: &[Kind]| kinds.contains(&Kind::Hl7v2) || kinds.contains(&Kind::Fhir);
        for info in Catalogue::embedded().types().filter(|info| of_resources(&info.offered_by)) {
            let name = info.name.as_str();
            if NOT_OF_RESOURCES.contains(&name) {
                continue;
            }
            for version in [FhirVersion::R4, FhirVersion::R4B, FhirVersion::R5] {
                raises(name, version);
            }
        }
    }

    #[track_caller]
    fn raises(name: &str, version: FhirVersion) {
        let specimen = Specimen::find(name, version).unwrap_or_else(|| panic!("{name} has none"));
        assert_eq!(fhir::check(&specimen.resource), Ok(()), "{name}");
        // What comes by v2 is R4.
        if version == FhirVersion::R5 && specimen.event_code.is_some() {
            return;
        }
        let raised = raised(specimen);
        let types: Vec<&str> = raised.iter().map(|raised| raised.event_type.as_str()).collect();
        assert!(types.contains(&name), "{name} is not among {types:?} in {version:?}");
    }

    /// Whether all that `small` says stands in `large`.
    fn is_within(small: &Value, large: &Value) -> bool {
        match (small, large) {
            (Value::Object(small), Value::Object(large)) => {
                small.iter().all(|(name, value)| large.get(name).is_some_and(|found| is_within(value, found)))
            }
            _ => small == large,
        }
    }

    #[test]
    fn a_specimen_says_what_the_sample_of_its_type_says() {
        // Texts of samples that resources say as concepts, and people and results that are named otherwise.
        const OTHERWISE: [&str; 10] = [
            "service",
            "specialty",
            "reason",
            "disposition",
            "at",
            "patientRef",
            "mergedFrom",
            "mergedInto",
            "observationRef",
            "resultRefs",
        ];
        for info in Catalogue::embedded().types() {
            let Some(specimen) = Specimen::find(info.name.as_str(), FhirVersion::R4) else { continue };
            let sample: Value = serde_json::from_str(info.sample.get()).unwrap();
            let Some(raised) = raised(specimen).into_iter().find(|raised| raised.event_type == info.name)
            else {
                continue;
            };
            for (name, value) in sample.as_object().unwrap() {
                let is_told = raised.data.get(name).is_none_or(|told| is_within(value, told));
                assert!(
                    is_told || OTHERWISE.contains(&name.as_str()),
                    "{} {name}: {}",
                    info.name,
                    raised.data
                );
            }
        }
    }
}
