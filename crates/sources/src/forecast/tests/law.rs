//! What holds of every forecast.

use model::{Change, SiteTables, Webhook};
use serde_json::json;

use super::world::{World, tally};

/// Numbers that look like chance, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Results of a few patients, corrections, arrivals, and what nobody maps.
async fn history(world: &World, dice: &mut Dice) {
    for _ in 0..30 {
        let patient = ["one", "two", "three"][dice.below(3) as usize];
        let value = format!("{}.{}", 3 + dice.below(5), dice.below(10));
        match dice.below(6) {
            0 => world.flagged(patient, &value).await,
            1 => world.local_result(patient, &value).await,
            2 => world.result_in(patient, (&value, "furlong")).await,
            3 => {
                let text = world.oru(patient, &format!("2823-3^Potassium^LN||{value}|mmol/L|3.5-5.1|"));
                world.message(&text).await;
                world.message(&text.replace("|P|2.5.1", "|P|2.5").replace("|||F|||", "|||C|||")).await;
            }
            4 => world.pass(1_800).await,
            _ => world.result(patient, &value).await,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_to_what_is_published_already_makes_no_difference() {
    for seed in 1..=3 {
        eprintln!("seed {seed}: repeat with this number alone");
        let world = World::new().await;
        world.trigger("1", "value > 6.0 'mmol/L'", json!({ "kind": "crossing" })).await;
        world.trigger("2", "value > 5.0 'mmol/L'", json!({ "kind": "each" })).await;
        world
            .trigger("3", "value.exists()", json!({ "kind": "absence", "within": "20m", "until": [] }))
            .await;
        let tables: SiteTables = serde_json::from_value(json!({
            "codes": [{ "from": "K", "to": "2823-3" }],
            "thresholds": [{ "loinc": "2823-3", "unit": "mmol/L", "criticalHigh": 6.5 }],
        }))
        .unwrap();
        world.change(world.tables(tables.clone())).await;
        let hook: Webhook = world.webhook(Some("data.value > 6.0 'mmol/L'")).await;
        history(&world, &mut Dice(seed)).await;
        let trigger = world.trigger_doc("1", "value > 6.0 'mmol/L'", json!({ "kind": "crossing" }));
        for same in
            [Change::PutTrigger(Box::new(trigger)), world.tables(tables), Change::PutWebhook(Box::new(hook))]
        {
            let told = world.foretell(same).await;
            assert!(told.messages > 10, "seed {seed}: {told:?}");
            assert_eq!((told.differences, told.samples.len()), (0, 0), "seed {seed}: {:?}", told.samples);
            let (same, anew, no_longer, changed) = tally(told.events);
            assert_eq!((anew, no_longer, changed), (0, 0, 0), "seed {seed}");
            assert_eq!(told.undecided.before, told.undecided.after, "seed {seed}");
            assert!(same > 10, "seed {seed}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_change_foretells_is_what_happens_once_it_is_made() {
    let world = World::new().await;
    let change = |doc| Change::PutTrigger(Box::new(doc));
    let doc = world.trigger_doc("1", "value > 6.0 'mmol/L'", json!({ "kind": "crossing" }));
    history(&world, &mut Dice(99)).await;
    let told = world.foretell(change(doc.clone())).await;
    let made = World::new().await;
    made.change(change(doc)).await;
    history(&made, &mut Dice(99)).await;
    let mut fired = 0;
    for id in made.stored().await {
        let found = store::Read::find_event(&*made.intake.ports.store, id).await.unwrap().unwrap();
        fired += u64::from(found.event.event_type.as_str() == "vital.threshold_crossed");
    }
    assert!(fired > 2, "{fired}");
    assert_eq!(told.types[&"vital.threshold_crossed".into()].events.anew, fired);
}
