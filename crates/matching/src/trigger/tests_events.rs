//! Triggers that look at events.

use std::sync::Arc;

use model::{
    ClauseResult, Content, Criteria, EventType, Id, IntegrationId, Interaction, Lane, Memory, Object,
    OrganisationId, OwnType, Sight, Subject, Timestamp, Trigger, TriggerId, Versioned,
};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use super::*;
use crate::{Catalogue, Compiled, Seen};

const COMPLETED: &str = "survey.response.completed";

fn trigger(text: &str) -> Trigger {
    Trigger {
        id: TriggerId::from_raw(1),
        organisation_id: OrganisationId::from_raw(1),
        name: "Unhappy".to_owned(),
        integration_id: None,
        sight: Sight::Events(vec![COMPLETED.into()]),
        event_type: "survey.response.unfavourable".into(),
        criteria: Criteria { fhir_path: Some(text.to_owned()), ..Criteria::default() },
        interactions: vec![Interaction::Create],
        lane: Lane::Urgent,
        memory: Memory::Each,
        enrich: [].into(),
        active: true,
        created_at: Timestamp::from_millis(0),
    }
}

fn made(trigger: Trigger) -> Result<Ready, Vec<Unready>> {
    Ready::new(Arc::new(Versioned { version: 1, doc: trigger }))
}

/// An answered survey as expressions see it.
fn seen(data: &Value) -> Value {
    let (name, kind) = (EventType::from(COMPLETED), EventType::from("survey_response"));
    let system = "urn:survey".to_owned();
    let subject = Subject { kind: "patient".to_owned(), system: system.clone(), id: "1001".to_owned() };
    let object = Object { system, id: "survey_response/RSP-1".to_owned() };
    let content =
        Content { subject: Some(subject), object: Some(object), ..Content::of(to_raw_value(data).unwrap()) };
    let seen = Seen {
        event_type: &name,
        object_type: &kind,
        lane: Lane::Routine,
        time: Timestamp::from_millis(0),
        received: Timestamp::from_millis(1),
        test: false,
        integration: Some(IntegrationId::from_raw(1)),
        caused_by: None,
        hops: 0,
        content: &content,
    };
    Value::Object(seen.members())
}

fn held(text: &str, data: &Value) -> Held {
    let seen = seen(data);
    made(trigger(text)).unwrap().test(&Change::of_event(&seen)).held
}

#[test]
fn a_condition_over_an_event_reads_its_members_and_its_data_to_the_letter() {
    assert_eq!(held("data.score <= 6", &json!({ "score": 6 })), Held::Yes);
    assert_eq!(held("data.score <= 6", &json!({ "score": 6.5 })), Held::No);
    assert_eq!(held("data.score <= 6", &json!({})), Held::No);
    let all =
        "type = 'survey.response.completed' and lane = 'routine' and test.not() and subject.id = '1001'";
    assert_eq!(held(all, &json!({})), Held::Yes);
    assert_eq!(held("time < received and object.type = 'survey_response'", &json!({})), Held::Yes);
}

#[test]
fn p5_a_member_that_cannot_be_compared_leaves_the_trigger_undecided() {
    let told = held("data.score <= 6", &json!({ "score": "six" }));
    assert!(matches!(told, Held::Undecided(_)), "{told:?}");
    let pain = json!({ "pain": { "value": 9, "unit": "furlong" } });
    assert_eq!(held("data.pain > 6 'mm'", &pain), Held::Undecided("unknown_unit".to_owned()));
}

#[test]
fn every_clause_over_an_event_says_what_it_came_to() {
    let ready = made(trigger("data.score <= 6 and data.done and lane = 'routine'")).unwrap();
    let seen = seen(&json!({ "score": 9 }));
    let tested = ready.test(&Change::of_event(&seen));
    assert_eq!(tested.clauses, [ClauseResult::Fails, ClauseResult::Empty, ClauseResult::Holds]);
}

#[test]
fn what_a_trigger_says_of_an_event_is_its_reference_its_rule_and_what_it_adds_by_name() {
    let mut wish = trigger("data.score <= 6");
    wish.enrich.insert("score".to_owned(), "data.score".to_owned());
    let ready = made(wish).unwrap();
    let info = Catalogue::embedded().find("survey.response.unfavourable").unwrap();
    let seen = seen(&json!({ "responseRef": "RSP-1", "score": 3, "comment": "private" }));
    let said = data_of_event(&ready, &Change::of_event(&seen), info);
    let rule = json!({ "id": TriggerId::from_raw(1), "name": "Unhappy" });
    assert_eq!(said["rule"], rule);
    assert_eq!((&said["responseRef"], &said["onEventType"]), (&json!("RSP-1"), &json!(COMPLETED)));
    assert_eq!((&said["score"], &said["comment"]), (&json!(3), &Value::Null));
}

