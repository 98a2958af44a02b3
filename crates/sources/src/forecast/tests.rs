//! A small hospital over a store in memory, and what changes would make of what it received.

mod world; // The hospital.
mod law; // What holds of every forecast.

use std::time::Duration;

use model::{Change, DifferenceKind, Lane, SiteTables, Stopped, Trigger, Webhook};
use serde_json::json;

use self::world::{World, tally};
use super::Bounds;

#[tokio::test(start_paused = true)]
async fn a_stricter_trigger_fires_for_fewer_patients_and_the_clause_says_why() {
    let world = World::new().await;
    world.trigger("1", "value > 6.0 'mmol/L' and status = 'final'", json!({})).await;
    for (patient, value) in [("one", "6.2"), ("two", "7.1"), ("three", "5.0")] {
        world.result(patient, value).await;
    }
    let stored = world.stored().await;
    let stricter = world.trigger_doc("1", "value > 7.0 'mmol/L' and status = 'final'", json!({}));
    let told = world.foretell(Change::PutTrigger(Box::new(stricter))).await;
    assert_eq!((told.messages, told.gone, told.stopped), (3, 0, None));
    let of = &told.types[&"vital.threshold_crossed".into()];
    assert_eq!(tally(of.events), (1, 0, 1, 0), "same, anew, no longer, changed");
    let [lost] = &told.samples[..] else { panic!("{:?}", told.samples) };
    assert_eq!(lost.kind, DifferenceKind::NoLonger);
    let judged = &lost.triggers[0].judged;
    assert_eq!(judged.before.as_ref().unwrap().outcome.name(), "fired");
    let after = judged.after.as_ref().unwrap();
    assert_eq!(after.outcome.name(), "not_matched");
    assert_eq!(after.clauses[0], ("value > 7.0 'mmol/L'".to_owned(), model::ClauseResult::Fails));
    assert_eq!(after.clauses[1].1, model::ClauseResult::Holds);
    assert!(lost.event.is_some_and(|id| stored.contains(&id)), "the stored event is named");
    assert_eq!(world.stored().await, stored, "nothing was written");
}

#[tokio::test(start_paused = true)]
async fn p7_a_trigger_that_remembers_is_folded_over_the_messages_in_their_order() {
    let world = World::new().await;
    for value in ["6.2", "6.4", "5.0", "6.3"] {
        world.result("one", value).await;
        world.result("two", value).await;
    }
    let crossing = world.trigger_doc("1", "value > 6.0 'mmol/L'", json!({ "kind": "crossing" }));
    let told = world.foretell(Change::PutTrigger(Box::new(crossing))).await;
    assert_eq!(told.types[&"vital.threshold_crossed".into()].events.anew, 4, "two crossings of each patient");
    let each = world.trigger_doc("1", "value > 6.0 'mmol/L'", json!({ "kind": "each" }));
    let told = world.foretell(Change::PutTrigger(Box::new(each))).await;
    assert_eq!(told.types[&"vital.threshold_crossed".into()].events.anew, 6, "every value of each patient");
}

#[tokio::test(start_paused = true)]
async fn what_stays_away_is_foretold_by_the_clock_of_the_messages() {
    let world = World::new().await;
    world.result("one", "5.0").await;
    world.pass(7_200).await;
    world.result("two", "5.0").await;
    let waiting =
        world.trigger_doc("1", "value.exists()", json!({ "kind": "absence", "within": "1h", "until": [] }));
    let told = world.foretell(Change::PutTrigger(Box::new(waiting))).await;
    assert_eq!(
        told.types[&"vital.threshold_crossed".into()].events.anew,
        1,
        "of the first; the second still waits"
    );
}

