//! Synthetic journeys, from the message to the event.

use std::collections::{BTreeMap, HashMap};

use fhir::v2::{Site, map};
use model::{Lane, Object};
use patients::{Step, journey};
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::{Input, Interaction, Prior, Silence, raise};
use crate::{Catalogue, check_data};

/// What a source would remember.
#[derive(Default)]
struct Memory(HashMap<Object, (Value, Option<Prior>)>);

impl Memory {
    fn hear(&mut self, bytes: &[u8], counts: &mut BTreeMap<String, u32>) {
        let site = Site {
            namespace: "urn:site".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            ..Site::default()
        };
        let (message, flaws) = hl7v2::parse(bytes).unwrap();
        let mapped = map(&message, &site);
        assert!(
            flaws.is_empty() && mapped.flaws.is_empty() && mapped.refused.is_none(),
            "{:?}",
            mapped.flaws
        );
        let counted: Vec<_> = mapped.unmapped.keys().map(String::as_str).collect();
        assert!(counted.iter().all(|place| matches!(*place, "PV1-2" | "PV1-3" | "SCH-6")), "{counted:?}");
        for resource in &mapped.resources {
            let known = self.0.get(&resource.object);
            let now = resource.over(known.map(|(previous, _)| previous));
            assert_eq!(fhir::check(&now), Ok(()));
            let mut prior = known.and_then(|(_, prior)| prior.clone());
            let outcome = raise(&Input {
                resource: &now,
                interaction: Interaction::Update,
                previous: known.map(|(previous, _)| previous),
                prior: prior.as_ref(),
                event_code: Some(&mapped.event_code),
                namespace: "urn:site",
            });
            assert!(!outcome.silent.contains(&Silence::Stale));
            for event in outcome.raised {
                let info = Catalogue::embedded().find(event.event_type.as_str()).unwrap();
                assert_eq!(check_data(info, &to_raw_value(&event.data).unwrap()), Ok(()));
                assert!(event.lane <= info.lane);
                assert!(event.object.is_none_or(|object| object == resource.object));
                *counts.entry(event.event_type.to_string()).or_default() += 1;
                let lane = prior.as_ref().map_or(Lane::Bulk, |prior| prior.lane).min(event.lane);
                prior = Some(Prior { status: event.status, lane, last_type: event.event_type });
            }
            self.0.insert(resource.object.clone(), (now, prior));
        }
    }
}

#[test]
fn journeys_raise_what_happens_in_them_and_nothing_else() {
    let mut memory = Memory::default();
    let mut counts = BTreeMap::new();
    let steps = journey(11, 60);
    for step in &steps {
        if let Step::Hl7(bytes) = step {
            memory.hear(bytes, &mut counts);
        }
    }
    let count = |name: &str| counts.get(name).copied().unwrap_or_default();
    for name in ["encounter.admitted", "encounter.discharged", "patient.updated", "appointment.booked"] {
        assert_eq!(count(name), 60, "{name}");
    }
    assert_eq!(count("lab.result.available"), 120);
    let flagged = count("lab.result.critical") + count("lab.result.abnormal");
    assert!(count("lab.result.critical") > 5 && flagged < 60, "{counts:?}");
    assert!(count("appointment.cancelled") > 5);
    let known = [
        "appointment.booked",
        "appointment.cancelled",
        "encounter.admitted",
        "encounter.discharged",
        "lab.result.abnormal",
        "lab.result.available",
        "lab.result.critical",
        "patient.updated",
    ];
    assert_eq!(counts.keys().map(String::as_str).collect::<Vec<_>>(), known);
}
