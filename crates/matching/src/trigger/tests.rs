//! Triggers from their settings to what they make of a change.

use std::sync::Arc;

use model::{
    AbsentTest, ClauseResult, Comparator, Criteria, Id, IntegrationId, Lane, Memory, OrganisationId,
    QueryCriteria, Sight, Threshold, Timestamp, Trigger, TriggerId, Versioned,
};
use serde_json::{Value, json};

use super::*;

pub(super) fn trigger(resource_type: &str, criteria: Criteria) -> Trigger {
    Trigger {
        id: TriggerId::from_raw(1),
        organisation_id: OrganisationId::from_raw(1),
        name: "Test".to_owned(),
        integration_id: None,
        sight: Sight::Changes(resource_type.to_owned()),
        event_type: "vital.threshold_crossed".into(),
        criteria,
        interactions: vec![Interaction::Create, Interaction::Update],
        lane: Lane::Urgent,
        memory: Memory::Each,
        enrich: [].into(),
        active: true,
        created_at: Timestamp::from_millis(0),
    }
}

fn ready(trigger: Trigger) -> Ready {
    Ready::new(Arc::new(Versioned { version: 1, doc: trigger })).unwrap()
}

pub(super) fn path(text: &str) -> Criteria {
    Criteria { fhir_path: Some(text.to_owned()), ..Criteria::default() }
}

fn bound(code: &str, comparator: Comparator, (value, unit): (&str, &str)) -> Criteria {
    let (code, unit) = (code.to_owned(), unit.to_owned());
    let threshold = Threshold { code, comparator, value: value.parse().unwrap(), unit };
    Criteria { threshold: Some(threshold), ..Criteria::default() }
}

fn observation(code: &str, value: Value) -> Value {
    json!({
        "resourceType": "Observation", "status": "final",
        "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
        "valueQuantity": value,
    })
}

fn quantity(value: &str, unit: &str) -> Value {
    let number: serde_json::Number = value.parse().unwrap();
    json!({ "value": number, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit })
}

#[track_caller]
fn holds(criteria: &Criteria, resource: &Value) -> Held {
    let change = Change::new(resource, None, Interaction::Update, None);
    ready(trigger("Observation", criteria.clone())).test(&change).held
}

#[test]
fn a_bound_is_exact_and_compared_in_its_unit() {
    let criteria = bound("http://loinc.org|2339-0", Comparator::Above, ("250", "mg/dL"));
    assert_eq!(holds(&criteria, &observation("2339-0", quantity("251", "mg/dL"))), Held::Yes);
    assert_eq!(holds(&criteria, &observation("2339-0", quantity("250", "mg/dL"))), Held::No);
    // Glucose: 14 mmol/L are 252 mg/dL, 13 mmol/L are 234.
    assert_eq!(holds(&criteria, &observation("2339-0", quantity("14", "mmol/L"))), Held::Yes);
    assert_eq!(holds(&criteria, &observation("2339-0", quantity("13", "mmol/L"))), Held::No);
    assert_eq!(holds(&criteria, &observation("718-7", quantity("900", "mg/dL"))), Held::No);
    let exact = bound("2823-3", Comparator::AtLeast, ("6.8", "mmol/L"));
    assert_eq!(holds(&exact, &observation("2823-3", quantity("6.80", "mmol/L"))), Held::Yes);
    let share = bound("59408-5", Comparator::Below, ("90", "%"));
    assert_eq!(holds(&share, &observation("59408-5", quantity("0.89", "1"))), Held::Yes);
    assert_eq!(holds(&share, &observation("59408-5", quantity("0.91", "1"))), Held::No);
}

#[test]
fn a_bound_looks_into_components_too() {
    let criteria = bound("8480-6", Comparator::AtLeast, ("180", "mm[Hg]"));
    let pressure = |systolic: &str| {
        json!({ "resourceType": "Observation", "status": "final",
            "code": { "coding": [{ "code": "85354-9" }] },
            "component": [
                { "code": { "coding": [{ "code": "8480-6" }] }, "valueQuantity": quantity(systolic, "mm[Hg]") },
                { "code": { "coding": [{ "code": "8462-4" }] }, "valueQuantity": quantity("200", "mm[Hg]") },
            ] })
    };
    assert_eq!(holds(&criteria, &pressure("185")), Held::Yes);
    assert_eq!(holds(&criteria, &pressure("120")), Held::No);
}