#[tokio::test(start_paused = true)]
async fn a_code_table_makes_stored_results_critical_and_names_what_differs() {
    let world = World::new().await;
    world.local_result("one", "6.9").await;
    let tables: SiteTables = serde_json::from_value(json!({
        "codes": [{ "from": "K", "to": "2823-3" }], "units": [{ "from": "mmoll", "to": "mmol/L" }],
        "thresholds": [{ "loinc": "2823-3", "unit": "mmol/L", "criticalHigh": 6.5 }],
    }))
    .unwrap();
    let told = world.foretell(world.tables(tables)).await;
    let changed = told.samples.iter().find(|one| one.kind == DifferenceKind::Changed).unwrap();
    let raised = |one: &Option<model::Raised>| one.as_ref().map(|one| (one.event_type.to_string(), one.lane));
    assert_eq!(raised(&changed.raised.before), Some(("lab.result.abnormal".to_owned(), Lane::Urgent)));
    assert_eq!(raised(&changed.raised.after), Some(("lab.result.critical".to_owned(), Lane::Critical)));
    assert!(changed.members.iter().any(|member| member == "/type"), "{:?}", changed.members);
    let text = format!("{:?}", told.samples);
    assert!(!text.contains("Doe") && !text.contains("6.9"), "ids, types and places only: {text}");
}

#[tokio::test(start_paused = true)]
async fn an_override_shows_the_places_of_the_resource_that_it_fills() {
    let world = World::new().await;
    let new = "MSH|^~\\&|ADT|NORTH|CAREHOOK|HUB|20260101090000||ADT^A28|1|P|2.5.1\r\
               PID|1||one^^^NORTH^MR||Doe^A\rZPD|1|Ward note\r";
    world.message(new).await;
    let row = json!({ "from": "2", "to": "extension+.valueString", "as": "string", "with": "{\"url\":\"urn:note\"}" });
    let overrides = json!({
        "segments": { "ZPD[Patient]": { "rows": [row] } }, "messages": { "ADT^A28": { "ZPD": "add Patient" } },
    });
    let tables: SiteTables = serde_json::from_value(json!({ "overrides": overrides })).unwrap();
    let told = world.foretell(world.tables(tables)).await;
    let members: Vec<&str> = told.samples.iter().flat_map(|one| &one.members).map(String::as_str).collect();
    assert!(members.contains(&"/resource/extension"), "{members:?}");
    assert!(!format!("{told:?}").contains("Ward note"), "the place is told, not what stands there");
}

#[tokio::test(start_paused = true)]
async fn a_filter_changes_who_gets_an_event_and_its_clauses_say_which_of_them_refuses() {
    let world = World::new().await;
    let hook = world.webhook(None).await;
    world.result("one", "5.0").await;
    world.flagged("two", "6.9").await;
    let filter = "lane = 'critical' and type = 'lab.result.critical'";
    let filtered = Webhook { filter: Some(filter.to_owned()), ..hook.clone() };
    let told = world.foretell(Change::PutWebhook(Box::new(filtered))).await;
    assert_eq!((told.deliveries.no_longer, told.deliveries.anew, told.deliveries.changed), (1, 0, 0));
    assert!(told.deliveries.same >= 1);
    let routed = told.samples.iter().find(|one| one.kind == DifferenceKind::Routed).unwrap();
    let decided = &routed.webhooks[0].decided;
    assert_eq!(decided.before.as_ref().unwrap().outcome.name(), "matched");
    let after = decided.after.as_ref().unwrap();
    assert_eq!(after.outcome.name(), "filtered");
    assert_eq!(after.clauses[0], ("lane = 'critical'".to_owned(), model::ClauseResult::Fails));
}

