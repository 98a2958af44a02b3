//! What orders, prescriptions, documents and the like raise.

use serde_json::{Value, json};

use super::tests::told;

fn order(status: &str, event: Value) -> Value {
    let mut resource =
        json!({"resourceType": "ServiceRequest", "id": "o", "status": status, "intent": "order"});
    resource.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
    resource
}

#[test]
fn an_order_is_placed_once_and_updated_after() {
    let priced = |priority: &str| order("active", json!({"priority": priority}));
    let versions = [
        (priced("routine"), Some("O21")),
        (priced("routine"), Some("O21")),
        (priced("stat"), Some("O21")),
        (order("revoked", json!({"priority": "stat"})), Some("O21")),
    ];
    let expected = [
        "lab.order.placed routine",
        "Unchanged",
        "lab.order.updated routine",
        "lab.order.updated routine replaces",
    ];
    assert_eq!(told(&versions), expected);
    let missed = [(order("completed", json!({})), Some("O01"))];
    assert_eq!(told(&missed), ["lab.order.updated routine"], "its beginning was never told");
    let imaging = order("active", json!({"category": [{"coding": [{"code": "RAD"}]}]}));
    assert_eq!(told(&[(imaging, Some("O01"))]), ["NoRule"]);
}

#[test]
fn a_referral_that_cannot_wait_is_critical_at_every_door() {
    let referral = |priority: &str, status: &str| order(status, json!({"priority": priority}));
    let created = ["referral.created routine", "referral.emergent critical"];
    assert_eq!(told(&[(referral("stat", "active"), None)]), created);
    assert_eq!(told(&[(referral("asap", "active"), Some("I12"))]), created);
    let became = [
        (referral("routine", "active"), Some("I12")),
        (referral("urgent", "active"), Some("I13")),
        (referral("urgent", "revoked"), Some("I14")),
    ];
    let expected = [
        "referral.created routine",
        "referral.emergent critical replaces",
        "referral.closed critical replaces",
    ];
    assert_eq!(told(&became), expected, "N5: what takes it back travels as urgently");
    let stands = |code: &str| {
        order("active", json!({"extension": [{"url": "urn:carehook:referral-status", "valueCode": code}]}))
    };
    assert_eq!(
        told(&[(stands("P"), Some("I12")), (stands("A"), Some("I13"))]),
        ["referral.created routine", "referral.accepted routine"]
    );
}

#[test]
fn a_prescription_raises_what_happens_to_it_and_to_the_medication() {
    let prescription = |status: &str, dose: u32| {
        json!({
            "resourceType": "MedicationRequest", "id": "m", "status": status,
            "dosageInstruction": [{"text": format!("{dose} mg")}],
        })
    };
    let course = [
        (prescription("active", 5), Some("O11")),
        (prescription("active", 10), Some("O11")),
        (prescription("active", 10), Some("O25")),
        (prescription("on-hold", 10), Some("O11")),
        (prescription("cancelled", 10), Some("O11")),
    ];
    let expected = [
        "prescription.created routine",
        "medication.changed urgent",
        "prescription.updated urgent",
        "medication.changed urgent",
        "Unchanged",
        "prescription.status_changed urgent",
        "prescription.status_changed urgent replaces",
        "prescription.cancelled urgent replaces",
        "medication.changed urgent",
    ];
    assert_eq!(told(&course), expected);
    let asked = [(prescription("active", 5), Some("O25"))];
    assert_eq!(told(&asked), ["prescription.renewal_requested urgent"], "nothing changed yet");
}

#[test]
fn a_dispense_tells_whether_all_was_handed_out() {
    let dispense = |status: &str, kind: &str| {
        let kind = json!({"coding": [{"code": kind}]});
        json!({"resourceType": "MedicationDispense", "id": "d", "status": status, "type": kind})
    };
    let of = |status: &str, kind: &str| told(&[(dispense(status, kind), Some("O13"))]);
    assert_eq!(of("completed", "RF"), ["prescription.dispensed routine"]);
    assert_eq!(of("completed", "RFP"), ["prescription.partially_dispensed urgent"]);
    assert_eq!(of("declined", "RF"), ["prescription.not_dispensed urgent"]);
    let taken_back = [(dispense("completed", "RF"), None), (dispense("entered-in-error", "RF"), None)];
    assert_eq!(
        told(&taken_back),
        ["prescription.dispensed routine", "prescription.not_dispensed urgent replaces"]
    );
}

