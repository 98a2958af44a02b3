//! Members of a resource, and what is wrong with them.

use model::{SubscriptionStatus, Timestamp};
use serde_json::Value;

use super::Flaw;

/// A text that must be there.
pub(super) fn required<'v>(holder: &'v Value, name: &str, at: &str) -> Result<&'v str, Flaw> {
    text(holder, name, at)?.ok_or_else(|| Flaw::new("required", at, "is missing"))
}

/// A text that may be there.
pub(super) fn text<'v>(holder: &'v Value, name: &str, at: &str) -> Result<Option<&'v str>, Flaw> {
    match holder.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.trim())),
        Some(_) => Err(Flaw::new("value", at, "is not a text")),
    }
}

/// A list that may be there.
pub(super) fn list<'v>(holder: &'v Value, name: &str, at: &str) -> Result<&'v [Value], Flaw> {
    match holder.get(name) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Flaw::new("structure", at, "is not a list")),
    }
}

/// A whole number that may be there; `least` is 0 for unsigned, 1 for positive ones.
pub(super) fn number(value: Option<&Value>, least: u32, at: &str) -> Result<Option<u32>, Flaw> {
    let Some(value) = value else { return Ok(None) };
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    match number.filter(|number| *number >= least) {
        Some(number) => Ok(Some(number)),
        None => Err(Flaw::new("value", at, format!("is not a whole number from {least} on"))),
    }
}

/// A point in time that may be there.
pub(super) fn instant(holder: &Value, name: &str, at: &str) -> Result<Option<Timestamp>, Flaw> {
    let Some(text) = text(holder, name, at)? else { return Ok(None) };
    let found = crate::instant(text).filter(|_| text.contains('T'));
    found.map(Some).ok_or_else(|| Flaw::new("value", at, "is not an instant with a zone"))
}

/// How a Subscription is to stand.
pub(super) fn status(resource: &Value) -> Result<SubscriptionStatus, Flaw> {
    let at = "Subscription.status";
    match required(resource, "status", at)? {
        "requested" => Ok(SubscriptionStatus::Requested),
        "active" => Ok(SubscriptionStatus::Active),
        "error" => Ok(SubscriptionStatus::Error),
        "off" => Ok(SubscriptionStatus::Off),
        _ => Err(Flaw::new("code-invalid", at, "is not requested, active, error or off")),
    }
}

/// The value of the one extension with a URL; its name is `value[x]`.
pub(super) fn extension<'v>(
    holder: &'v Value,
    url: &str,
    (value, at): (&str, &str),
) -> Result<Option<&'v Value>, Flaw> {
    let mut found = list(holder, "extension", at)?.iter().filter(|extension| extension["url"] == url);
    let Some(first) = found.next() else { return Ok(None) };
    if found.next().is_some() {
        return Err(Flaw::new("structure", at, format!("{url} stands there more than once")));
    }
    match first.get(value) {
        Some(found) => Ok(Some(found)),
        None => Err(Flaw::new("structure", at, format!("{url} needs a {value}"))),
    }
}

/// Where a modifier extension stands, which must not be ignored.
pub(super) fn modifier_extension(resource: &Value) -> Option<String> {
    fn find(value: &Value, at: &str) -> Option<String> {
        match value {
            Value::Object(members) if members.contains_key("modifierExtension") => {
                Some(format!("{at}.modifierExtension"))
            }
            Value::Object(members) => {
                members.iter().find_map(|(name, value)| find(value, &format!("{at}.{name}")))
            }
            Value::Array(items) => {
                items.iter().enumerate().find_map(|(place, item)| find(item, &format!("{at}[{place}]")))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }
    find(resource, "Subscription")
}
