//! Operations over a Subscription.

use serde_json::json;

use super::*;

fn subscription() -> Value {
    json!({
        "resourceType": "Subscription", "id": "s-1", "status": "active", "reason": "before",
        "contact": [{ "system": "email", "value": "a@clinic.example" }, { "system": "phone", "value": "1" }],
        "criteria": "urn:carehook:topic:critical-lab",
        "_criteria": { "extension": [
            { "url": "urn:filter", "valueString": "Observation?code=1" },
            { "url": "urn:filter", "valueString": "Observation?code=2" },
        ] },
        "channel": {
            "extension": [{ "url": "urn:heartbeat", "valueUnsignedInt": 60 }],
            "type": "rest-hook", "endpoint": "https://a.example/", "header": ["A: 1", "B: 2"],
        },
    })
}

fn parts(kind: &str, path: &str, more: &[Value]) -> Value {
    let own = [json!({ "name": "type", "valueCode": kind }), json!({ "name": "path", "valueString": path })];
    let all = [&own[..], more].concat();
    json!({ "name": "operation", "part": all })
}

fn patched(operations: &[Value]) -> Result<Value, Flaw> {
    let before = subscription();
    let mut after = before.clone();
    let applied = apply(&mut after, &json!({ "resourceType": "Parameters", "parameter": operations }));
    if applied.is_err() {
        assert_eq!(after, before, "nothing changes when one operation fails");
    }
    applied.map(|()| after)
}

#[track_caller]
fn at(operation: Value, place: &str) -> Value {
    patched(&[operation]).unwrap().pointer(place).cloned().unwrap_or_default()
}

#[track_caller]
fn refused(operation: Value, (code, part): (&str, &str)) {
    let flaw = patched(&[operation]).unwrap_err();
    assert_eq!(flaw.code, code, "{flaw}");
    assert_eq!(flaw.expression, format!("Parameters.parameter[0].part.where(name = '{part}')"), "{flaw}");
}

fn name(name: &str) -> Value {
    json!({ "name": "name", "valueString": name })
}

fn integer(name: &str, value: u32) -> Value {
    json!({ "name": name, "valueInteger": value })
}

fn text(value: &str) -> Value {
    json!({ "name": "value", "valueString": value })
}

#[test]
fn what_is_added_stands_at_the_end_of_its_list_or_where_nothing_was() {
    let end = json!({ "name": "value", "valueInstant": "2030-01-01T00:00:00Z" });
    assert_eq!(at(parts("add", "Subscription", &[name("end"), end]), "/end"), "2030-01-01T00:00:00Z");
    let point = json!({ "name": "value", "valueContactPoint": { "system": "url" } });
    assert_eq!(at(parts("add", "Subscription", &[name("contact"), point]), "/contact/2/system"), "url");
    let header = parts("add", "Subscription.channel", &[name("header"), text("C: 3")]);
    assert_eq!(at(header, "/channel/header"), json!(["A: 1", "B: 2", "C: 3"]));
}

#[test]
fn an_element_without_a_data_type_is_made_of_parts() {
    let made = json!({ "name": "value", "part": [
        { "name": "url", "valueUri": "urn:timeout" }, { "name": "value", "valueUnsignedInt": 10 },
    ] });
    let expected = json!({ "url": "urn:timeout", "valueUnsignedInt": 10 });
    let add = |path: &str| parts("add", path, &[name("extension"), made.clone()]);
    assert_eq!(at(add("Subscription.channel"), "/channel/extension/1"), expected);
    assert_eq!(at(add("Subscription.criteria"), "/_criteria/extension/2"), expected, "beside a value");
    assert_eq!(at(add("Subscription.status"), "/_status/extension/0"), expected, "where no extension was");
}

#[test]
fn what_is_inserted_and_moved_takes_its_place_in_the_list() {
    let insert =
        |index| parts("insert", "Subscription.channel.header", &[integer("index", index), text("C: 3")]);
    assert_eq!(at(insert(1), "/channel/header"), json!(["A: 1", "C: 3", "B: 2"]));
    assert_eq!(at(insert(2), "/channel/header"), json!(["A: 1", "B: 2", "C: 3"]));
    refused(insert(3), ("value", "index"));
    let shift = |from, to| {
        parts("move", "Subscription.contact", &[integer("source", from), integer("destination", to)])
    };
    assert_eq!(at(shift(0, 1), "/contact/0/system"), "phone");
    refused(shift(0, 2), ("value", "destination"));
    refused(shift(5, 0), ("value", "source"));
    let to_many = parts("insert", "Subscription.contact.value", &[integer("index", 0), text("x")]);
    refused(to_many, ("invalid", "path"));
    let to_some = parts("insert", "Subscription.contact.first()", &[integer("index", 0), text("x")]);
    refused(to_some, ("invalid", "path"));
}