#[tokio::test(start_paused = true)]
async fn events_that_came_as_events_are_decided_upon_again() {
    let world = World::new().await;
    let hook = world.webhook_of_events().await;
    world.event("lab.result.critical", "a").await;
    world.event("lab.result.available", "b").await;
    let filtered = Webhook { filter: Some("type = 'lab.result.critical'".to_owned()), ..hook };
    let told = world.foretell(Change::PutWebhook(Box::new(filtered))).await;
    assert_eq!((told.retold, told.messages), (2, 0));
    assert_eq!(tally(told.events), (2, 0, 0, 0));
    assert_eq!((told.deliveries.same, told.deliveries.no_longer), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn events_that_a_feed_of_messages_sends_as_events_are_decided_upon_again_and_what_triggers_said_is_not()
{
    let world = World::new().await;
    let hook = world.webhook(None).await;
    let waiting = json!({ "kind": "absence", "within": "1h", "until": [] });
    world.trigger("1", "value.exists()", waiting).await;
    world.result("one", "5.0").await;
    world.event_from(world.laboratory, ("lab.order.placed", "a")).await;
    world.pass(7_200).await;
    world.miss_what_is_due().await;
    let stored = world.stored().await;
    assert_eq!(stored.len(), 3, "a report, an order, and what stayed away");
    let filtered = Webhook { filter: Some("type = 'lab.result.available'".to_owned()), ..hook };
    let told = world.foretell(Change::PutWebhook(Box::new(filtered))).await;
    assert_eq!((told.messages, told.retold, told.gone), (1, 1, 0));
    assert_eq!((told.deliveries.same, told.deliveries.no_longer), (1, 1));
    assert_eq!(
        told.types[&"vital.threshold_crossed".into()].events.same,
        1,
        "it stays away once on both sides"
    );
}

#[tokio::test(start_paused = true)]
async fn p5_what_cannot_be_decided_is_counted_apart() {
    let world = World::new().await;
    world.result_in("one", ("6.2", "furlong")).await;
    let doc = world.trigger_doc("1", "value > 6.0 'mmol/L'", json!({}));
    let told = world.foretell(Change::PutTrigger(Box::new(doc))).await;
    assert_eq!((told.undecided.before, told.undecided.after), (0, 1));
    assert_eq!(told.types[&"trigger.indeterminate".into()].events.anew, 1);
}

#[tokio::test(start_paused = true)]
async fn an_erased_subject_is_counted_as_gone_and_told_of_no_more() {
    let world = World::new().await;
    world.result("one", "6.2").await;
    world.result("two", "6.2").await;
    world.erase_first().await;
    let doc = world.trigger_doc("1", "value > 6.0 'mmol/L'", json!({}));
    let told = world.foretell(Change::PutTrigger(Box::new(doc))).await;
    assert_eq!((told.messages, told.gone), (1, 1));
    assert_eq!(told.types[&"vital.threshold_crossed".into()].events.anew, 1);
}

#[tokio::test(start_paused = true)]
async fn more_than_one_forecast_takes_in_is_said_with_how_to_go_on() {
    let world = World::new().await;
    for patient in ["one", "two", "three", "four", "five"] {
        world.result(patient, "6.2").await;
    }
    let change = Change::PutTrigger(Box::new(world.trigger_doc("1", "value > 6.0 'mmol/L'", json!({}))));
    let told = world.foretell_in(Bounds { messages: 2, ..Bounds::default() }, change.clone(), None).await;
    assert_eq!((told.messages, told.stopped), (2, Some(Stopped::Messages)), "the newest");
    let mut left = told.left;
    // Whether there is room is looked at before each message: the one that goes beyond is still taken in.
    let told = world.foretell_in(Bounds { bytes: 1, ..Bounds::default() }, change.clone(), left.pop()).await;
    assert_eq!((told.messages, told.stopped), (1, Some(Stopped::Bytes)), "the oldest of the rest");
    left.extend(told.left);
    let told = world
        .foretell_in(
            Bounds { time: Duration::ZERO, ..Bounds::default() },
            change.clone(),
            left.last().copied(),
        )
        .await;
    assert_eq!((told.messages, told.stopped, &told.left), (0, Some(Stopped::Time), &left));
    let told = world.foretell_in(Bounds::default(), change, left.pop()).await;
    assert_eq!((told.messages, told.stopped, told.left), (2, None, Vec::new()), "all of them, each once");
}

#[tokio::test(start_paused = true)]
async fn one_forecast_runs_at_a_time() {
    let world = World::new().await;
    let doc: Trigger = world.trigger_doc("1", "value > 6.0 'mmol/L'", json!({}));
    let held = world.intake.forecasting.lock().await;
    let refused = world.asked(Change::PutTrigger(Box::new(doc.clone()))).await.unwrap_err();
    assert_eq!((refused.code, refused.retry_after), (model::Code::Overloaded, Some(5)));
    drop(held);
    assert!(world.asked(Change::PutTrigger(Box::new(doc))).await.is_ok());
}
