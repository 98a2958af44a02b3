//! What a path leads to, as a way through the JSON.

use fhirpath::{Context, Expression, Item};
use model::limits;
use serde_json::Value;

use super::part;
use crate::subscription::Flaw;

/// A step from a value to one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    Member(String),
    Place(usize),
}

/// The steps from a resource to an element of it.
pub(super) type Way = Vec<Key>;

/// The elements that the path of an operation leads to.
pub(super) fn found(resource: &Value, path: &str, number: usize) -> Result<Vec<Way>, Flaw> {
    let flaw = |code, why: String| Flaw::new(code, part(number, "path"), why);
    if path.len() > limits::EXPRESSION_BYTES {
        return Err(flaw("too-long", format!("is longer than {} bytes", limits::EXPRESSION_BYTES)));
    }
    let compiled =
        Expression::compile(path).map_err(|error| flaw("invalid", format!("is no FHIRPath: {error}")))?;
    let found = compiled
        .evaluate(&Context::of(resource))
        .map_err(|error| flaw("invalid", format!("cannot be evaluated: {error}")))?;
    let way = |item: &Item<'_>| {
        let Item::Node(node) = item else { return None };
        way_to(resource, node.json())
    };
    let outside = || flaw("invalid", "leads to something that is no element of the resource".to_owned());
    found.items().iter().map(|item| way(item).ok_or_else(outside)).collect()
}

/// The one element that a path leads to.
pub(super) fn one(resource: &Value, path: &str, number: usize) -> Result<Way, Flaw> {
    let mut ways = found(resource, path, number)?;
    let flaw = |code, why: &str| Err(Flaw::new(code, part(number, "path"), why));
    match (ways.pop(), ways.len()) {
        (Some(way), 0) => Ok(way),
        (Some(_), _) => flaw("multiple-matches", "leads to more than one element"),
        (None, _) => flaw("not-found", "leads to no element"),
    }
}

/// The list that a path leads to, all of it.
pub(super) fn list(resource: &Value, path: &str, number: usize) -> Result<Way, Flaw> {
    let ways = found(resource, path, number)?;
    let flaw = |code, why: &str| Err(Flaw::new(code, part(number, "path"), why));
    let Some((Key::Place(_), holder)) = ways.first().and_then(|way| way.split_last()) else {
        return if ways.is_empty() {
            flaw("not-found", "leads to no element")
        } else {
            flaw("invalid", "leads to an element that does not repeat")
        };
    };
    let is_of_it = |way: &Way| way.split_last().is_some_and(|(_, of)| of == holder);
    let length = at(resource, holder).and_then(Value::as_array).map_or(0, Vec::len);
    if ways.len() == length && ways.iter().all(is_of_it) {
        Ok(holder.to_vec())
    } else {
        flaw("invalid", "does not lead to all items of one list")
    }
}

/// The value at the end of a way.
pub(super) fn at<'v>(value: &'v Value, way: &[Key]) -> Option<&'v Value> {
    way.iter().try_fold(value, |value, key| match key {
        Key::Member(name) => value.get(name),
        Key::Place(place) => value.get(place),
    })
}

/// The same, to change it.
pub(super) fn at_mut<'v>(value: &'v mut Value, way: &[Key]) -> Option<&'v mut Value> {
    way.iter().try_fold(value, |value, key| match key {
        Key::Member(name) => value.get_mut(name),
        Key::Place(place) => value.get_mut(place),
    })
}

/// The way to a value that is a part of another one, found by where it lies.
fn way_to(within: &Value, wanted: &Value) -> Option<Way> {
    if std::ptr::eq(within, wanted) {
        return Some(Way::new());
    }
    let behind = |key: Key, value: &Value| {
        let mut way = way_to(value, wanted)?;
        way.insert(0, key);
        Some(way)
    };
    match within {
        Value::Object(members) => {
            members.iter().find_map(|(name, value)| behind(Key::Member(name.clone()), value))
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(place, value)| behind(Key::Place(place), value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Whether a text can be the name of an element.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Whether an element of a Subscription, or of what it is made of, stands in a list.
pub(super) fn repeats(name: &str) -> bool {
    REPEATING.contains(&name)
}

// Subscription of R4, R4B and R5, and the data types in it: each of these names repeats wherever it stands.
const REPEATING: [&str; 13] = [
    "coding",
    "contact",
    "contained",
    "extension",
    "filterBy",
    "given",
    "header",
    "identifier",
    "modifierExtension",
    "parameter",
    "profile",
    "security",
    "tag",
];
