//! `filterBy` of R5 and the written form of the guide: the same conditions, said in two ways.

use serde_json::{Value, json};

use super::Flaw;
use super::element::{required, text};

/// The written form of one `filterBy`.
pub(super) fn written(filter: &Value, at: &str) -> Result<String, Flaw> {
    let kind = text(filter, "resourceType", &format!("{at}.resourceType"))?;
    // A uri; the part behind the last slash is the type.
    let kind = kind.map(|kind| kind.rsplit('/').next().unwrap_or(kind));
    let parameter = required(filter, "filterParameter", &format!("{at}.filterParameter"))?;
    let value = required(filter, "value", &format!("{at}.value"))?;
    let comparator = text(filter, "comparator", &format!("{at}.comparator"))?;
    let modifier = text(filter, "modifier", &format!("{at}.modifier"))?;
    if comparator.is_some() && modifier.is_some() {
        return Err(Flaw::new("invariant", at, "has a comparator and a modifier (scr-1)"));
    }
    let kind = kind.map(|kind| format!("{kind}?")).unwrap_or_default();
    let modifier = modifier.map(|modifier| format!(":{modifier}")).unwrap_or_default();
    let comparator = comparator.filter(|comparator| *comparator != "eq").unwrap_or_default();
    Ok(format!("{kind}{parameter}{modifier}={comparator}{value}"))
}

/// The `filterBy` entries of a written form.
pub(super) fn entries(filter: &str) -> Vec<Value> {
    let (kind, query) = match crate::search::named_type(filter) {
        Some(kind) => (Some(kind), filter.get(kind.len() + 1..).unwrap_or_default()),
        None => (None, filter),
    };
    query.split('&').filter_map(|part| entry(kind, part)).collect()
}

fn entry(kind: Option<&str>, part: &str) -> Option<Value> {
    let (name, value) = part.split_once('=')?;
    let (name, modifier) = match name.split_once(':') {
        Some((name, modifier)) => (name, Some(modifier)),
        None => (name, None),
    };
    let mut entry = json!({});
    if let Some(kind) = kind {
        entry["resourceType"] = kind.into();
    }
    entry["filterParameter"] = name.into();
    let (comparator, value) = prefixed(value);
    match modifier {
        Some(modifier) => entry["modifier"] = modifier.into(),
        None if comparator.is_some() => entry["comparator"] = comparator.into(),
        None => {}
    }
    entry["value"] = value.into();
    Some(entry)
}

/// A prefix of a number or a date, as `gt6.0` has one.
fn prefixed(value: &str) -> (Option<&str>, &str) {
    match value.split_at_checked(2) {
        Some((prefix, rest))
            if PREFIXES.contains(&prefix) && rest.starts_with(|c: char| c.is_ascii_digit() || c == '-') =>
        {
            (Some(prefix), rest)
        }
        Some(_) | None => (None, value),
    }
}

const PREFIXES: [&str; 8] = ["ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];