#[test]
fn a_medication_is_told_when_it_was_given_and_when_it_is_taken_back() {
    let given =
        |status: &str| json!({"resourceType": "MedicationAdministration", "id": "a", "status": status});
    let versions = [given("completed"), given("completed"), given("entered-in-error")];
    assert_eq!(
        told(&versions.map(|version| (version, Some("O17")))),
        ["medication.administered routine", "Unchanged", "medication.administered routine replaces"]
    );
    assert_eq!(told(&[(given("not-done"), Some("O17"))]), ["NoRule"]);
}

#[test]
fn a_vaccination_is_told_when_it_was_given_and_when_it_is_taken_back() {
    let given = |status: &str| json!({"resourceType": "Immunization", "id": "i", "status": status});
    let versions = [given("completed"), given("completed"), given("entered-in-error")];
    assert_eq!(
        told(&versions.map(|version| (version, Some("V04")))),
        ["immunization.recorded routine", "Unchanged", "immunization.recorded routine replaces"]
    );
    assert_eq!(told(&[(given("not-done"), Some("V04"))]), ["NoRule"]);
}

#[test]
fn p3_an_allergy_that_an_admission_lists_is_no_news_and_one_that_changes_is() {
    let allergy = |code: &str| json!({"resourceType": "AllergyIntolerance", "id": "a", "criticality": code});
    assert_eq!(told(&[(allergy("high"), Some("A60"))]), ["allergy.updated urgent"]);
    assert_eq!(told(&[(allergy("high"), None)]), ["allergy.updated urgent"]);
    assert_eq!(
        told(&[(allergy("low"), Some("A01")), (allergy("high"), Some("A08"))]),
        ["NoRule", "allergy.updated urgent"]
    );
}

fn document(state: &str, more: Value) -> Value {
    let mut resource =
        json!({"resourceType": "DocumentReference", "id": "d", "status": "current", "docStatus": state});
    resource.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resource
}

#[test]
fn n4_a_document_is_told_when_it_is_final_and_n5_never_becomes_a_draft_again() {
    let summary = json!({"type": {"coding": [{"system": "http://loinc.org", "code": "18842-5"}]}});
    let versions = [
        (document("preliminary", summary.clone()), Some("T02")),
        (document("final", summary.clone()), Some("T04")),
        (document("preliminary", summary.clone()), Some("T04")),
        (document("final", json!({"description": "Letter", "type": summary["type"]})), Some("T08")),
        (document("final", json!({"status": "entered-in-error"})), Some("T11")),
    ];
    let expected = [
        "NotYet",
        "document.available routine",
        "document.discharge_summary.available urgent",
        "Stale",
        "document.updated urgent replaces",
        "document.cancelled urgent replaces",
    ];
    assert_eq!(told(&versions), expected);
}

#[test]
fn n5_a_document_that_replaces_another_is_told_in_its_place() {
    let parent = json!({"identifier": {"system": "urn:d", "value": "D-1"}});
    let replacing = document("final", json!({"relatesTo": [{"code": "replaces", "target": parent}]}));
    let input = super::Input {
        resource: &replacing,
        interaction: super::Interaction::Update,
        previous: None,
        prior: None,
        event_code: Some("T10"),
        namespace: "urn:site",
    };
    let raised = super::raise(&input).raised.remove(0);
    assert_eq!(
        (raised.event_type.as_str(), raised.replaces_report.unwrap().id.as_str()),
        ("document.updated", "D-1")
    );
    assert_eq!(raised.data["relatedRef"], "D-1");
    let old = [
        (document("final", json!({})), None),
        (document("final", json!({"status": "superseded"})), Some("T10")),
    ];
    assert_eq!(told(&old), ["document.available routine", "Unchanged"]);
}

#[test]
fn p3_every_event_of_a_visit_has_a_meaning() {
    let visit = |status: &str| json!({"resourceType": "Encounter", "id": "e", "status": status, "class": {"code": "IMP"}});
    let of = |event: &str, status: &str| {
        told(&[(visit("arrived"), Some("A01")), (visit(status), Some(event))]).remove(1)
    };
    for event in ["A09", "A10", "A15", "A16", "A21", "A22", "A25", "A26", "A41", "A44", "A45"] {
        assert_eq!(of(event, "in-progress"), "Unchanged", "{event}");
    }
    assert_eq!(of("A14", "planned"), "encounter.pre_admitted routine");
    assert_eq!(of("A17", "in-progress"), "encounter.transferred urgent");
    for event in ["A11", "A12", "A13", "A23", "A27", "A38"] {
        assert_eq!(of(event, "cancelled"), "encounter.cancelled urgent replaces", "{event}");
    }
    let mut died = visit("finished");
    died["hospitalization"] = json!({"dischargeDisposition": {"coding": [{"code": "20"}]}});
    assert_eq!(told(&[(died, Some("A03"))]), ["encounter.discharged urgent", "encounter.deceased urgent"]);
}