#[test]
fn p5_what_cannot_be_compared_is_undecided_and_never_a_no() {
    let criteria = bound("2823-3", Comparator::Above, ("6", "mmol/L"));
    let odd = observation("2823-3", json!({ "value": 7, "unit": "furlong" }));
    assert_eq!(holds(&criteria, &odd), Held::Undecided("unknown_unit".to_owned()));
    let mut interval = quantity("5", "mmol/L");
    interval["comparator"] = json!(">");
    let interval = observation("2823-3", interval);
    assert_eq!(holds(&criteria, &interval), Held::Undecided("comparator".to_owned()));
    let mut text = observation("2823-3", Value::Null);
    text["valueString"] = json!("6,9");
    let held = holds(&criteria, &text);
    assert!(matches!(held, Held::Undecided(_)), "a decimal comma is no number: {held:?}");
}

#[test]
fn every_clause_says_what_it_came_to() {
    let criteria = path("status = 'final' and value > 6.0 'mmol/L' and interpretation.exists()");
    let ready = ready(trigger("Observation", criteria));
    let low = observation("2823-3", quantity("5.9", "mmol/L"));
    let tested = ready.test(&Change::new(&low, None, Interaction::Update, None));
    assert_eq!(ready.clauses(), ["status = 'final'", "value > 6.0 'mmol/L'", "interpretation.exists()"]);
    assert_eq!(tested.clauses, [ClauseResult::Holds, ClauseResult::Fails, ClauseResult::Fails]);
    assert_eq!(tested.held, Held::No);
}

#[test]
fn a_version_that_is_not_there_is_empty_before_and_after() {
    let started = "(%previous.empty() or %previous.status != 'in-progress') and status = 'in-progress'";
    let start = ready(trigger("Encounter", path(started)));
    let visit = |status: &str| json!({ "resourceType": "Encounter", "status": status });
    let held = |ready: &Ready, before: Option<&Value>, now: &Value, asked| {
        ready.test(&Change::new(now, before, asked, None)).held
    };
    let (planned, present) = (visit("planned"), visit("in-progress"));
    assert_eq!(held(&start, None, &present, Interaction::Update), Held::Yes);
    assert_eq!(held(&start, Some(&planned), &present, Interaction::Update), Held::Yes);
    assert_eq!(held(&start, Some(&present), &present, Interaction::Update), Held::No);
    let gone = ready(trigger("Encounter", path("%previous.status = 'in-progress' and %current.empty()")));
    assert_eq!(held(&gone, Some(&present), &present, Interaction::Delete), Held::Yes);
    assert_eq!(held(&gone, Some(&planned), &present, Interaction::Update), Held::No);
}

#[track_caller]
fn query(rule: QueryCriteria, before: Option<&str>, now: &str, asked: Interaction, expected: bool) {
    let told = format!("{rule:?} {before:?} {now} {asked:?}");
    let ready = ready(trigger("Encounter", Criteria { query: Some(rule), ..Criteria::default() }));
    let visit = |status: &str| json!({ "resourceType": "Encounter", "status": status });
    let (before, now) = (before.map(visit), visit(now));
    let held = ready.test(&Change::new(&now, before.as_ref(), asked, None)).held;
    assert_eq!(held, if expected { Held::Yes } else { Held::No }, "{told}");
}

