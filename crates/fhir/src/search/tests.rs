//! Filters against resources, one line each.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;

/// `yes`, `no`, or the parameter and the word of what stands in the way.
fn said(decision: Match) -> String {
    match decision {
        Match::Yes => "yes".to_owned(),
        Match::No => "no".to_owned(),
        Match::Indeterminate(reason) => format!("{}: {}", reason.parameter, reason.why.word()),
    }
}

#[track_caller]
fn check(resource: &Value, filters: &[(&str, &str)]) {
    let kind = resource["resourceType"].as_str().unwrap();
    for (filter, expected) in filters {
        let criteria = Criteria::parse(kind, filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        assert_eq!(said(criteria.matches(resource)), *expected, "{filter}");
    }
}

fn potassium() -> Value {
    json!({
        "resourceType": "Observation", "id": "k-1",
        "meta": {
            "lastUpdated": "2026-01-01T09:31:00Z",
            "profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab|7.0.0"],
            "source": "https://lab.example/feeds/1#42",
            "tag": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]
        },
        "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium [Moles/volume]"}, {"code": "K,S"}], "text": "Kalium"},
        "subject": {"reference": "Patient/p-1", "identifier": {"system": "urn:hosp:mrn", "value": "1001"}},
        "effectiveDateTime": "2026-01-01T09:30:00+01:00",
        "valueQuantity": {"value": 6.80, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"}
    })
}

#[test]
fn codes_are_found_by_system_by_code_and_by_both() {
    check(
        &potassium(),
        &[
            ("Observation?code=http://loinc.org|2823-3", "yes"),
            ("Observation.code=2823-3", "yes"),
            ("code=http%3A%2F%2Floinc.org%7C2823-3", "yes"),
            ("code=http://loinc.org|", "yes"),
            ("code=http://snomed.info/sct|", "no"),
            ("code=|2823-3", "no"),
            (r"code=|K\,S", "yes"),
            ("code=1-1,2823-3", "yes"),
            ("code=1-1&code=2823-3", "no"),
            ("code:not=2823-3", "no"),
            ("code:not=1-1,1-2", "yes"),
            ("method:not=1-1", "yes"),
            ("code:text=kali", "yes"),
            ("code:text=potass", "yes"),
            ("status=final,amended&category=laboratory", "yes"),
            ("status=http://hl7.org/fhir/observation-status|final", "yes"),
            ("method:missing=true", "yes"),
            ("code:missing=true", "no"),
            ("code-value-quantity:missing=false", "yes"),
            ("_tag=HTEST", "yes"),
            ("_id=k-1,k-2", "yes"),
            ("_type=Patient,Observation", "yes"),
            ("_profile=http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab", "yes"),
            ("_source=https://lab.example/feeds/1", "no"),
            ("_source:below=https://lab.example/feeds", "yes"),
            ("_source:above=https://lab.example/feeds/1#42", "yes"),
            ("_lastUpdated=ge2026-01-01T09:31:00Z", "yes"),
        ],
    );
}

#[test]
fn p1_a_reference_is_found_on_its_own_server_only() {
    check(
        &potassium(),
        &[
            ("subject=Patient/p-1", "yes"),
            ("subject=p-1", "yes"),
            ("subject=Group/p-1", "no"),
            ("subject:Patient=p-1", "yes"),
            ("subject:Group=p-1", "no"),
            ("patient=Patient%2Fp-1", "yes"),
            ("subject:identifier=urn:hosp:mrn|1001", "yes"),
            ("subject:identifier=urn:other|1001", "no"),
            ("subject=https://ehr.example/fhir/Patient/p-1", "subject: server"),
            ("subject=https://ehr.example/fhir/Patient/p-2", "no"),
        ],
    );
    let absolute =
        json!({"resourceType": "Encounter", "subject": {"reference": "https://ehr.example/fhir/Patient/1"}});
    let known = Known { base: Some("https://ehr.example/fhir/".to_owned()), ..Known::default() };
    let decide = |filter: &str, known: &Known| {
        said(Criteria::parse_with("Encounter", filter, known).unwrap().matches(&absolute))
    };
    assert_eq!(decide("patient=Patient/1", &Known::default()), "patient: server");
    assert_eq!(decide("patient=Patient/1", &known), "yes");
    assert_eq!(decide("patient=https://ehr.example/fhir/Patient/1", &Known::default()), "yes");
    assert_eq!(decide("patient=https://other.example/fhir/Patient/1", &known), "no");
}

