use serde_json::json;

use super::*;

pub(super) fn potassium(value: &str, flag: &str, status: &str) -> Value {
    let quantity: Value = serde_json::from_str(&format!(r#"{{"value":{value},"unit":"mmol/L"}}"#)).unwrap();
    json!({
        "resourceType": "Observation", "id": "k", "status": status,
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "effectiveDateTime": "2026-01-01T09:00:00+01:00",
        "valueQuantity": quantity,
        "interpretation": [{"coding": [{"code": flag}]}],
    })
}

/// Tells the versions of one resource in order; gives what each raises as type and lane.
pub(super) fn told(versions: &[(Value, Option<&str>)]) -> Vec<String> {
    let mut prior: Option<Prior> = None;
    let mut previous: Option<Value> = None;
    let mut lines = Vec::new();
    for (resource, event_code) in versions {
        let outcome = raise(&Input {
            resource,
            interaction: Interaction::Update,
            previous: previous.as_ref(),
            prior: prior.as_ref(),
            event_code: *event_code,
            namespace: "urn:site",
        });
        for raised in &outcome.raised {
            let replaces = if raised.replaces_previous { " replaces" } else { "" };
            lines.push(format!("{} {}{replaces}", raised.event_type, raised.lane.name()));
            prior = Some(Prior {
                status: raised.status.or(prior.as_ref().and_then(|prior| prior.status)),
                lane: prior.as_ref().map_or(Lane::Bulk, |prior| prior.lane).min(raised.lane),
                last_type: raised.event_type.clone(),
            });
        }
        lines.extend(outcome.silent.iter().map(|why| format!("{why:?}")));
        if outcome.silent != [Silence::Stale] {
            previous = Some(resource.clone());
        }
    }
    lines
}

#[track_caller]
pub(super) fn results(versions: &[(&str, &str, &str)], expected: &[&str]) {
    let versions: Vec<_> =
        versions.iter().map(|(value, flag, status)| (potassium(value, flag, status), None)).collect();
    assert_eq!(told(&versions), expected);
}

#[test]
fn a_deletion_of_what_was_never_known_tells_nobody() {
    let resource = json!({ "resourceType": "Observation", "id": "k" });
    let input = Input {
        resource: &resource,
        interaction: Interaction::Delete,
        previous: None,
        prior: None,
        event_code: None,
        namespace: "urn:site",
    };
    assert_eq!(raise(&input).silent, [Silence::NeverKnown]);
    let known = potassium("6.9", "HH", "final");
    let deleted = raise(&Input { previous: Some(&known), ..input });
    assert_eq!(deleted.raised.len(), 1, "what was known is retracted");
}

#[test]
fn a_result_raises_one_event_of_its_highest_class() {
    results(&[("6.9", "HH", "final")], &["lab.result.critical critical"]);
    results(&[("5.6", "H", "final")], &["lab.result.abnormal urgent"]);
    results(&[("4.4", "N", "final")], &["Normal"]);
    results(&[("4.4", "N", "registered")], &["NotYet"]);
    results(&[("6.9", "HH", "unknown")], &["lab.result.critical critical"]);
}

#[test]
fn a_result_whose_category_nobody_knows_is_taken_for_one_of_a_laboratory() {
    let of = |category: Value| {
        let mut result = potassium("6.9", "HH", "final");
        result["category"] = category;
        told(&[(result, None)])
    };
    let coded = |code: &str| of(json!([{"coding": [{"code": code}]}]));
    for known_to_nobody in [of(Value::Null), of(json!([{"text": "Chemistry"}])), coded("CH"), coded("LAB")] {
        assert_eq!(known_to_nobody, ["lab.result.critical critical"]);
    }
    assert_eq!(coded("survey"), ["observation.critical critical"]);
}

#[test]
fn n4_critical_fires_on_preliminary_and_finalising_unchanged_does_not_fire_again() {
    results(
        &[("6.9", "HH", "preliminary"), ("6.9", "HH", "final")],
        &["lab.result.critical critical", "Unchanged"],
    );
    results(
        &[("6.9", "HH", "preliminary"), ("7.1", "HH", "final")],
        &["lab.result.critical critical", "lab.result.critical critical replaces"],
    );
    results(
        &[("4.0", "N", "preliminary"), ("6.9", "HH", "final")],
        &["Normal", "lab.result.critical critical"],
    );
    let outcome = raise(&Input {
        resource: &potassium("6.90", "HH", "preliminary"),
        interaction: Interaction::Create,
        previous: None,
        prior: None,
        event_code: None,
        namespace: "urn:site",
    });
    let raised = &outcome.raised[0];
    assert_eq!((raised.status, &raised.data["status"]), (Some(Status::Preliminary), &json!("preliminary")));
    assert_eq!(raised.data["value"].to_string(), r#"{"value":6.90,"unit":"mmol/L"}"#);
    assert_eq!(raised.data["collectedAt"], "2026-01-01T08:00:00.000Z");
    assert_eq!(raised.data["interpretation"], json!(["HH"]));
}

#[test]
fn n5_a_correction_travels_in_the_lane_of_what_it_replaces() {
    results(
        &[("6.9", "HH", "final"), ("4.4", "N", "corrected")],
        &["lab.result.critical critical", "lab.result.corrected critical replaces"],
    );
    results(
        &[("6.9", "HH", "preliminary"), ("4.4", "N", "final")],
        &["lab.result.critical critical", "lab.result.corrected critical replaces"],
    );
    results(
        &[("5.6", "H", "final"), ("5.7", "H", "final")],
        &["lab.result.abnormal urgent", "lab.result.corrected urgent replaces"],
    );
    results(
        &[("4.4", "N", "final"), ("6.9", "HH", "corrected")],
        &["Normal", "lab.result.critical critical"],
    );
    results(&[("4.4", "N", "final"), ("5.6", "H", "corrected")], &["Normal", "lab.result.corrected urgent"]);
}

#[test]
fn n5_a_retraction_is_told_once_and_a_status_never_moves_back() {
    results(
        &[("6.9", "HH", "final"), ("6.9", "HH", "entered-in-error"), ("6.9", "HH", "cancelled")],
        &["lab.result.critical critical", "lab.result.cancelled critical replaces", "Unchanged"],
    );
    results(
        &[("6.9", "HH", "final"), ("7.5", "HH", "preliminary"), ("6.9", "HH", "final")],
        &["lab.result.critical critical", "Stale", "Unchanged"],
    );
    results(
        &[("4.4", "N", "final"), ("4.4", "N", "cancelled"), ("6.9", "HH", "final")],
        &["Normal", "lab.result.cancelled routine", "lab.result.critical critical replaces"],
    );
}

#[test]
fn a_report_tells_that_it_has_results_once_for_each_state() {
    let report = |status: &str| {
        (
            json!({"resourceType": "DiagnosticReport", "id": "r", "status": status, "code": {"text": "Panel"}}),
            None,
        )
    };
    let versions =
        [report("registered"), report("partial"), report("partial"), report("final"), report("preliminary")];
    let expected =
        ["NotYet", "lab.result.available routine", "Unchanged", "lab.result.available routine", "Stale"];
    assert_eq!(told(&versions), expected);
    assert_eq!(told(&[report("cancelled")]), ["NoRule"]);
}

#[test]
fn vital_signs_are_recorded_whatever_their_flag() {
    let mut vital = potassium("97", "H", "final");
    vital["category"] = json!([{"coding": [{"code": "vital-signs"}]}]);
    assert_eq!(told(&[(vital.clone(), None), (vital, None)]), ["vital.recorded bulk", "Unchanged"]);
}

fn visit(status: &str, class: &str) -> Value {
    let number = json!([{"system": "urn:a", "value": "V7"}]);
    json!({"resourceType": "Encounter", "id": "e", "identifier": number, "status": status, "class": {"code": class}})
}

#[test]
fn p3_a_person_is_new_once_and_updated_when_something_changed() {
    let person = |family: &str| json!({"resourceType": "Patient", "id": "p", "name": [{"family": family}]});
    let created = "patient.created routine";
    let updated = "patient.updated routine";
    assert_eq!(told(&[(person("Doe"), Some("A28")), (person("Roe"), Some("A31"))]), [created, updated]);
    assert_eq!(told(&[(person("Doe"), Some("A28")), (person("Doe"), Some("A28"))]), [created, "Unchanged"]);
    assert_eq!(told(&[(person("Doe"), Some("A01")), (person("Roe"), Some("A28"))]), ["NoRule", updated]);
    assert_eq!(
        told(&[(person("Doe"), Some("A31"))]),
        ["Unchanged"],
        "of a stranger an update tells no change"
    );
}

#[test]
fn p3_the_events_of_a_stay() {
    let check = |event: &str, resource: Value, expected: &str| {
        assert_eq!(
            told(&[(visit("planned", "PRENC"), Some("A05")), (resource, Some(event))]),
            ["encounter.pre_admitted routine", expected]
        );
    };
    check("A06", visit("planned", "IMP"), "encounter.class_changed urgent");
    check("A07", visit("planned", "AMB"), "encounter.class_changed urgent");
    check("A01", visit("in-progress", "IMP"), "encounter.admitted urgent");
    check("A02", visit("in-progress", "IMP"), "encounter.transferred urgent");
    check("A03", visit("finished", "IMP"), "encounter.discharged urgent");
    check("A04", visit("in-progress", "EMER"), "encounter.admitted urgent");
    check("A04", visit("planned", "AMB"), "encounter.registered routine");
    check("A08", visit("in-progress", "IMP"), "NoRule");
    assert_eq!(told(&[(visit("unknown", "IMP"), Some("A08"))]), ["source.data_quality urgent"]);
}

#[test]
fn n5_a_retracted_admission_or_discharge_travels_in_the_lane_of_the_original() {
    let stay = [
        (visit("in-progress", "IMP"), Some("A01")),
        (visit("finished", "IMP"), Some("A03")),
        (visit("in-progress", "IMP"), Some("A13")),
        (visit("cancelled", "IMP"), Some("A11")),
    ];
    let expected = [
        "encounter.admitted urgent",
        "encounter.discharged urgent",
        "encounter.cancelled urgent replaces",
        "encounter.cancelled urgent replaces",
    ];
    assert_eq!(told(&stay), expected);
    let by_status = stay.map(|(resource, _)| (resource, None));
    assert_eq!(told(&by_status), expected);
}

#[test]
fn the_events_of_an_appointment() {
    let at = |status: &str, start: &str| json!({"resourceType": "Appointment", "id": "a", "status": status, "start": start});
    let morning = "2026-02-01T09:00:00+01:00";
    let day = [
        (at("booked", morning), None),
        (at("booked", "2026-02-02T09:00:00+01:00"), None),
        (at("arrived", morning), None),
        (at("checked-in", morning), None),
        (at("fulfilled", morning), None),
    ];
    let expected = [
        "appointment.booked routine",
        "appointment.rescheduled routine",
        "appointment.checked_in routine",
        "Unchanged",
        "appointment.checked_out routine",
    ];
    assert_eq!(told(&day), expected);
    for (event, status, expected) in [
        ("S12", "booked", "appointment.booked routine"),
        ("S13", "booked", "appointment.rescheduled routine"),
        ("S14", "booked", "appointment.updated routine"),
        ("S15", "cancelled", "appointment.cancelled urgent"),
        ("S26", "noshow", "appointment.no_show urgent"),
    ] {
        assert_eq!(told(&[(at(status, morning), Some(event))]), [expected]);
    }
}

#[test]
fn p3_a_patient_is_updated_only_when_something_changed() {
    let named = |family: &str| json!({"resourceType": "Patient", "id": "p", "name": [{"family": family}]});
    let versions =
        [(named("Probe"), Some("A01")), (named("Probe"), Some("A08")), (named("Neu"), Some("A08"))];
    assert_eq!(told(&versions), ["NoRule", "Unchanged", "patient.updated routine"]);
    let versions = versions.map(|(resource, _)| (resource, None));
    assert_eq!(told(&versions), ["patient.created routine", "Unchanged", "patient.updated routine"]);
}

#[test]
fn a_merge_is_urgent_and_names_both_records() {
    let link = json!([{"type": "replaces", "other": {"identifier": {"system": "urn:a", "value": "2"}}}]);
    let resource =
        json!({"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": "1"}], "link": link});
    assert_eq!(told(&[(resource.clone(), Some("A40"))]), ["patient.merged urgent"]);
    let data = person_data(&resource);
    assert_eq!(data["mergedFrom"]["id"], "2");
    assert_eq!(data["mergedInto"]["id"], "1");
}

fn person_data(resource: &Value) -> Value {
    let input = Input {
        resource,
        interaction: Interaction::Update,
        previous: None,
        prior: None,
        event_code: Some("A40"),
        namespace: "urn:site",
    };
    raise(&input).raised.remove(0).data
}
