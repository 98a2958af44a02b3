use fhirpath::{Context, Expression};
use serde_json::{Value, json};

fn patient() -> Value {
    json!({
        "resourceType": "Patient",
        "id": "p1",
        "active": true,
        "birthDate": "1974-12-25",
        "_birthDate": {"extension": [{"url": "urn:time", "valueDateTime": "1974-12-25T14:35:45-05:00"}]},
        "deceasedBoolean": false,
        "name": [
            {"use": "official", "family": "Chalmers", "given": ["Peter", "James"]},
            {"use": "usual", "given": ["Jim"]}
        ],
        "managingOrganization": {"reference": "#o1"},
        "contained": [{"resourceType": "Organization", "id": "o1", "name": "Clinic"}]
    })
}

/// What an expression gives on the patient above, written one after the other.
#[track_caller]
fn check(text: &str, expected: &str) {
    let patient = patient();
    let expression = Expression::compile(text).unwrap();
    let context = Context::of(&patient).at("2026-03-01T10:30:00.000Z");
    let found = match expression.evaluate(&context) {
        Ok(found) => found.items().iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        Err(error) => format!("! {}", error.kind),
    };
    assert_eq!(found, expected, "{text}");
}

#[test]
fn paths_lead_to_elements_choices_and_extensions_of_primitives() {
    check("Patient.name.given", "Peter James Jim");
    check("name[1].given.first() & name.family", "JimChalmers");
    check("deceased", "false");
    check("deceasedBoolean", "");
    check("deceased is boolean and deceased.is(System.Boolean).not()", "true");
    check("birthDate.extension('urn:time').value", "1974-12-25T14:35:45-05:00");
    check("birthDate.extension.value is dateTime", "true");
    check("managingOrganization.resolve().name", "Clinic");
    check("Observation.name", "");
    check("Resource.id = DomainResource.id", "true");
    check("contained.ofType(Organization).name", "Clinic");
    check("nodesByName('given').count() + nodesByType('HumanName').count()", "5");
    check("descendants().where($this is id)", "p1 o1");
}

#[test]
fn plain_json_is_read_without_types_until_a_resource_begins() {
    let event = json!({
        "type": "lab.result.available",
        "time": "2026-03-01T10:30:00Z",
        "data": {"count": 2, "valueQuantity": "kept", "tags": ["a", "b"], "resource": patient()}
    });
    for (text, expected) in [
        ("type.startsWith('lab.')", "true"),
        ("data.count + 1", "3"),
        ("data.valueQuantity", "kept"),
        ("data.tags.last()", "b"),
        ("data.resource.deceased", "false"),
        ("time > @2026-02-27", "true"),
        ("time + 1 day > time", "true"),
        ("data.tags.type().name.distinct()", "String"),
        ("data.missing.deeper", ""),
    ] {
        let expression = Expression::compile(text).unwrap();
        let found = expression.evaluate(&Context::of(&event)).unwrap();
        let found: Vec<_> = found.items().iter().map(ToString::to_string).collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }
}

#[test]
fn decimals_are_exact() {
    check("6.8 >= 6.8", "true");
    check("0.1 + 0.2 = 0.3", "true");
    check("1.10 = 1.1 and 1.10.toString() = '1.10'", "true");
    check("(1.2 / 1.8).round(2)", "0.67");
    check("9223372036854775807 + 1", "");
    check(
        "7 div 2 & (7 mod 2).toString()",
        "! values of types that do not go together; convert one, such as with toDecimal()",
    );
    check("(7 div 2).toString() & (7 mod 2).toString()", "31");
    check("2.power(10) + 81.sqrt()", "1033");
    check("1 / 0", "");
    let numbers = r#"{"a": 6.8, "b": 6.80, "c": 1e-3, "d": 12345678901234567890.123456789}"#;
    let numbers: Value = serde_json::from_str(numbers).unwrap();
    for text in ["a >= 6.8", "a = b", "a + 0.1 = 6.9", "c = 0.001", "d > 12345678901234567890.123456788"] {
        let expression = Expression::compile(text).unwrap();
        let found = expression.evaluate(&Context::of(&numbers)).unwrap();
        assert_eq!(found.items().first().map(ToString::to_string).as_deref(), Some("true"), "{text}");
    }
}

#[test]
fn moments_know_how_precise_they_are() {
    check("birthDate < @1975", "true");
    check("birthDate < @1974", "");
    check("@2026-03-01T10:00Z = @2026-03-01T11:00+01:00", "true");
    check("@2026-03-01T10:00 < @2026-03-01T12:00Z", "");
    check("@2026-03-01T10:00 < @2026-03-03T12:00Z", "true");
    check("@2024-01-31 + 1 month", "2024-02-29");
    check("@2024 + 18 months", "2025");
    check("@2024-02-28T23:59:59.5 + 0.5 's'", "2024-02-29T00:00:00.000");
    check("@T23:30 + 45 minutes", "00:15");
    check("today() - 1 week", "2026-02-22");
    check("@0001-01-01 - 1 day", "");
    check("@1900-02-28 + 1 day", "1900-03-01");
    check("@2024-12-31.toString() & timeOfDay().toString()", "2024-12-3110:30:00.000");
}

