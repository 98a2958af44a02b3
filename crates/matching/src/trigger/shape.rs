//! What events of a type look like, as far as their type says: what expressions over them are linted by.

use std::collections::BTreeMap;

use fhirpath::{Members, Others, Shape};
use serde_json::{Map, Value};

use crate::TypeInfo;

/// An event of a type. Own types say it in their JSON Schema; those of the catalogue name members, of which
/// senders may send others and other kinds; vendors' say nothing.
pub(super) fn event(info: &TypeInfo) -> Shape {
    let named = |name: &str, members: &[&str]| {
        let known = members.iter().map(|member| ((*member).to_owned(), Shape::Text));
        Shape::Object(Members { name: name.to_owned(), known: known.collect(), others: Others::Never })
    };
    let texts = ["type", "time", "received", "lane", "integrationId", "causedBy"];
    let mut known: BTreeMap<String, Shape> =
        texts.into_iter().map(|name| (name.to_owned(), Shape::Text)).collect();
    known.insert("test".to_owned(), Shape::Boolean);
    known.insert("hops".to_owned(), Shape::Number);
    known.insert("subject".to_owned(), named("The subject", &["type", "system", "id"]));
    known.insert("object".to_owned(), named("The object", &["type", "system", "id"]));
    known.insert("data".to_owned(), data(info));
    Shape::Object(Members { name: "An event".to_owned(), known, others: Others::Never })
}

fn data(info: &TypeInfo) -> Shape {
    let name = format!("The data of {}", info.name);
    if let Some(own) = &info.own {
        return of_schema(own.document(), &name);
    }
    if info.members.is_empty() {
        return Shape::Anything;
    }
    let known = info.members.iter().map(|member| (member.name.clone(), Shape::Anything));
    Shape::Object(Members { name, known: known.collect(), others: Others::Unlisted })
}

/// What a JSON Schema says where it says it outright: what is put together of other schemas may be anything.
fn of_schema(schema: &Value, name: &str) -> Shape {
    let Some(schema) = schema.as_object() else { return Shape::Anything };
    if JOINED.iter().any(|keyword| schema.contains_key(*keyword)) {
        return Shape::Anything;
    }
    match kind(schema) {
        Some("boolean") => Shape::Boolean,
        Some("number" | "integer") => Shape::Number,
        Some("string") => Shape::Text,
        Some("array") => schema.get("items").map_or(Shape::Anything, |items| of_schema(items, name)),
        Some("object") => Shape::Object(members(schema, name)),
        _ => Shape::Anything,
    }
}

/// The one type that there may be besides null.
fn kind(schema: &Map<String, Value>) -> Option<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => Some(one),
        Some(Value::Array(several)) => {
            let mut kinds = several.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            kinds.next().filter(|_| kinds.next().is_none())
        }
        _ => schema.contains_key("properties").then_some("object"),
    }
}

fn members(schema: &Map<String, Value>, name: &str) -> Members {
    let named = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let of = |(member, schema): (&String, &Value)| {
        (member.clone(), of_schema(schema, &format!("{member} in {}", lower(name))))
    };
    let known: BTreeMap<String, Shape> = named.map(of).collect();
    let rest = schema.get("additionalProperties").or_else(|| schema.get("unevaluatedProperties"));
    let others = match rest {
        Some(Value::Bool(false)) => Others::Never,
        None if !known.is_empty() => Others::Unlisted,
        Some(_) | None => Others::Welcome,
    };
    Members { name: name.to_owned(), known, others }
}

fn lower(name: &str) -> String {
    name.replacen("The", "the", 1)
}

/// Keywords by which a schema is more than its own members.
const JOINED: [&str; 9] =
    ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if", "patternProperties", "dependentSchemas"];
