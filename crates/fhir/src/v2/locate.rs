//! Where a value stands in a resource, when more was done since it was put there.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// One step down: a member, and the entry of its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) name: String,
    pub(super) index: Option<usize>,
}

impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.index.map_or(Ok(()), |index| write!(f, "[{index}]"))
    }
}

/// A path as people write it: `identifier[0].value`.
pub(super) fn path_text(path: &[Hop]) -> String {
    path.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
}

/// The JSON pointer of a path: `/identifier/0/value`.
pub(super) fn pointer(path: &str) -> String {
    format!("/{}", path.replace(['.', '['], "/").replace(']', ""))
}

/// What became of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is there.
    At(Vec<Hop>),
    /// Something else is there.
    Otherwise,
    /// Nothing is there.
    Gone,
}

/// Looks for a value where it was put, and in the other entries of the lists on the way: entries
/// move when one is put before them, or when an empty one goes.
pub(super) fn locate(body: &Value, path: &[Hop], value: &Value) -> Found {
    let mut trail = Vec::with_capacity(path.len());
    if descend(body, path, value, &mut trail) {
        return Found::At(trail);
    }
    let there = path.iter().try_fold(body, |here, hop| {
        let member = here.get(&hop.name)?;
        hop.index.map_or(Some(member), |index| member.get(index))
    });
    there.map_or(Found::Gone, |_| Found::Otherwise)
}

fn descend(here: &Value, path: &[Hop], value: &Value, trail: &mut Vec<Hop>) -> bool {
    let Some((hop, rest)) = path.split_first() else { return holds(here, value) };
    let Some(member) = here.get(&hop.name) else { return false };
    let Some(index) = hop.index else {
        trail.push(hop.clone());
        return descend(member, rest, value, trail) || back(trail);
    };
    let list = member.as_array().map(Vec::as_slice).unwrap_or_default();
    let reach = list.len().max(index + 1);
    let outward = (0..reach).flat_map(|far| [index.checked_sub(far), (far > 0).then_some(index + far)]);
    outward.flatten().filter(|place| *place < list.len()).any(|place| {
        trail.push(Hop { name: hop.name.clone(), index: Some(place) });
        descend(&list[place], rest, value, trail) || back(trail)
    })
}

fn back(trail: &mut Vec<Hop>) -> bool {
    trail.pop();
    false
}

/// Whether a value says all that another one does.
pub(super) fn holds(have: &Value, want: &Value) -> bool {
    match (have, want) {
        (_, Value::Null) => true,
        (Value::Object(have), Value::Object(want)) => {
            want.iter().all(|(name, want)| holds(have.get(name).unwrap_or(&Value::Null), want))
        }
        (Value::Array(have), Value::Array(want)) => {
            want.iter().all(|want| have.iter().any(|have| holds(have, want)))
        }
        _ => have == want,
    }
}

/// The largest parts of a resource that nobody claims.
pub(super) fn unclaimed(body: &Value, claims: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, member) in body.as_object().into_iter().flatten().filter(|(name, _)| *name != "resourceType") {
        walk(member, name, claims, &mut found);
    }
    found
}

fn walk(here: &Value, path: &str, claims: &BTreeSet<String>, found: &mut Vec<String>) {
    if claims.contains(path) {
        return;
    }
    let is_above = |between: char| {
        let start = format!("{path}{between}");
        claims.range(start.clone()..).next().is_some_and(|claim| claim.starts_with(&start))
    };
    if !is_above('.') && !is_above('[') {
        found.push(path.to_owned());
        return;
    }
    match here {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| walk(member, &format!("{path}.{name}"), claims, found));
        }
        Value::Array(list) => {
            let entries = list.iter().enumerate();
            entries.for_each(|(at, entry)| walk(entry, &format!("{path}[{at}]"), claims, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> Vec<Hop> {
        let hop = |step: &str| match step.trim_end_matches(']').split_once('[') {
            Some((name, index)) => Hop { name: name.to_owned(), index: index.parse().ok() },
            None => Hop { name: step.to_owned(), index: None },
        };
        text.split('.').map(hop).collect()
    }

    #[test]
    fn a_value_is_found_where_it_moved_to() {
        let body = json!({ "participant": [{ "actor": { "a": 1 } }, { "actor": { "b": 2, "c": 3 } }], "status": "x" });
        let found = |at: &str, value: Value| match locate(&body, &path(at), &value) {
            Found::At(path) => path_text(&path),
            Found::Otherwise => "otherwise".to_owned(),
            Found::Gone => "gone".to_owned(),
        };
        assert_eq!(found("participant[0].actor", json!({ "b": 2 })), "participant[1].actor");
        assert_eq!(found("participant[1].actor", json!({ "b": 2, "d": null })), "participant[1].actor");
        assert_eq!(found("status", json!("y")), "otherwise");
        assert_eq!(found("participant[4].actor.b", json!(5)), "gone");
    }

    #[test]
    fn what_nobody_claims_is_named_as_a_whole() {
        let body = json!({ "resourceType": "X", "a": { "b": 1, "c": { "d": 1, "e": 2 } }, "l": [{ "m": 1, "n": 2 }, { "m": 3 }] });
        let claims = ["a.b", "l[0].m"].into_iter().map(str::to_owned).collect();
        assert_eq!(unclaimed(&body, &claims), ["a.c", "l[0].n", "l[1]"]);
    }
}
