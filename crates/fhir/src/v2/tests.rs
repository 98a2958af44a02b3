use serde_json::json;

use super::*;

fn site() -> Site {
    Site {
        namespace: "urn:carehook:int_1".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        ..Site::default()
    }
}

pub(super) fn read(lines: &[&str]) -> Mapped {
    let text = lines.join("\r") + "\r";
    let (message, _) = hl7v2::parse(text.as_bytes()).unwrap();
    map(&message, &site())
}

pub(super) fn adt(event: &str, rest: &[&str]) -> Mapped {
    let header = format!("MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^{event}|1|P|2.5.1");
    let pid =
        "PID|1||1001^^^MAIN^MR||Probe^Paula||19800229|F|||Testweg 1^^Musterstadt||0301234~0305678|0309999";
    read(&[&[header.as_str(), pid], rest].concat())
}

pub(super) fn result(obx: &str) -> Mapped {
    let header = "MSH|^~\\&|LAB|MAIN|||20260101093000+0100||ORU^R01|1|P|2.5.1";
    let obr = "OBR|1|P1|F1|24323-8^Panel^LN|||20260101080000|||||||||||||||20260101090000|||F";
    read(&[header, "PID|1||1001^^^MAIN^MR||Probe^Paula", "PV1|1|I|||||||||||||||||V7", obr, obx])
}

pub(super) fn of_kind<'m>(mapped: &'m Mapped, kind: &str) -> &'m Resource {
    mapped.resources.iter().find(|resource| resource.kind() == kind).unwrap()
}

#[test]
fn a_critical_potassium_is_mapped_to_the_letter() {
    let mapped = result("OBX|1|NM|2823-3^Potassium^LN||6.90|mmol/L|3.5-5.1|HH|||P|||20260101081500");
    let observation = of_kind(&mapped, "Observation");
    let body = &observation.body;
    assert_eq!(body["status"], "preliminary");
    assert_eq!(
        body["valueQuantity"].to_string(),
        r#"{"value":6.90,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}"#
    );
    assert_eq!(body["interpretation"][0]["coding"][0]["code"], "HH");
    assert_eq!(
        body["interpretation"][0]["coding"][0]["system"],
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    );
    assert_eq!(body["referenceRange"][0]["high"]["value"].to_string(), "5.1");
    assert_eq!(body["effectiveDateTime"], "2026-01-01T08:15:00+01:00");
    assert_eq!(body["category"][0]["coding"][0]["code"], "laboratory");
    assert_eq!(body["code"]["coding"][0]["system"], "http://loinc.org");
    assert_eq!(body["encounter"]["identifier"]["value"], "V7");
    assert_eq!(observation.object.id, "F1/2823-3");
    let report = of_kind(&mapped, "DiagnosticReport");
    assert_eq!(report.object.id, "F1");
    assert_eq!(report.body["status"], "final");
    assert_eq!(report.body["result"][0]["identifier"]["value"], "F1/2823-3");
    assert_eq!(mapped.unmapped, BTreeMap::from([("PV1-2".to_owned(), 1)]));
    assert!(mapped.flaws.is_empty());
    assert!(crate::check(body).is_ok() && crate::check(&report.body).is_ok());
}

#[test]
fn p1_an_identifier_carries_its_assigner_or_the_namespace_of_its_integration() {
    let subject = |cx: &str| {
        let header = "MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^A01|1|P|2.5.1";
        read(&[header, &format!("PID|1||{cx}||Probe")]).subject.map(|subject| (subject.system, subject.id))
    };
    let check = |cx: &str, system: &str, id: &str| {
        assert_eq!(subject(cx), Some((system.to_owned(), id.to_owned())), "{cx}")
    };
    check("1001", "urn:carehook:int_1", "1001");
    check("1001^^^MAIN^MR", "urn:carehook:int_1:MAIN", "1001");
    check("1001^^^MAIN&1.2.3&ISO^MR", "urn:oid:1.2.3", "1001");
    check("1001^^^&urn:x:y&URI^MR", "urn:x:y", "1001");
    check("9^^^SSA^SS~1001^^^MAIN^MR", "urn:carehook:int_1:MAIN", "1001");
    assert_eq!(subject(""), None);
}

#[test]
fn p2_the_event_is_that_of_msh_9_never_that_of_evn_1() {
    let mapped = adt("A03", &["EVN|A01|20260101092900", "PV1|1|I|4E^136^B|||||||||||||||||||||||||||||||||"]);
    assert_eq!(mapped.event_code, "A03");
    assert_eq!(of_kind(&mapped, "Encounter").body["status"], "finished");
    assert_eq!(mapped.time.unwrap().to_string(), "2026-01-01T08:29:00.000Z");
}

