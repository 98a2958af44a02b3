//! Where a parameter looks: JSON names, lists taken apart on the way.

use serde_json::Value;

use crate::reference::{self, Reference};

/// The steps from a resource, or from one part of it, to the values of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    name: String,
    only: Option<Only>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Only {
    /// References to this type, and those that do not tell theirs.
    Type(String),
    /// Entries with this member.
    Member(String, String),
}

impl Path {
    /// Reads `a.b[Patient]` or `a[system=email].b`; `.` is the place itself.
    pub(super) fn read(text: &str) -> Option<Path> {
        let mut steps = Vec::new();
        let mut rest = text.trim_matches('.');
        while !rest.is_empty() {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let name = rest.get(..end)?.to_owned();
            rest = rest.get(end..)?;
            let only = match rest.strip_prefix('[') {
                Some(inside) => {
                    let (only, after) = inside.split_once(']')?;
                    rest = after;
                    Some(Only::read(only))
                }
                None => None,
            };
            rest = rest.strip_prefix('.').unwrap_or(rest);
            steps.push(Step { name, only });
        }
        Some(Path(steps))
    }

    /// The values at the end of the path.
    pub(super) fn values<'a>(&self, from: &'a Value) -> Vec<&'a Value> {
        let mut values = Vec::new();
        follow(from, &self.0, &mut values);
        values
    }

    /// The names on the way, with dots between; none where only some entries are meant.
    pub(super) fn dotted(&self) -> Option<String> {
        let names = self.0.iter().map(|step| step.only.is_none().then_some(step.name.as_str()));
        names.collect::<Option<Vec<_>>>().map(|names| names.join("."))
    }

    /// The path, narrowed to references to one type.
    pub(super) fn only_type(&self, kind: &str) -> Path {
        let mut path = self.clone();
        if let Some(last) = path.0.last_mut() {
            last.only = Some(Only::Type(kind.to_owned()));
        }
        path
    }
}

impl Only {
    fn read(text: &str) -> Only {
        match text.split_once('=') {
            Some((name, value)) => Only::Member(name.to_owned(), value.to_owned()),
            None => Only::Type(text.to_owned()),
        }
    }

    fn keeps(&self, value: &Value) -> bool {
        match self {
            Only::Member(name, expected) => value.get(name).and_then(Value::as_str) == Some(expected),
            Only::Type(expected) => type_of(value).is_none_or(|kind| kind == *expected),
        }
    }
}

fn follow<'a>(value: &'a Value, steps: &[Step], found: &mut Vec<&'a Value>) {
    if let Value::Array(entries) = value {
        entries.iter().for_each(|entry| follow(entry, steps, found));
        return;
    }
    let Some((step, rest)) = steps.split_first() else {
        found.extend((!value.is_null()).then_some(value));
        return;
    };
    match (value.get(&step.name), &step.only) {
        (Some(Value::Array(entries)), Some(only)) => {
            entries.iter().filter(|entry| only.keeps(entry)).for_each(|entry| follow(entry, rest, found));
        }
        (Some(inner), only) if only.as_ref().is_none_or(|only| only.keeps(inner)) => {
            follow(inner, rest, found);
        }
        _ => {}
    }
}

/// The type that a reference points to, as far as it says.
fn type_of(value: &Value) -> Option<String> {
    let stated = value.get("type").and_then(Value::as_str);
    let text = value.get("reference").and_then(Value::as_str).or_else(|| value.as_str());
    stated.map(str::to_owned).or_else(|| match reference::parse(text?) {
        Reference::Relative { kind, .. }
        | Reference::Absolute { kind, .. }
        | Reference::Conditional { kind, .. } => Some(kind),
        Reference::Urn(_) | Reference::Contained(_) | Reference::Other => None,
    })
}
