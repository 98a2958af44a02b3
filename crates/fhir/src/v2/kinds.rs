//! What holds for each resource, as `maps/resources.toml` has it.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::rows::read_members;
use super::target::Target;

/// One resource type.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    pub(super) patient: Option<String>,
    pub(super) encounter: Option<Target>,
    /// Ways to its own identifier, the first that is there.
    pub(super) key: Vec<String>,
    /// Keeps its numbers apart from those of other things.
    pub(super) tag: Option<String>,
    /// What tells it apart within a patient where it has no number.
    pub(super) otherwise: Vec<String>,
    /// What FHIR asks for.
    pub(super) missing: Map<String, Value>,
    /// Whether what a message leaves out stays.
    pub(super) parts: bool,
    /// Where it refers to results; empty for a holder that does not.
    pub(super) holds: Option<String>,
    /// The category of its results.
    pub(super) results: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    patient: Option<String>,
    encounter: Option<String>,
    #[serde(default)]
    key: Vec<String>,
    tag: Option<String>,
    #[serde(default, rename = "else")]
    otherwise: Vec<String>,
    missing: Option<String>,
    #[serde(default)]
    parts: bool,
    holds: Option<String>,
    results: Option<String>,
}

/// All of the file, by type.
pub(super) fn read(text: &str) -> HashMap<String, Kind> {
    let raw: HashMap<String, Raw> = toml::from_str(text).expect("the tests read every table");
    raw.into_iter().map(|(name, raw)| (name, raw.into_kind())).collect()
}

impl Raw {
    fn into_kind(self) -> Kind {
        Kind {
            patient: self.patient,
            encounter: self.encounter.as_deref().map(Target::parse),
            key: self.key,
            tag: self.tag,
            otherwise: self.otherwise,
            missing: self.missing.as_deref().map(read_members).unwrap_or_default(),
            parts: self.parts,
            holds: self.holds,
            results: self.results,
        }
    }
}
