//! What a trigger tells of a ward where values turn out wrong, come late, or do not come.

mod ward; // The ward.

use model::Judgement;
use serde_json::json;

use self::ward::Ward;

const CROSSED: &str = "vital.threshold_crossed";
const RETRACTED: &str = "trigger.retracted";

#[tokio::test]
async fn n5_a_low_value_that_stands_is_told_when_the_one_that_was_told_never_was() {
    let ward = Ward::with(json!({})).await;
    for (minute, value) in [(1, 95), (2, 88), (3, 87), (4, 86)] {
        ward.measure(minute, value).await;
    }
    assert_eq!(ward.types().await, [CROSSED]);
    ward.withdraw(2).await;
    let told = ward.told().await;
    assert_eq!(ward.types().await, [CROSSED, RETRACTED, CROSSED]);
    let ((first, _), (retraction, _), (instead, data)) = (&told[0], &told[1], &told[2]);
    assert_eq!(retraction.replaces, Some(first.id));
    assert_eq!((instead.replaces, instead.caused_by), (None, retraction.caused_by));
    assert_eq!((&data["value"]["value"], &data["status"]), (&json!(86), &json!("final")));
    assert_eq!((instead.lane, instead.time), (first.lane, ward.at(4)));
    assert!(instead.object.is_some() && instead.object != first.object);
    let judged = ward.intake.ports.store.judged(instead.caused_by.unwrap()).await.unwrap();
    let made: Vec<_> = judged.iter().map(|one| (one.judgement, one.raised)).collect();
    let expected = [(Judgement::Retracted, Some(retraction.id)), (Judgement::Fired, Some(instead.id))];
    assert_eq!(made, expected, "and the explanation of the withdrawal names both");

    // It is told like any other: not again, and taken back where it turns out wrong as well.
    ward.measure(5, 85).await;
    assert_eq!(ward.types().await.len(), 3);
    ward.bring(&[ward.saturation(4, ("corrected", 96))]).await;
    let told = ward.told().await;
    assert_eq!(ward.types().await[3..], [RETRACTED, CROSSED]);
    assert_eq!(told[3].0.replaces, Some(told[2].0.id));
    assert_eq!(told[4].1["value"]["value"], 85);
}

#[tokio::test]
async fn n5_where_nothing_of_the_run_stands_the_retraction_is_the_last_word() {
    let ward = Ward::with(json!({})).await;
    ward.measure(1, 88).await;
    ward.measure(2, 95).await;
    ward.withdraw(1).await;
    assert_eq!(ward.types().await, [CROSSED, RETRACTED]);
}

#[tokio::test]
async fn n5_an_absence_counts_from_the_value_before_one_that_never_was() {
    let absence = json!({ "kind": "absence", "within": "8h", "until": ["encounter.discharged"] });
    let usual = json!({ "criteria": { "fhirPath": "value.exists()" }, "memory": absence });
    let ward = Ward::with(usual.clone()).await;
    for minute in [60, 180] {
        ward.pass_to(minute).await;
        ward.measure(minute, 95).await;
    }
    ward.withdraw(180).await;
    ward.pass_to(60 + 8 * 60).await;
    assert_eq!(ward.types().await, Vec::<String>::new(), "eight hours are not over");
    ward.pass_to(60 + 8 * 60 + 1).await;
    let told = ward.told().await;
    assert_eq!(ward.types().await, [CROSSED]);
    assert_eq!(told[0].1["last"], json!(ward.at(60)));

    // What is measured wrongly afterwards ends no absence.
    ward.pass_to(600).await;
    ward.measure(600, 95).await;
    ward.withdraw(600).await;
    ward.pass_to(601).await;
    assert_eq!(ward.types().await.len(), 2);

    // What is too old when it is first heard of is overdue.
    let ward = Ward::with(usual).await;
    ward.pass_to(24 * 60).await;
    ward.measure(60, 95).await;
    ward.measure(61, 95).await;
    ward.pass_to(24 * 60 + 2).await;
    ward.measure(62, 95).await;
    ward.pass_to(24 * 60 + 9).await;
    assert_eq!(ward.types().await, [CROSSED], "once, however much of the past comes");
}

