//! Event types that organisations made: found like those of the catalogue.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::OnceLock;

use boon::{Compiler, Draft, SchemaIndex, Schemas, UrlLoader, ValidationError};
use model::{Config, EventType, Kind, OrganisationId, OwnType, Pattern};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::catalogue::{Catalogue, TypeInfo};
use crate::compiled::Compiled;
use crate::schema::Fault;

/// A JSON Schema that data is checked against. It is compiled when it is first used.
pub struct Schema {
    document: Value,
    compiled: OnceLock<Option<(Schemas, SchemaIndex)>>,
}

impl Schema {
    /// A schema, if it is one: draft 2020-12 unless it says otherwise, without references elsewhere.
    ///
    /// # Errors
    /// Where it is wrong, and why.
    pub fn new(document: Value) -> Result<Self, Fault> {
        let compiled = compile(&document)?;
        Ok(Schema { document, compiled: OnceLock::from(Some(compiled)) })
    }

    // It was checked when it was saved.
    fn trusted(document: Value) -> Self {
        Schema { document, compiled: OnceLock::new() }
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Checks a value.
    ///
    /// # Errors
    /// The first place that does not fit; never content.
    pub fn check(&self, value: &Value) -> Result<(), Fault> {
        let Some((schemas, index)) = self.compiled.get_or_init(|| compile(&self.document).ok()) else {
            return Err(Fault { pointer: String::new(), why: "the type's schema cannot be used".to_owned() });
        };
        schemas.validate(value, *index).map_err(|error| fault(&error))
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.document).finish()
    }
}

impl Schema {
    /// Every place of a value that does not fit, up to `most`; never content.
    #[must_use]
    pub fn misfits(&self, value: &Value, most: usize) -> Vec<Fault> {
        let mut found = Vec::new();
        match self.compiled.get_or_init(|| compile(&self.document).ok()) {
            Some((schemas, index)) => {
                if let Err(error) = schemas.validate(value, *index) {
                    leaves(&error, &mut found);
                }
            }
            None => found.extend(self.check(value).err()),
        }
        found.truncate(most);
        found
    }
}

/// The causes that have none below them.
fn leaves(error: &ValidationError<'_, '_>, found: &mut Vec<Fault>) {
    if error.causes.is_empty() {
        found.push(fault(error));
    }
    error.causes.iter().for_each(|cause| leaves(cause, found));
}

fn compile(document: &Value) -> Result<(Schemas, SchemaIndex), Fault> {
    let unusable = |_| Fault {
        pointer: String::new(),
        why: "it is no JSON Schema that can be used, or refers to a document elsewhere".to_owned(),
    };
    let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
    compiler.set_default_draft(Draft::V2020_12);
    compiler.use_loader(Box::new(Nowhere));
    compiler.add_resource(PLACE, document.clone()).map_err(unusable)?;
    let index = compiler.compile(PLACE, &mut schemas).map_err(unusable)?;
    Ok((schemas, index))
}

// The schema stands at an address that nobody has, so that its own references find it.
const PLACE: &str = "urn:carehook:schema";

/// Loads nothing: a schema must not make us read files or call anybody.
struct Nowhere;

impl UrlLoader for Nowhere {
    fn load(&self, _: &str) -> Result<Value, Box<dyn std::error::Error>> {
        Err("references elsewhere are not followed".into())
    }
}

/// The deepest first cause: its place in the data, and the keyword that it breaks.
fn fault(error: &ValidationError<'_, '_>) -> Fault {
    let mut cause = error;
    while let Some(below) = cause.causes.first() {
        cause = below;
    }
    Fault {
        pointer: cause.instance_location.to_string(),
        why: format!("it does not fit the schema at {}", cause.schema_url.trim_start_matches(PLACE)),
    }
}

/// The own types of every organisation, by name.
pub(crate) type OwnTypes = HashMap<OrganisationId, BTreeMap<EventType, TypeInfo>>;