#[test]
fn only_triggers_of_an_events_type_organisation_and_integration_look_at_it() {
    let mut config = model::Config::default();
    let mut add = |number: u128, more: Trigger| {
        let doc = Trigger { id: TriggerId::from_raw(number), ..more };
        config.triggers.insert(doc.id, Arc::new(Versioned { version: 1, doc }));
    };
    let usual = || trigger("data.score <= 6");
    add(1, usual());
    add(2, Trigger { active: false, ..usual() });
    add(3, Trigger { organisation_id: OrganisationId::from_raw(2), ..usual() });
    add(4, Trigger { integration_id: Some(IntegrationId::from_raw(9)), ..usual() });
    add(5, Trigger { sight: Sight::Events(vec!["order.created".into(), COMPLETED.into()]), ..usual() });
    add(6, Trigger { sight: Sight::Changes("Observation".to_owned()), ..trigger("status = 'final'") });
    let triggers = Triggers::of(&config, &Triggers::default());
    let looking = |event_type: &str, integration| {
        let of = (OrganisationId::from_raw(1), IntegrationId::from_raw(integration));
        let event_type = event_type.into();
        let found = triggers.looking_at_event(of, &event_type);
        found.map(|ready| ready.trigger.id.raw()).collect::<Vec<_>>()
    };
    assert_eq!(looking(COMPLETED, 1), [1, 5]);
    assert_eq!(looking(COMPLETED, 9), [1, 4, 5]);
    assert_eq!(looking("order.created", 1), [5]);
    assert_eq!(looking("appointment.booked", 1), Vec::<u128>::new());
}

#[test]
fn over_events_only_an_expression_says_when_it_fires_and_which_number_is_followed() {
    let refused = |trigger| made(trigger).unwrap_err().remove(0).pointer;
    let codes = Criteria { event_codes: vec!["A01".to_owned()], ..Criteria::default() };
    assert_eq!(refused(Trigger { criteria: codes, ..trigger("true") }), "/fhirPath");
    assert_eq!(refused(trigger("1 = 2")), "/fhirPath");
    let rise = json!({ "kind": "change", "direction": "rise", "amount": "2", "within": "1h" });
    let memory: Memory = serde_json::from_value(rise).unwrap();
    assert_eq!(refused(Trigger { memory, ..trigger("true") }), "/state/value");
}

#[test]
fn what_a_schema_closes_is_refused_and_what_it_leaves_open_is_hinted_at() {
    let own = |schema: Value| {
        let doc: OwnType = serde_json::from_value(json!({
            "id": model::EventTypeId::from_raw(1), "organisationId": OrganisationId::from_raw(1),
            "name": "clinic.mood", "objectType": "mood", "lane": "routine", "title": "A mood.",
            "description": "", "sample": {}, "schema": schema, "createdAt": "2026-01-01T00:00:00.000Z",
        }))
        .unwrap();
        let mut config = model::Config::default();
        config.event_types.insert(doc.id, Arc::new(Versioned { version: 1, doc }));
        Compiled::new(config)
    };
    let told = |schema: Value, text: &str| {
        let compiled = own(schema);
        let info = compiled.find_type(OrganisationId::from_raw(1), "clinic.mood").unwrap();
        let linted = lint(&trigger(text), &[info]);
        linted.into_iter().map(|one| (one.misread.what, one.is_certain)).collect::<Vec<_>>()
    };
    let open = json!({ "type": "object", "properties": { "score": { "type": ["integer", "null"] } } });
    let mut closed = open.clone();
    closed["additionalProperties"] = json!(false);
    let unknown = "Line 1, column 6: The data of clinic.mood has no member scroe.".to_owned();
    assert_eq!(told(closed, "data.scroe <= 6"), [(unknown.clone(), true)]);
    assert_eq!(told(open.clone(), "data.scroe <= 6"), [(unknown, false)]);
    assert_eq!(told(open.clone(), "data.score <= 6"), []);
    let never = "Line 1, column 1: Decimal is never comparable with String.".to_owned();
    assert_eq!(told(open, "data.score = 'low'"), [(never, true)]);
    let joined = json!({ "allOf": [{ "properties": { "score": {} } }] });
    assert_eq!(told(joined, "data.anything.at.all"), []);
}

#[test]
fn a_trigger_over_several_types_is_refused_only_for_what_none_of_them_has() {
    let types: Vec<_> =
        [COMPLETED, "appointment.booked"].map(|name| Catalogue::embedded().find(name).unwrap()).into();
    let certain = |text: &str| {
        let linted = lint(&trigger(text), &types);
        linted.iter().map(|one| one.is_certain).collect::<Vec<_>>()
    };
    assert_eq!(certain("score <= 6"), [true], "the data is below data");
    assert_eq!(certain("data.responseRef.exists()"), [false]);
    assert_eq!(certain("%previous.data.exists()"), [true]);
}
