//! What an order, a dispense, a task or a consent is for, where its type alone does not tell.

use serde_json::Value;

use super::Input;

/// The purpose that rules ask for; nothing for resources that have only one, or none that is known.
pub(super) fn of(input: &Input<'_>) -> Option<&'static str> {
    match input.resource.get("resourceType").and_then(Value::as_str)? {
        "ServiceRequest" => order(input),
        "MedicationDispense" => Some(if is_part(input.resource) { "part" } else { "whole" }),
        "Task" => Some(if input.resource.get("owner").is_some() { "owned" } else { "open" }),
        "Consent" => Some(if denies(input.resource) { "deny" } else { "permit" }),
        _ => None,
    }
}

/// Whether a consent says no at its root; R5 says so in `decision`.
fn denies(consent: &Value) -> bool {
    consent["provision"]["type"] == "deny" || consent["decision"] == "deny"
}

/// An order is a laboratory's unless it names another section; a request by itself, at the FHIR door, is a referral.
fn order(input: &Input<'_>) -> Option<&'static str> {
    if input.event_code.is_some_and(|event| event.starts_with('I')) {
        return Some("referral");
    }
    let codes: Vec<&str> = codes(input.resource.get("category")).collect();
    let is_any = |known: &[&str]| codes.iter().any(|code| known.contains(code));
    match input.event_code {
        _ if is_any(&LABORATORY) => Some("laboratory"),
        _ if is_any(&REFERRAL) => Some("referral"),
        Some(_) if codes.is_empty() => Some("laboratory"),
        None if codes.is_empty() => Some("referral"),
        _ => None,
    }
}

/// Codes of `Coding` within a list of concepts, or within one.
fn codes(concepts: Option<&Value>) -> impl Iterator<Item = &str> {
    let list = concepts.and_then(Value::as_array).map(Vec::as_slice);
    let list = list.or_else(|| concepts.map(std::slice::from_ref)).unwrap_or_default();
    let codings = list.iter().filter_map(|concept| concept["coding"].as_array()).flatten();
    codings.filter_map(|coding| coding["code"].as_str())
}

fn is_part(dispense: &Value) -> bool {
    codes(dispense.get("type")).any(|code| matches!(code, "FFP" | "FFPS" | "RFP" | "RFPS" | "TFS"))
}

// Sections of table 0074 that are a laboratory's, and what FHIR servers say.
const LABORATORY: [&str; 16] = [
    "LAB",
    "CH",
    "HM",
    "MB",
    "MCB",
    "MYC",
    "IMM",
    "SR",
    "TX",
    "UR",
    "BLB",
    "CG",
    "CP",
    "GE",
    "laboratory",
    "108252007",
];
const REFERRAL: [&str; 3] = ["3457005", "referral", "306206005"];
