use model::Id as _;
use serde_json::json;

use super::*;
use crate::fixture::event;

fn read(filters: &[&str]) -> Result<Conditions, Unfit> {
    let topic = Topics::embedded().find("urn:carehook:topic:abnormal-lab").unwrap();
    let filters: Vec<String> = filters.iter().map(|&filter| filter.to_owned()).collect();
    Conditions::read(topic, &filters, "https://h.example/fhir/int_1")
}

fn potassium(patient: &str, unit: &str) -> Value {
    json!({
        "resourceType": "Observation", "status": "final", "subject": { "reference": format!("Patient/{patient}") },
        "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
        "valueQuantity": { "value": 6.9, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit },
    })
}

fn holds(conditions: &Conditions, resource: Option<&Value>, lane: Lane) -> bool {
    let event = Event { lane, ..event("lab.result.abnormal") };
    conditions.hold(Heard { event: &event, content: None, resource })
}

#[test]
fn each_parameter_is_told_by_its_name_with_what_it_comes_to() {
    let conditions =
        read(&["Observation?patient=Patient/1&value-quantity=gt6|http://unitsofmeasure.org|mmol/L"]);
    let conditions = conditions.unwrap();
    let event = event("lab.result.abnormal");
    let told =
        |resource: Option<&Value>| conditions.clauses(Heard { event: &event, content: None, resource });
    let named = |told: Vec<(String, ClauseResult)>| -> Vec<String> {
        told.into_iter().map(|(text, result)| format!("{text} {result:?}")).collect()
    };
    let (types, patient) = ("resourceType in (Observation)", "Observation?patient");
    let value = "Observation?value-quantity";
    assert_eq!(
        named(told(Some(&potassium("2", "mmol/L")))),
        [format!("{types} Holds"), format!("{patient} Fails"), format!("{value} Holds")]
    );
    assert_eq!(named(told(Some(&potassium("1", "furlong"))))[2], format!("{value} Indeterminate"));
    assert_eq!(named(told(Some(&json!({ "resourceType": "Patient" })))), [format!("{types} Fails")]);
    assert_eq!(named(told(None)), [format!("{types} Empty")]);
}

#[test]
fn the_topic_of_a_trigger_hears_what_it_raises_and_in_doubt_what_is_critical() {
    let trigger = TriggerId::from_raw(7);
    let conditions =
        Conditions { kinds: vec!["Observation".to_owned()], trigger: Some(trigger), ..Conditions::default() };
    let hears = |name: &str, lane, triggers: &[TriggerId]| {
        let event = Event { lane, ..event(name) };
        let content = serde_json::json!({ "occasion": { "triggers": triggers }, "data": {} });
        let content: Content = serde_json::from_str(&content.to_string()).unwrap();
        let resource = potassium("1", "mmol/L");
        conditions.hold(Heard { event: &event, content: Some(&content), resource: Some(&resource) })
    };
    let (critical, routine) = (Lane::Critical, Lane::Routine);
    assert!(hears("lab.result.abnormal", routine, &[TriggerId::from_raw(1), trigger]));
    assert!(!hears("lab.result.abnormal", routine, &[TriggerId::from_raw(1)]), "another trigger's");
    assert!(!hears("lab.result.abnormal", critical, &[]), "the sender's own flag");
    assert!(hears(INDETERMINATE, critical, &[trigger]), "P5");
    assert!(!hears(INDETERMINATE, routine, &[trigger]));
}

#[test]
fn shall_95_every_filter_must_hold() {
    let both = read(&["Observation?patient=Patient/1", "Observation.code=http://loinc.org|2823-3"]).unwrap();
    assert!(holds(&both, Some(&potassium("1", "mmol/L")), Lane::Routine));
    assert!(!holds(&both, Some(&potassium("2", "mmol/L")), Lane::Routine));
    let other = read(&["patient=Patient/1", "code=http://loinc.org|2951-2"]).unwrap();
    assert!(!holds(&other, Some(&potassium("1", "mmol/L")), Lane::Routine));
    assert!(!holds(&both, None, Lane::Routine), "what has no resource fits no filter");
}

#[test]
fn shall_63_a_filter_that_the_topic_does_not_offer_is_refused() {
    for filter in ["Observation?device=Device/1", "Encounter?patient=Patient/1", "patient:nope=1", "patient"]
    {
        let unfit = read(&["patient=Patient/1", filter]).unwrap_err();
        assert_eq!(unfit.place, 1, "{filter}");
        assert!(!unfit.why.contains("Device/1"), "{}", unfit.why);
    }
}

#[test]
fn p5_a_critical_result_that_cannot_be_compared_is_told() {
    let high = read(&["value-quantity=gt6.0|http://unitsofmeasure.org|mmol/L"]).unwrap();
    assert!(holds(&high, Some(&potassium("1", "mmol/L")), Lane::Routine));
    assert!(holds(&high, Some(&potassium("1", "unknown")), Lane::Critical));
    assert!(!holds(&high, Some(&potassium("1", "unknown")), Lane::Routine));
}

#[test]
fn a_topic_of_one_patient_needs_to_know_which() {
    let ihe = "https://profiles.ihe.net/ITI/DSUBm/SubscriptionTopic/DSUBm-SubscriptionTopic-";
    let topic = Topics::embedded().find(&format!("{ihe}DocumentReference-PatientDependent")).unwrap();
    assert!(Conditions::read(topic, &[], "https://h.example").is_err());
    for named in ["DocumentReference?patient=Patient/1", "patient.identifier=urn:a|1"] {
        assert!(Conditions::read(topic, &[named.to_owned()], "https://h.example").is_ok(), "{named}");
    }
}
