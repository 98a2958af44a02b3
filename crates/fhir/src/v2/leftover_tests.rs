//! Nothing that a message says is lost in silence: it stands somewhere, or it is counted where it stands.

use std::path::Path;

use hl7v2::Part;
use serde_json::json;

use super::tests::{adt, of_kind, read, result};
use super::*;

/// Every leaf of a field that says something, as places are written.
fn leaves(field: Part<'_>, at: &str) -> Vec<String> {
    let mut places = Vec::new();
    for (repetition, part) in field.repetitions().enumerate() {
        let at = if repetition == 0 { at.to_owned() } else { format!("{at}[{}]", repetition + 1) };
        for (number, component) in part.components().enumerate() {
            let said = component.subcomponents().enumerate().filter(|(_, leaf)| !leaf.is_empty());
            places.extend(said.map(|(below, _)| format!("{at}.{}.{}", number + 1, below + 1)));
        }
    }
    places
}

/// Whether a place is told of: itself, all of something that it is part of, or the first leaf of it.
fn is_told(told: &BTreeMap<String, bool>, place: &str) -> bool {
    let (segment, mut rest) = place.split_once('-').unwrap();
    let mut is_first = true;
    while !told.get(&format!("{segment}-{rest}")).is_some_and(|is_whole| *is_whole || is_first) {
        let Some((above, last)) = rest.rsplit_once(['.', '[']) else { return told.contains_key(segment) };
        is_first &= last == "1";
        rest = above;
    }
    true
}

/// Whether a row tells of the first leaf of its place only: of a simple value that was put as it is. What stands
/// beside a code, or beside what chose a constant, says the same in words.
fn is_of_first(row: &TraceRow, values: &Values) -> bool {
    let is_composite = values.said.as_ref().is_some_and(|said| said.contains(['^', '&']));
    let is_joined = |text: &str| text.contains([' ', '\n', '/', ':']);
    let is_simple = match &values.became {
        Some(Value::String(text)) => !is_joined(text),
        became => became.as_ref().is_some_and(Value::is_number),
    };
    row.fate == Fate::Mapped && row.rule.table.is_none() && is_composite && is_simple
}

/// Where a message says something that its trace does not tell of.
fn untold(raw: &[u8]) -> Vec<String> {
    let site = Site { namespace: "urn:site".to_owned(), ..Site::default() };
    let (mapped, trace) = trace(raw, &site).unwrap();
    assert!(mapped.is_mapped_type() && !trace.is_cut);
    let mut told: BTreeMap<String, bool> = BTreeMap::new();
    for row in &trace.rows {
        if let Some(from) = &row.from {
            *told.entry(from.clone()).or_default() |= !row.values.look(|values| is_of_first(row, values));
        }
    }
    let (message, _) = hl7v2::parse(raw).unwrap();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut missing = Vec::new();
    let names: Vec<String> =
        message.segments().map(|segment| assemble::plain_name(&segment).to_owned()).collect();
    for segment in message.segments() {
        let name = assemble::plain_name(&segment).to_owned();
        let number = counts.entry(name.clone()).or_default();
        *number += 1;
        let is_one = names.iter().filter(|other| **other == name).count() == 1;
        let name = if is_one { name } else { format!("{name}[{number}]") };
        for (field, part) in segment.fields() {
            let places = leaves(part, &format!("{name}-{field}"));
            missing.extend(places.into_iter().filter(|place| !is_told(&told, place)));
        }
    }
    missing
}

#[test]
fn every_leaf_of_every_sample_is_told_of() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/v2");
    // The public samples; absent where only this project is checked out.
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/hl7v2");
    let folders = [Some(own), shared.exists().then_some(shared)];
    for file in folders.into_iter().flatten().flat_map(|folder| std::fs::read_dir(folder).unwrap()) {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let is_mapped =
            hl7v2::parse(&bytes).is_ok_and(|(message, _)| map(&message, &Site::default()).is_mapped_type());
        if is_mapped {
            assert_eq!(untold(&bytes), Vec::<String>::new(), "{}", path.display());
        }
    }
}

#[test]
fn of_a_field_that_is_read_in_parts_the_other_parts_are_counted() {
    let mapped = read(&[
        "MSH|^~\\&|S|MAIN|||20260101||SIU^S12|1|P|2.3",
        "SCH|A1|F1|||||||30||1^^M30^20260201090000^^S~2^^M10",
        "PID|1||1001^^^MAIN^MR",
    ]);
    let counted: Vec<&str> = mapped.unmapped.keys().map(String::as_str).collect();
    assert_eq!(counted, ["SCH-11.1", "SCH-11.3", "SCH-11.6", "SCH-11[2]"]);
    let mapped = adt("A01", &[&format!("PV1|1|I|4E{}V7{}20260101^D", "|".repeat(16), "|".repeat(25))]);
    assert_eq!(mapped.unmapped, BTreeMap::from([("PV1-44.2".to_owned(), 1)]));
}

