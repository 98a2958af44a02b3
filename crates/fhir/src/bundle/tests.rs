use serde_json::json;

use super::*;

fn whole(bundle: &Value) -> Vec<Entry> {
    match split(bundle).unwrap() {
        Split::Whole(_, entries) => entries,
        Split::Each(_) => panic!("a batch"),
    }
}

fn transaction() -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": "7"}]},
         "request": {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=urn:a|7"}},
        {"resource": {"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "K"},
          "subject": {"reference": "urn:uuid:1"}}, "request": {"method": "PUT", "url": "Observation/o1"}},
        {"request": {"method": "DELETE", "url": "Encounter/e1"}}]})
}

#[test]
fn a_transaction_is_split() {
    let entries = whole(&transaction());
    let what: Vec<_> =
        entries.iter().map(|e| (e.interaction, e.resource_type.as_str(), e.id.as_deref())).collect();
    let expected = [
        (Interaction::Create, "Patient", None),
        (Interaction::Update, "Observation", Some("o1")),
        (Interaction::Delete, "Encounter", Some("e1")),
    ];
    assert_eq!(what, expected);
    assert_eq!(entries[0].condition.as_deref(), Some("identifier=urn:a|7"));
}

#[test]
fn a_history_comes_from_the_oldest_version_on() {
    let version = |family: &str| json!({"resource": {"resourceType": "Patient", "id": "1", "name": [{"family": family}]}});
    let bundle =
        json!({"resourceType": "Bundle", "type": "history", "entry": [version("New"), version("Old")]});
    assert_eq!(whole(&bundle)[0].resource.as_ref().unwrap()["name"][0]["family"], "Old");
}

#[test]
fn a_notification_is_told_from_a_history() {
    let bundle = json!({"resourceType": "Bundle", "type": "history", "entry": [
        {"resource": {"resourceType": "Parameters"}}, {"resource": {"resourceType": "Patient", "id": "1"}}]});
    assert!(matches!(split(&bundle).unwrap(), Split::Whole(Kind::Notification, _)));
}

#[track_caller]
fn refused(path: &str, value: Value, expected: &str) {
    let mut bundle = transaction();
    *bundle.pointer_mut(path).unwrap() = value;
    assert_eq!(split(&bundle).unwrap_err().expression, expected);
}

#[test]
fn what_cannot_be_taken_in_is_named_with_its_place() {
    refused("/type", json!("document"), "Bundle.type");
    refused("/entry/1/request/method", json!("PATCH"), "Bundle.entry[1].request.method");
    refused("/entry/1/request/url", json!("Patient/o1"), "Bundle.entry[1].request.url");
    refused("/entry/1/request/url", json!("../etc"), "Bundle.entry[1].request.url");
    refused("/entry/1/resource/status", json!("done"), "Bundle.entry[1].resource.Observation.status");
    refused("/entry/0", json!({"resource": {"resourceType": "Patient"}}), "Bundle.entry[0].request");
    for url in ["", "Patient"] {
        let nothing = json!({"request": {"method": "DELETE", "url": url}});
        refused("/entry/1", nothing, "Bundle.entry[1].request.url");
    }
    refused("/entry", json!({}), "Bundle.entry");
    refused("/type", json!("message"), "Bundle.entry[0].resource");
}

#[test]
fn what_is_wrong_with_an_entry_of_a_batch_stands_with_it() {
    let mut bundle = transaction();
    bundle["type"] = json!("batch");
    bundle["entry"][1]["resource"]["status"] = json!("done");
    let Split::Each(entries) = split(&bundle).unwrap() else { panic!("a batch") };
    let places: Vec<_> = entries.iter().map(|entry| entry.as_ref().map(|entry| entry.place).ok()).collect();
    assert_eq!(places, [Some(0), None, Some(2)]);
}

#[test]
fn references_to_entries_lead_to_where_they_are_kept() {
    let mut links = Links::default();
    links.note("urn:uuid:1".to_owned(), "Patient/77".to_owned());
    let mut resource =
        json!({"subject": {"reference": "urn:uuid:1"}, "performer": [{"reference": "urn:uuid:2"}]});
    links.follow(&mut resource);
    assert_eq!(
        resource,
        json!({"subject": {"reference": "Patient/77"}, "performer": [{"reference": "urn:uuid:2"}]})
    );
}

#[test]
fn the_answer_has_one_entry_for_each() {
    let answer =
        respond(Some(Kind::Transaction), &[Answer::Created("Patient/1".to_owned()), Answer::Updated]);
    assert_eq!(answer["type"], "transaction-response");
    assert_eq!(answer["entry"][0]["response"]["location"], "Patient/1");
    assert_eq!(answer["entry"][1]["response"]["status"], "200 OK");
    assert!(respond(None, &[]).get("entry").is_none());
}
