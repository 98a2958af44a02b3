//! JSON Schema: what a type of one's own, or a receiver, asks of a value.

use std::fmt;
use std::sync::OnceLock;

use boon::{Compiler, Draft, SchemaIndex, Schemas, UrlLoader, ValidationError};
use serde_json::Value;

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
    pub(crate) fn trusted(document: Value) -> Self {
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

/// What is wrong with `data`, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer from `data`; empty for `data` itself.
    pub pointer: String,
    /// What is wrong; never content.
    pub why: String,
}

impl Fault {
    pub(crate) fn at(name: &str, why: &str) -> Self {
        Fault { pointer: format!("/{name}"), why: format!("{name} {why}") }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.document).finish()
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
