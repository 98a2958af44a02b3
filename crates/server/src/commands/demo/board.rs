//! What arrived: shown line by line, and remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use model::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;

use super::super::out;
use super::stage::Stage;
use crate::receiver::Arrival;

/// What arrived so far.
pub(super) struct Board {
    hospital: String,
    names: BTreeMap<String, &'static str>,
    tally: Mutex<Tally>,
}

#[derive(Default)]
struct Tally {
    deliveries: BTreeSet<String>,
    critical: BTreeSet<String>,
    slowest: u128,
}

impl Board {
    pub(super) fn new(stage: &Stage) -> Board {
        let names = stage.hooks().into_iter().map(|hook| (hook.integration.clone(), hook.name)).collect();
        Board { hospital: stage.hospital.integration.clone(), names, tally: Mutex::default() }
    }

    /// Takes everything that arrives.
    pub(super) async fn watch(self: Arc<Self>, mut arriving: mpsc::Receiver<Arrival>) {
        while let Some(arrival) = arriving.recv().await {
            // What came before is accepted again and does nothing.
            let line = (!arrival.again).then(|| self.take(&arrival));
            arrival.answer(StatusCode::OK);
            if line.is_some_and(|line| out::data(&line).is_err()) {
                return;
            }
        }
    }

    /// Whether a delivery arrived.
    pub(super) fn has(&self, delivery: &str) -> bool {
        self.tally().deliveries.contains(delivery)
    }

    /// How many critical results of the hospital arrived.
    pub(super) fn critical(&self) -> usize {
        self.tally().critical.len()
    }

    /// How many deliveries arrived, and after how many milliseconds the slowest.
    pub(super) fn summary(&self) -> (usize, u128) {
        let tally = self.tally();
        (tally.deliveries.len(), tally.slowest)
    }

    fn take(&self, arrival: &Arrival) -> String {
        let body: Value = serde_json::from_slice(&arrival.body).unwrap_or_default();
        let word = |member: &str| body[member].as_str().unwrap_or("-");
        let (kind, integration) = (word("type"), word("integrationId"));
        let received: Option<Timestamp> = word("received").parse().ok();
        let ms = received.map(|received| arrival.at.since(received).as_millis()).unwrap_or_default();
        let name = self.names.get(integration).copied().unwrap_or(integration);
        let line = format!("{ms:>5} ms  {kind:<28} {:<9} {name:<19} {}", word("lane"), word("id"));
        let mut tally = self.tally();
        tally.deliveries.insert(arrival.id.clone());
        tally.slowest = tally.slowest.max(ms);
        if kind == "lab.result.critical" && integration == self.hospital {
            tally.critical.insert(word("id").to_owned());
        }
        line
    }

    fn tally(&self) -> std::sync::MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
