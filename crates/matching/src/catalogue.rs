//! The event types there are, read from `catalogue/*.toml` at build time.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use model::{EventType, Kind, Lane, Pattern};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::json_schema::Schema;

/// Every event type of this version.
#[derive(Debug)]
pub struct Catalogue {
    types: BTreeMap<String, TypeInfo>,
    passthrough: TypeInfo,
    packs: Vec<Pack>,
}

/// A starter pack: the few event types to begin with.
#[derive(Debug)]
pub struct Pack {
    /// Its name.
    pub name: String,
    /// Whom it is for.
    pub title: String,
    /// What it is good for.
    pub description: String,
    /// Its event types, by name.
    pub types: Vec<String>,
}

/// One event type.
#[derive(Debug)]
pub struct TypeInfo {
    /// Its name; `x` for all vendor passthrough types together.
    pub name: EventType,
    /// What it happens to.
    pub object_type: EventType,
    /// The lane that nothing falls below (N7).
    pub lane: Lane,
    /// What happened, in a few words.
    pub title: String,
    /// What the receiver must know.
    pub description: String,
    /// The members of `data` that are known, from the sample; others are allowed.
    pub members: Vec<Member>,
    /// The one member that must be there: the object's own reference.
    pub required: Option<String>,
    /// A sample of `data`.
    pub sample: Box<RawValue>,
    /// The kinds of integration that raise it.
    pub offered_by: Vec<Kind>,
    /// The starter packs it belongs to.
    pub packs: Vec<String>,
    /// The schema of an organisation's own type.
    pub own: Option<Schema>,
}

/// One known member of `data`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its JSON type: `string`, `number`, `boolean`, `object` or `array`.
    pub kind: &'static str,
}

impl Catalogue {
    /// The catalogue of this version.
    #[must_use]
    pub fn embedded() -> &'static Catalogue {
        static EMBEDDED: LazyLock<Catalogue> = LazyLock::new(read);
        &EMBEDDED
    }

    /// The type of this name. All well-formed `x.<vendor>.<original>` names share one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&TypeInfo> {
        self.types.get(name).or_else(|| is_passthrough(name).then_some(&self.passthrough))
    }

    /// Every type by name, without passthrough.
    pub fn types(&self) -> impl Iterator<Item = &TypeInfo> {
        self.types.values()
    }

    /// The starter packs.
    pub fn packs(&self) -> impl Iterator<Item = &Pack> {
        self.packs.iter()
    }

    /// The types that integrations of a kind raise, by name.
    pub fn offered_by(&self, kind: &Kind) -> impl Iterator<Item = &TypeInfo> {
        self.types.values().filter(move |known| known.offered_by.contains(kind))
    }

    /// Whether a pattern can ever match; one that cannot is refused when it is saved.
    #[must_use]
    pub fn reaches(&self, pattern: &Pattern) -> bool {
        let passthrough = match pattern {
            Pattern::Any => false,
            Pattern::Exact(name) => is_passthrough(name),
            Pattern::Below(prefix) => prefix.starts_with("x."),
        };
        passthrough || self.types.keys().any(|name| pattern.matches(name))
    }
}

impl TypeInfo {
    /// The name and version of the type's schema, as deliveries carry it.
    #[must_use]
    pub fn schema_name(&self) -> String {
        format!("{}/1", self.name)
    }

    /// The JSON Schema of `data`.
    #[must_use]
    pub fn schema(&self) -> Value {
        if let Some(own) = &self.own {
            return own.document().clone();
        }
        let members = self.members.iter().map(|member| (member.name.clone(), json!({ "type": member.kind })));
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": format!("urn:carehook:schema:{}", self.schema_name()),
            "title": self.title,
            "type": "object",
            "properties": members.collect::<serde_json::Map<_, _>>(),
            "required": self.required.iter().collect::<Vec<_>>(),
            "additionalProperties": true,
        })
    }
}

fn is_passthrough(name: &str) -> bool {
    let is_exact = name.parse().is_ok_and(|read| matches!(read, Pattern::Exact(_)));
    is_exact && name.strip_prefix("x.").is_some_and(|rest| rest.contains('.'))
}

const FILES: [&str; 20] = [
    include_str!("../../../catalogue/alert.toml"),
    include_str!("../../../catalogue/appointment.toml"),
    include_str!("../../../catalogue/care.toml"),
    include_str!("../../../catalogue/document.toml"),
    include_str!("../../../catalogue/encounter.toml"),
    include_str!("../../../catalogue/form.toml"),
    include_str!("../../../catalogue/imaging.toml"),
    include_str!("../../../catalogue/invoice.toml"),
    include_str!("../../../catalogue/lab.toml"),
    include_str!("../../../catalogue/lead.toml"),
    include_str!("../../../catalogue/medication.toml"),
    include_str!("../../../catalogue/message.toml"),
    include_str!("../../../catalogue/observation.toml"),
    include_str!("../../../catalogue/patient.toml"),
    include_str!("../../../catalogue/payment.toml"),
    include_str!("../../../catalogue/platform.toml"),
    include_str!("../../../catalogue/prescription.toml"),
    include_str!("../../../catalogue/product.toml"),
    include_str!("../../../catalogue/survey.toml"),
    include_str!("../../../catalogue/trigger.toml"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "type")]
    types: Vec<Entry>,
}