#[test]
fn p5_quantities_compare_exactly_and_say_when_they_cannot() {
    const UCUM: &str = "http://unitsofmeasure.org";
    check(
        &potassium(),
        &[
            (&format!("value-quantity=ge6.8|{UCUM}|mmol/L"), "yes"),
            (&format!("value-quantity=gt6.8|{UCUM}|mmol/L"), "no"),
            ("value-quantity=6.8", "yes"),
            ("value-quantity=6.84", "no"),
            ("value-quantity=7", "yes"),
            ("value-quantity=7.0", "no"),
            ("value-quantity=ne7.0", "yes"),
            ("value-quantity=ap7.3", "yes"),
            ("value-quantity=ap8", "no"),
            ("value-quantity=gt6||mmol/L", "yes"),
            ("value-quantity=gt6700||umol/L", "yes"),
            ("value-quantity=6800||umol/L", "yes"),
            ("value-quantity=lt6700||umol/L", "no"),
            ("value-quantity=gt26||mg/dL", "value-quantity: unit"),
            ("value-quantity=gt6||furlong", "value-quantity: unit"),
            ("value-quantity=gt6||furlong,lt7", "yes"),
            ("value-quantity=gt6||furlong&status=cancelled", "no"),
            ("code-value-quantity=http://loinc.org|2823-3$gt6.0||mmol/L", "yes"),
            ("code-value-quantity=1-1$gt6.0||mmol/L", "no"),
            ("code-value-quantity=1-1$gt6||furlong", "no"),
            ("code-value-quantity=2823-3$gt6||furlong", "code-value-quantity: unit"),
        ],
    );
    let with = |value: Value| json!({"resourceType": "Observation", "valueQuantity": value});
    check(
        &with(json!({"value": 600, "comparator": ">"})),
        &[
            ("value-quantity=gt500", "yes"),
            ("value-quantity=gt700", "value-quantity: comparator"),
            ("value-quantity=lt600", "no"),
        ],
    );
    check(
        &with(json!({"value": 5, "comparator": "ad"})),
        &[("value-quantity=gt1", "value-quantity: comparator")],
    );
    check(&with(json!({"value": 5})), &[("value-quantity=gt1||mg", "value-quantity: unit")]);
    check(&with(json!({"value": "5"})), &[("value-quantity=gt1", "value-quantity: unreadable")]);
    check(&with(json!({"value": 37.5, "unit": "mmHg"})), &[("value-quantity=gt37||mm[Hg]", "yes")]);
    check(&with(json!({"unit": "mg"})), &[("value-quantity=gt1", "no")]);
}

#[test]
fn the_numbers_of_the_specification_have_its_precision() {
    // FHIR R4 §3.1.1.4.6.
    let risk = |probability: &str| {
        let probability: Value = serde_json::from_str(probability).unwrap();
        json!({"resourceType": "RiskAssessment", "prediction": [{"probabilityDecimal": probability}]})
    };
    check(
        &risk("99.5"),
        &[("probability=100", "yes"), ("probability=100.00", "no"), ("probability=1e2", "yes")],
    );
    check(
        &risk("100.5"),
        &[("probability=100", "no"), ("probability=gt100", "yes"), ("probability=1e2", "yes")],
    );
    check(
        &risk("105"),
        &[("probability=1e2", "no"), ("probability=le105.0", "yes"), ("probability=lt105", "no")],
    );
    check(&risk("0.30000000000000004"), &[("probability=gt0.3", "yes"), ("probability=0.3", "yes")]);
    let range = json!({"resourceType": "RiskAssessment", "prediction": [{"probabilityRange": {"low": {"value": 10}, "high": {"value": 20}}}]});
    check(&range, &[("probability=gt15", "yes"), ("probability=sa15", "no"), ("probability=eb25", "yes")]);
}

