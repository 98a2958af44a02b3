//! The OpenAPI: complete, and without a loose end.

use std::collections::BTreeSet;

use serde_json::Value;
use utoipa::openapi::OpenApi;

#[test]
fn every_reference_of_the_description_leads_somewhere_and_every_call_has_a_name() {
    let api = serde_json::to_value(crate::openapi(OpenApi::default())).unwrap();
    let mut names = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            let name = call["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} stands twice");
            assert!(call["summary"].is_string(), "{method} {path} has no summary");
            let parameters = call["parameters"].as_array();
            let declared =
                |wanted: &str| parameters.is_some_and(|all| all.iter().any(|one| one["name"] == wanted));
            for part in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                assert!(declared(part), "{method} {path} does not declare {part}");
            }
        }
    }
    let mut wanted = BTreeSet::new();
    references(&api, &mut wanted);
    for name in wanted {
        assert!(api["components"]["schemas"].get(&name).is_some(), "{name} is described nowhere");
    }
}

#[test]
fn an_idempotency_key_is_described_where_it_is_looked_at_and_nowhere_else() {
    let api = serde_json::to_value(crate::openapi(OpenApi::default())).unwrap();
    let takes = |method: &str, path: &str| {
        let parameters = api["paths"][path][method]["parameters"].as_array().unwrap();
        parameters.iter().any(|one| one["name"] == "Idempotency-Key")
    };
    assert!(takes("post", "/admin/keys") && takes("delete", "/admin/keys/{id}"));
    for path in ["/session", "/admin/events/search", "/admin/events/{id}/reveal", "/admin/triggers/test"] {
        assert!(!takes("post", path), "{path}");
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                found.insert(name.trim_start_matches("#/components/schemas/").to_owned());
            }
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
