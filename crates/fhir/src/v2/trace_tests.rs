use std::sync::Arc;

use model::SiteTables;
use serde_json::json;

use super::*;

fn traced(lines: &[&str], tables: serde_json::Value) -> (Mapped, Trace) {
    let text = lines.join("\r") + "\r";
    let tables: SiteTables = serde_json::from_value(tables).unwrap();
    let site = Site {
        namespace: "urn:carehook:int_1".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        local: Some(Arc::new(Local::compile(&tables).unwrap())),
        ..Site::default()
    };
    trace(text.as_bytes(), &site).unwrap()
}

const ADT: &str = "MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^A01|1|P|2.5.1";
const ORU: &str = "MSH|^~\\&|LAB|MAIN|||20260101093000+0100||ORU^R01|1|P|2.5.1";

/// Everything that is told of a place: the element or the reason, as a line each.
fn told(trace: &Trace, from: &str) -> Vec<String> {
    let of = |row: &&TraceRow| row.from.as_deref() == Some(from);
    let line = |row: &TraceRow| match (row.fate.why(), &row.to) {
        (Some(why), _) => why.name().to_owned(),
        (None, Some(to)) => format!("{} {to}", row.fate.name()),
        (None, None) => row.fate.name().to_owned(),
    };
    trace.rows.iter().filter(of).map(line).collect()
}

#[test]
fn every_place_names_the_element_that_it_went_to() {
    let pid = "PID|1||1001^^^MAIN^MR~X9^^^^PI||Probe^Paula^Eva||19800229|F";
    let (mapped, trace) = traced(&[ADT, pid, "PV1|1|I|4E^136^B||||||||||||||||V7"], json!({}));
    assert_eq!(told(&trace, "PID-3.1"), ["mapped Patient.identifier[0].value"]);
    assert_eq!(told(&trace, "PID-3[2].1"), ["mapped Patient.identifier[1].value"]);
    assert_eq!(told(&trace, "PID-5.2"), ["mapped Patient.name[0].given[0]"]);
    assert_eq!(told(&trace, "PID-5.3"), ["mapped Patient.name[0].given[1]"]);
    assert_eq!(told(&trace, "PID-8"), ["mapped Patient.gender"]);
    assert_eq!(told(&trace, "PID-1"), ["structure"]);
    assert_eq!(told(&trace, "MSH"), ["header"]);
    let gender = trace.rows.iter().find(|row| row.to.as_deref() == Some("Patient.gender")).unwrap();
    assert_eq!(gender.rule.rows.as_deref(), Some("PID[Patient]"));
    assert_eq!(
        (gender.rule.file, gender.rule.table.as_deref()),
        (Some("maps/segments.toml"), Some("AdministrativeSex"))
    );
    gender.values.look(|values| {
        assert_eq!((values.said.as_deref(), values.became.clone()), (Some("F"), Some(json!("female"))));
    });
    let family = trace.rows.iter().find(|row| row.to.as_deref() == Some("Patient.name[0].family")).unwrap();
    assert_eq!(family.rule.types, ["XPN"]);
    check_against(&mapped, &trace);
}

/// Whatever a row says went somewhere stands there, and nothing of a resource is left unexplained.
#[track_caller]
fn check_against(mapped: &Mapped, trace: &Trace) {
    for row in trace.rows.iter().filter(|row| row.fate == Fate::Mapped) {
        let resource = &mapped.resources[row.resource.unwrap()];
        let (kind, path) = row.to.as_deref().unwrap().split_once('.').unwrap();
        let there = resource.body.pointer(&locate::pointer(path));
        assert!(resource.kind() == kind && there.is_some(), "{:?}", row.to);
        row.values.look(|values| assert_eq!(values.became.as_ref(), there));
    }
    for (number, resource) in mapped.resources.iter().enumerate() {
        let own = trace.rows.iter().filter(|row| row.resource == Some(number));
        let claimed = own.flat_map(|row| row.to.iter().chain(&row.also));
        let claims = claimed.filter_map(|to| Some(to.split_once('.')?.1.to_owned())).collect();
        assert_eq!(locate::unclaimed(&resource.body, &claims), Vec::<String>::new());
    }
}

#[test]
fn what_went_nowhere_says_why() {
    let pid = "PID|1|^^^X|1001^^^MAIN^MR||Probe^Paula||19800229~19810101|Q";
    let obr = "OBR|1|P1|F1|24323-8^Panel^LN|||20260101080000|||||||||||||||20260101090000|||F";
    let obx = "OBX|1|NM|2823-3^Potassium^LN||haemolysed|mmol/L||ZZ|||F";
    let lines = [
        ORU,
        pid,
        "ZPD|1|x",
        "PV1|1|I|||||||||||||||||V7",
        obr,
        obx,
        "OBX|2|NM|2951-2^Sodium^LN||140|mmol/L",
    ];
    let (_, trace) = traced(&lines, json!({}));
    assert_eq!(told(&trace, "ZPD"), ["segment"]);
    assert_eq!(told(&trace, "PID-7[2]"), ["repetition"]);
    assert_eq!(told(&trace, "PID-8"), ["unfit"]);
    assert_eq!(told(&trace, "PID-2"), ["incomplete"]);
    assert_eq!(told(&trace, "PV1-2"), ["no_row"]);
    assert_eq!(told(&trace, "PV1-19.1"), ["context"]);
    assert_eq!(told(&trace, "OBX[1]-5"), ["unfit"]);
    assert_eq!(told(&trace, "OBX[2]-5"), ["mapped Observation.valueQuantity"]);
    assert!(told(&trace, "OBX[1]-8").contains(&"unknown_code".to_owned()));
    let odd = trace.rows.iter().find(|row| row.to.as_deref() == Some("Observation.valueString")).unwrap();
    assert_eq!((odd.fate, odd.from.as_deref()), (Fate::Derived, None));
}

