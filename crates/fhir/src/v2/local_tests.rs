use std::sync::Arc;

use serde_json::{Value, json};

use super::super::{Mapped, Site, map};
use super::*;

fn compile(tables: Value) -> Result<Local, Fault> {
    Local::compile(&serde_json::from_value::<SiteTables>(tables).unwrap())
}

fn read(local: Option<Local>, lines: &[&str]) -> Mapped {
    let site = Site {
        namespace: "urn:site".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        local: local.map(Arc::new),
        ..Site::default()
    };
    let text = lines.join("\r") + "\r";
    let (message, _) = hl7v2::parse(text.as_bytes()).unwrap();
    map(&message, &site)
}

fn body(mapped: &Mapped, kind: &str) -> Value {
    mapped.resources.iter().find(|resource| resource.kind() == kind).unwrap().over(None)
}

const HEADER: &str = "MSH|^~\\&|LAB|MAIN|||20260101093000+0100||ORU^R01|1|P|2.5.1";
const RESULT: [&str; 4] = [
    HEADER,
    "PID|1||1001^^^MAIN^MR",
    "OBR|1||F1|CHEM^Chemistry^L",
    "OBX|1|NM|K^Potassium^L||6.90|mmoll|3.5-5.1|CRIT|||F",
];

#[test]
fn p4_local_codes_units_and_flags_are_mapped_and_stay_beside_it() {
    let local = compile(json!({
        "codes": [{"from": "K", "system": "L", "to": "2823-3", "display": "Potassium"}],
        "units": [{"from": "mmoll", "to": "mmol/L"}],
        "flags": [{"from": "CRIT", "to": "HH"}],
    }));
    let mapped = read(Some(local.unwrap()), &RESULT);
    let result = body(&mapped, "Observation");
    let codes: Vec<_> =
        result["code"]["coding"].as_array().unwrap().iter().map(|coding| &coding["code"]).collect();
    assert_eq!(codes, ["2823-3", "K"]);
    let quantity = &result["valueQuantity"];
    assert_eq!((&quantity["unit"], &quantity["code"]), (&json!("mmoll"), &json!("mmol/L")));
    let flags: Vec<_> =
        result["interpretation"][0]["coding"].as_array().unwrap().iter().map(|c| &c["code"]).collect();
    assert_eq!(flags, ["HH", "CRIT"]);
    assert_eq!(crate::flags::worst(&result), crate::flags::Severity::Critical);
    let left: Vec<_> = mapped.local.keys().map(|code| (code.table.name(), code.code.as_str())).collect();
    assert_eq!(left, [("codes", "CHEM")]);
}

#[test]
fn p4_what_no_table_knows_is_listed_and_the_number_of_the_result_stays_when_one_does() {
    let before = read(None, &RESULT);
    let left: Vec<_> =
        before.local.iter().map(|(code, count)| (code.table.name(), code.code.as_str(), *count)).collect();
    assert_eq!(left, [("codes", "CHEM", 1), ("codes", "K", 1), ("units", "mmoll", 1), ("flags", "CRIT", 1)]);
    let local = compile(json!({"codes": [{"from": "K", "to": "2823-3"}]})).unwrap();
    let after = read(Some(local), &RESULT);
    let number = |mapped: &Mapped| {
        mapped.resources.iter().find(|resource| resource.kind() == "Observation").unwrap().object.clone()
    };
    assert_eq!(number(&before), number(&after), "a correction finds what it corrects");
    let sentence = "OBX|1|ST|Paula Probe called at half past nine and was told^^L||x||||||F";
    let long = read(None, &[HEADER, "PID|1||1", "OBR|1||F1|A^a^LN", sentence]);
    assert!(long.local.is_empty(), "no sentence gets into a worklist: {:?}", long.local);
}

#[test]
fn p4_a_place_is_its_unit_of_care() {
    let admission = [
        "MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^A01|1|P|2.5.1",
        "PID|1||1001^^^MAIN^MR",
        "PV1|1|I|4E^136^B^MAIN||||||||||||||||V7^^^MAIN^VN",
    ];
    let unit = |rows: Value| {
        let mapped = read(Some(compile(json!({ "locations": rows })).unwrap()), &admission);
        let extensions = body(&mapped, "Encounter")["location"][0]["location"]["extension"].clone();
        (extensions[0]["valueString"].as_str().unwrap().to_owned(), mapped.local.len())
    };
    assert_eq!(unit(json!([{"from": "4E", "to": "Cardiology"}])), ("Cardiology".to_owned(), 0));
    assert_eq!(
        unit(json!([{"from": "4E", "to": "Cardiology"}, {"from": "4E^136", "to": "Monitoring"}])),
        ("Monitoring".to_owned(), 0)
    );
    assert_eq!(unit(json!([{"from": "5W", "to": "Surgery"}])), ("4E".to_owned(), 1));
}