#[tokio::test]
async fn n5_a_discharge_that_is_taken_back_lets_the_waiting_go_on() {
    let absence = json!({ "kind": "absence", "within": "8h", "until": ["encounter.discharged"] });
    let ward = Ward::with(json!({ "criteria": { "fhirPath": "value.exists()" }, "memory": absence })).await;
    let visit = |status: &str| {
        json!({
            "resourceType": "Encounter", "id": "v1", "status": status, "class": { "code": "IMP" },
            "subject": { "reference": "Patient/p1" },
        })
    };
    ward.pass_to(60).await;
    ward.bring(&[visit("in-progress")]).await;
    ward.measure(60, 95).await;
    ward.pass_to(120).await;
    ward.bring(&[visit("finished")]).await;
    ward.pass_to(600).await;
    assert_eq!(ward.types().await.len(), 0, "who went home is not waited for");
    ward.bring(&[visit("in-progress")]).await;
    ward.pass_to(601).await;
    assert_eq!(ward.types().await, [CROSSED]);
}

#[tokio::test]
async fn p5_who_was_told_that_it_holds_hears_that_nobody_can_tell_any_more() {
    let ward = Ward::with(json!({})).await;
    ward.measure(1, 88).await;
    let mut corrected = ward.saturation(1, ("corrected", 80));
    corrected["valueQuantity"] = json!({ "value": 80, "unit": "furlong" });
    ward.bring(&[corrected]).await;
    let told = ward.told().await;
    assert_eq!(ward.types().await, [CROSSED, "trigger.indeterminate"]);
    assert_eq!((told[1].0.replaces, told[1].0.lane), (Some(told[0].0.id), told[0].0.lane));
}

#[tokio::test]
async fn n5_a_version_that_is_older_than_what_is_known_is_named_whatever_else_its_message_raises() {
    let ward = Ward::with(json!({})).await;
    ward.measure(1, 95).await;
    ward.bring(&[ward.saturation(1, ("preliminary", 80)), ward.saturation(2, ("final", 96))]).await;
    assert_eq!(ward.types().await, Vec::<String>::new());
    let (event, _) = ward.events().await.pop().unwrap();
    let message = ward.intake.ports.store.find_message(event.message.unwrap()).await.unwrap().unwrap();
    assert_eq!(message.flaws, ["silent Observation stale x1", "stale Observation: preliminary after final"]);
    let judged = ward.intake.ports.store.judged(event.id).await.unwrap();
    let made: Vec<_> = judged.iter().map(|one| one.judgement).collect();
    assert_eq!(made, [Judgement::Stale, Judgement::NotMatched]);
}

#[tokio::test]
async fn a_condition_may_ask_what_time_it_is() {
    let recent = json!({ "criteria": { "fhirPath": "value < 90 '%' and effective > now() - 1 hour" } });
    let ward = Ward::with(recent).await;
    ward.pass_to(600).await;
    ward.measure(20, 80).await;
    assert_eq!(ward.types().await, Vec::<String>::new());
    ward.measure(590, 80).await;
    assert_eq!(ward.types().await, [CROSSED]);
}

#[tokio::test]
async fn p5_a_number_and_a_member_that_nobody_can_tell_are_told_as_that() {
    let rise = json!({
        "criteria": { "fhirPath": "code.exists()" },
        "memory": { "kind": "change", "direction": "rise", "amount": "5 '%'", "within": "1h",
            "value": "value + 1 '%'" },
    });
    let ward = Ward::with(rise).await;
    let mut odd = ward.saturation(1, ("final", 80));
    odd["valueQuantity"] = json!({ "value": 80, "unit": "furlong" });
    ward.bring(&[odd]).await;
    assert_eq!(ward.types().await, ["trigger.indeterminate"]);
    let each = json!({ "memory": { "kind": "each" }, "enrich": { "note": "code.coding.first() + 1" } });
    let ward = Ward::with(each).await;
    ward.measure(1, 80).await;
    let told = ward.told().await;
    assert_eq!(told[0].1["rule"]["undecided"], json!({ "note": "mismatch" }));
}