#[test]
fn the_table_of_the_site_is_named_where_it_decided() {
    let tables = json!({
        "codes": [{ "from": "K", "to": "2823-3" }],
        "units": [{ "from": "mmol per l", "to": "mmol/L" }],
        "locations": [{ "from": "4E", "to": "Ward 4 East" }],
        "overrides": { "segments": { "ZPD[Patient]": { "rows": [
            { "from": "2", "to": "extension+.valueString", "as": "string", "with": "{\"url\":\"urn:x\"}" },
        ] } }, "messages": { "ADT": { "ZPD": "add Patient" } } },
    });
    let pid = "PID|1||1001^^^MAIN^MR||Probe^Paula";
    let lines = [ADT, pid, "ZPD|1|x", "PV1|1|I|4E^136^B||||||||||||||||V7"];
    let (mapped, trace) = traced(&lines, tables.clone());
    let row = |trace: &Trace, to: &str| {
        let found = trace.rows.iter().find(|row| row.to.as_deref() == Some(to)).expect("the row");
        (found.from.clone(), found.fate, found.rule.clone())
    };
    let (from, fate, rule) = row(&trace, "Patient.extension[0].valueString");
    assert_eq!((from.as_deref(), fate), (Some("ZPD-2"), Fate::Mapped));
    assert_eq!((rule.rows.as_deref(), rule.file), (Some("ZPD[Patient]"), None));
    assert_eq!(told(&trace, "ZPD-1"), ["no_row"]);
    assert!(trace.rows.iter().any(|row| row.rule.table.as_deref() == Some("locations")));
    check_against(&mapped, &trace);

    let obr = "OBR|1|P1|F1|24323-8^Panel^LN|||20260101080000|||||||||||||||20260101090000|||F";
    let lines = [ORU, pid, obr, "OBX|1|NM|K^Kalium^L||6.9|mmol per l||HH|||F"];
    let (mapped, trace) = traced(&lines, tables);
    let (from, fate, rule) = row(&trace, "Observation.code.coding[0]");
    assert!(from.is_some_and(|from| from.starts_with("OBX-3")));
    assert_eq!((fate, rule.table.as_deref(), rule.is_table_of_site), (Fate::Mapped, Some("codes"), true));
    let both = ["mapped Observation.code.coding[1].code", "mapped Observation.code.coding[0]"];
    assert_eq!(told(&trace, "OBX-3.1"), both);
    let of_site = |row: &&TraceRow| row.rule.is_table_of_site && row.rule.table.as_deref() == Some("Units");
    assert!(
        trace.rows.iter().find(of_site).is_some_and(|row| row.from.as_deref().unwrap().starts_with("OBX-6"))
    );
    check_against(&mapped, &trace);
}

#[test]
fn an_event_that_says_otherwise_is_told_apart_and_what_was_said_before_is_named() {
    let pid = "PID|1||1001^^^MAIN^MR||Probe^Paula||19800229|F|||||\"\"";
    let (mapped, mut trace) = traced(&[ADT, pid], json!({}));
    let patient = mapped.resources.iter().position(|resource| resource.kind() == "Patient").unwrap();
    assert_eq!(told(&trace, "PID-13"), ["deleted Patient.telecom"]);
    let mut event = mapped.resources[patient].over(None);
    event["gender"] = json!("male");
    event["maritalStatus"] = json!({ "text": "x" });
    event["id"] = json!("p1");
    trace.compare(patient, "Patient", &event);
    let says = |to: &str| trace.rows.iter().find(|row| row.to.as_deref() == Some(to)).unwrap();
    assert_eq!(says("Patient.gender").told, Some(false));
    assert_eq!(says("Patient.birthDate").told, Some(true));
    assert_eq!(says("Patient.maritalStatus").fate, Fate::Kept);
    assert!(trace.rows.iter().all(|row| row.to.as_deref() != Some("Patient.id")));
}

#[test]
fn a_message_without_a_mapping_has_no_trace() {
    let (mapped, trace) = traced(&["MSH|^~\\&|A|B|||20260101||MFN^M02|1|P|2.5", "STF|1|x"], json!({}));
    assert!(!mapped.is_mapped_type() && trace.rows.is_empty());
}