#[test]
fn a_fault_in_a_table_is_named_with_its_place() {
    #[track_caller]
    fn check(tables: Value, pointer: &str) {
        assert_eq!(compile(tables).unwrap_err().pointer, pointer);
    }
    check(json!({"codes": [{"from": "K", "to": "2823-4"}]}), "/codes/0/to");
    check(json!({"codes": [{"from": "", "to": "2823-3"}]}), "/codes/0/from");
    check(json!({"codes": [{"from": "K", "to": "2823-3"}, {"from": "K", "to": "2951-2"}]}), "/codes/1/from");
    check(json!({"units": [{"from": "x", "to": "a b"}]}), "/units/0/to");
    check(json!({"units": [{"from": "x", "system": "L", "to": "g"}]}), "/units/0/system");
    check(json!({"flags": [{"from": "x", "to": "XX"}]}), "/flags/0/to");
    check(json!({"locations": [{"from": "4E", "to": " "}]}), "/locations/0/to");
    check(json!({"thresholds": [{"loinc": "2823-3", "unit": "mmol/L"}]}), "/thresholds/0/high");
    check(
        json!({"thresholds": [{"loinc": "2823-3", "unit": "mmol/L", "high": 5.1, "criticalHigh": 5.0}]}),
        "/thresholds/0/criticalHigh",
    );
    check(json!({"overrides": {"x": 1}}), "/overrides");
    check(json!({"overrides": {"segments": {"ZPD": {"rows": []}}}}), "/overrides/segments/ZPD");
    let row = |row: Value| json!({"overrides": {"segments": {"ZPD[Patient]": {"rows": [row]}}}});
    check(row(json!({"from": "x", "to": "a", "as": "string"})), "/overrides/segments/ZPD[Patient]/rows/0");
    check(row(json!({"from": "1", "to": "a", "as": "strnig"})), "/overrides/segments/ZPD[Patient]/rows/0/as");
    check(
        row(json!({"from": "1", "to": "a", "as": "code", "table": "No"})),
        "/overrides/segments/ZPD[Patient]/rows/0/table",
    );
    check(json!({"overrides": {"messages": {"ADT": {"ZPD": "add Patient"}}}}), "/overrides/messages/ADT/ZPD");
    check(json!({"overrides": {"messages": {"QRY^A19": {"PID": "read"}}}}), "/overrides/messages/QRY^A19");
}

#[test]
fn a_site_maps_its_z_segments_by_an_override() {
    let local = compile(json!({"overrides": {
        "segments": {"ZPD[Patient]": {"rows": [
            {"from": "2", "to": "extension+.valueString", "as": "string", "with": "{\"url\":\"urn:site:ward-note\"}"},
        ]}},
        "messages": {"ADT^A01": {"ZPD": "add Patient"}},
    }}));
    let local = local.unwrap();
    let message = |event: &str| {
        let header = format!("MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^{event}|1|P|2.5.1");
        let lines = [header.as_str(), "PID|1||1001^^^MAIN^MR", "ZPD|1|keep warm|7"];
        let mapped = read(Some(local.clone()), &lines);
        (body(&mapped, "Patient"), mapped.unmapped)
    };
    let (patient, unmapped) = message("A01");
    let found =
        patient["extension"].as_array().unwrap().iter().find(|one| one["url"] == "urn:site:ward-note");
    assert_eq!(found.unwrap()["valueString"], "keep warm");
    let left: Vec<_> = unmapped.keys().map(String::as_str).collect();
    assert_eq!(left, ["ZPD-1", "ZPD-3"], "what no row takes up is still counted");
    assert_eq!(message("A08").1.keys().map(String::as_str).collect::<Vec<_>>(), ["ZPD"]);
}

#[test]
fn p3_what_a_registration_is_a_site_says_itself_and_an_update_is_never_one() {
    let site = |tables: serde_json::Value| {
        let tables: SiteTables =
            serde_json::from_value(json!({ "overrides": { "tables": tables } })).unwrap();
        Local::compile(&tables)
    };
    let local =
        site(json!({ "EncounterStatus": { "A04": "arrived" }, "FillerStatus": { "Confirmed": "booked" } }));
    let local = Arc::new(local.unwrap());
    let status = |event: &str, class: &str| {
        let text = format!(
            "MSH|^~\\&|ADT|MAIN|||20260101||ADT^{event}|1|P|2.5.1\rPID|1||1^^^MAIN^MR\rPV1|1|{class}|4E{}V7\r",
            "|".repeat(16)
        );
        let (message, _) = hl7v2::parse(text.as_bytes()).unwrap();
        let mapped = map(&message, &Site { local: Some(local.clone()), ..Site::default() });
        let visit = mapped.resources.iter().find(|one| one.kind() == "Encounter").unwrap().over(None);
        visit["status"].as_str().unwrap().to_owned()
    };
    assert_eq!((status("A04", "O"), status("A04", "E")), ("arrived".to_owned(), "in-progress".to_owned()));
    assert_eq!((status("A05", "O"), status("A08", "O")), ("planned".to_owned(), "unknown".to_owned()));
    let fault = |tables: serde_json::Value| site(tables).unwrap_err().pointer;
    assert_eq!(
        fault(json!({ "EncounterStatus": { "A08": "finished" } })),
        "/overrides/tables/EncounterStatus/A08"
    );
    assert_eq!(
        fault(json!({ "EncounterStatus": { "A04": "here" } })),
        "/overrides/tables/EncounterStatus/A04"
    );
    assert_eq!(fault(json!({ "Nothing": { "A": "b" } })), "/overrides/tables/Nothing/A");
    assert_eq!(fault(json!({ "Units": { "x": "mg" } })), "/overrides/tables/Units");
}
