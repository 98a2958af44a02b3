//! Codes and places of resources by the tables of the site (P4): what the sender wrote stays beside it.

use model::SiteTable;
use serde_json::{Map, Value, json};

use super::scope::Scope;

/// Adds what the site's tables say of the code of a test or an order, and of the places of a visit.
pub(super) fn localise(scope: &mut Scope<'_>, body: &mut Map<String, Value>) {
    match body.get("resourceType").and_then(Value::as_str) {
        Some("Observation" | "DiagnosticReport" | "ServiceRequest") => test(scope, body),
        Some("Encounter") => places(scope, body),
        _ => {}
    }
}

fn test(scope: &mut Scope<'_>, body: &mut Map<String, Value>) {
    let Some(codings) = body.get_mut("code").and_then(|code| code.get_mut("coding")) else { return };
    let Some(codings) = codings.as_array_mut() else { return };
    if codings.iter().any(|coding| coding["system"] == LOINC) {
        return;
    }
    let own = scope.local("codes:");
    let named = |coding: &Value| -> Option<(String, Option<String>)> {
        let system = coding["system"].as_str();
        let system = system.map(|system| system.strip_prefix(&own).unwrap_or(system).to_owned());
        Some((coding["code"].as_str()?.to_owned(), system))
    };
    let written: Vec<_> = codings.iter().filter_map(named).collect();
    let local = scope.site.local.as_deref();
    let found = written.iter().find_map(|(code, system)| local?.test(code, system.as_deref()));
    match (found, written.first()) {
        (Some(row), _) => {
            let mut coding = json!({ "system": LOINC, "code": row.to });
            if let Some(display) = &row.display {
                coding["display"] = display.as_str().into();
            }
            codings.insert(0, coding);
            scope.notes.trace(|tracer| tracer.localises("code.coding[0]".to_owned(), SiteTable::Codes));
        }
        (None, Some((code, system))) => scope.notes.local(SiteTable::Codes, code, system.as_deref()),
        (None, None) => {}
    }
}

fn places(scope: &mut Scope<'_>, body: &mut Map<String, Value>) {
    let Some(local) = scope.site.local.as_deref().filter(|local| local.has_locations()) else { return };
    let list = body.get_mut("location").and_then(Value::as_array_mut);
    for (number, location) in list.into_iter().flatten().enumerate() {
        let Some(extensions) = location["location"]["extension"].as_array_mut() else { continue };
        let part = |name: &str| {
            let found = extensions.iter().find(|extension| extension["url"] == format!("{LOCATION}{name}"));
            found.and_then(|extension| extension["valueString"].as_str()).map(str::to_owned)
        };
        let parts: Vec<String> = ["unit", "room", "bed"].into_iter().map_while(part).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let Some(first) = parts.first() else { continue };
        match local.unit_of_care(&parts) {
            Some(unit) => {
                let path = format!("location[{number}].location");
                scope.notes.trace(|tracer| tracer.localises(path, SiteTable::Locations));
                let is_unit = |extension: &&mut Value| extension["url"] == format!("{LOCATION}unit");
                if let Some(extension) = extensions.iter_mut().find(is_unit) {
                    extension["valueString"] = unit.into();
                }
                extensions.push(json!({ "url": format!("{LOCATION}written"), "valueString": first }));
            }
            None => scope.notes.local(SiteTable::Locations, first, None),
        }
    }
}

const LOINC: &str = "http://loinc.org";
const LOCATION: &str = "urn:carehook:location:";