#[test]
fn one_element_is_replaced_by_one_of_its_kind() {
    assert_eq!(at(parts("replace", "Subscription.reason", &[text("after")]), "/reason"), "after");
    let second = "Subscription.criteria.extension.where(value = 'Observation?code=2').value";
    let replaced = at(parts("replace", second, &[text("Observation?code=3")]), "/_criteria/extension/1");
    assert_eq!(replaced, json!({ "url": "urn:filter", "valueString": "Observation?code=3" }));
    let period = "Subscription.channel.extension('urn:heartbeat').value";
    let sixty = json!({ "name": "value", "valuePositiveInt": 61 });
    let period = at(parts("replace", period, &[sixty]), "/channel/extension/0");
    assert_eq!(period, json!({ "url": "urn:heartbeat", "valuePositiveInt": 61 }), "a choice keeps its type");
    refused(parts("replace", "Subscription.contact", &[text("x")]), ("multiple-matches", "path"));
    refused(parts("replace", "Subscription.end", &[text("x")]), ("not-found", "path"));
    refused(parts("replace", "Subscription.channel", &[text("x")]), ("value", "value"));
    refused(parts("replace", "Subscription", &[text("x")]), ("business-rule", "path"));
}

#[test]
fn one_element_is_deleted_if_it_is_there_and_nothing_empty_stays() {
    assert_eq!(at(parts("delete", "Subscription.end", &[]), "/reason"), "before");
    assert_eq!(
        at(parts("delete", "Subscription.channel.header[0]", &[]), "/channel/header"),
        json!(["B: 2"])
    );
    assert_eq!(
        at(parts("delete", "Subscription.channel.extension[0]", &[]), "/channel/extension"),
        Value::Null
    );
    assert_eq!(at(parts("delete", "Subscription.criteria", &[]), "/_criteria"), Value::Null);
    refused(parts("delete", "Subscription.contact", &[]), ("multiple-matches", "path"));
    refused(parts("delete", "Subscription", &[]), ("invalid", "path"));
}

#[test]
fn operations_are_taken_in_order_and_all_or_none() {
    let add = parts("add", "Subscription", &[name("end"), text("2030-01-01T00:00:00Z")]);
    let replace = parts("replace", "Subscription.end", &[text("2031-01-01T00:00:00Z")]);
    assert_eq!(patched(&[add.clone(), replace.clone()]).unwrap()["end"], "2031-01-01T00:00:00Z");
    let flaw = patched(&[add, replace, parts("delete", "Subscription.contact", &[])]).unwrap_err();
    assert!(flaw.expression.starts_with("Parameters.parameter[2]."), "{flaw}");
}

#[test]
fn what_cannot_be_read_or_found_is_named_with_its_place() {
    refused(parts("grow", "Subscription", &[]), ("code-invalid", "type"));
    refused(parts("replace", "Subscription.reason", &[]), ("required", "value"));
    refused(parts("replace", "Subscription.reason", &[text("a"), text("b")]), ("structure", "value"));
    refused(parts("add", "Subscription", &[name("reason"), text("x")]), ("business-rule", "name"));
    refused(parts("add", "Subscription", &[name("_reason"), text("x")]), ("value", "name"));
    refused(parts("add", "Subscription.reason", &[name("end"), text("x")]), ("invalid", "path"));
    refused(parts("delete", "Subscription.(", &[]), ("invalid", "path"));
    refused(parts("delete", "'reason'", &[]), ("invalid", "path"));
    let both = json!({ "name": "value", "valueString": "a", "valueCode": "b" });
    refused(parts("replace", "Subscription.reason", &[both]), ("value", "value"));
    let place = |operations: Value| {
        let parameters = json!({ "resourceType": "Parameters", "parameter": operations });
        apply(&mut subscription(), &parameters).unwrap_err().expression
    };
    assert_eq!(place(json!([])), "Parameters.parameter");
    assert_eq!(place(json!([{ "name": "other" }])), "Parameters.parameter[0].name");
    let odd = parts("delete", "Subscription.end", &[text("x")]);
    assert_eq!(place(json!([odd])), "Parameters.parameter[0].part[2].name");
    assert_eq!(apply(&mut subscription(), &json!([])).unwrap_err().expression, "resourceType");
}