#[test]
fn each_value_of_a_repeated_obx_5_is_a_result_of_its_own() {
    let mapped = result("OBX|1|NM|2823-3^Potassium^LN||5.0~~7.10|mmol/L|3.5-5.1||||F");
    let results: Vec<&Resource> =
        mapped.resources.iter().filter(|resource| resource.kind() == "Observation").collect();
    let told: Vec<(&str, String)> = results
        .iter()
        .map(|one| (one.object.id.as_str(), one.body["valueQuantity"]["value"].to_string()))
        .collect();
    assert_eq!(told, [("F1/2823-3", "5.0".to_owned()), ("F1/2823-3/2", "7.10".to_owned())]);
    assert!(results.iter().all(|one| one.body["valueQuantity"]["code"] == "mmol/L"));
    let report = of_kind(&mapped, "DiagnosticReport");
    assert_eq!(report.body["result"].as_array().map(Vec::len), Some(2));
    assert!(mapped.unmapped.keys().all(|place| place == "PV1-2"), "{:?}", mapped.unmapped);
    let organisms = result("OBX|1|CWE|600-7^Bacteria^LN||3092008^A^SCT~112283007^B^SCT||||||F");
    assert_eq!(organisms.resources.iter().filter(|one| one.kind() == "Observation").count(), 2);
}

#[test]
fn a_result_has_one_value_whatever_its_type() {
    for value in [
        "SN|1^x^LN||>^160|mmol/L",
        "SN|1^x^LN||^1^-^5|mmol/L",
        "NR|1^x^LN||1^5|mmol/L",
        "NM|1^x^LN||5|mmol/L",
    ] {
        let mapped = result(&format!("OBX|1|{value}"));
        let body = of_kind(&mapped, "Observation").body.as_object().unwrap();
        assert_eq!(body.keys().filter(|name| name.starts_with("value")).count(), 1, "{value}");
    }
}

#[test]
fn what_is_attached_says_what_it_is_and_is_base64_however_it_came() {
    let attached = |ed: &str| {
        let mapped = result(&format!("OBX|1|ED|1^x^LN||{ed}||||||F"));
        let body = of_kind(&mapped, "Observation").body.clone();
        let extensions = body["extension"].as_array().unwrap().clone();
        let found = extensions.iter().find_map(|one| one.get("valueAttachment"));
        found.map(|one| (one["contentType"].clone(), one["data"].clone()))
    };
    let pdf = |kind: &str| attached(kind).unwrap();
    assert_eq!(pdf("L^application^pdf^Base64^JVBERi0x"), (json!("application/pdf"), json!("JVBERi0x")));
    assert_eq!(pdf("L^AP^PDF^Base64^JVBERi0x").0, "application/pdf");
    assert_eq!(pdf("L^IM^JPEG^Hex^FFD8").1, "/9g=");
    assert_eq!(pdf("L^TEXT^^A^hello"), (json!("text/plain"), json!("aGVsbG8=")));
    assert_eq!(pdf("L^^^Base64^JVBERi0x").0, "application/octet-stream");
    assert_eq!(attached("L^AP^PDF^Base64^no base64!"), None);
}

#[test]
fn notes_of_a_report_and_substances_of_a_mixture_stand_beside_them() {
    let header = "MSH|^~\\&|LAB|MAIN|||20260101||ORU^R01|1|P|2.5.1";
    let lines = [
        header,
        "PID|1||1001^^^MAIN^MR",
        "OBR|1||F1|CMP^Panel^L",
        "NTE|1||Haemolysed|||7^Tech^Ann|20260101",
        "OBX|1|NM|K^K^L||5",
    ];
    let report = of_kind(&read(&lines), "DiagnosticReport").body.clone();
    assert_eq!(report["extension"][0]["valueAnnotation"]["text"], "Haemolysed");
    let header = "MSH|^~\\&|PH|MAIN|||20260101||RDE^O11|1|P|2.5";
    let lines = [
        header,
        "PID|1||1001^^^MAIN^MR",
        "ORC|NW|R1^P",
        "RXE||D5^Dextrose^L|1||L",
        "RXC|B|D5^Dextrose^L|1|L",
        "RXC|A|K^KCl^L|20|mEq",
    ];
    let mapped = read(&lines);
    let request = &of_kind(&mapped, "MedicationRequest").body;
    let is_part = |one: &&Value| one["url"] == "urn:carehook:component";
    let parts: Vec<Value> =
        request["extension"].as_array().unwrap().iter().filter(is_part).cloned().collect();
    assert_eq!(parts.len(), 2);
    assert_eq!(
        parts[1]["extension"][2],
        json!({ "url": "amount", "valueQuantity": { "value": 20, "unit": "mEq", "system": "http://unitsofmeasure.org", "code": "meq" } })
    );
    assert_eq!(mapped.unmapped, BTreeMap::new());
}

#[test]
fn t1_the_labels_of_a_sender_and_the_mark_of_a_test_stand_side_by_side() {
    let header = "MSH|^~\\&|CPOE|MAIN|||20260101||OML^O21|1|T|2.5.1";
    let orc = format!("ORC|NW|P1{}R", "|".repeat(26));
    let mapped = read(&[header, "PID|1||1001^^^MAIN^MR", &orc, "OBR|1|P1||CMP^Panel^L"]);
    let meta = &of_kind(&mapped, "ServiceRequest").body["meta"];
    assert_eq!((&meta["security"][0]["code"], &meta["tag"][0]["code"]), (&json!("R"), &json!("HTEST")));
}
