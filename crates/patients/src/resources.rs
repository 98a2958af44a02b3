//! FHIR R4 resources of a journey.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::person::Person;

/// A laboratory Observation of about 1.5 KB, as JSON text.
#[must_use]
pub fn observation(seed: u64) -> String {
    let mut chance = Chance::new(seed);
    let person = Person::new(chance.below(100_000));
    let at = jiff::civil::datetime(2026, 1, 1, 8, 0, 0, 0);
    let at = at
        .checked_add(jiff::Span::new().minutes(i64::try_from(chance.below(500_000)).unwrap_or(0)))
        .unwrap_or(at);
    let tenths = 30 + chance.below(45);
    let (value, flag) = (format!("{}.{}", tenths / 10, tenths % 10), potassium_flag(tenths));
    result(&person, &format!("obs-{seed}"), at, &value, flag).to_string()
}

/// How a potassium of so many tenths of a mmol/L is flagged.
pub(crate) fn potassium_flag(tenths: u64) -> &'static str {
    match tenths {
        0..25 => "LL",
        25..35 => "L",
        35..=51 => "N",
        52..=60 => "H",
        _ => "HH",
    }
}

pub(crate) fn result(person: &Person, id: &str, at: DateTime, value: &str, flag: &str) -> Value {
    let quantity = |value: &str| {
        // The number keeps its text.
        let value: Value = serde_json::from_str(value).unwrap_or(Value::Null);
        json!({ "value": value, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L" })
    };
    let time = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({
        "resourceType": "Observation",
        "id": id,
        "meta": { "versionId": "1", "lastUpdated": time, "profile": ["http://hl7.org/fhir/StructureDefinition/Observation"] },
        "text": { "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Potassium in serum, made up for a test.</div>" },
        "identifier": [{ "system": "urn:example:synthetic:result", "value": format!("{}/{id}", person.visit) }],
        "status": "final",
        "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory", "display": "Laboratory" }] }],
        "code": {
            "coding": [{ "system": "http://loinc.org", "code": "2823-3", "display": "Potassium [Moles/volume] in Serum or Plasma" }],
            "text": "Potassium",
        },
        "subject": { "identifier": { "system": "urn:example:synthetic:mrn", "value": person.record }, "type": "Patient" },
        "encounter": { "identifier": { "system": "urn:example:synthetic:visit", "value": person.visit }, "type": "Encounter" },
        "effectiveDateTime": time,
        "issued": time,
        "performer": [{ "display": "Synthetic Laboratory" }],
        "valueQuantity": quantity(value),
        "interpretation": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": flag }] }],
        "referenceRange": [{ "low": quantity("3.5"), "high": quantity("5.1"), "text": "3.5-5.1" }],
    })
}

pub(crate) fn vital(person: &Person, at: DateTime, saturation: u64) -> Value {
    let time = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({
        "resourceType": "Observation",
        "id": format!("spo2-{}", person.visit.to_ascii_lowercase()),
        "status": "final",
        "category": [{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "59408-5", "display": "Oxygen saturation" }] },
        "subject": { "identifier": { "system": "urn:example:synthetic:mrn", "value": person.record }, "type": "Patient" },
        "effectiveDateTime": time,
        "valueQuantity": { "value": saturation, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%" },
    })
}

pub(crate) fn patient(person: &Person) -> Value {
    json!({
        "resourceType": "Patient",
        "id": person.record.to_ascii_lowercase(),
        "identifier": [{
            "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR" }] },
            "system": "urn:example:synthetic:mrn",
            "value": person.record,
        }],
        "active": true,
        "name": [{ "use": "official", "family": person.family, "given": [person.given] }],
        "gender": person.gender,
        "birthDate": person.birth.to_string(),
        "address": [{ "line": ["1 Test Street"], "city": person.city }],
    })
}

pub(crate) fn encounter(person: &Person, start: DateTime, status: &str) -> Value {
    json!({
        "resourceType": "Encounter",
        "id": person.visit.to_ascii_lowercase(),
        "identifier": [{ "system": "urn:example:synthetic:visit", "value": person.visit }],
        "status": status,
        "class": { "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP" },
        "subject": { "identifier": { "system": "urn:example:synthetic:mrn", "value": person.record }, "type": "Patient" },
        "period": { "start": start.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() },
    })
}

pub(crate) fn appointment(person: &Person, start: DateTime, status: &str) -> Value {
    let end = start.checked_add(jiff::Span::new().minutes(20)).unwrap_or(start);
    let actor = json!({ "identifier": { "system": "urn:example:synthetic:mrn", "value": person.record }, "type": "Patient" });
    json!({
        "resourceType": "Appointment",
        "id": format!("apt-{}", person.visit.to_ascii_lowercase()),
        "status": status,
        "start": start.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "end": end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "participant": [{ "actor": actor, "status": "accepted" }],
    })
}
