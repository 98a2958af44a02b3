//! What stood and is taken back, stands again, or is put right (N5).

use serde_json::json;

use super::tests::{potassium, results, told};

#[test]
fn n5_what_was_taken_back_and_stands_again_is_told_again_and_can_be_taken_back_again() {
    let critical = ("6.9", "HH", "final");
    let error = ("6.9", "HH", "entered-in-error");
    let cancelled = "lab.result.cancelled critical replaces";
    results(
        &[critical, error, critical, critical, error],
        &[
            "lab.result.critical critical",
            cancelled,
            "lab.result.critical critical replaces",
            "Unchanged",
            cancelled,
        ],
    );
}

fn of_category(category: &str, versions: &[(&str, &str, &str)]) -> Vec<String> {
    let of = |(value, flag, status): &(&str, &str, &str)| {
        let mut resource = potassium(value, flag, status);
        resource["category"] = json!([{"coding": [{"code": category}]}]);
        (resource, None)
    };
    told(&versions.iter().map(of).collect::<Vec<_>>())
}

#[test]
fn n5_a_vital_sign_that_is_corrected_or_taken_back_is_told_in_the_place_of_the_original() {
    let versions = [
        ("97", "N", "preliminary"),
        ("97", "N", "final"),
        ("87", "L", "corrected"),
        ("87", "L", "final"),
        ("88", "L", "preliminary"),
        ("87", "L", "entered-in-error"),
        ("87", "L", "entered-in-error"),
    ];
    let replaced = "vital.recorded bulk replaces";
    let expected =
        ["vital.recorded bulk", "Unchanged", replaced, "Unchanged", "Stale", replaced, "Unchanged"];
    assert_eq!(of_category("vital-signs", &versions), expected);
    assert_eq!(of_category("vital-signs", &[("97", "N", "cancelled")]), ["NoRule"]);
}

#[test]
fn n1_n5_a_critical_flag_is_told_whatever_was_looked_at_and_corrected_in_its_lane() {
    let critical = "observation.critical critical";
    let versions = [
        ("1", "AA", "preliminary"),
        ("1", "AA", "final"),
        ("1", "N", "corrected"),
        ("2", "AA", "corrected"),
        ("2", "AA", "entered-in-error"),
    ];
    let expected = [
        critical,
        "Unchanged",
        "observation.corrected critical replaces",
        "observation.critical critical replaces",
        "observation.cancelled critical replaces",
    ];
    for category in ["exam", "procedure", "survey", "social-history", "therapy", "activity"] {
        assert_eq!(of_category(category, &versions), expected, "{category}");
        let quiet = [("1", "A", "final"), ("2", "H", "corrected"), ("2", "H", "cancelled")];
        assert_eq!(
            of_category(category, &quiet),
            ["NoRule"; 3],
            "{category}: nothing critical, nothing told"
        );
    }
    let vital = [("87", "LL", "preliminary"), ("87", "LL", "final"), ("97", "N", "corrected")];
    let recorded = "vital.recorded critical replaces";
    assert_eq!(of_category("vital-signs", &vital), ["vital.recorded bulk", critical, "Unchanged", recorded]);
}

#[test]
fn n4_n5_a_critical_finding_of_imaging_is_told_at_once_and_corrected_in_its_lane() {
    let critical = "imaging.result.critical critical";
    let versions = [("1", "AA", "preliminary"), ("1", "AA", "final"), ("1", "N", "corrected")];
    let expected = [critical, "Unchanged", "imaging.result.available critical replaces"];
    assert_eq!(of_category("imaging", &versions), expected);
    assert_eq!(of_category("imaging", &[("1", "A", "final"), ("2", "A", "corrected")]), ["Normal", "Normal"]);
    let report = |status: &str, flag: &str| {
        let resource = json!({
            "resourceType": "DiagnosticReport", "id": "r", "status": status, "code": {"text": "Head CT"},
            "category": [{"coding": [{"code": "CT"}]}],
            "conclusionCode": [{"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": flag,
            }]}],
        });
        (resource, None)
    };
    let versions = [
        report("preliminary", "AA"),
        report("final", "AA"),
        report("corrected", "N"),
        report("cancelled", "N"),
    ];
    let replaced = "imaging.result.available critical replaces";
    assert_eq!(told(&versions), [critical, "Unchanged", replaced, replaced]);
}