#[test]
fn p1_a_changed_number_is_the_same_person() {
    let link = json!([{"type": "replaces", "other": {"identifier": {"system": "urn:a", "value": "old"}}}]);
    let patient =
        json!({"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": "new"}], "link": link});
    let input = super::Input {
        resource: &patient,
        interaction: super::Interaction::Update,
        previous: None,
        prior: None,
        event_code: Some("A47"),
        namespace: "urn:site",
    };
    let raised = super::raise(&input).raised.remove(0);
    let (from, into) = raised.merged.unwrap();
    assert_eq!(
        (raised.event_type.as_str(), from.id.as_str(), into.id.as_str()),
        ("patient.updated", "old", "new")
    );
    let gone = json!({"resourceType": "Patient", "id": "p", "active": false});
    assert_eq!(told(&[(gone, Some("A29"))]), ["patient.deactivated routine"]);
}

fn told_here(kind: &str, versions: &[Value]) -> Vec<String> {
    let of = |version: &Value| {
        let mut resource = json!({ "resourceType": kind, "id": "c" });
        resource.as_object_mut().unwrap().extend(version.as_object().unwrap().clone());
        (resource, None)
    };
    told(&versions.iter().map(of).collect::<Vec<_>>())
}

#[test]
fn a39_a_care_team_a_plan_and_a_goal_tell_of_what_changed() {
    let team = |role: &str| json!({"status": "active", "participant": [{"role": [{"text": role}]}]});
    let updated = "care_team.updated routine";
    assert_eq!(told_here("CareTeam", &[team("a"), team("a"), team("b")]), [updated, "Unchanged", updated]);
    let plan = |status: &str, title: &str| json!({"status": status, "title": title});
    assert_eq!(
        told_here("CarePlan", &[plan("active", "a"), plan("active", "b"), plan("completed", "b")]),
        ["care_plan.created routine", "care_plan.updated routine", "care_plan.completed routine"]
    );
    let goal = |status: &str, note: &str| json!({"lifecycleStatus": status, "note": note});
    assert_eq!(
        told_here("Goal", &[goal("active", "a"), goal("active", "b"), goal("completed", "b")]),
        ["NoRule", "NoRule", "goal.updated routine"]
    );
}

#[test]
fn a40_a_task_is_told_when_it_is_given_changed_and_done() {
    let task = |status: &str, owner: Option<&str>| match owner {
        Some(owner) => json!({"status": status, "owner": {"reference": owner}}),
        None => json!({"status": status}),
    };
    let versions = [
        task("requested", None),
        task("requested", Some("Practitioner/1")),
        task("requested", Some("Practitioner/2")),
        task("in-progress", Some("Practitioner/2")),
        task("completed", Some("Practitioner/2")),
    ];
    let expected = [
        "NoRule",
        "task.assigned routine",
        "task.assigned routine",
        "task.updated routine",
        "task.completed routine",
    ];
    assert_eq!(told_here("Task", &versions), expected);
}

#[test]
fn a_consent_is_told_when_it_is_given_and_when_it_is_taken_back_in_whatever_way() {
    let consent = |status: &str, kind: &str| json!({"status": status, "provision": {"type": kind}});
    let (granted, withdrawn) = ("consent.granted urgent", "consent.withdrawn urgent");
    let versions = [consent("draft", "permit"), consent("active", "permit"), consent("inactive", "permit")];
    assert_eq!(told_here("Consent", &versions), ["NoRule", granted, withdrawn]);
    let versions = [consent("active", "permit"), consent("active", "deny"), consent("active", "permit")];
    assert_eq!(told_here("Consent", &versions), [granted, withdrawn, granted]);
    assert_eq!(told_here("Consent", &[consent("active", "deny")]), [withdrawn]);
    assert_eq!(told_here("Consent", &[json!({"status": "active", "decision": "deny"})]), [withdrawn]);
}