#[test]
fn a_query_follows_every_rule_of_versions_that_are_not_there() {
    let both = QueryCriteria {
        previous: Some("status:not=finished".to_owned()),
        current: Some("status=finished".to_owned()),
        require_both: true,
        ..QueryCriteria::default()
    };
    let (update, create, delete) = (Interaction::Update, Interaction::Create, Interaction::Delete);
    query(both.clone(), Some("in-progress"), "finished", update, true);
    query(both.clone(), Some("finished"), "finished", update, false);
    query(both.clone(), Some("in-progress"), "in-progress", update, false);
    query(both.clone(), None, "finished", create, false);
    let passes = Some(AbsentTest::TestPasses);
    let on_create = QueryCriteria { result_for_create: passes, ..both.clone() };
    query(on_create.clone(), None, "finished", create, true);
    query(on_create.clone(), None, "planned", create, false);
    query(QueryCriteria { require_both: false, ..on_create }, None, "planned", create, true);
    query(both.clone(), Some("in-progress"), "finished", delete, false);
    let on_delete = QueryCriteria { result_for_delete: passes, ..both.clone() };
    query(on_delete.clone(), Some("in-progress"), "in-progress", delete, true);
    query(on_delete, Some("finished"), "finished", delete, false);
    let either = QueryCriteria { require_both: false, ..both };
    query(either.clone(), Some("in-progress"), "in-progress", update, true);
    query(either, Some("finished"), "in-progress", update, false);
    let now = QueryCriteria { current: Some("status=finished".to_owned()), ..QueryCriteria::default() };
    query(now.clone(), None, "finished", create, true);
    query(QueryCriteria { require_both: true, ..now }, None, "finished", create, false);
}

#[test]
fn where_expression_and_query_disagree_the_expression_decides_and_it_is_noted() {
    let mut criteria = path("status = 'finished'");
    criteria.query =
        Some(QueryCriteria { current: Some("status=planned".to_owned()), ..QueryCriteria::default() });
    let ready = ready(trigger("Encounter", criteria));
    let visit = json!({ "resourceType": "Encounter", "status": "finished" });
    let tested = ready.test(&Change::new(&visit, None, Interaction::Update, None));
    assert_eq!((tested.held, tested.disagrees), (Held::Yes, true));
}

#[test]
fn what_can_never_fire_is_refused_with_its_member() {
    let refused = |trigger: Trigger| {
        let made = Ready::new(Arc::new(Versioned { version: 1, doc: trigger }));
        made.err().map(|faults| faults[0].pointer.clone())
    };
    let of = |criteria| refused(trigger("Observation", criteria)).unwrap_or_default();
    assert_eq!(of(path("status = ")), "/fhirPath");
    assert_eq!(of(path("colour = 'red'")), "/fhirPath");
    assert_eq!(of(path("1 = 2")), "/fhirPath");
    assert_eq!(of(Criteria::default()), "/fhirPath");
    let two = Criteria { event_codes: vec!["A01".to_owned()], ..path("status = 'final'") };
    assert_eq!(of(two), "/fhirPath");
    let search = |previous: &str| Criteria {
        query: Some(QueryCriteria { previous: Some(previous.to_owned()), ..QueryCriteria::default() }),
        ..Criteria::default()
    };
    assert_eq!(of(search("colour=red")), "/query/previous");
    assert_eq!(of(Criteria { query: Some(QueryCriteria::default()), ..Criteria::default() }), "/query");
    let mut wide = trigger("Observation", path("status = 'final'"));
    wide.enrich.insert("site".to_owned(), "bodySite.".to_owned());
    assert_eq!(refused(wide).unwrap(), "/enrich/site");
    let elsewhere = trigger("Encounter", bound("1", Comparator::Below, ("1", "1")));
    assert_eq!(refused(elsewhere).unwrap(), "/resourceType");
}

