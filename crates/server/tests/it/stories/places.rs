//! Where each field of a message went.

use serde_json::{Value, json};

use crate::harness::{Obx, Oru, Setting};

/// The only event of a type.
fn event(story: &Setting, integration: &str, kind: &str) -> String {
    let found = story.api.all(&format!("/admin/events?integrationId={integration}&eventType={kind}"));
    found[0]["id"].as_str().expect("an event").to_owned()
}

fn mapping(story: &Setting, event: &str) -> Value {
    story.api.get(&format!("/admin/events/{event}/mapping")).json(200)
}

/// The row of a place and an element.
fn place<'m>(mapping: &'m Value, from: &str, to: Option<&str>) -> &'m Value {
    let mut places = mapping["places"].as_array().expect("places").iter();
    let found = places.find(|place| place["from"] == from && to.is_none_or(|to| place["to"] == to));
    found.unwrap_or_else(|| panic!("{from} is not listed: {mapping}"))
}

#[test]
fn each_field_of_a_message_names_its_element_and_its_rule_and_shows_no_value_without_a_reason() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let path = format!("/admin/integration/{integration}");
    let mut settings = story.api.get(&path).json(200);
    settings["fields"] = json!({ "drop": ["PID-7"] });
    story.api.put(&path, &settings).json(200);
    let tables = json!({ "codes": [{ "from": "K", "to": "2823-3" }] });
    story.api.put(&format!("{path}/mapping"), &tables).json(200);
    let local = Obx { code: "K^Kalium^L", ..Obx::potassium("6.9", "HH", "F") };
    story.mllp(port, &Oru::new("MSG-1", "1001", &[local, Obx::sodium("140", "", "F")]).bytes());
    let critical = event(&story, &integration, "lab.result.critical");

    let told = mapping(&story, &critical);
    assert_eq!(
        (&told["state"], &told["changedSince"], &told["differs"]),
        (&json!("mapped"), &json!(false), &json!(false))
    );
    assert_eq!(told["refused"]["drop"], json!(["PID-7"]));
    let value = place(&told, "OBX[1]-5", None);
    assert_eq!((&value["to"], &value["told"]), (&json!("Observation.valueQuantity"), &json!(true)));
    assert_eq!(
        (&value["rule"]["rows"], &value["rule"]["of"]),
        (&json!("OBX[Observation]"), &json!("standard"))
    );
    let code = place(&told, "OBX[1]-3.1", Some("Observation.code.coding[0]"));
    assert_eq!((&code["rule"]["table"], &code["rule"]["tableOfSite"]), (&json!("codes"), &json!(true)));
    // The other result went into another resource: nothing of this event is to be found there.
    let (one, other) = (&value["resource"], &place(&told, "OBX[2]-5", None)["resource"]);
    assert!(one != other && told["resources"][one.as_u64().unwrap() as usize]["own"] == true, "{told}");
    assert!(!told.to_string().contains("Doe") && !told.to_string().contains("6.9"), "{told}");

    let reveal = format!("/admin/events/{critical}/reveal");
    let shown = story.api.post(&reveal, &json!({ "reason": "a value that is missing" })).json(200);
    let said = shown["mapping"].as_array().unwrap().iter().find(|place| place["from"] == "OBX[1]-5").unwrap();
    assert_eq!((&said["said"], &said["became"]["code"]), (&json!("6.9"), &json!("mmol/L")));
}

#[test]
fn a_mapping_that_changed_since_says_so_and_is_told_by_the_tables_of_then() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let local = Obx { unit: "mmol per l", ..Obx::potassium("6.9", "HH", "F") };
    story.mllp(port, &Oru::new("MSG-1", "1001", &[local]).bytes());
    let critical = event(&story, &integration, "lab.result.critical");
    let before = mapping(&story, &critical);
    assert_eq!((&before["changedSince"], &before["differs"]), (&json!(false), &json!(false)));

    let tables = json!({ "units": [{ "from": "mmol per l", "to": "mmol/L" }] });
    story.api.put(&format!("/admin/integration/{integration}/mapping"), &tables).json(200);
    let after = mapping(&story, &critical);
    assert_eq!((&after["changedSince"], &after["differs"]), (&json!(true), &json!(false)), "{after}");
    assert_eq!(after["tablesOfThen"], true);
    assert_eq!(after["places"], before["places"], "the unit is as unknown as it was when the message came");
}

#[test]
fn what_is_not_mapped_says_what_it_is_instead() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let unknown = "MSH|^~\\&|LAB|NORTH|CAREHOOK|HUB|20260101093000||MFN^M02|1|P|2.5.1\rSTF|1\r";
    story.mllp(port, unknown.as_bytes());
    let passed = mapping(&story, &event(&story, &integration, "x.hl7v2.mfn_m02"));
    assert_eq!((&passed["state"], &passed["places"]), (&json!("not_mapped"), &json!([])));

    let fhir = story.integration("fhir", &json!({}));
    let patient =
        json!({ "resourceType": "Patient", "id": "p1", "identifier": [{ "system": "urn:x", "value": "1" }] });
    let request = json!({ "method": "PUT", "url": "Patient/p1" });
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": [{ "resource": patient, "request": request }] });
    story.api.post(&format!("/ingest/{fhir}/fhir"), &bundle).is(200);
    let found = story.api.all(&format!("/admin/events?integrationId={fhir}"));
    assert_eq!(mapping(&story, found[0]["id"].as_str().unwrap())["state"], "as_it_came");
}

#[test]
fn a_preset_names_what_it_takes_and_what_a_call_did_not_have() {
    let story = Setting::new();
    let settings = json!({ "preset": { "secret": "long-and-random-token" } });
    let integration = story.integration("generic-token", &settings);
    let bearer = [("authorization", "Bearer long-and-random-token"), ("content-type", "application/json")];
    let path = format!("/ingest/{integration}/hook");
    let call = br#"{ "type": "form.completed", "formRef": "F-12" }"#;
    story.api.with_key("").send("POST", &path, &bearer, call).unwrap().is(200);
    let found = story.api.all(&format!("/admin/events?integrationId={integration}"));
    let event = found[0]["id"].as_str().unwrap();
    let told = mapping(&story, event);
    assert_eq!(told["state"], "preset");
    let places = told["places"].as_array().unwrap();
    assert!(
        places.iter().any(|place| place["to"] == "data.*" && place["rule"]["rows"] == "generic-token"),
        "{told}"
    );
    assert!(!told.to_string().contains("F-12"), "no value without a reason");
    let reason = json!({ "reason": "a form that is missing" });
    let shown = story.api.post(&format!("/admin/events/{event}/reveal"), &reason).json(200);
    let places = shown["mapping"].as_array().unwrap();
    let whole = places.iter().find(|place| place["to"] == "data.*").unwrap();
    assert!(whole["said"].as_str().is_some_and(|said| said.contains("F-12")), "{shown}");
    assert_eq!(whole["became"]["formRef"], "F-12");
}
