//! What is to be done, read from `Parameters`.

use model::limits;
use serde_json::{Map, Value};

use super::{part, place};
use crate::subscription::Flaw;

/// One operation.
#[derive(Debug)]
pub(super) enum Operation {
    Add { path: String, name: String, value: Given },
    Insert { path: String, index: usize, value: Given },
    Delete { path: String },
    Replace { path: String, value: Given },
    Move { path: String, source: usize, destination: usize },
}

/// A value, and the member of `Parameters` that held it: it tells the type of a choice.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) member: Option<String>,
    pub(super) value: Value,
}

impl Given {
    /// The name under which it stands in a resource, where the element is called `name`.
    pub(super) fn name<'n>(&'n self, name: &'n str) -> &'n str {
        // Extensions have the only choice that a Subscription has: value[x].
        self.member.as_deref().filter(|_| name == "value").unwrap_or(name)
    }
}

/// Reads the operations.
pub(super) fn read(parameters: &Value) -> Result<Vec<Operation>, Flaw> {
    if parameters["resourceType"] != "Parameters" {
        return Err(Flaw::new("structure", "resourceType", "is not Parameters"));
    }
    let at = "Parameters.parameter";
    let listed = parameters["parameter"].as_array().filter(|listed| !listed.is_empty());
    let listed = listed.ok_or_else(|| Flaw::new("required", at, "has no operation"))?;
    if listed.len() > limits::PATCH_OPERATIONS {
        let why = format!("has more than {} operations", limits::PATCH_OPERATIONS);
        return Err(Flaw::new("too-costly", at, why));
    }
    listed.iter().enumerate().map(|(number, one)| Parts::of(one, number)?.operation()).collect()
}

/// The parts of one operation.
struct Parts<'p> {
    number: usize,
    parts: &'p [Value],
}

impl<'p> Parts<'p> {
    fn of(parameter: &'p Value, number: usize) -> Result<Self, Flaw> {
        let at = format!("Parameters.parameter[{number}]");
        if parameter["name"] != "operation" {
            return Err(Flaw::new("value", format!("{at}.name"), "is not operation"));
        }
        let parts = parameter["part"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(Parts { number, parts })
    }

    fn operation(&self) -> Result<Operation, Flaw> {
        let kind = self.text("type", "valueCode")?;
        let (path, value) = (|| self.text("path", "valueString"), || self.value());
        match kind.as_str() {
            "add" => {
                self.only(&["name", "value"])?;
                Ok(Operation::Add { path: path()?, name: self.text("name", "valueString")?, value: value()? })
            }
            "insert" => {
                self.only(&["index", "value"])?;
                Ok(Operation::Insert { path: path()?, index: self.count("index")?, value: value()? })
            }
            "delete" => {
                self.only(&[])?;
                Ok(Operation::Delete { path: path()? })
            }
            "replace" => {
                self.only(&["value"])?;
                Ok(Operation::Replace { path: path()?, value: value()? })
            }
            "move" => {
                self.only(&["source", "destination"])?;
                let (source, destination) = (self.count("source")?, self.count("destination")?);
                Ok(Operation::Move { path: path()?, source, destination })
            }
            _ => Err(self.flaw("code-invalid", "type", "is not add, insert, delete, replace or move")),
        }
    }

    /// Refuses parts that an operation of this type does not have.
    fn only(&self, known: &[&str]) -> Result<(), Flaw> {
        let is_known = |name: &str| matches!(name, "type" | "path") || known.contains(&name);
        for (place, one) in self.parts.iter().enumerate() {
            if !one["name"].as_str().is_some_and(is_known) {
                let at = format!("Parameters.parameter[{}].part[{place}].name", self.number);
                return Err(Flaw::new("structure", at, "is no part of an operation of this type"));
            }
        }
        Ok(())
    }

    /// The one part with a name.
    fn part(&self, name: &str) -> Result<&'p Value, Flaw> {
        let mut found = self.parts.iter().filter(|one| one["name"] == name);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(self.flaw("structure", name, "stands there more than once")),
            (None, _) => Err(self.flaw("required", name, "is missing")),
        }
    }

    fn text(&self, name: &str, member: &str) -> Result<String, Flaw> {
        let found = self.part(name)?[member].as_str().filter(|text| !text.is_empty());
        let why = || self.flaw("value", name, format!("has no {member}"));
        found.map(str::to_owned).ok_or_else(why)
    }

    fn count(&self, name: &str) -> Result<usize, Flaw> {
        let found = self.part(name)?["valueInteger"].as_u64().and_then(|count| usize::try_from(count).ok());
        found.ok_or_else(|| self.flaw("value", name, "has no valueInteger from 0 on"))
    }

    fn value(&self) -> Result<Given, Flaw> {
        given(self.part("value")?).map_err(|why| self.flaw("value", "value", why))
    }

    fn flaw(&self, code: &'static str, name: &str, why: impl Into<String>) -> Flaw {
        Flaw::new(code, part(self.number, name), why)
    }
}

/// The value of a part: one of a data type, or an element made of further parts.
fn given(part: &Value) -> Result<Given, &'static str> {
    let members = part.as_object().into_iter().flatten();
    let mut members = members.filter(|(name, _)| name.starts_with("value") || *name == "part");
    match (members.next(), members.next()) {
        (Some((name, parts)), None) if name == "part" => {
            Ok(Given { member: None, value: Value::Object(made_of(parts)?) })
        }
        (Some((name, value)), None) => Ok(Given { member: Some(name.clone()), value: value.clone() }),
        (Some(_), Some(_)) => Err("has more than one value"),
        (None, _) => Err("has no value"),
    }
}

fn made_of(parts: &Value) -> Result<Map<String, Value>, &'static str> {
    let mut made = Map::new();
    for part in parts.as_array().into_iter().flatten() {
        let name =
            part["name"].as_str().filter(|name| place::is_name(name)).ok_or("has a part without a name")?;
        let given = given(part)?;
        let name = given.name(name).to_owned();
        match made.get_mut(&name) {
            Some(Value::Array(items)) => items.push(given.value),
            Some(_) => return Err("has a part twice that does not repeat"),
            None if place::repeats(&name) => drop(made.insert(name, Value::Array(vec![given.value]))),
            None => drop(made.insert(name, given.value)),
        }
    }
    if made.is_empty() { Err("has no parts") } else { Ok(made) }
}
