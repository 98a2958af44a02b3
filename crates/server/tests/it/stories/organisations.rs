use serde_json::{Value, json};

use crate::harness::{Api, Setting, run};

#[test]
fn an_organisation_is_made_by_a_command_and_its_log_is_exported_as_fhir() {
    let story = Setting::new();
    let key = run(&story.api, &["org", "create", "Clinic"]);
    let clinic = Api::new(story.api.address, key.trim());
    clinic.post("/admin/integration", &json!({ "name": "EHR", "kind": "events" })).is(201);

    let exported = run(&clinic, &["audit", "export"]);
    let events: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), clinic.all("/admin/audit").len());
    assert!(events.len() >= 3, "the organisation, its key and its integration were made");
    assert!(
        events.iter().all(|event| event["resourceType"] == "AuditEvent" && event["recorded"].is_string())
    );
    assert_eq!(run(&clinic, &["audit", "export", "--from", "2999-01-01T00:00:00.000Z"]), "");
}
