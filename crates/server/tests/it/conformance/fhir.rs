//! Independent libraries of FHIR read the notifications that we send, and what stands in them.

use std::process::Command;

use serde_json::{Value, json};

use super::signatures::asks;
use super::{path, script};
use crate::harness::{Obx, Oru, Setting, adt, critical};

/// What a receiver of this format hears of a stay with a result, and of an event that no resource raised.
fn told(format: &str) -> Vec<Value> {
    let story = Setting::new();
    let (hospital, port) = story.hl7v2();
    let events = story.events();
    story.hook(&events, &json!({ "format": format }));
    let profile = if format == "fhir-r5" { "reference" } else { "full" };
    story.hook(&hospital, &json!({ "format": format, "profile": profile }));
    story.mllp(port, &adt("A01", "MSG-1", "1001", "I"));
    story.mllp(port, &Oru::new("MSG-2", "1001", &[Obx::potassium("6.90", "HH", "F")]).bytes());
    story.accept(&events, &critical("a", "1001"));
    // The admission, the critical value, the event.
    story.receiver.wait_for(3).iter().map(crate::harness::Hit::json).collect()
}

fn judge(format: &str, version: &str) {
    let python = path("CAREHOOK_TEST_PYTHON");
    let judged = |bundle: &Value| {
        let mut command = Command::new(&python);
        asks(command.arg(script("fhir_bundle.py")), &json!({ "version": version, "bundle": bundle }))
    };
    for bundle in told(format) {
        assert_eq!(judged(&bundle), Ok(()), "the library refuses {bundle}");
        let mut changed = bundle;
        changed["entry"][0]["resource"]["type"] = json!({ "code": "news" });
        assert!(judged(&changed).is_err(), "a library that takes everything proves nothing");
    }
}

#[test]
fn an_independent_library_reads_our_notifications_of_r4() {
    judge("fhir-r4", "4.0.1");
}

#[test]
fn an_independent_library_reads_our_notifications_of_r4b() {
    judge("fhir-r4b", "4.3.0");
}

#[test]
fn an_independent_library_reads_our_notifications_of_r5() {
    judge("fhir-r5", "5.0.0");
}
