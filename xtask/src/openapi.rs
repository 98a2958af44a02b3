//! `openapi`: the description of the HTTP surface, written by the binary itself.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::Run;
use crate::workspace::root;

const FILE: &str = "openapi.json";

pub(crate) fn run(check: bool) -> Result<()> {
    if check {
        return compare(None).map(|_| ());
    }
    std::fs::write(root().join(FILE), fresh(None)?)?;
    eprintln!("{FILE} is written");
    Ok(())
}

/// Fails with the first line that differs from what `binary` says, or else one that is built for it.
pub(crate) fn compare(binary: Option<&Path>) -> Result<String> {
    let committed =
        std::fs::read_to_string(root().join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    let fresh = fresh(binary)?;
    match first_difference(&committed, &fresh) {
        None => Ok(String::new()),
        Some(line) => bail!("{FILE}:{line}: differs from what the binary says — run `cargo xtask openapi`"),
    }
}

fn fresh(binary: Option<&Path>) -> Result<String> {
    let run = match binary {
        Some(binary) => Run::new(&binary.to_string_lossy(), &["openapi"]),
        None => Run::cargo(&["run", "--quiet", "--package", "server", "--", "openapi"]),
    };
    let text = run.within(&root()).read()?;
    let described: Value =
        serde_json::from_str(&text).context("`carehook openapi` printed something else than JSON")?;
    if let Some((name, calls)) = shared(&described) {
        bail!("the operation id {name} names {calls} — give one handler another name, or another tag");
    }
    Ok(format!("{}\n", text.trim_end()))
}

/// An operation id of two calls, and which: a handler's name is told apart by its tag alone.
fn shared(described: &Value) -> Option<(&str, String)> {
    let mut calls: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (path, item) in described["paths"].as_object()? {
        for (method, call) in item.as_object()? {
            if let Some(name) = call["operationId"].as_str() {
                calls.entry(name).or_default().push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let (name, calls) = calls.into_iter().find(|(_, calls)| calls.len() > 1)?;
    Some((name, calls.join(" and ")))
}

fn first_difference(committed: &str, fresh: &str) -> Option<usize> {
    if committed == fresh {
        return None;
    }
    let same = committed.lines().zip(fresh.lines()).take_while(|(one, other)| one == other).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{first_difference, shared};

    #[test]
    fn an_operation_id_of_two_calls_is_found_with_both() {
        let described = |name: &str| {
            let calls = json!({ "get": { "operationId": "events_read" }, "post": { "operationId": name } });
            json!({ "paths": { "/a": calls, "/b": { "get": { "operationId": "events_list" } } } })
        };
        assert_eq!(shared(&described("events_create")), None);
        let twice = described("events_list");
        assert_eq!(shared(&twice), Some(("events_list", "POST /a and GET /b".to_owned())));
    }

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
    }
}
