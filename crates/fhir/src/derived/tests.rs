use super::*;

fn limits() -> Limits {
    let rows =
        r#"[{"loinc":"2823-3","unit":"mmol/L","low":3.5,"high":5.1,"criticalLow":2.5,"criticalHigh":6.5}]"#;
    Limits::new(&serde_json::from_str::<Vec<ResultLimits>>(rows).unwrap())
}

fn potassium(quantity: &str, range: Option<&str>) -> Value {
    let mut result = json!({
        "resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "valueQuantity": serde_json::from_str::<Value>(quantity).unwrap(),
    });
    if let Some(range) = range {
        result["referenceRange"] = json!([{ "text": range }]);
    }
    result
}

fn flag(result: &Value) -> String {
    let flag = &result["interpretation"][0];
    let origin = flag["extension"][0]["valueCode"].as_str().unwrap_or("none");
    format!("{} {origin}", flag["coding"][0]["code"].as_str().unwrap_or("none"))
}

#[track_caller]
fn check(quantity: &str, range: Option<&str>, limits: &Limits, expected: &str) {
    let mut result = potassium(quantity, range);
    drop(derive(&mut result, limits));
    assert_eq!(flag(&result), expected, "{quantity} of {range:?}");
}

#[test]
fn a_range_alone_makes_high_and_low_and_never_critical() {
    let none = Limits::default();
    for (value, range, expected) in [
        ("9.9", "3.5-5.1", "H reference-range"),
        ("5.1", "3.5-5.1", "none none"),
        ("5.10", "3.5-5.1", "none none"),
        ("3.4", "3.5-5.1", "L reference-range"),
        ("200", "<200", "H reference-range"),
        ("199.9", "<200", "none none"),
        ("60", ">=60", "none none"),
        ("59.9", ">=60", "L reference-range"),
        ("4.01", "0.4 to 4.0", "H reference-range"),
        ("1", "negative", "none none"),
    ] {
        check(&format!(r#"{{"value":{value}}}"#), Some(range), &none, expected);
    }
}

#[test]
fn critical_comes_from_the_limits_of_the_site_only() {
    let limits = limits();
    let of = |value: &str| format!(r#"{{"value":{value},"unit":"mmol/L","code":"mmol/L"}}"#);
    check(&of("6.5"), Some("3.5-5.1"), &limits, "HH site-limits");
    check(&of("6.49"), Some("3.5-5.1"), &limits, "H reference-range");
    check(&of("2.5"), None, &limits, "LL site-limits");
    check(&of("3.4"), None, &limits, "L site-limits");
    check(&of("4.0"), None, &limits, "none none");
}

#[test]
fn p5_a_comparator_is_an_interval_and_what_nobody_can_tell_is_said() {
    let limits = limits();
    let of = |comparator: &str, value: &str| {
        format!(r#"{{"comparator":"{comparator}","value":{value},"unit":"mmol/L","code":"mmol/L"}}"#)
    };
    check(&of(">", "7"), None, &limits, "HH site-limits");
    check(&of(">", "6.5"), None, &limits, "HH site-limits");
    check(&of("<", "2.5"), None, &limits, "LL site-limits");
    check(&of("<", "200"), Some("<200"), &Limits::default(), "none none");
    let mut unknown = potassium(&of(">", "5"), None);
    let expected = Derived::Indeterminate("2823-3".to_owned(), "mmol/L".to_owned());
    assert_eq!(derive(&mut unknown, &limits), expected);
    let mut other_unit = potassium(r#"{"value":27,"unit":"mg/h","code":"mg/h"}"#, None);
    let expected = Derived::Indeterminate("2823-3".to_owned(), "mg/h".to_owned());
    assert_eq!(derive(&mut other_unit, &limits), expected);
}

#[test]
fn p5_a_value_in_another_unit_is_converted_or_stays_undecided() {
    let limits = limits();
    let of = |value: &str, unit: &str| format!(r#"{{"value":{value},"code":"{unit}"}}"#);
    check(&of("6500", "umol/L"), None, &limits, "HH site-limits");
    check(&of("6499", "umol/L"), None, &limits, "H site-limits");
    check(&of("0.0049", "mol/L"), None, &limits, "none none");
    let above = r#"{"comparator":">","value":6500,"code":"umol/L"}"#;
    check(above, None, &limits, "HH site-limits");
    let saturation = r#"[{"loinc":"2823-3","unit":"%","criticalLow":85}]"#;
    let saturation = Limits::new(&serde_json::from_str::<Vec<ResultLimits>>(saturation).unwrap());
    check(&of("0.84", "1"), None, &saturation, "LL site-limits");
    for quantity in [of("27", "mg/h"), of("6.9", "furlong"), r#"{"value":6.9}"#.to_owned()] {
        let mut result = potassium(&quantity, None);
        assert!(matches!(derive(&mut result, &limits), Derived::Indeterminate(..)), "{quantity}");
    }
    let mut bare = potassium(r#"{"value":0.84}"#, None);
    assert!(
        matches!(derive(&mut bare, &saturation), Derived::Indeterminate(..)),
        "no unit is not the unit 1"
    );
}

/// A glucose, or a result whose substance nobody knows, beside limits in mmol/L.
fn in_mass(loinc: &str, quantity: &str) -> (Derived, String) {
    let rows = format!(
        r#"[{{"loinc":"{loinc}","unit":"mmol/L","low":3.9,"high":5.55,"criticalLow":2.2,"criticalHigh":22.2}}]"#
    );
    let limits = Limits::new(&serde_json::from_str::<Vec<ResultLimits>>(&rows).unwrap());
    let mut result = potassium(quantity, None);
    result["code"]["coding"][0]["code"] = loinc.into();
    (derive(&mut result, &limits), flag(&result))
}

#[test]
fn p5_a_mass_meets_limits_of_an_amount_by_the_molar_mass_of_its_code_and_of_no_other() {
    let glucose = |quantity: &str| in_mass("2345-7", quantity).1;
    for (value, expected) in [
        ("400", "HH site-limits"),
        ("399", "H site-limits"),
        ("99.98658", "none none"),
        ("99.98659", "H site-limits"),
        ("70", "L site-limits"),
        ("39", "LL site-limits"),
    ] {
        assert_eq!(glucose(&format!(r#"{{"value":{value},"code":"mg/dL"}}"#)), expected, "{value}");
    }
    assert_eq!(glucose(r#"{"comparator":">","value":600,"code":"mg/dL"}"#), "HH site-limits");
    assert_eq!(
        glucose(r#"{"comparator":"<","value":40,"code":"mg/dL"}"#),
        "none none",
        "down to 0 or not: unknown"
    );
    let (derived, flag) = in_mass("1988-5", r#"{"value":400,"code":"mg/dL"}"#);
    let expected = Derived::Indeterminate("1988-5".to_owned(), "mg/dL".to_owned());
    assert_eq!((derived, flag.as_str()), (expected, "none none"), "nobody knows its molar mass");
}

#[test]
fn what_a_sender_flags_stays_what_it_says() {
    let mut result = potassium(r#"{"value":9.9,"code":"mmol/L"}"#, Some("3.5-5.1"));
    result["interpretation"] = json!([{"coding": [{"code": "N"}]}]);
    assert_eq!(derive(&mut result, &limits()), Derived::Nothing);
    result["interpretation"] = json!([{"coding": [{"code": "*"}], "text": "*"}]);
    assert_eq!(derive(&mut result, &limits()), Derived::Flagged, "nobody knows what an asterisk means");
    let said = &result["interpretation"];
    assert_eq!((&said[0]["text"], &said[1]["coding"][0]["code"]), (&json!("*"), &json!("HH")));
    let mut gone = potassium(r#"{"value":9.9,"code":"mmol/L"}"#, Some("3.5-5.1"));
    gone["status"] = json!("entered-in-error");
    assert_eq!(derive(&mut gone, &limits()), Derived::Nothing);
}
