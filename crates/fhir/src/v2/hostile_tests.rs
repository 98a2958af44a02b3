//! Contents that nobody should send: each comes to the end that it is promised.
//!
//! Numbers in names, such as `hostile_42`, are those of the list of hostile input.

use serde_json::Value;

use super::Mapped;
use super::tests::{adt, of_kind, read, result};

const ODD: &str = "OBX-5: not of the type that OBX-2 says";

/// The value of a result as JSON, and whether it is told that it does not fit its type.
fn value(fields: &str) -> (String, bool) {
    let mapped = result(&format!("OBX|1|{fields}"));
    let body = of_kind(&mapped, "Observation").body.as_object().unwrap();
    assert_eq!(crate::check(&Value::Object(body.clone())), Ok(()), "{fields}");
    let value = body.iter().find(|(name, _)| name.starts_with("value"));
    let told = value.map_or_else(|| "none".to_owned(), |(name, value)| format!("{name} {value}"));
    (told, mapped.flaws.iter().any(|flaw| flaw == ODD))
}

fn born(text: &str) -> Mapped {
    let header = "MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^A01|1|P|2.5.1";
    read(&[header, &format!("PID|1||1001^^^MAIN^MR||Probe^Paula||{text}")])
}

#[test]
fn hostile_42_a_value_that_is_not_what_obx_2_says_stays_as_text_and_is_told() {
    for (fields, text) in [
        ("NM|1^x^LN||haemolysed|mmol/L", "haemolysed"),
        ("NM|1^x^LN||A^B", "A^B"),
        ("DT|1^x^LN||yesterday", "yesterday"),
        ("TM|1^x^LN||2530", "2530"),
        ("SN|1^x^LN||5", "5"),
        ("ED|1^x^LN||no base64", "no base64"),
    ] {
        assert_eq!(value(fields), (format!("valueString {text:?}"), true), "{fields}");
    }
    for (typed, is_known) in [("ZZ", false), ("", false), ("nm", false), ("XPN", true), ("NM", true)] {
        let mapped = result(&format!("OBX|1|{typed}|1^x^LN||6.1||HH"));
        let body = &of_kind(&mapped, "Observation").body;
        assert_eq!(body["valueString"] == "6.1", typed != "NM", "{typed}");
        assert_eq!(!mapped.flaws.iter().any(|flaw| flaw.starts_with("OBX-2:")), is_known, "{typed}");
    }
    let flagged = result("OBX|1|NM|1^x^LN||haemolysed|mmol/L||HH");
    let observation = &of_kind(&flagged, "Observation").body;
    assert_eq!(observation["interpretation"][0]["coding"][0]["code"], "HH", "the flag stands by itself");
}

#[test]
fn hostile_43_a_time_that_never_was_is_left_out_and_counted_and_an_odd_one_is_read() {
    for text in ["20240230", "99999999", "00000000", "20240101120000-1459", &"2".repeat(30)] {
        let mapped = born(text);
        assert_eq!(of_kind(&mapped, "Patient").body.get("birthDate"), None, "{text}");
        assert!(mapped.unmapped.contains_key("PID-7"), "{text}: {:?}", mapped.unmapped);
        assert_eq!(value(&format!("DTM|1^x^LN||{text}")), (format!("valueString {text:?}"), true));
    }
    assert_eq!(of_kind(&born("18991231"), "Patient").body["birthDate"], "1899-12-31");
    for (text, read) in [
        ("202401312400", "2024-02-01T00:00:00+01:00"),
        ("20161231235960+0000", "2016-12-31T23:59:59+00:00"),
        ("18991231", "1899-12-31"),
    ] {
        assert_eq!(value(&format!("DTM|1^x^LN||{text}")), (format!("valueDateTime {read:?}"), false));
    }
    let happened = adt("A01", &["EVN||20240230"]).time.unwrap();
    assert_eq!(happened.to_string(), "2026-01-01T08:30:00.000Z", "MSH-7, where EVN-2 is none");
}

