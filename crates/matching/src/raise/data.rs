//! Members of events: camelCase, codes, quantities to the letter.

use model::Object;
use serde_json::{Map, Value, json};

/// Members in order; what is absent is left out.
#[derive(Default)]
pub(crate) struct Members(Map<String, Value>);

impl Members {
    pub(crate) fn with(mut self, name: &str, value: impl Into<Option<Value>>) -> Self {
        if let Some(value) = value.into().filter(|value| !value.is_null()) {
            self.0.insert(name.to_owned(), value);
        }
        self
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

/// An element as it is.
pub(crate) fn element(resource: &Value, name: &str) -> Option<Value> {
    resource.get(name).cloned()
}

/// A text element.
pub(crate) fn text<'v>(resource: &'v Value, name: &str) -> Option<&'v str> {
    resource.get(name).and_then(Value::as_str)
}

/// A time as RFC 3339 UTC; a date stays a date.
pub(crate) fn time(resource: &Value, name: &str) -> Option<Value> {
    let said = text(resource, name)?;
    let is_date = said.len() <= 10;
    match fhir::instant(said) {
        Some(at) if !is_date => Some(at.to_string().into()),
        _ => Some(said.into()),
    }
}

/// The first coding of a concept, or its text.
pub(crate) fn code(concept: Option<&Value>) -> Option<Value> {
    let concept = concept?;
    let coding = concept.get("coding").and_then(|codings| codings.get(0));
    let text = || concept.get("text").map(|text| json!({ "text": text }));
    coding.cloned().or_else(text)
}

/// What an Observation or a component of one says, whatever its type.
pub(crate) fn value(holder: &Value) -> Option<Value> {
    let members = holder.as_object()?;
    let (name, value) = members.iter().find(|(name, _)| name.starts_with("value"))?;
    match name.as_str() {
        "valueCodeableConcept" => code(Some(value)),
        _ => Some(value.clone()),
    }
}

/// Components with their values and flags, as in a blood pressure.
pub(crate) fn components(observation: &Value) -> Option<Value> {
    let list = observation.get("component")?.as_array()?;
    let of = |component: &Value| {
        let members =
            Members::default().with("code", code(component.get("code"))).with("value", value(component));
        members.with("interpretation", flags(component)).into_value()
    };
    Some(list.iter().map(of).collect())
}

/// Flag codes, without those of components.
pub(crate) fn flags(holder: &Value) -> Option<Value> {
    let own = json!({ "interpretation": holder.get("interpretation")? });
    let codes: Vec<&str> = fhir::flags::codes(&own).collect();
    (!codes.is_empty()).then(|| json!(codes))
}

/// Whether a flag, of the result or of a component, was left out by the sender and derived here.
pub(super) fn is_derived(observation: &Value) -> bool {
    let components = observation.get("component").and_then(Value::as_array).into_iter().flatten();
    let mut concepts = std::iter::once(observation)
        .chain(components)
        .filter_map(|holder| holder.get("interpretation")?.as_array())
        .flatten();
    concepts.any(|concept| concept["extension"][0]["url"] == fhir::derived::DERIVED)
}

/// The first reference range: its bounds and its text.
pub(crate) fn range(observation: &Value) -> Option<Value> {
    let range = observation.get("referenceRange")?.get(0)?;
    let part = |name: &str| range.get(name).cloned();
    let members =
        Members::default().with("low", part("low")).with("high", part("high")).with("text", part("text"));
    Some(members.into_value())
}

/// The identifier that a reference names, or the id it ends with.
pub(crate) fn reference(reference: Option<&Value>) -> Option<Value> {
    let reference = reference?;
    let identifier = reference.get("identifier").and_then(|identifier| identifier.get("value")).cloned();
    identifier.or_else(|| Some(reference.get("reference")?.as_str()?.rsplit('/').next()?.into()))
}

/// The report that a result of the v2 mapping belongs to.
pub(crate) fn report_of(observation: &Value) -> Option<Object> {
    let extensions = observation.get("extension")?.as_array()?;
    let found = extensions.iter().find(|extension| extension["url"] == fhir::v2::REPORT_EXTENSION)?;
    let identifier = &found["valueReference"]["identifier"];
    let text = |name: &str| identifier[name].as_str().map(str::to_owned);
    Some(Object { system: text("system")?, id: text("value")? })
}

/// Where a patient is: unit, room, bed and facility as far as they are known.
pub(crate) fn place(encounter: &Value) -> Option<Value> {
    let list = encounter.get("location")?.as_array()?;
    let is_here = |entry: &&Value| matches!(text(entry, "status"), Some("active" | "planned") | None);
    let location = list.iter().find(is_here)?.get("location")?;
    let mut members = Members::default();
    for extension in location.get("extension").and_then(Value::as_array).into_iter().flatten() {
        let name = text(extension, "url").and_then(|url| url.strip_prefix("urn:carehook:location:"));
        if let Some(name) = name {
            members = members.with(name, element(extension, "valueString"));
        }
    }
    let display = element(location, "display").or_else(|| reference(Some(location)));
    Some(members.with("display", display).into_value())
}
