use serde_json::{Value, json};

use crate::decisions::decided;

fn observation(loinc: &str, quantity: Value) -> Value {
    json!({"resourceType": "Observation", "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "valueQuantity": quantity, "referenceRange": [{"high": {"value": 5.1, "unit": "mmol/L"}}]})
}

#[track_caller]
fn check(loinc: &str, (value, unit): (&str, &str), rows: &[(&str, &str)]) {
    let value: Value = serde_json::from_str(value).unwrap();
    let json = observation(loinc, json!({"value": value, "unit": unit}));
    for (text, expected) in rows {
        assert_eq!(decided(text, &json), *expected, "{text} of {value} {unit}");
    }
}

const NO_TABLE: &str = "883-9";
const GLUCOSE: &str = "2345-7";
const POTASSIUM: &str = "2823-3";
const CALCIUM: &str = "17861-6";

#[test]
fn quantities_compare_in_ucum_exactly() {
    check(
        NO_TABLE,
        ("6.8", "mmol/L"),
        &[
            ("value >= 6.8 'mmol/L'", "yes"),
            ("value > 6.8 'mmol/L'", "no"),
            ("value = 6800 'umol/L'", "yes"),
            ("value > 6000 'umol/L'", "yes"),
            ("value > referenceRange.first().high", "yes"),
            ("value ~ 7 'mmol/L'", "yes"),
            ("value > 6 'mg'", "incommensurable"),
            ("value > 6.0", "incommensurable"),
            ("value.value > 6.0", "yes"),
            ("value > 6 'mmoll'", "unknown_unit"),
            ("value > 6 days", "incommensurable"),
        ],
    );
    check(NO_TABLE, ("98.6", "degF"), &[("value = 37 'Cel'", "yes"), ("value > 310 'K'", "yes")]);
    check(NO_TABLE, ("7.4", "[pH]"), &[("value < 7.5 '[pH]'", "yes"), ("value < 1 'mol/L'", "scale")]);
    check(NO_TABLE, ("90", "min"), &[("value = 1.5 hours", "yes"), ("value < 1 year", "incommensurable")]);
}

#[test]
fn p5_units_are_read_as_laboratories_write_them() {
    check(NO_TABLE, ("6.8", "MMOL/L"), &[("value > 6 'mmol/L'", "yes")]);
    check(NO_TABLE, ("130", "bpm"), &[("value > 120 '/min'", "yes"), ("value > 2 '/s'", "yes")]);
    check(NO_TABLE, ("12", "x10E3/uL"), &[("value > 11 '10*9/L'", "yes")]);
    check(NO_TABLE, ("6", "Mg/dL"), &[("value > 5 'mg/dL'", "unknown_unit")]);
    check(NO_TABLE, ("6", "parsec"), &[("value > 5 'mmol/L'", "unknown_unit")]);
    let bare = observation(NO_TABLE, json!({"value": 6.8}));
    assert_eq!(decided("value > 6 'mmol/L'", &bare), "no_unit");
    let local = json!({"value": 7, "system": "urn:local", "code": "Cel", "unit": "mmol/L"});
    assert_eq!(decided("value > 6 'mmol/L'", &observation(NO_TABLE, local)), "yes");
}

#[test]
fn p5_mass_becomes_amount_by_the_molar_mass_of_the_loinc_code_and_never_without() {
    let threshold = [("value > 5.5 'mmol/L'", "yes"), ("value > 5.6 'mmol/L'", "no")];
    check(GLUCOSE, ("100", "mg/dL"), &threshold);
    check(GLUCOSE, ("5.6", "mmol/L"), &[("value > 100 'mg/dL'", "yes"), ("value > 101 'mg/dL'", "no")]);
    check(NO_TABLE, ("100", "mg/dL"), &[("value > 5.5 'mmol/L'", "incommensurable")]);
    check(GLUCOSE, ("100", "mg"), &[("value > 5.5 'mmol/L'", "incommensurable")]);
    let panel = json!({"resourceType": "Observation",
        "code": {"coding": [{"system": "http://loinc.org", "code": GLUCOSE}]},
        "component": [{"code": {"text": "another"}, "valueQuantity": {"value": 100, "unit": "mg/dL"}}]});
    assert_eq!(decided("component.value > 5.5 'mmol/L'", &panel), "incommensurable", "not that of the panel");
    let event = json!({"type": "lab.result.available", "data": {
        "code": {"system": "http://loinc.org", "code": GLUCOSE}, "value": {"value": 100, "unit": "mg/dL"}}});
    assert_eq!(decided("data.value > 5.5 'mmol/L'", &event), "yes");
}

#[test]
fn p5_equivalents_become_moles_by_the_valence_of_the_loinc_code_and_never_without() {
    check(POTASSIUM, ("6.8", "mEq/L"), &[("value > 6.7 'mmol/L'", "yes"), ("value > 6.8 'mmol/L'", "no")]);
    check(CALCIUM, ("5", "mEq/L"), &[("value = 2.5 'mmol/L'", "yes"), ("value > 10 'mg/dL'", "yes")]);
    check(
        NO_TABLE,
        ("6.8", "mEq/L"),
        &[("value > 6.7 'mmol/L'", "incommensurable"), ("value > 6.7 'meq/L'", "yes")],
    );
}

#[test]
fn p5_a_comparator_is_an_interval() {
    for (comparator, rows) in [
        (
            ">",
            [("> 500", "yes"), ("> 600", "yes"), ("> 700", "comparator"), ("< 500", "no"), ("= 600", "no")],
        ),
        (
            ">=",
            [
                ("> 500", "yes"),
                ("> 600", "comparator"),
                (">= 600", "yes"),
                ("< 600", "no"),
                ("= 600", "comparator"),
            ],
        ),
        (
            "<",
            [("< 700", "yes"), ("< 600", "yes"), ("<= 500", "comparator"), ("> 600", "no"), ("= 700", "no")],
        ),
        (
            "<=",
            [
                ("< 700", "yes"),
                ("< 600", "comparator"),
                ("<= 600", "yes"),
                (">= 700", "no"),
                ("!= 700", "yes"),
            ],
        ),
    ] {
        let quantity = json!({"value": 600, "comparator": comparator, "unit": "mg/L"});
        for (test, expected) in rows {
            let text = format!("value {test} 'mg/L'");
            assert_eq!(
                decided(&text, &observation(NO_TABLE, quantity.clone())),
                expected,
                "{comparator}600 {test}"
            );
        }
    }
    let enough = json!({"value": 600, "comparator": "ad", "unit": "mg/L"});
    assert_eq!(decided("value > 5 'mg/L'", &observation(NO_TABLE, enough)), "comparator");
    let event = json!({"data": {"value": ">600", "other": "6.8 mmol/L", "word": "high", "count": "7"}});
    for (text, expected) in [
        ("data.value > 500", "yes"),
        ("data.value > 700", "comparator"),
        ("data.value > 500 'mg/L'", "no_unit"),
        ("data.other > 6 'mmol/L'", "yes"),
        ("data.word > 6", "mismatch"),
        ("data.count > 6", "yes"),
    ] {
        assert_eq!(decided(text, &event), expected, "{text}");
    }
}

#[test]
fn sums_and_products_keep_their_units() {
    let json = observation(NO_TABLE, json!({"value": 2, "unit": "m"}));
    for text in [
        "value + 50 'cm' = 2.5 'm'",
        "value * value = 4 'm2'",
        "value / 4 's' = 0.5 'm/s'",
        "(value / value) = 1",
        "3 * value = 6 'm'",
        "(0 'm' - value).abs() = value",
    ] {
        assert_eq!(decided(text, &json), "yes", "{text}");
    }
    assert_eq!(decided("value + 1 'kg' > 3 'm'", &json), "incommensurable");
}
