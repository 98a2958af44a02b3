//! What a FHIR server says it can do, and how to read it.

use serde::Serialize;
use serde_json::Value;

use crate::resource::Fault;

/// How a server is best read.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    /// The FHIR version that it speaks.
    pub fhir_version: String,
    /// What it calls itself.
    pub software: Option<String>,
    /// The way to take.
    pub way: Way,
    /// The topics that it offers.
    pub topics: Vec<String>,
    /// Types that can be polled, because their changes can be searched for by time.
    pub pollable: Vec<String>,
    /// Types that are searched, but not by when they changed.
    pub not_pollable: Vec<String>,
    /// How often to ask, if it is polled.
    pub every: &'static str,
    /// Whether it signs clients in with SMART.
    pub smart: bool,
}

/// The ways to hear of changes, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Topic-based subscriptions of R5, or of the Backport guide: it tells us.
    Subscription,
    /// Searches for what changed.
    Polling,
    /// Subscriptions of R4 by query: it tells us that something changed, and polling finds what.
    PollingWoken,
    /// Neither.
    None,
}

/// Reads a `CapabilityStatement`.
///
/// # Errors
/// It is none.
pub fn read(statement: &Value) -> Result<Advice, Fault> {
    if statement["resourceType"] != "CapabilityStatement" {
        let expression = "resourceType".to_owned();
        return Err(Fault { expression, why: "is not CapabilityStatement", code: "structure" });
    }
    let rest = list(&statement["rest"]).find(|rest| rest["mode"] != "client").unwrap_or(&Value::Null);
    let resources: Vec<&Value> = list(&rest["resource"]).collect();
    let by_time = has_parameter(rest, "_lastUpdated");
    let can_search =
        |resource: &&&Value| list(&resource["interaction"]).any(|can| can["code"] == "search-type");
    let worth = |resource: &&&Value| resource["type"].as_str().is_some_and(|kind| WORTH.contains(&kind));
    let (pollable, not_pollable): (Vec<&Value>, Vec<&Value>) = resources
        .iter()
        .filter(can_search)
        .filter(worth)
        .copied()
        .partition(|resource| by_time || has_parameter(resource, "_lastUpdated"));
    let subscription = resources.iter().find(|resource| resource["type"] == "Subscription");
    let names = |resources: Vec<&Value>| resources.into_iter().filter_map(|one| text(&one["type"])).collect();
    let version = statement["fhirVersion"].as_str().unwrap_or_default();
    let way = match (subscription, pollable.is_empty()) {
        (Some(subscription), _) if is_topic_based(version, statement, subscription) => Way::Subscription,
        (Some(_), false) => Way::PollingWoken,
        (None, false) => Way::Polling,
        (_, true) => Way::None,
    };
    Ok(Advice {
        fhir_version: version.to_owned(),
        software: text(&statement["software"]["name"]),
        way,
        topics: subscription.map(|resource| topics(resource)).unwrap_or_default(),
        pollable: names(pollable),
        not_pollable: names(not_pollable),
        every: if way == Way::PollingWoken { "5m" } else { "1m" },
        smart: list(&rest["security"]["service"]).any(is_smart),
    })
}

/// R5, or a server that says that it follows the Backport guide.
fn is_topic_based(version: &str, statement: &Value, subscription: &Value) -> bool {
    let says = |place: &Value| list(place).filter_map(Value::as_str).any(|url| url.contains(BACKPORT));
    version.starts_with("5.")
        || says(&statement["instantiates"])
        || says(&statement["implementationGuide"])
        || says(&subscription["supportedProfile"])
        || !topics(subscription).is_empty()
}

fn topics(subscription: &Value) -> Vec<String> {
    let advertised = list(&subscription["extension"]).filter(|extension| {
        extension["url"]
            .as_str()
            .is_some_and(|url| url.ends_with("capabilitystatement-subscriptiontopic-canonical"))
    });
    advertised.filter_map(|extension| text(&extension["valueCanonical"])).collect()
}

fn has_parameter(holder: &Value, name: &str) -> bool {
    list(&holder["searchParam"]).any(|parameter| parameter["name"] == name)
}

fn is_smart(service: &Value) -> bool {
    list(&service["coding"]).any(|coding| coding["code"] == "SMART-on-FHIR")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

const BACKPORT: &str = "hl7.org/fhir/uv/subscriptions-backport";

/// Types whose changes raise events.
const WORTH: [&str; 24] = [
    "AllergyIntolerance",
    "Appointment",
    "CarePlan",
    "CareTeam",
    "Consent",
    "DiagnosticReport",
    "DocumentReference",
    "Encounter",
    "Goal",
    "Immunization",
    "List",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "QuestionnaireResponse",
    "Schedule",
    "ServiceRequest",
    "Slot",
    "Task",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn advise(version: &str, resources: Value, more: Value) -> Advice {
        let mut statement = json!({"resourceType": "CapabilityStatement", "fhirVersion": version, "software": {"name": "Pearl"},
            "rest": [{"mode": "server", "resource": resources}]});
        statement.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        read(&statement).unwrap()
    }

    fn searched(kind: &str, parameters: &[&str]) -> Value {
        let parameters: Vec<Value> = parameters.iter().map(|name| json!({"name": name})).collect();
        json!({"type": kind, "interaction": [{"code": "read"}, {"code": "search-type"}], "searchParam": parameters})
    }

    #[test]
    fn each_server_is_read_the_best_way_it_offers() {
        let plain = || json!({"type": "Subscription"});
        let observation = || searched("Observation", &["_lastUpdated", "code"]);
        let nothing = || json!({});
        let way = |version: &str, resources: Value, more: Value| advise(version, resources, more).way;
        assert_eq!(way("5.0.0", json!([plain(), observation()]), nothing()), Way::Subscription);
        let guide = json!({"instantiates": ["http://hl7.org/fhir/uv/subscriptions-backport/CapabilityStatement/backport-subscription-server-r4"]});
        assert_eq!(way("4.0.1", json!([plain(), observation()]), guide), Way::Subscription);
        assert_eq!(way("4.0.1", json!([plain(), observation()]), nothing()), Way::PollingWoken);
        assert_eq!(way("4.0.1", json!([observation()]), nothing()), Way::Polling);
        assert_eq!(way("4.0.1", json!([searched("Observation", &["code"])]), nothing()), Way::None);
        assert_eq!(way("4.0.1", json!([plain()]), nothing()), Way::None);
    }

    #[test]
    fn the_advice_names_topics_and_what_can_be_polled() {
        let topic = json!({"type": "Subscription", "extension": [{
            "url": "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/capabilitystatement-subscriptiontopic-canonical",
            "valueCanonical": "http://argonautproject.org/encounters-ig/SubscriptionTopic/encounter-start"}]});
        let resources = json!([
            topic,
            searched("Encounter", &[]),
            searched("Observation", &["_lastUpdated"]),
            searched("ValueSet", &["_lastUpdated"])
        ]);
        let advice = advise("4.0.1", resources, json!({}));
        assert_eq!(
            advice.topics,
            ["http://argonautproject.org/encounters-ig/SubscriptionTopic/encounter-start"]
        );
        assert_eq!(
            (advice.pollable.as_slice(), advice.not_pollable.as_slice()),
            (["Observation".to_owned()].as_slice(), ["Encounter".to_owned()].as_slice())
        );
        assert_eq!((advice.way, advice.software.as_deref()), (Way::Subscription, Some("Pearl")));
        assert!(read(&json!({"resourceType": "Bundle"})).is_err());
    }
}
