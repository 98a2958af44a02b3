use serde_json::{Value, json};

use crate::harness::{Hit, Setting, until};

const PATIENT: &str = "PID|1||1001^^^NORTH^MR||Doe^1001||19700101|F\r";

/// A message from its lines after the patient.
fn message(kind: &str, control: &str, rest: &str) -> Vec<u8> {
    format!("MSH|^~\\&|LAB|NORTH|CAREHOOK|HUB|20260101093000||{kind}|{control}|P|2.5.1\r{PATIENT}{rest}")
        .into_bytes()
}

#[test]
fn a10_a_discharge_summary_is_told_without_its_text_and_nothing_of_other_families_is_lost() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let hook = story.hook(&integration, &json!({}));
    let letter = "TXA|1|DS|TX|||20260101090000||||||D-1^DICTATION|||||LA||AV\r\
                  OBX|1|TX|18842-5^Discharge summary^LN||A secret of the stay||||||F\r";
    story.mllp(port, &message("MDM^T02", "1", letter));
    story.mllp(
        port,
        &message("ORM^O01", "2", "ORC|NW|1101^ORDERS\rOBR|1|1101^ORDERS||57698-3^Lipid panel^LN\r"),
    );
    story.mllp(port, &message("RDE^O11", "3", "ORC|NW|RX-1^ORDERS\rRXE||308136^Amlodipine^RXNORM|10||mg\r"));
    story.mllp(port, &message("MFN^M02", "4", "STF|1\r"));
    let raised = story.raised(&integration);
    for expected in [
        "document.available",
        "document.discharge_summary.available",
        "lab.order.placed",
        "prescription.created",
        "medication.changed",
        "x.hl7v2.mfn_m02",
    ] {
        assert!(raised.iter().any(|kind| kind == expected), "{expected}: {raised:?}");
    }
    story.until_settled(&hook);
    let told: Vec<String> = story.receiver.hits().iter().map(Hit::event_type).collect();
    assert!(
        !told.contains(&"document.available".to_owned())
            && told.contains(&"document.discharge_summary.available".to_owned()),
        "of one document a wildcard hears the more telling type: {told:?}"
    );
    let bodies = story.receiver.hits().iter().map(|hit| hit.json().to_string()).collect::<String>();
    assert!(!bodies.contains("secret"), "the text of a document is not sent");
    let worklist = story.api.get(&format!("/admin/integration/{integration}/worklist")).json(200);
    let places: Vec<&str> =
        worklist["fields"].as_array().unwrap().iter().filter_map(|field| field["place"].as_str()).collect();
    assert!(places.contains(&"x.hl7v2.mfn_m02"), "{places:?}");
}

#[test]
fn p4_what_no_table_knows_is_on_the_worklist_after_a_restart_until_its_table_changes() {
    let mut story = Setting::new();
    let (integration, port) = story.hl7v2();
    let result = "OBR|1||F-1|CHEM^Chemistry^L|||20260101080000||||||||||||||||||F\r\
                  OBX|1|NM|K^Potassium^L||6.9|mmol/L|3.5-5.1||||F\r";
    story.mllp(port, &message("ORU^R01", "1", result));
    story.mllp(port, &message("ORU^R01", "2", &result.replace("F-1", "F-2")));
    let list =
        |story: &Setting| story.api.get(&format!("/admin/integration/{integration}/worklist")).json(200);
    let before = list(&story);
    assert_eq!(count(&before, "K"), Some(2), "{before}");

    assert!(story.server.stop().success());
    story.server.restart();
    until("the worklist is as it was", || {
        let after = list(&story);
        let is_same = ["codes", "fields", "dropped"].iter().all(|part| after[part] == before[part]);
        if is_same { Ok(()) } else { Err(after.to_string()) }
    });

    let tables = json!({ "codes": [{"from": "K", "to": "2823-3"}] });
    story.api.put(&format!("/admin/integration/{integration}/mapping"), &tables).json(200);
    assert_eq!(count(&list(&story), "K"), None);
    assert!(story.server.stop().success());
    story.server.restart();
    story.mllp(port, &message("ORU^R01", "3", &result.replace("F-1", "F-3").replace("K^P", "Kx^P")));
    until("the new code is listed, and the old one is not", || {
        let after = list(&story);
        let is_so = (count(&after, "K"), count(&after, "Kx")) == (None, Some(1));
        if is_so { Ok(()) } else { Err(after.to_string()) }
    });
}

/// How often a code stands on a worklist.
fn count(worklist: &Value, code: &str) -> Option<u64> {
    let codes = worklist["codes"].as_array()?;
    codes.iter().find(|line| line["code"] == code)?["count"].as_u64()
}

#[test]
fn p4_a_local_code_without_a_flag_is_critical_once_its_tables_say_so() {
    let story = Setting::new();
    let (integration, port) = story.hl7v2();
    let result = |report: &str| {
        format!(
            "OBR|1||{report}|CHEM^Chemistry^L|||20260101080000||||||||||||||||||F\rOBX|1|NM|K^Potassium^L||6.9|mmoll|3.5-5.1||||F\r"
        )
    };
    story.mllp(port, &message("ORU^R01", "1", &result("F-1")));
    let worklist = story.api.get(&format!("/admin/integration/{integration}/worklist")).json(200);
    let codes: Vec<&str> =
        worklist["codes"].as_array().unwrap().iter().filter_map(|code| code["code"].as_str()).collect();
    assert!(codes.contains(&"K") && codes.contains(&"mmoll"), "{codes:?}");
    let abnormal = story.raised(&integration);
    assert!(
        abnormal.iter().any(|kind| kind == "lab.result.abnormal"),
        "the range alone makes it high: {abnormal:?}"
    );
    assert!(abnormal.iter().all(|kind| kind != "lab.result.critical"), "and never critical: {abnormal:?}");
    let tables = json!({
        "codes": [{"from": "K", "to": "2823-3"}],
        "units": [{"from": "mmoll", "to": "mmol/L"}],
        "thresholds": [{"loinc": "2823-3", "unit": "mmol/L", "criticalHigh": 6.5}],
    });
    story.api.put(&format!("/admin/integration/{integration}/mapping"), &tables).json(200);
    story.mllp(port, &message("ORU^R01", "2", &result("F-2")));
    let raised = story.raised(&integration);
    assert!(raised.iter().any(|kind| kind == "lab.result.critical"), "{raised:?}");
    let hook = story.hook(&integration, &json!({}));
    story.mllp(port, &message("ORU^R01", "3", &result("F-3")));
    story.until_settled(&hook);
    let hits = story.receiver.hits();
    let critical =
        hits.iter().find(|hit| hit.event_type() == "lab.result.critical").expect("it is delivered");
    let data = &critical.json()["data"];
    assert_eq!(
        (&data["derived"], &data["code"]["code"], &data["interpretation"][0]),
        (&json!(true), &json!("2823-3"), &json!("HH"))
    );
}
