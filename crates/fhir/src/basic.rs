//! What has no resource of its own in FHIR, said as `Basic`.
//!
//! The data stands in nested extensions below one of ours, member by member:
//! texts, truths and decimals by their type, coded values as `Coding`,
//! measurements as `Quantity`. Decimals keep their text.

use serde_json::{Map, Value, json};

/// What a `Basic` resource says.
pub struct Saying<'a> {
    /// Its id.
    pub id: &'a str,
    /// The event type: its code.
    pub event_type: &'a str,
    /// A reference to who it is about.
    pub subject: Option<Value>,
    /// What there is to say: an object.
    pub data: &'a Value,
}

/// The system of codes that are our event types.
pub const EVENT_TYPES: &str = "urn:carehook:event-type";

/// The resource; it is valid in R4, R4B and R5.
#[must_use]
pub fn resource(saying: &Saying<'_>) -> Value {
    let mut basic = json!({ "resourceType": "Basic", "id": saying.id });
    let data = saying.data.as_object().map(members).unwrap_or_default();
    if !data.is_empty() {
        basic["extension"] = json!([{ "url": "urn:carehook:data", "extension": data }]);
    }
    basic["code"] = json!({ "coding": [{ "system": EVENT_TYPES, "code": saying.event_type }] });
    if let Some(subject) = &saying.subject {
        basic["subject"] = subject.clone();
    }
    basic
}

fn members(members: &Map<String, Value>) -> Vec<Value> {
    members.iter().flat_map(|(name, value)| said(&url(name), value)).collect()
}

/// One value as extensions: several of a list, none of nothing, since FHIR has no empty elements.
fn said(url: &str, value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) if text.trim().is_empty() => Vec::new(),
        Value::String(text) => vec![json!({ "url": url, "valueString": text })],
        Value::Bool(truth) => vec![json!({ "url": url, "valueBoolean": truth })],
        Value::Number(_) => vec![json!({ "url": url, "valueDecimal": value })],
        Value::Array(items) => items.iter().flat_map(|item| said_in_list(url, item)).collect(),
        Value::Object(inner) => object(url, inner).into_iter().collect(),
    }
}

/// A list in a list needs a level of its own, or the two could not be told apart.
fn said_in_list(url: &str, item: &Value) -> Vec<Value> {
    let Value::Array(inner) = item else { return said(url, item) };
    let inner: Vec<Value> = inner.iter().flat_map(|item| said_in_list("item", item)).collect();
    if inner.is_empty() { Vec::new() } else { vec![json!({ "url": url, "extension": inner })] }
}

fn object(url: &str, inner: &Map<String, Value>) -> Option<Value> {
    if is_made_of(inner, &["system", "code", "display"]) && inner.contains_key("code") {
        return Some(json!({ "url": url, "valueCoding": inner }));
    }
    if inner.get("value").is_some_and(Value::is_number) && is_quantity(inner) {
        return Some(json!({ "url": url, "valueQuantity": inner }));
    }
    let inner = members(inner);
    (!inner.is_empty()).then(|| json!({ "url": url, "extension": inner }))
}

fn is_quantity(inner: &Map<String, Value>) -> bool {
    let mut around = inner.clone();
    around.remove("value");
    let may_compare = inner.get("comparator").and_then(Value::as_str);
    may_compare.is_none_or(|sign| ["<", "<=", ">=", ">"].contains(&sign))
        && is_made_of(&around, &["unit", "system", "code", "comparator"])
}

/// Whether an object has these members only, and texts in them.
fn is_made_of(inner: &Map<String, Value>, names: &[&str]) -> bool {
    inner.iter().all(|(name, value)| {
        names.contains(&name.as_str()) && value.as_str().is_some_and(|text| !text.trim().is_empty())
    })
}

/// The name of a member as a URL: no white space.
fn url(name: &str) -> String {
    let kept = name.split_whitespace().collect::<Vec<_>>().join("%20");
    if kept.is_empty() { "%20".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_said_member_by_member_and_nothing_empty() {
        let data = r#"{"rxRef":"RX-1","value":{"value":6.90,"unit":"mmol/L"},"code":{"system":"urn:s","code":"c"},
            "urgent":true,"none":null,"blank":"","tags":["a","b"],"grid":[[1],[]],"who":{"name":{"first":"T"}},"empty":{}}"#;
        let data = serde_json::from_str(data).unwrap();
        let said = resource(&Saying { id: "x", event_type: "prescription.sent", subject: None, data: &data });
        let shown = said.to_string();
        assert!(shown.contains(r#""valueQuantity":{"value":6.90,"unit":"mmol/L"}"#), "{shown}");
        let urls: Vec<&str> = said["extension"][0]["extension"]
            .as_array()
            .unwrap()
            .iter()
            .map(|extension| extension["url"].as_str().unwrap())
            .collect();
        assert_eq!(urls, ["rxRef", "value", "code", "urgent", "tags", "tags", "grid", "who"]);
        assert_eq!(
            said["extension"][0]["extension"][2]["valueCoding"],
            json!({"system": "urn:s", "code": "c"})
        );
        assert_eq!(
            said["extension"][0]["extension"][6]["extension"],
            json!([{"url": "item", "valueDecimal": 1}])
        );
        assert_eq!(crate::check(&said), Ok(()));
    }
}