#[test]
fn logic_has_three_values() {
    for (text, expected) in [
        ("true and {}", ""),
        ("false and {}", "false"),
        ("true or {}", "true"),
        ("{} implies true", "true"),
        ("true xor {}", ""),
        ("false and (1 | 2).single()", "false"),
        ("name.exists() and active", "true"),
        ("name.all(given.exists())", "true"),
        ("name.where(use = 'official' or use = 'usual').count()", "2"),
        ("name.given.aggregate($total & $this, '')", "PeterJamesJim"),
        ("iif(active, 'on', 'off')", "on"),
        ("name.given.sort(-$this)", "Peter Jim James"),
        ("(1 | 2 | 2 | 3).exclude(2).combine(3)", "1 3 3"),
        ("name.given.select($index)", "0 1 2"),
        ("'Jim' in name.given and name.given contains 'James'", "true"),
    ] {
        check(text, expected);
    }
}

#[test]
fn what_is_before_a_name_says_which_resource() {
    let (before, now) = (json!({"resourceType": "Observation", "status": "preliminary"}), patient());
    let settings = json!({"limit": 5});
    let text = "%previous.status = 'preliminary' and %current.active and %settings.limit = 5 and %context = %resource";
    let expression = Expression::compile_with(text, &["settings"]).unwrap();
    let context = Context::of(&now).previous(Some(&before)).variable("settings", &settings);
    assert_eq!(expression.decide(&context), Ok(fhirpath::Decision::Yes));
    let deleted = Expression::compile("%current.empty() and %previous.exists() and status.empty()").unwrap();
    assert_eq!(
        deleted.decide(&Context::of(&Value::Null).previous(Some(&before))),
        Ok(fhirpath::Decision::Yes)
    );
    let created = Expression::compile("%previous.empty()").unwrap();
    assert_eq!(created.decide(&Context::of(&now).previous(None)), Ok(fhirpath::Decision::Yes));
    check(
        "%`vs-name` & ' ' & %vs-name",
        "http://hl7.org/fhir/ValueSet/name http://hl7.org/fhir/ValueSet/name",
    );
}

#[test]
fn references_are_followed_in_the_bundle_around_and_by_the_caller() {
    struct Ward(Value);
    impl fhirpath::Resolve for Ward {
        fn resolve(&self, reference: &str) -> Option<&Value> {
            (reference == "Location/w1").then_some(&self.0)
        }
    }
    let bundle = json!({"resourceType": "Bundle", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "p", "active": true}},
        {"resource": {"resourceType": "Encounter", "subject": {"reference": "urn:uuid:1"},
            "partOf": {"reference": "Patient/p/_history/2"}, "location": [{"location": {"reference": "Location/w1"}}]}}
    ]});
    let ward = Ward(json!({"resourceType": "Location", "name": "Ward 1"}));
    let encounter = &bundle["entry"][1]["resource"];
    let context = Context::of(encounter).within(&bundle).resolver(&ward);
    for text in [
        "subject.resolve().active",
        "partOf.resolve() is Patient",
        "location.location.resolve().name = 'Ward 1'",
        "%rootResource.entry.count() = 2",
        "subject.where($this.resolve() is Group).empty()",
    ] {
        let expression = Expression::compile(text).unwrap();
        assert_eq!(expression.decide(&context), Ok(fhirpath::Decision::Yes), "{text}");
    }
}

#[test]
fn codes_are_asked_of_a_terminology_where_there_is_one() {
    struct Codes;
    impl fhirpath::Terminology for Codes {
        fn is_member(&self, code: fhirpath::Code<'_>, value_set: &str) -> Option<bool> {
            (value_set == "urn:vs").then_some(code.code == "a")
        }
        fn subsumes(&self, one: fhirpath::Code<'_>, other: fhirpath::Code<'_>) -> Option<bool> {
            Some(one.code < other.code)
        }
    }
    let resource = json!({"resourceType": "Condition", "code": {"coding": [{"code": "b"}, {"code": "a"}]}});
    let context = Context::of(&resource).terminology(&Codes);
    for (text, expected) in [
        ("code.memberOf('urn:vs')", "true"),
        ("code.coding.first().memberOf('urn:vs')", "false"),
        ("code.memberOf('urn:other')", ""),
        ("code.coding[1].subsumes(%context.code.coding[0])", "true"),
        ("code.coding[1].subsumedBy(%context.code.coding[0])", "false"),
    ] {
        let expression = Expression::compile(text).unwrap();
        let found = expression.evaluate(&context).unwrap();
        assert_eq!(found.items().iter().map(ToString::to_string).collect::<String>(), expected, "{text}");
    }
    check("name.memberOf('urn:vs')", "! no terminology is given; compare codes instead");
}