const PACKS: &str = include_str!("../../../catalogue/packs.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Packs {
    #[serde(rename = "pack")]
    packs: Vec<PackEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackEntry {
    name: String,
    title: String,
    description: String,
}

impl PackEntry {
    fn with(self, types: &BTreeMap<String, TypeInfo>) -> Pack {
        let PackEntry { name, title, description } = self;
        let held = types.values().filter(|info| info.packs.contains(&name));
        let types = held.map(|info| info.name.to_string()).collect();
        Pack { name, title, description, types }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    object: String,
    lane: Lane,
    title: String,
    #[serde(default)]
    description: String,
    required: Option<String>,
    #[serde(default)]
    offered_by: Vec<Kind>,
    #[serde(default)]
    packs: Vec<String>,
    sample: String,
}

fn read() -> Catalogue {
    let files =
        FILES.iter().map(|text| toml::from_str::<File>(text).expect("the tests read every catalogue file"));
    let entries = files.flat_map(|file| file.types);
    let types: BTreeMap<String, TypeInfo> =
        entries.map(|entry| (entry.name.clone(), entry.into_info())).collect();
    let packs: Packs = toml::from_str(PACKS).expect("the tests read the packs");
    let packs = packs.packs.into_iter().map(|pack| pack.with(&types)).collect();
    Catalogue { types, passthrough: passthrough(), packs }
}

impl Entry {
    fn into_info(self) -> TypeInfo {
        let sample: Map<String, Value> =
            serde_json::from_str(&self.sample).expect("the tests read every sample");
        TypeInfo {
            name: self.name.as_str().into(),
            object_type: self.object.as_str().into(),
            lane: self.lane,
            title: self.title,
            description: self.description,
            members: sample
                .iter()
                .map(|(name, value)| Member { name: name.clone(), kind: kind_of(value) })
                .collect(),
            required: self.required,
            sample: RawValue::from_string(self.sample).expect("it has just been read"),
            offered_by: self.offered_by,
            packs: self.packs,
            own: None,
        }
    }
}

fn passthrough() -> TypeInfo {
    TypeInfo {
        name: "x".into(),
        object_type: "message".into(),
        lane: Lane::Routine,
        title: "A message that has no mapping.".to_owned(),
        description: "`x.<vendor>.<original>`; what it says is in the raw lineage.".to_owned(),
        members: Vec::new(),
        required: None,
        sample: RawValue::from_string("{}".to_owned()).expect("an empty object is JSON"),
        offered_by: vec![Kind::Hl7v2, Kind::Events],
        packs: Vec::new(),
        own: None,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read_once_with_its_lane_and_a_sample() {
        let catalogue = Catalogue::embedded();
        assert_eq!(
            catalogue.types().count(),
            FILES.iter().map(|file| file.matches("[[type]]").count()).sum::<usize>()
        );
        let critical = catalogue.find("lab.result.critical").unwrap();
        assert_eq!((critical.lane, critical.object_type.as_str()), (Lane::Critical, "lab_report"));
        assert_eq!(critical.required, None);
        let created = catalogue.find("prescription.created").unwrap();
        assert_eq!((created.lane, created.required.as_deref()), (Lane::Routine, Some("rxRef")));
        for info in catalogue.types() {
            assert_eq!(crate::check_data(info, &info.sample), Ok(()), "{}", info.name);
            assert!(info.required.iter().all(|name| info.members.iter().any(|member| member.name == *name)));
        }
    }

    #[test]
    fn packs_have_the_size_in_their_name() {
        for (pack, size) in [("hospital-7", 7), ("practice-7", 7), ("pharmacy-5", 5)] {
            let held =
                Catalogue::embedded().types().filter(|info| info.packs.iter().any(|name| name == pack));
            assert_eq!(held.count(), size, "{pack}");
        }
        let named: Vec<_> =
            Catalogue::embedded().packs().map(|pack| (pack.name.as_str(), pack.types.len())).collect();
        assert_eq!(named, [("hospital-7", 7), ("practice-7", 7), ("pharmacy-5", 5)]);
        let packs = Catalogue::embedded().types().flat_map(|info| &info.packs);
        assert!(packs.into_iter().all(|name| named.iter().any(|(known, _)| known == name)));
    }

    #[test]
    fn passthrough_names_are_known_without_being_listed() {
        let catalogue = Catalogue::embedded();
        assert_eq!(catalogue.find("x.hl7v2.adt_a99").unwrap().lane, Lane::Routine);
        for unknown in ["x", "x.", "x.hl7v2", "x.hl7v2.", "x.HL7.adt", "x.hl7v2.*", "lab.result.exciting"] {
            assert!(catalogue.find(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn a_pattern_that_reaches_nothing_is_told_apart() {
        let reaches = |text: &str| Catalogue::embedded().reaches(&text.parse().unwrap());
        for good in
            ["*", "lab.*", "lab.result.critical", "x.hl7v2.oru_r03", "x.*", "source.*", "webhook.disabled"]
        {
            assert!(reaches(good), "{good}");
        }
        for bad in ["lab", "lab.result.critical.now", "labour.*", "x.hl7v2"] {
            assert!(!reaches(bad), "{bad}");
        }
    }
}