#[test]
fn p3_the_status_of_an_encounter_comes_from_the_event() {
    let status = |event: &str, class: &str| {
        let mapped = adt(event, &[&format!("PV1|1|{class}|4E^136^B^MAIN||||||||||||||||V7^^^MAIN^VN")]);
        let encounter = of_kind(&mapped, "Encounter").clone();
        assert_eq!(encounter.object.id, "V7");
        let known = json!({"resourceType": "Encounter", "status": "in-progress", "class": {"code": "IMP"}});
        let now = encounter.over(Some(&known));
        (encounter.over(None)["status"].clone(), now["status"].clone(), now["class"]["code"].clone())
    };
    assert_eq!(status("A01", "I"), (json!("in-progress"), json!("in-progress"), json!("IMP")));
    assert_eq!(status("A04", "E"), (json!("in-progress"), json!("in-progress"), json!("EMER")));
    assert_eq!(status("A04", "O").0, json!("planned"));
    assert_eq!(status("A11", "I").0, json!("cancelled"));
    assert_eq!(status("A13", "I").0, json!("in-progress"));
    // A08 tells nothing of the status: unknown, or what it was.
    assert_eq!(status("A08", "I"), (json!("unknown"), json!("in-progress"), json!("IMP")));
}

#[test]
fn what_a_message_leaves_out_stays_and_two_quotes_delete() {
    let known = of_kind(&adt("A01", &[]), "Patient").over(None);
    assert_eq!(known["telecom"].as_array().unwrap().len(), 3);
    let header = "MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^A08|1|P|2.5.1";
    let update = read(&[header, "PID|1||1001^^^MAIN^MR||Probe^Paula^Neu|||\"\"|||||\"\""]);
    let now = of_kind(&update, "Patient").over(Some(&known));
    assert_eq!(now["name"][0]["given"], json!(["Paula", "Neu"]));
    assert_eq!(now["birthDate"], "1980-02-29");
    assert_eq!(now.get("gender"), None);
    let telecom: Vec<_> = now["telecom"].as_array().unwrap().iter().map(|t| t["value"].clone()).collect();
    assert_eq!(telecom, ["0309999"]);
}

#[test]
fn hostile_45_a_merge_names_both_records() {
    let mapped = adt("A40", &["MRG|1002^^^MAIN^MR"]);
    assert_eq!(mapped.subject.as_ref().unwrap().id, "1001");
    assert_eq!(mapped.merged_from.as_ref().unwrap().id, "1002");
    assert_eq!(of_kind(&mapped, "Patient").body["link"][0]["type"], "replaces");
}

#[track_caller]
fn value(fields: &str, expected: &str) {
    let mapped = result(&format!("OBX|1|{fields}"));
    let body = &of_kind(&mapped, "Observation").body;
    let value = body
        .as_object()
        .unwrap()
        .iter()
        .find(|(name, _)| name.starts_with("value") || *name == "dataAbsentReason");
    assert_eq!(value.map_or("none".to_owned(), |(name, value)| format!("{name} {value}")), expected);
}