#[test]
fn parts_that_belong_together_are_compared_together() {
    let pressure = |systolic: u32, diastolic: u32| {
        let part = |code: &str, value: u32| json!({"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}});
        json!({"resourceType": "Observation", "component": [part("8480-6", systolic), part("8462-4", diastolic)]})
    };
    let filter = "component-code-value-quantity=8480-6$gt140||mm[Hg],8462-4$gt90||mm[Hg]";
    check(&pressure(150, 80), &[(filter, "yes"), (&filter.replace("component", "combo"), "yes")]);
    check(&pressure(120, 80), &[(filter, "no")]);
    check(&pressure(90, 141), &[("component-code-value-quantity=8480-6$gt140||mm[Hg]", "no")]);
}

#[test]
fn people_are_found_as_people_write_them() {
    let patient = json!({
        "resourceType": "Patient",
        "identifier": [{"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}, "system": "urn:hosp:mrn", "value": "1001"}],
        "name": [{"family": "Müller-Sørensen", "given": ["Ana", "María"]}],
        "telecom": [{"system": "phone", "value": "555-1"}, {"system": "email", "value": "a@b.example"}],
        "gender": "female", "birthDate": "1949-12-31", "active": true,
        "deceasedBoolean": false,
        "extension": [{"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race", "extension": [{"url": "ombCategory", "valueCoding": {"system": "urn:oid:2.16.840.1.113883.6.238", "code": "2106-3"}}]}],
        "generalPractitioner": [{"reference": "Organization/o"}]
    });
    check(
        &patient,
        &[
            ("family=muller", "yes"),
            ("name=MARIA", "yes"),
            ("family=sorensen", "no"),
            ("family:contains=sorensen", "yes"),
            ("family:exact=Müller", "no"),
            ("family:exact=Müller-Sørensen", "yes"),
            ("phone=555-1", "yes"),
            ("phone=a@b.example", "no"),
            ("email=a@b.example&active=true&gender=female", "yes"),
            ("birthdate=lt1950", "yes"),
            ("identifier=urn:hosp:mrn|1001", "yes"),
            ("identifier=urn:other:mrn|1001", "no"),
            ("identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|1001", "yes"),
            ("deceased=false", "yes"),
            ("deceased=true", "no"),
            ("race=2106-3", "yes"),
            ("general-practitioner=Organization/o", "yes"),
        ],
    );
    check(&json!({"resourceType": "Patient", "deceasedDateTime": "2026-01-01"}), &[("deceased=true", "yes")]);
}

#[test]
fn both_versions_of_fhir_are_read_where_they_differ() {
    let r4 =
        json!({"resourceType": "Encounter", "class": {"code": "EMER"}, "period": {"start": "2026-01-01"}});
    let r5 = json!({"resourceType": "Encounter", "class": [{"coding": [{"code": "EMER"}]}], "actualPeriod": {"start": "2026-01-01"}});
    for encounter in [r4, r5] {
        check(&encounter, &[("class=EMER", "yes"), ("date=ge2025-12-31", "yes"), ("class=IMP", "no")]);
    }
}

#[test]
fn value_sets_and_groups_are_what_the_caller_says() {
    let mut known = Known::default();
    let urgent = [("http://loinc.org".to_owned(), "2823-3".to_owned())];
    known.value_sets.insert("urn:electrolytes".to_owned(), Arc::new(urgent.into()));
    known.groups.insert("Group/icu".to_owned(), Arc::new(["Patient/p-1".to_owned()].into()));
    let decide = |filter: &str| {
        said(Criteria::parse_with("Observation", filter, &known).unwrap().matches(&potassium()))
    };
    assert_eq!(decide("code:in=urn:electrolytes"), "yes");
    assert_eq!(decide("code:not-in=urn:electrolytes"), "no");
    assert_eq!(decide("_in=Group/icu"), "yes");
    assert!(Criteria::parse_with("Observation", "code:in=urn:other", &known).is_err());
    assert!(Criteria::parse_with("Observation", "_in=Group/other", &known).is_err());
}

#[test]
fn the_r5_form_says_the_same_as_the_written_one() {
    let read = |filters: Value| {
        let filters: Vec<FilterBy> = serde_json::from_value(filters).unwrap();
        Criteria::from_filter_by("Observation", &filters, &Known::default())
    };
    let filters = json!([
        {"resourceType": "Observation", "filterParameter": "value-quantity", "comparator": "gt", "value": "6.0||mmol/L,5||mmol/L"},
        {"resourceType": "http://hl7.org/fhir/StructureDefinition/Observation", "filterParameter": "status", "modifier": "not", "value": "cancelled"},
        {"resourceType": "Encounter", "filterParameter": "nonsense", "value": "1"},
        {"filterParameter": "_id", "comparator": "eq", "value": "k-1"}
    ]);
    let criteria = read(filters).unwrap().unwrap();
    assert_eq!(said(criteria.matches(&potassium())), "yes");
    let clauses: Vec<_> =
        criteria.explain(&potassium()).map(|(name, decision)| format!("{name} {}", said(decision))).collect();
    assert_eq!(clauses, ["value-quantity yes", "status yes", "_id yes"]);
    assert!(
        read(json!([{"resourceType": "Encounter", "filterParameter": "status", "value": "x"}]))
            .unwrap()
            .is_none()
    );
    for wrong in [
        json!([{"filterParameter": "status", "comparator": "gt", "value": "final"}]),
        json!([{"filterParameter": "date", "comparator": "gt", "modifier": "not", "value": "2026"}]),
        json!([{"filterParameter": "date", "comparator": "xx", "value": "2026"}]),
    ] {
        assert!(read(wrong).is_err());
    }
}

#[test]
fn what_cannot_be_decided_in_memory_is_refused_with_place_and_remedy() {
    let refused = |filter: &str| {
        let error = Criteria::parse("Observation", filter).unwrap_err();
        assert!(!error.fix.is_empty() && !error.to_string().contains("secret"), "{error}");
        (error.parameter, error.position, error.what)
    };
    for (filter, parameter, position) in [
        ("subject.name=secret", "subject.name", 0),
        ("status=final&patient:Patient.name=secret", "patient", 13),
        ("_has:Provenance:target:agent=secret", "_has", 0),
        ("Observation?_sort=secret", "_sort", 12),
        ("_text=secret", "_text", 0),
        ("colour=secret", "colour", 0),
        ("code:below=secret", "code", 0),
        ("date:exact=2026", "date", 0),
        ("date=secret", "date", 0),
        ("date:not=2026", "date", 0),
        ("value-quantity=secret", "value-quantity", 0),
        ("value-quantity=1|2", "value-quantity", 0),
        ("value-quantity=1.00000000000000000000000000000001", "value-quantity", 0),
        ("subject=secret/", "subject", 0),
        ("code=a|b|c", "code", 0),
        ("code=", "code", 0),
        ("code", "code", 0),
        ("code-value-quantity=secret", "code-value-quantity", 0),
        ("code:missing=secret", "code", 0),
        ("code=a&status=final,secret", "status", 7),
        ("status:not=secret", "status", 0),
        ("Encounter?status=secret", "", 0),
        ("code=a&Encounter.status=secret", "status", 7),
        ("", "", 0),
    ] {
        let (named, at, _) = refused(filter);
        assert_eq!((named.as_str(), at), (parameter, position), "{filter}");
    }
    assert!(refused("subject.name=x").2.contains("chain"));
    assert!(Criteria::parse("StructureMap", "url=x").unwrap_err().what.contains("StructureMap"));
    assert!(Criteria::parse("Observation", &"a".repeat(9_000)).is_err());
    assert!(Criteria::parse("Observation", &format!("code={}", "a,".repeat(1_001))).is_err());
}

#[test]
fn an_index_hears_which_codes_a_filter_needs() {
    let codes = |filter: &str| {
        let criteria = Criteria::parse("Observation", filter).unwrap();
        criteria.required_codes().map(|codes| {
            let named = codes.iter().map(|(system, code)| format!("{}|{code}", system.unwrap_or("*")));
            named.collect::<Vec<_>>().join(" ")
        })
    };
    assert_eq!(
        codes("status=final&code=http://loinc.org|1-1,2-2").as_deref(),
        Some("http://loinc.org|1-1 *|2-2")
    );
    assert_eq!(codes("code:not=1-1"), None);
    assert_eq!(codes("code=http://loinc.org|"), None);
    assert_eq!(codes("status=final"), None);
}