pub(crate) fn index(config: &Config) -> OwnTypes {
    let mut all = OwnTypes::new();
    for own in config.event_types.values() {
        let types = all.entry(own.organisation_id).or_default();
        types.insert(own.name.clone(), info(own));
    }
    all
}

fn info(own: &OwnType) -> TypeInfo {
    TypeInfo {
        name: own.name.clone(),
        object_type: own.object_type.clone(),
        lane: own.lane,
        title: own.title.clone(),
        description: own.description.clone(),
        members: Vec::new(),
        required: None,
        sample: RawValue::from_string(own.sample.to_string()).expect("a value has a text"),
        offered_by: vec![Kind::Events],
        packs: Vec::new(),
        own: Some(Schema::trusted(own.schema.clone())),
    }
}

impl Compiled {
    /// The type of this name: of the catalogue, or the organisation's own.
    #[must_use]
    pub fn find_type(&self, organisation: OrganisationId, name: &str) -> Option<&TypeInfo> {
        let own = || self.own_types(organisation).find(|info| info.name.as_str() == name);
        Catalogue::embedded().find(name).or_else(own)
    }

    /// Every type that an organisation can have: those of the catalogue, then its own, by name.
    pub fn types(&self, organisation: OrganisationId) -> impl Iterator<Item = &TypeInfo> {
        Catalogue::embedded().types().chain(self.own_types(organisation))
    }

    /// An organisation's own types, by name.
    pub fn own_types(&self, organisation: OrganisationId) -> impl Iterator<Item = &TypeInfo> {
        self.own_types.get(&organisation).into_iter().flat_map(BTreeMap::values)
    }

    /// Whether a pattern can ever match something of an organisation.
    #[must_use]
    pub fn reaches(&self, organisation: OrganisationId, pattern: &Pattern) -> bool {
        let mut own = self.own_types(organisation);
        Catalogue::embedded().reaches(pattern) || own.any(|info| pattern.matches(info.name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Schema {
        let members =
            json!({ "bed": { "type": "string", "pattern": "^[A-Z]" }, "minutes": { "type": "integer" } });
        Schema::new(json!({ "type": "object", "properties": members, "required": ["bed"] })).unwrap()
    }

    #[track_caller]
    fn check(value: Value, expected: Result<(), &str>) {
        assert_eq!(schema().check(&value).map_err(|fault| fault.pointer), expected.map_err(str::to_owned));
    }

    #[test]
    fn a_fault_is_told_by_its_place_and_never_by_what_stands_there() {
        check(json!({ "bed": "B7", "minutes": 12 }), Ok(()));
        check(json!({ "bed": "b7" }), Err("/bed"));
        check(json!({ "bed": "B7", "minutes": 1.5 }), Err("/minutes"));
        check(json!({}), Err(""));
        let fault = schema().check(&json!({ "bed": "mrs smith" })).unwrap_err();
        assert!(!fault.why.contains("smith"), "{}", fault.why);
    }

    #[test]
    fn every_place_that_does_not_fit_is_told() {
        let places = |value: Value, most| {
            let faults = schema().misfits(&value, most);
            faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        assert_eq!(places(json!({ "bed": "B7" }), 9), Vec::<String>::new());
        assert_eq!(places(json!({ "bed": "b7", "minutes": "x" }), 9), ["/bed", "/minutes"]);
        assert_eq!(places(json!({ "bed": "b7", "minutes": "x" }), 1).len(), 1);
    }

    #[test]
    fn what_is_no_schema_or_leads_elsewhere_is_refused() {
        for document in [
            json!({ "type": "objekt" }),
            json!({ "$ref": "https://example.org/schema.json" }),
            json!({ "$ref": "file:///etc/passwd" }),
            json!({ "pattern": "(?=a)" }),
        ] {
            assert!(Schema::new(document.clone()).is_err(), "{document}");
        }
    }
}
