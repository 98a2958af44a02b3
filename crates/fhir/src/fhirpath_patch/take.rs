//! Doing one operation.

use std::mem::discriminant;

use serde_json::{Map, Value, json};

use super::operation::{Given, Operation};
use super::part;
use super::place::{Key, at, at_mut, found, is_name, list, one, repeats};
use crate::subscription::Flaw;

/// Takes one operation.
pub(super) fn take(resource: &mut Value, operation: &Operation, number: usize) -> Result<(), Flaw> {
    let within = |name: &str, code, why: &str| Flaw::new(code, part(number, name), why);
    match operation {
        Operation::Add { path, name, value } => {
            let way = one(resource, path, number)?;
            add(resource, &way, (name, value)).map_err(|(name, code, why)| within(name, code, why))
        }
        Operation::Insert { path, index, value } => {
            let items = items(resource, path, number)?;
            if *index > items.len() {
                return Err(within("index", "value", "is beyond the end of the list"));
            }
            if items.iter().any(|item| discriminant(item) != discriminant(&value.value)) {
                return Err(within("value", "value", "has another type than the list"));
            }
            items.insert(*index, value.value.clone());
            Ok(())
        }
        Operation::Delete { path } => match found(resource, path, number)?.as_slice() {
            [] => Ok(()),
            [way] => remove(resource, way).map_err(|why| within("path", "invalid", why)),
            [_, _, ..] => Err(within("path", "multiple-matches", "leads to more than one element")),
        },
        Operation::Replace { path, value } => {
            let way = one(resource, path, number)?;
            replace(resource, &way, value).map_err(|(name, code, why)| within(name, code, why))
        }
        Operation::Move { path, source, destination } => {
            let items = items(resource, path, number)?;
            for (name, place) in [("source", source), ("destination", destination)] {
                if *place >= items.len() {
                    return Err(within(name, "value", "is beyond the end of the list"));
                }
            }
            let moved = items.remove(*source);
            items.insert(*destination, moved);
            Ok(())
        }
    }
}

fn items<'r>(resource: &'r mut Value, path: &str, number: usize) -> Result<&'r mut Vec<Value>, Flaw> {
    let way = list(resource, path, number)?;
    let items = at_mut(resource, &way).and_then(Value::as_array_mut);
    items.ok_or_else(|| Flaw::new("invalid", part(number, "path"), "leads to no list"))
}

/// What cannot be taken: the part that is to blame, the issue, and why.
type Refusal = (&'static str, &'static str, &'static str);

fn add(resource: &mut Value, way: &[Key], (name, given): (&str, &Given)) -> Result<(), Refusal> {
    if !is_name(name) || name == "resourceType" {
        return Err(("name", "value", "is not the name of an element"));
    }
    let holder = if at(resource, way).is_some_and(Value::is_object) {
        at_mut(resource, way).and_then(Value::as_object_mut)
    } else if matches!(name, "extension" | "id") {
        beside(resource, way)
    } else {
        return Err(("path", "invalid", "leads to a value that has no elements"));
    };
    let holder = holder.ok_or((
        "path",
        "not-supported",
        "leads to a value in a list, which cannot have extensions here",
    ))?;
    let is_there = holder.contains_key(name)
        || (name == "value" && holder.keys().any(|known| known.starts_with("value")));
    if repeats(name) {
        let items = holder.entry(name).or_insert_with(|| json!([])).as_array_mut();
        items.ok_or(("name", "structure", "is no list in the resource"))?.push(given.value.clone());
        return Ok(());
    }
    if is_there {
        return Err(("name", "business-rule", "is there already; replace it"));
    }
    holder.insert(given.name(name).to_owned(), given.value.clone());
    Ok(())
}

/// Where the extensions of a primitive value stand: beside it, under its name with `_`.
fn beside<'r>(resource: &'r mut Value, way: &[Key]) -> Option<&'r mut Map<String, Value>> {
    let (Key::Member(name), holder) = way.split_last()? else { return None };
    let holder = at_mut(resource, holder)?.as_object_mut()?;
    holder.entry(format!("_{name}")).or_insert_with(|| json!({})).as_object_mut()
}

fn replace(resource: &mut Value, way: &[Key], given: &Given) -> Result<(), Refusal> {
    let (last, holder) = way.split_last().ok_or(("path", "business-rule", ITSELF))?;
    let present = at(resource, way).map(discriminant);
    let is_choice = |name: &String| name.starts_with("value") && name.len() > "value".len();
    if let (Key::Member(name), Some(member)) = (last, &given.member)
        && is_choice(name)
    {
        let holder = at_mut(resource, holder).and_then(Value::as_object_mut);
        let holder = holder.ok_or(("path", "invalid", "leads to no element"))?;
        holder.shift_remove(name);
        holder.insert(member.clone(), given.value.clone());
        return Ok(());
    }
    if present != Some(discriminant(&given.value)) {
        return Err(("value", "value", "has another type than what it replaces"));
    }
    *at_mut(resource, way).ok_or(("path", "invalid", "leads to no element"))? = given.value.clone();
    Ok(())
}

/// Removes an element, and what is empty without it: FHIR has no empty lists and objects.
fn remove(resource: &mut Value, way: &[Key]) -> Result<(), &'static str> {
    let (last, holder) = way.split_last().ok_or(ITSELF)?;
    let within = at_mut(resource, holder).ok_or("leads to no element")?;
    match (within, last) {
        (Value::Object(members), Key::Member(name)) => {
            members.shift_remove(name);
            members.shift_remove(&format!("_{name}"));
        }
        (Value::Array(items), Key::Place(place)) if *place < items.len() => drop(items.remove(*place)),
        _ => return Err("leads to no element"),
    }
    let is_empty = |value: &Value| match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    if !holder.is_empty() && at(resource, holder).is_some_and(is_empty) {
        remove(resource, holder)
    } else {
        Ok(())
    }
}

const ITSELF: &str = "leads to the resource itself, which is replaced by PUT and removed by DELETE";