#[test]
fn hostile_44_a_patient_has_the_first_number_that_may_name_one_and_keeps_all_or_has_none() {
    let header = "MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^A01|1|P|2.5.1";
    let of = |numbers: &str| read(&[header, &format!("PID|1||{numbers}||Probe^Paula"), "PV1|1|I"]);
    let many: Vec<String> = (1..=50).map(|n| format!("{n}^^^SITE{n}^MR")).collect();
    let mapped = of(&many.join("~"));
    let subject = mapped.subject.as_ref().unwrap();
    assert_eq!((subject.id.as_str(), subject.system.as_str()), ("1", "urn:carehook:int_1:SITE1"));
    assert_eq!(of_kind(&mapped, "Patient").body["identifier"].as_array().unwrap().len(), 50);
    assert_eq!(of("").refused.unwrap().segment, "PID", "an admission is somebody's");
    let (obr, obx) = ("OBR|1|P1|F1|24323-8^Panel^LN", "OBX|1|NM|1^x^LN||6.9|mmol/L||HH|||F");
    let nameless = read(&[&header.replace("ADT^A01", "ORU^R01"), "PID|1||||Probe^Paula", obr, obx]);
    assert_eq!((&nameless.subject, &nameless.refused), (&None, &None), "a result stands by itself");
    assert_eq!(of_kind(&nameless, "Observation").subject, None);
}

#[test]
fn hostile_46_what_looks_like_a_formula_markup_or_a_command_is_text_and_nothing_else() {
    for hostile in [
        "=cmd\\F\\' /C calc'!A0",
        "<script>alert(1)</script>",
        "'; DROP TABLE event;--",
        "${jndi:ldap://x/a}",
        "{{7*7}}",
        "%EventType%",
        "../../etc/passwd",
    ] {
        let header = "MSH|^~\\&|LAB|MAIN|||20260101093000||ORU^R01|1|P|2.5.1";
        let pid = format!("PID|1||1001^^^MAIN^MR||{hostile}^{hostile}");
        let (obr, obx) = ("OBR|1|P1|F1|24323-8^Panel^LN", format!("OBX|1|TX|1^x^LN||{hostile}||||||F"));
        let mapped = read(&[header, &pid, obr, &obx, &format!("NTE|1||{hostile}")]);
        let text = hostile.replace("\\F\\", "|");
        let (patient, result) = (of_kind(&mapped, "Patient"), of_kind(&mapped, "Observation"));
        assert_eq!(patient.body["name"][0]["family"], text);
        assert_eq!(result.body["valueString"], text);
        assert_eq!(result.body["note"][0]["text"], text);
    }
}

#[test]
fn hostile_47_what_is_no_decimal_of_json_stays_as_text_and_a_long_one_keeps_its_digits() {
    let endless = format!("1{}", "0".repeat(400));
    for text in ["6,1", "1e400", "NaN", "Infinity", "-", endless.as_str()] {
        assert_eq!(value(&format!("NM|1^x^LN||{text}|mmol/L")), (format!("valueString {text:?}"), true));
    }
    let exact = "12345678901234567890.1234567890";
    let (told, is_odd) = value(&format!("NM|1^x^LN||{exact}|mmol/L"));
    assert!(told.contains(&format!("\"value\":{exact},")) && !is_odd, "{told}");
}

#[test]
fn hostile_36_the_version_that_a_message_claims_changes_nothing_of_what_it_says() {
    let of = |version: &str| {
        let header = format!("MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^A01|1|P|{version}");
        let mapped = read(&[&header, "PID|1||1001^^^MAIN^MR||Probe^Paula", "PV1|1|I|||||||||||||||||V7"]);
        assert_eq!(mapped.refused, None, "{version}");
        mapped.resources.iter().map(|resource| resource.over(None)).collect::<Vec<Value>>()
    };
    let expected = of("2.5.1");
    for version in ["1.0", "2.1", "2.2", "2.3", "2.4", "2.6", "2.7", "2.8", "2.9", "2.5.1^USA", "", "x"] {
        assert_eq!(of(version), expected, "{version}");
    }
}

#[test]
fn hostile_35_a_test_message_is_one_whatever_else_it_says() {
    let is_test = |mode: &str| {
        read(&[&format!("MSH|^~\\&|ADT|MAIN|||20260101093000||ADT^A01|1|{mode}|2.5"), "PID|1||1001"]).test
    };
    for (mode, expected) in [("P", false), ("T", true), ("D", true), ("T^A", true), ("P^T", false)] {
        assert_eq!(is_test(mode), expected, "{mode}");
    }
}
