//! What happens: a stay with results, and an appointment after it.

use jiff::civil::{DateTime, datetime};

use crate::chance::Chance;
use crate::hl7::{Sender, Value};
use crate::person::Person;
use crate::resources;

/// One thing a source sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A message, segments ended by CR, without MLLP framing.
    Hl7(Vec<u8>),
    /// A resource, to be put at its type and id.
    Fhir(serde_json::Value),
}

/// The journeys of `people` patients, one after the other.
///
/// Each is admitted, has two results (the second one final), an update, a vital
/// sign and a discharge, and books an appointment that every third cancels.
#[must_use]
pub fn journey(seed: u64, people: usize) -> Vec<Step> {
    let mut chance = Chance::new(seed);
    let mut steps = Vec::with_capacity(people * 12);
    for _ in 0..people {
        let person = Person::new(chance.next());
        let minutes = i64::try_from(chance.below(300_000)).unwrap_or(0);
        stay(&person, later(datetime(2026, 1, 1, 7, 0, 0, 0), minutes), &mut chance, &mut steps);
    }
    steps
}

fn stay(person: &Person, admitted: DateTime, chance: &mut Chance, steps: &mut Vec<Step>) {
    let mut number = 0;
    let mut send = |minutes: i64, say: &dyn Fn(&Sender<'_>) -> Vec<u8>| {
        number += 1;
        Step::Hl7(say(&Sender { person, number, at: later(admitted, minutes) }))
    };
    let tenths = 22 + chance.below(55);
    let first = [potassium(tenths), sodium()];
    let second = [potassium(38 + chance.below(12)), sodium()];
    let visit_at = later(admitted, 20_000);
    steps.push(Step::Fhir(resources::patient(person)));
    steps.push(send(0, &|sender| sender.adt("A01", person.city)));
    steps.push(Step::Fhir(resources::encounter(person, admitted, "in-progress")));
    steps.push(send(45, &|sender| sender.oru('P', &first)));
    steps.push(Step::Fhir(resources::vital(person, later(admitted, 60), 90 + chance.below(10))));
    steps.push(send(90, &|sender| sender.adt("A08", "Movedham")));
    steps.push(send(300, &|sender| sender.oru('F', &second)));
    steps.push(send(2_800, &|sender| sender.siu("S12", visit_at, "Booked")));
    steps.push(send(2_880, &|sender| sender.adt("A03", "Movedham")));
    if chance.below(3) == 0 {
        steps.push(send(4_000, &|sender| sender.siu("S15", visit_at, "Cancelled")));
        steps.push(Step::Fhir(resources::appointment(person, visit_at, "cancelled")));
    }
}

fn sodium() -> Value {
    Value {
        code: "2951-2",
        name: "Sodium",
        value: "140".to_owned(),
        unit: "mmol/L",
        range: "135-145",
        flag: "N",
    }
}

fn potassium(tenths: u64) -> Value {
    Value {
        code: "2823-3",
        name: "Potassium",
        value: format!("{}.{}", tenths / 10, tenths % 10),
        unit: "mmol/L",
        range: "3.5-5.1",
        flag: resources::potassium_flag(tenths),
    }
}

fn later(at: DateTime, minutes: i64) -> DateTime {
    at.checked_add(jiff::Span::new().minutes(minutes)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_journeys_and_another_seed_gives_others() {
        assert_eq!(journey(1, 5), journey(1, 5));
        assert_ne!(journey(1, 5), journey(2, 5));
        assert!(journey(1, 5).len() >= 45);
    }

    #[test]
    fn every_message_has_a_number_of_its_own_and_some_are_critical() {
        let steps = journey(7, 200);
        let texts: Vec<String> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Hl7(bytes) => Some(String::from_utf8(bytes.clone()).unwrap()),
                Step::Fhir(_) => None,
            })
            .collect();
        let mut numbers: Vec<&str> = texts.iter().map(|text| text.split('|').nth(9).unwrap()).collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
        assert!(
            texts.iter().any(|text| text.contains("|HH|")) && texts.iter().any(|text| text.contains("S15"))
        );
        assert!(
            texts.iter().all(|text| text.starts_with("MSH|") && text.ends_with('\r') && !text.contains('\n'))
        );
    }

    #[test]
    fn an_observation_is_about_one_and_a_half_kilobytes() {
        for seed in 0..50 {
            let text = crate::observation(seed);
            assert!((1_300..1_900).contains(&text.len()), "{}", text.len());
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
