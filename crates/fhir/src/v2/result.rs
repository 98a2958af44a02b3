//! Observations and reports: what only the whole message tells of them.

use model::Object;
use serde_json::{Map, Value, json};

use super::assemble::Draft;
use super::finish::{mark, reference};
use super::number;
use super::scope::Scope;
use crate::is_imaging;

/// Where the code of OBX-11 or OBR-25 is kept as it came.
pub(super) const RESULT_CODE: &str = "urn:carehook:result-status";
/// Where a result names its report.
pub const REPORT: &str = "urn:carehook:report";

/// Completes a report.
pub(super) fn report(body: &mut Map<String, Value>, draft: &Draft) {
    body.entry("status").or_insert_with(|| "unknown".into());
    body.entry("code").or_insert_with(|| json!({ "text": "unknown" }));
    body.entry("category").or_insert_with(|| json!([laboratory_section()]));
    mark(body, RESULT_CODE, "valueCode", draft.result_code.as_str().into());
}

fn laboratory_section() -> Value {
    json!({ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB", "display": "Laboratory" }] })
}

/// Completes a result by what holds it: a report, or an order, a visit and the like, which only give it a category.
pub(super) fn observation(
    scope: &mut Scope<'_>,
    body: &mut Map<String, Value>,
    draft: &Draft,
    holder: Option<(&Draft, Option<&Object>)>,
) {
    let report = holder.filter(|(holder, _)| holder.kind == "DiagnosticReport");
    let of_report = |name: &str| report.and_then(|(report, _)| report.body.get(name)).cloned();
    if !body.contains_key("status") {
        let inherited = of_report("status").and_then(|status| status.as_str().map(str::to_owned));
        let status = match inherited.as_deref() {
            None => "unknown",
            Some("partial") => "preliminary",
            Some(status) => status,
        };
        body.insert("status".to_owned(), status.into());
    }
    body.entry("code").or_insert_with(|| json!({ "text": "unknown" }));
    if let Some(code) = category(scope, body, holder.map(|(holder, _)| holder)) {
        let system = "http://terminology.hl7.org/CodeSystem/observation-category";
        body.entry("category").or_insert_with(|| json!([{ "coding": [{ "system": system, "code": code }] }]));
    }
    for name in ["effectiveDateTime", "effectivePeriod", "issued"] {
        let is_told = name != "issued" && body.keys().any(|known| known.starts_with("effective"));
        if let Some(value) = of_report(name).filter(|_| !is_told) {
            body.entry(name).or_insert(value);
        }
    }
    match draft.result_code.as_str() {
        "X" => absent(body, "not-performed"),
        "N" => absent(body, "not-asked"),
        _ => {}
    }
    keep_odd_value(scope, body, draft);
    if !draft.value_text.is_empty() && !TYPES.contains(&draft.value_type.as_str()) {
        scope.notes.flaw("OBX-2: no type that HL7 knows, so the value is kept as text".to_owned());
    }
    bound_range(body);
    mark(body, RESULT_CODE, "valueCode", draft.result_code.as_str().into());
    if let Some((_, Some(key))) = report {
        mark(body, REPORT, "valueReference", reference("DiagnosticReport", &key.system, &key.id));
    }
}

/// A vital sign is one wherever it stands; what else a result is, its holder says.
fn category(scope: &Scope<'_>, body: &Map<String, Value>, holder: Option<&Draft>) -> Option<String> {
    let codings = body.get("code").and_then(|code| code["coding"].as_array());
    let mut loinc = codings.into_iter().flatten().filter(|coding| coding["system"] == "http://loinc.org");
    if loinc.any(|coding| scope.maps.code("VitalSigns", coding["code"].as_str().unwrap_or("")).is_some()) {
        return Some("vital-signs".to_owned());
    }
    let holder = holder?;
    if holder.kind == "DiagnosticReport" && is_imaging(holder.body.get("category")) {
        return Some("imaging".to_owned());
    }
    scope.maps.kind(&holder.kind)?.results.clone()
}

fn absent(body: &mut Map<String, Value>, code: &str) {
    let coding =
        json!({ "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": code });
    body.entry("dataAbsentReason").or_insert_with(|| json!({ "coding": [coding] }));
}

/// A value that its declared type cannot hold stays as text: `haemolysed` where a number was due.
fn keep_odd_value(scope: &mut Scope<'_>, body: &mut Map<String, Value>, draft: &Draft) {
    let is_hollow = body.get("valueQuantity").is_some_and(|quantity| quantity.get("value").is_none());
    if is_hollow {
        body.remove("valueQuantity");
    }
    let is_attached = body.get("extension").is_some_and(|list| {
        list.as_array().into_iter().flatten().any(|extension| extension.get("valueAttachment").is_some())
    });
    let has_value = is_attached || body.keys().any(|name| name.starts_with("value"));
    if !has_value && !draft.value_text.is_empty() {
        scope.notes.flaw("OBX-5: not of the type that OBX-2 says".to_owned());
        body.insert("valueString".to_owned(), draft.value_text.as_str().into());
    }
}

/// Low and high of OBX-7 where its text can be read, in the unit of the value.
fn bound_range(body: &mut Map<String, Value>) {
    let unit = body.get("valueQuantity").and_then(Value::as_object).cloned().unwrap_or_default();
    let Some(Value::Object(range)) = body.get_mut("referenceRange").and_then(|list| list.get_mut(0)) else {
        return;
    };
    let Some((low, high)) = range.get("text").and_then(Value::as_str).and_then(number::bounds) else {
        return;
    };
    for (name, bound) in [("low", low), ("high", high)] {
        if let Some(bound) = bound {
            let mut quantity = Map::new();
            quantity.insert("value".to_owned(), bound.into());
            let shared = unit.iter().filter(|(name, _)| matches!(name.as_str(), "unit" | "system" | "code"));
            quantity.extend(shared.map(|(name, value)| (name.clone(), value.clone())));
            range.insert(name.to_owned(), quantity.into());
        }
    }
}

/// HL7 table 0125 of v2.3 to v2.9: what may be the type of a result's value.
const TYPES: &[&str] = &[
    "AD", "AUI", "CCD", "CCP", "CD", "CE", "CF", "CK", "CM", "CN", "CNE", "CNN", "CP", "CQ", "CSU", "CWE",
    "CX", "DDI", "DIN", "DLD", "DLN", "DLT", "DR", "DT", "DTM", "DTN", "ED", "EI", "EIP", "ELD", "ERL", "FC",
    "FN", "FT", "GTS", "HD", "ICD", "ID", "IS", "JCC", "LA1", "LA2", "MA", "MO", "MOC", "MOP", "MSG", "NA",
    "NDL", "NM", "NR", "OCD", "OSD", "OSP", "OVR", "PCF", "PI", "PIP", "PL", "PLN", "PN", "PPN", "PRL", "PT",
    "PTA", "QIP", "QSC", "RCD", "RFR", "RI", "RMC", "RP", "RPT", "SAD", "SCV", "SI", "SN", "SPD", "SPS",
    "SRT", "ST", "TM", "TN", "TS", "TX", "UVC", "VH", "VID", "VR", "WVI", "WVS", "XAD", "XCN", "XON", "XPN",
    "XTN",
];