#[test]
fn only_triggers_that_a_change_could_concern_look_at_it() {
    let mut config = model::Config::default();
    let mut add = |number: u128, more: Trigger| {
        let doc = Trigger { id: TriggerId::from_raw(number), ..more };
        config.triggers.insert(doc.id, Arc::new(Versioned { version: 1, doc }));
    };
    add(1, trigger("Observation", bound("59408-5", Comparator::Below, ("90", "%"))));
    add(
        2,
        trigger("Observation", path("code.coding.where(code = '2823-3').exists() and value > 6.0 'mmol/L'")),
    );
    add(3, trigger("Observation", path("status = 'final'")));
    add(4, trigger("Encounter", path("status = 'planned'")));
    add(5, trigger("Observation", Criteria { event_codes: vec!["R01".to_owned()], ..Criteria::default() }));
    add(6, Trigger { active: false, ..trigger("Observation", path("status = 'final'")) });
    add(
        7,
        Trigger {
            integration_id: Some(IntegrationId::from_raw(9)),
            ..trigger("Observation", path("status = 'final'"))
        },
    );
    let triggers = Triggers::of(&config, &Triggers::default());
    let concerned = |resource: &Value, event_code| {
        let change = Change::new(resource, None, Interaction::Update, event_code);
        let found = triggers.concerned(OrganisationId::from_raw(1), IntegrationId::from_raw(2), &change);
        found.iter().map(|ready| ready.trigger.id.raw()).collect::<Vec<_>>()
    };
    assert_eq!(concerned(&observation("2823-3", json!({})), None), [2, 3]);
    assert_eq!(concerned(&observation("59408-5", json!({})), Some("R01")), [1, 3, 5]);
    assert_eq!(concerned(&json!({ "resourceType": "Patient" }), Some("A08")), Vec::<u128>::new());
    let after = |before: &Value, resource: &Value| {
        let change = Change::new(resource, Some(before), Interaction::Update, Some("R30"));
        let found = triggers.concerned(OrganisationId::from_raw(1), IntegrationId::from_raw(2), &change);
        found.iter().map(|ready| ready.trigger.id.raw()).collect::<Vec<_>>()
    };
    let (before, mut now) = (observation("2823-3", json!({})), observation("59408-5", json!({})));
    assert_eq!(
        after(&before, &now),
        [1, 2, 3],
        "who told of it under its former code may have to take that back"
    );
    now["status"] = "entered-in-error".into();
    assert_eq!(after(&before, &now), [1, 2, 3, 5], "and who told of it by another event");
}

#[test]
fn a_topic_says_the_same_in_every_version() {
    let mut trigger = trigger("Observation", bound("59408-5", Comparator::Below, ("90", "%")));
    let told = |trigger: &Trigger, version| {
        let topic = topic::topic(&Versioned { version: 3, doc: trigger.clone() }, topic::Texts::Hidden);
        crate::topic_resource(version, &topic)
    };
    let topic = told(&trigger, model::FhirVersion::R5);
    assert_eq!((&topic["resourceType"], &topic["version"]), (&json!("SubscriptionTopic"), &json!("3")));
    assert_eq!(topic["url"], topic::canonical(trigger.id));
    let text = topic["resourceTrigger"][0]["fhirPathCriteria"].as_str().unwrap().to_owned();
    assert!(text.contains("value < 90 '%'"), "a threshold names nobody: {text}");
    let basic = told(&trigger, model::FhirVersion::R4);
    let all = basic["extension"].as_array().unwrap();
    let found = all.iter().find(|one| one["url"].as_str().unwrap().ends_with(".resourceTrigger")).unwrap();
    let parts = found["extension"].as_array().unwrap();
    assert!(parts.iter().any(|part| part["valueString"] == text.as_str()), "{parts:?}");
    assert_eq!(basic["modifierExtension"][0]["valueCode"], "active");
    trigger.criteria = Criteria { event_codes: vec!["A01".to_owned()], ..Criteria::default() };
    let event = told(&trigger, model::FhirVersion::R4B)["eventTrigger"][0]["event"].clone();
    assert_eq!(event["coding"][0]["code"], "A01");
    trigger.criteria = path("subject.reference = 'Patient/1001'");
    let hidden = told(&trigger, model::FhirVersion::R5).to_string();
    assert!(!hidden.contains("1001"), "a condition may name people: {hidden}");
}

#[test]
fn what_nothing_narrows_offers_no_filter() {
    let usual = Versioned { version: 1, doc: trigger("Observation", path("status = 'final'")) };
    let filters = |trigger: &Versioned<Trigger>| {
        topic::topic(trigger, topic::Texts::Shown).resources.remove(0).filters.join(" ")
    };
    assert_eq!(filters(&usual), "patient subject encounter category code status value-quantity date _id");
    let within = model::Span::secs(60);
    let memory = Memory::Absence { within, until: Vec::new() };
    let absent = Versioned { version: 1, doc: Trigger { memory, ..usual.doc } };
    assert_eq!(filters(&absent), "", "what did not come has no resource");
}
