//! What was acknowledged against what arrived.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::harness::Receiver;

/// What senders heard and what receivers saw. Both are keyed by the subject, which is a sender's id.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Pages>);

#[derive(Debug, Default, Clone)]
pub(crate) struct Pages {
    /// The event of each acknowledged id, where the acknowledgement names it.
    pub(crate) acknowledged: BTreeMap<String, Option<String>>,
    /// The events that arrived about each id.
    pub(crate) arrived: BTreeMap<String, BTreeSet<String>>,
}

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Acknowledged and never seen.
    Lost(String),
    /// One id became several events.
    Doubled(String),
    /// What arrived is not what the acknowledgement named.
    Exchanged(String),
}

impl Ledger {
    /// Writes down what a sender was told.
    pub(crate) fn acknowledge(&self, id: String, event: Option<String>) {
        self.pages().acknowledged.insert(id, event);
    }

    /// Writes down what reached a receiver.
    pub(crate) fn arrive(&self, id: &str, event: &str) {
        self.pages().arrived.entry(id.to_owned()).or_default().insert(event.to_owned());
    }

    /// Writes down everything that has reached a receiver.
    pub(crate) fn read(&self, receiver: &Receiver) {
        for hit in receiver.hits() {
            let body = hit.json();
            let (Some(id), Some(event)) = (body["subject"]["id"].as_str(), body["id"].as_str()) else {
                continue;
            };
            self.arrive(id, event);
        }
    }

    /// Both sides, as they stand.
    pub(crate) fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    /// Every broken promise.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (id, named) in &self.acknowledged {
            match (self.arrived.get(id), named) {
                (None, _) => faults.push(Fault::Lost(id.clone())),
                (Some(events), Some(event)) if !events.contains(event) => {
                    faults.push(Fault::Exchanged(id.clone()))
                }
                (Some(_), _) => {}
            }
        }
        let doubled = self.arrived.iter().filter(|(_, events)| events.len() > 1);
        faults.extend(doubled.map(|(id, _)| Fault::Doubled(id.clone())));
        faults
    }

    /// How many are acknowledged and have not arrived yet.
    pub(crate) fn owed(&self) -> usize {
        self.acknowledged.keys().filter(|id| !self.arrived.contains_key(*id)).count()
    }
}

#[test]
fn the_ledger_catches_a_planted_loss_a_double_and_an_exchange() {
    let ledger = Ledger::default();
    for number in 0..100 {
        ledger.acknowledge(format!("w-{number}"), Some(format!("evt_{number}")));
        ledger.arrive(&format!("w-{number}"), &format!("evt_{number}"));
    }
    ledger.acknowledge("mllp".to_owned(), None);
    ledger.arrive("mllp", "evt_mllp");
    let pages = ledger.pages().clone();
    assert_eq!(pages.faults(), []);

    let mut lost = pages.clone();
    lost.arrived.remove("w-42");
    assert_eq!(lost.faults(), [Fault::Lost("w-42".to_owned())]);
    let mut doubled = pages.clone();
    doubled.arrived.get_mut("w-42").unwrap().insert("evt_other".to_owned());
    assert_eq!(doubled.faults(), [Fault::Doubled("w-42".to_owned())]);
    let mut exchanged = pages;
    exchanged.arrived.insert("w-42".to_owned(), BTreeSet::from(["evt_other".to_owned()]));
    assert_eq!(exchanged.faults(), [Fault::Exchanged("w-42".to_owned())]);
}
