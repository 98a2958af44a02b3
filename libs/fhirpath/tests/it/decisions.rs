use fhirpath::{Context, Decision, Expression, Reason, ReasonKind};
use serde_json::{Value, json};

/// `yes`, `no`, `empty`, or the reason why that cannot be said.
#[track_caller]
pub(crate) fn decided(text: &str, json: &Value) -> &'static str {
    let expression = Expression::compile(text).unwrap();
    match expression.decide(&Context::of(json)).unwrap() {
        Decision::Yes => "yes",
        Decision::No => "no",
        Decision::Empty => "empty",
        Decision::Indeterminate(Reason { kind, .. }) => kind.code(),
    }
}

#[test]
fn p5_what_cannot_be_decided_stays_visible_through_every_question_about_it() {
    let json = json!({"resourceType": "Observation", "status": "final",
        "valueQuantity": {"value": 6.8, "unit": "furlongs"}, "component": [
            {"valueQuantity": {"value": 1, "unit": "mmol/L"}},
            {"valueQuantity": {"value": 9, "unit": "furlongs"}}]});
    for (text, expected) in [
        ("value > 6 'mmol/L'", "unknown_unit"),
        ("(value > 6 'mmol/L').not()", "unknown_unit"),
        ("(value > 6 'mmol/L').exists()", "unknown_unit"),
        ("(value > 6 'mmol/L').empty()", "unknown_unit"),
        ("value.where($this > 6 'mmol/L').exists()", "unknown_unit"),
        ("where(value > 6 'mmol/L').count() = 0", "unknown_unit"),
        ("component.all(value < 6 'mmol/L')", "unknown_unit"),
        ("component.value.where($this > 6 'mmol/L').first() = 7 'mmol/L'", "unknown_unit"),
        ("value = 6 'mmol/L'", "unknown_unit"),
        ("value != 6 'mmol/L'", "unknown_unit"),
        ("value in (6 'mmol/L' | 7 'mmol/L')", "unknown_unit"),
        ("iif(value > 6 'mmol/L', true, false)", "unknown_unit"),
        ("value > 6 'mmol/L' xor true", "unknown_unit"),
        ("status = 'final' and value > 6 'mmol/L'", "unknown_unit"),
        ("status = 'final' implies value > 6 'mmol/L'", "unknown_unit"),
    ] {
        assert_eq!(decided(text, &json), expected, "{text}");
    }
}

#[test]
fn p5_what_settles_it_anyway_is_decided() {
    let json = json!({"resourceType": "Observation", "status": "final",
        "valueQuantity": {"value": 6.8, "unit": "furlongs"}, "component": [
            {"valueQuantity": {"value": 9, "unit": "furlongs"}},
            {"valueQuantity": {"value": 7, "unit": "mmol/L"}}]});
    for (text, expected) in [
        ("status = 'amended' and value > 6 'mmol/L'", "no"),
        ("status = 'final' or value > 6 'mmol/L'", "yes"),
        ("value > 6 'mmol/L' or status = 'final'", "yes"),
        ("status = 'amended' implies value > 6 'mmol/L'", "yes"),
        ("component.exists(value > 6 'mmol/L')", "yes"),
        ("component.where(value > 6 'mmol/L').empty()", "no"),
        ("component.all(value < 6 'mmol/L')", "no"),
        ("component.select(value > 6 'mmol/L').anyTrue()", "yes"),
        ("component.value contains 7 'mmol/L'", "yes"),
        ("value.exists()", "yes"),
    ] {
        assert_eq!(decided(text, &json), expected, "{text}");
    }
}

#[test]
fn p5_data_of_the_wrong_kind_is_no_false() {
    let json = json!({"resourceType": "Observation", "issued": "yesterday", "valueString": "high",
        "code": {"text": "x"}, "component": [{"valueInteger": 1}, {"valueInteger": 2}],
        "note": [{"time": "2026-03"}]});
    for (text, expected) in [
        ("value > 6 'mmol/L'", "mismatch"),
        ("value > 6", "mismatch"),
        ("component.value > 1", "several"),
        ("component", "several"),
        ("issued > @2020-01-01T00:00:00Z", "mismatch"),
        ("note.time > @2026-03-15", "precision"),
        ("note.time > @2026-02-15", "yes"),
        ("method.exists()", "no"),
        ("bodySite.coding.code = 'x'", "empty"),
    ] {
        assert_eq!(decided(text, &json), expected, "{text}");
    }
}

#[test]
fn a_reason_names_the_clause_and_never_the_value() {
    let json = json!({"resourceType": "Observation", "status": "final", "valueQuantity": {"value": 7, "unit": "Jane"}});
    let expression = Expression::compile("status = 'final' and value > 6 'mmol/L'").unwrap();
    let Ok(Decision::Indeterminate(reason)) = expression.decide(&Context::of(&json)) else {
        panic!("undecided")
    };
    assert_eq!(reason.clause.of(expression.text()), "value > 6 'mmol/L'");
    assert_eq!(reason.to_string(), "a unit is not known");
    let trace = expression.explain(&Context::of(&json));
    assert!(!format!("{trace:?}").contains("Jane") && !format!("{reason:?}").contains("Jane"));
    for (place, kind) in ReasonKind::ALL.iter().enumerate() {
        assert!(ReasonKind::ALL.iter().skip(place + 1).all(|other| other.code() != kind.code()));
    }
}