#[test]
fn every_value_type_finds_its_element() {
    value(
        "NM|1^x^LN||>600|mg/dL",
        r#"valueQuantity {"comparator":">","value":600,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}"#,
    );
    value(
        "NM|1^x^LN||4.06|tera.l-1",
        r#"valueQuantity {"value":4.06,"unit":"tera.l-1","system":"http://unitsofmeasure.org","code":"10*12/L"}"#,
    );
    value("NM|1^x^LN||5|furlong", r#"valueQuantity {"value":5,"unit":"furlong"}"#);
    value("NM|1^x^LN||haemolysed|mmol/L", r#"valueString "haemolysed""#);
    value(
        "SN|1^x^LN||>=^0.50|mg/dL",
        r#"valueQuantity {"comparator":">=","value":0.50,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}"#,
    );
    value("SN|1^x^LN||^1^:^128|", r#"valueRatio {"numerator":{"value":1},"denominator":{"value":128}}"#);
    value("SN|1^x^LN||^1^-^5|", r#"valueRange {"low":{"value":1},"high":{"value":5}}"#);
    value("SN|1^x^LN||^2^+|", r#"valueString "2 +""#);
    value("TX|1^x^LN||line one~line two", r#"valueString "line one\nline two""#);
    value(
        "CWE|1^x^LN||260385009^Negative^SCT",
        r#"valueCodeableConcept {"coding":[{"code":"260385009","display":"Negative","system":"http://snomed.info/sct"}]}"#,
    );
    value("DT|1^x^LN||20260102", r#"valueDateTime "2026-01-02""#);
    value("TM|1^x^LN||0930", r#"valueTime "09:30:00""#);
    value("|1^x^LN||loose^text", r#"valueString "loose text""#);
    value(
        "NM|1^x^LN||||||||X",
        r#"dataAbsentReason {"coding":[{"system":"http://terminology.hl7.org/CodeSystem/data-absent-reason","code":"not-performed"}]}"#,
    );
}

#[test]
fn every_result_status_has_a_meaning() {
    let status = |code: &str| {
        of_kind(&result(&format!("OBX|1|NM|1^x^LN||5||||||{code}")), "Observation").body["status"].clone()
    };
    let expected = [
        ("F", "final"),
        ("V", "final"),
        ("U", "final"),
        ("P", "preliminary"),
        ("R", "preliminary"),
        ("S", "preliminary"),
        ("I", "registered"),
        ("N", "registered"),
        ("O", "registered"),
        ("C", "corrected"),
        ("A", "amended"),
        ("B", "amended"),
        ("X", "cancelled"),
        ("D", "entered-in-error"),
        ("W", "entered-in-error"),
        ("", "final"),
    ];
    for (code, meaning) in expected {
        assert_eq!(status(code), meaning, "{code}");
    }
}

#[test]
fn a_result_that_only_became_final_keeps_its_value() {
    let known = of_kind(&result("OBX|1|NM|1^x^LN||5.0|mmol/L||HH|||P"), "Observation").over(None);
    let now = of_kind(&result("OBX|1||1^x^LN||||||||U"), "Observation").over(Some(&known));
    assert_eq!(now["status"], "final");
    assert_eq!(now["valueQuantity"]["value"].to_string(), "5.0");
    assert_eq!(now["interpretation"][0]["coding"][0]["code"], "HH");
}

#[test]
fn an_appointment_has_its_times_people_and_status() {
    let header = |event: &str| format!("MSH|^~\\&|SCH|MAIN|||20260101093000||SIU^{event}|1|T|2.5.1");
    let sch = "SCH|P9|A77||||R1^Patient asked|ROUTINE^Routine^HL70276|CHECKUP^Check-up^L|20|min|^^^20260201090000||||||||||||||Booked";
    let rest = [
        "PID|1||1001^^^MAIN^MR",
        "RGS|1",
        "AIS|1|A|CON^Consultation^L",
        "AIL|1|A|R3^^^MAIN",
        "AIP|1|A|210^Muster^Max",
    ];
    let read = |event: &str| read(&[&[header(event).as_str(), sch], &rest[..]].concat());
    let booked = read("S12");
    let body = &of_kind(&booked, "Appointment").body;
    assert!(booked.test);
    assert_eq!(body["meta"]["tag"][0]["code"], "HTEST");
    assert_eq!(body["status"], "booked");
    assert_eq!(body["start"], "2026-02-01T09:00:00+01:00");
    assert_eq!(body["end"], "2026-02-01T09:20:00+01:00");
    assert_eq!(body["participant"].as_array().unwrap().len(), 3);
    assert_eq!(body["participant"][0]["actor"]["identifier"]["value"], "1001");
    assert_eq!(of_kind(&booked, "Appointment").object.id, "A77");
    assert!(crate::check(body).is_ok());
    assert_eq!(of_kind(&read("S15"), "Appointment").body["status"], "cancelled");
    assert_eq!(
        of_kind(&read("S15"), "Appointment").body["cancelationReason"]["coding"][0]["display"],
        "Patient asked"
    );
    assert_eq!(of_kind(&read("S26"), "Appointment").body["status"], "noshow");
}

#[test]
fn other_messages_are_passed_through_with_their_subject() {
    let mapped = read(&["MSH|^~\\&|A|B|||2026||MFN^M02|1|P|2.5", "PID|1||1001^^^MAIN^MR"]);
    assert_eq!(mapped.passthrough_type(), "x.hl7v2.mfn_m02");
    assert!(mapped.resources.is_empty() && mapped.refused.is_none() && !mapped.is_mapped_type());
    assert_eq!(mapped.subject.unwrap().id, "1001");
    assert_eq!(read(&["MSH|^~\\&|A|B|||2026||^|1|P|2.5"]).passthrough_type(), "x.hl7v2.unknown");
}

#[test]
fn what_cannot_be_mapped_is_refused_with_a_reason() {
    let refused = |kind: &str, rest: &[&str]| {
        let header = format!("MSH|^~\\&|A|B|||2026||{kind}|1|P|2.5");
        read(&[&[header.as_str()], rest].concat()).refused.map(|refusal| refusal.segment)
    };
    assert_eq!(refused("ADT^A01", &[]).as_deref(), Some("PID"));
    for (kind, segment) in [
        ("ORU^R01", "OBR"),
        ("SIU^S12", "SCH"),
        ("ORM^O01", "ORC"),
        ("OML^O21", "OBR"),
        ("OMP^O09", "RXO"),
        ("RDE^O11", "RXE"),
        ("RDS^O13", "RXD"),
        ("MDM^T02", "TXA"),
        ("VXU^V04", "RXA"),
        ("DFT^P03", "FT1"),
        ("REF^I12", "RF1"),
        ("PPR^PC1", "PRB"),
        ("OUL^R22", "OBR"),
    ] {
        assert_eq!(refused(kind, &["PID|1||1"]).as_deref(), Some(segment), "{kind}");
    }
    assert_eq!(refused("MDM^T02", &["TXA|1|DS"]).as_deref(), Some("PID"), "a document is somebody's");
}

#[test]
fn what_no_row_takes_up_is_counted() {
    let mapped =
        adt("A01", &["ZXX|1|secret", "PV1|1|I||||||||||||||||X|V7", "GT1|1", "not a segment at all"]);
    let counted: Vec<_> = mapped.unmapped.iter().map(|(place, count)| (place.as_str(), *count)).collect();
    assert_eq!(counted, [("GT1", 1), ("PV1-18", 1), ("ZXX", 1), ("unnamed segment", 1)]);
}

#[test]
fn two_reports_of_one_number_and_two_results_of_one_code_stay_apart() {
    let mapped = read(&[
        "MSH|^~\\&|LAB|MAIN|||20260101093000||ORU^R01|1|P|2.5.1",
        "PID|1||1001",
        "OBR|1||F1|A^a^L",
        "OBX|1|NM|K^k^LN||1||||||F",
        "OBX|2|NM|K^k^LN||2||||||F",
        "OBX|3|NM|K^k^LN|b|3||||||F",
        "OBR|2||F1|B^b^L",
        "OBX|1|NM|K^k^LN||1||||||F",
    ]);
    let ids: Vec<_> = mapped.resources.iter().map(|resource| resource.object.id.as_str()).collect();
    assert_eq!(ids, ["1001", "F1", "F1/K", "F1/K/2", "F1/K/b", "F1/B", "F1/B/K"]);
}

/// The key of the report that a laboratory sends: facility, patient, filler number.
fn report_of(facility: &str, patient: &str, filler: &str) -> (String, String) {
    let header = format!("MSH|^~\\&|LAB|{facility}|||20260101093000||ORU^R01|1|P|2.5.1");
    let obr = format!("OBR|1||{filler}|A^a^L|||20260101080000");
    let mapped = read(&[&header, &format!("PID|1||{patient}"), &obr, "OBX|1|NM|K^k^LN||1||||||F"]);
    let report = &of_kind(&mapped, "DiagnosticReport").object;
    let result = &of_kind(&mapped, "Observation").object;
    (format!("{}|{}", report.system, report.id), format!("{}|{}", result.system, result.id))
}

#[test]
fn p1_a_report_number_without_an_assigner_is_shared_by_no_two_facilities_and_no_two_patients() {
    for filler in ["F1", ""] {
        let one = report_of("NORTH", "1001^^^A", filler);
        let others = [
            report_of("SOUTH", "1001^^^A", filler),
            report_of("NORTH", "1002^^^A", filler),
            report_of("NORTH", "1001^^^B", filler),
        ];
        for other in others {
            assert!(one.0 != other.0 && one.1 != other.1, "{one:?} is not {other:?}");
        }
        assert_eq!(one, report_of("NORTH", "1001^^^A", filler), "the same report keeps its number");
    }
    let assigned = |facility, patient| report_of(facility, patient, "F1^LAB").0;
    assert_eq!(
        assigned("NORTH", "1001"),
        assigned("SOUTH", "1002"),
        "a number with an assigner is its assigner's"
    );
}

#[test]
fn a_pre_admission_a_change_of_class_and_a_person_are_mapped() {
    let visit = "PV1|1|I|4E^136^B^MAIN||||||||||||||||V7^^^MAIN^VN";
    let planned = adt("A05", &[visit]);
    assert_eq!(of_kind(&planned, "Encounter").body["status"], "planned");
    let known = of_kind(&planned, "Encounter").over(None);
    for event in ["A06", "A07"] {
        let changed = of_kind(&adt(event, &[&visit.replace("|I|", "|O|")]), "Encounter").over(Some(&known));
        assert_eq!((&changed["status"], &changed["class"]["code"]), (&json!("planned"), &json!("AMB")));
    }
    for event in ["A28", "A31"] {
        let person = adt(event, &["PV1|1|N"]);
        let kinds: Vec<&str> = person.resources.iter().map(Resource::kind).collect();
        assert_eq!(kinds, ["Patient"], "a person's message tells of no visit");
        assert!(person.unmapped.is_empty(), "{:?}", person.unmapped);
    }
}
