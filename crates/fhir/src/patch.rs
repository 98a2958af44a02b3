//! JSON Patch (RFC 6902): steps over a resource, all of them or none.

use serde_json::{Map, Value};

/// A step that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("step {step} of the patch {why}")]
pub struct PatchFault {
    /// Its number, from 0.
    pub step: usize,
    /// Why not; never a value of the patch.
    pub why: &'static str,
}

/// Takes the steps of a patch one after the other.
///
/// # Errors
/// The first step that cannot be taken; the resource is as it was.
pub fn apply(resource: &mut Value, patch: &Value) -> Result<(), PatchFault> {
    let Value::Array(steps) = patch else { return Err(PatchFault { step: 0, why: "is not in a list" }) };
    if steps.len() > STEPS {
        return Err(PatchFault { step: STEPS, why: "is one too many" });
    }
    let mut changed = resource.clone();
    for (step, what) in steps.iter().enumerate() {
        take(&mut changed, what).map_err(|why| PatchFault { step, why })?;
    }
    *resource = changed;
    Ok(())
}

fn take(target: &mut Value, step: &Value) -> Result<(), &'static str> {
    let text = |name: &str, why| step.get(name).and_then(Value::as_str).ok_or(why);
    let path = text("path", "has no path")?;
    let value = || step.get("value").cloned().ok_or("has no value");
    match text("op", "has no op")? {
        "add" => add(target, path, value()?),
        "remove" => remove(target, path).map(drop),
        "replace" => {
            *target.pointer_mut(path).ok_or(NOWHERE)? = value()?;
            Ok(())
        }
        "move" => {
            let from = text("from", "has no from")?;
            if path.strip_prefix(from).is_some_and(|rest| rest.starts_with('/')) {
                return Err("moves something into itself");
            }
            let moved = remove(target, from)?;
            add(target, path, moved)
        }
        "copy" => {
            let copied = target.pointer(text("from", "has no from")?).ok_or(NOWHERE)?.clone();
            add(target, path, copied)
        }
        "test" => {
            let holds = target.pointer(path) == Some(&value()?);
            holds.then_some(()).ok_or("tests for another value than there is")
        }
        _ => Err("has an op that is not add, remove, replace, move, copy or test"),
    }
}

fn add(target: &mut Value, path: &str, value: Value) -> Result<(), &'static str> {
    if path.is_empty() {
        *target = value;
        return Ok(());
    }
    let (holder, last) = parent(target, path)?;
    match holder {
        Value::Object(members) => drop(members.insert(last, value)),
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => {
            let place = place(&last).filter(|place| *place <= items.len()).ok_or(NOWHERE)?;
            items.insert(place, value);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Err(NOWHERE),
    }
    Ok(())
}

fn remove(target: &mut Value, path: &str) -> Result<Value, &'static str> {
    let (holder, last) = parent(target, path)?;
    match holder {
        Value::Object(members) => take_out(members, &last).ok_or(NOWHERE),
        Value::Array(items) => {
            let place = place(&last).filter(|place| *place < items.len()).ok_or(NOWHERE)?;
            Ok(items.remove(place))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(NOWHERE),
    }
}

// The order of the others stays as it was.
fn take_out(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    members.shift_remove(name)
}

/// What holds the value of a path, and its name in there.
fn parent<'t>(target: &'t mut Value, path: &str) -> Result<(&'t mut Value, String), &'static str> {
    let (holder, last) = path.rsplit_once('/').ok_or(NOWHERE)?;
    let holder = target.pointer_mut(holder).ok_or(NOWHERE)?;
    Ok((holder, last.replace("~1", "/").replace("~0", "~")))
}

fn place(text: &str) -> Option<usize> {
    let is_plain = text == "0" || !text.starts_with('0');
    text.parse().ok().filter(|_| is_plain)
}

const NOWHERE: &str = "points to nothing";
const STEPS: usize = 1_000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(patch: Value, expected: Result<Value, &'static str>) {
        let before = json!({ "a": { "b": [1, 2] }, "c": "x" });
        let mut after = before.clone();
        match (apply(&mut after, &patch), expected) {
            (Ok(()), Ok(expected)) => assert_eq!(after, expected),
            (Err(fault), Err(why)) => {
                assert_eq!(fault.why, why);
                assert_eq!(after, before, "nothing changes when one step fails");
            }
            (done, expected) => panic!("{done:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn each_step_of_rfc_6902_is_taken() {
        let one = |step: Value| json!([step]);
        check(
            one(json!({ "op": "add", "path": "/a/b/1", "value": 9 })),
            Ok(json!({ "a": { "b": [1, 9, 2] }, "c": "x" })),
        );
        check(
            one(json!({ "op": "add", "path": "/a/b/-", "value": 9 })),
            Ok(json!({ "a": { "b": [1, 2, 9] }, "c": "x" })),
        );
        check(one(json!({ "op": "remove", "path": "/a/b/0" })), Ok(json!({ "a": { "b": [2] }, "c": "x" })));
        check(
            one(json!({ "op": "replace", "path": "/c", "value": null })),
            Ok(json!({ "a": { "b": [1, 2] }, "c": null })),
        );
        check(
            one(json!({ "op": "move", "from": "/c", "path": "/d" })),
            Ok(json!({ "a": { "b": [1, 2] }, "d": "x" })),
        );
        check(
            one(json!({ "op": "copy", "from": "/c", "path": "/a/b/0" })),
            Ok(json!({ "a": { "b": ["x", 1, 2] }, "c": "x" })),
        );
        check(
            json!([{ "op": "test", "path": "/c", "value": "x" }]),
            Ok(json!({ "a": { "b": [1, 2] }, "c": "x" })),
        );
    }

    #[test]
    fn a_patch_is_taken_whole_or_not_at_all() {
        let second = |step: Value| json!([{ "op": "remove", "path": "/c" }, step]);
        check(second(json!({ "op": "replace", "path": "/c", "value": 1 })), Err(NOWHERE));
        check(
            second(json!({ "op": "test", "path": "/a", "value": 1 })),
            Err("tests for another value than there is"),
        );
        check(second(json!({ "op": "add", "path": "/a/b/7", "value": 1 })), Err(NOWHERE));
        check(second(json!({ "op": "add", "path": "/a/b/01", "value": 1 })), Err(NOWHERE));
        check(
            second(json!({ "op": "move", "from": "/a", "path": "/a/b" })),
            Err("moves something into itself"),
        );
        check(
            second(json!({ "op": "grow", "path": "/a" })),
            Err("has an op that is not add, remove, replace, move, copy or test"),
        );
        check(json!({}), Err("is not in a list"));
    }
}
