//! The readers: one for each integration that has a server, as the configuration says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{
    Announce as _, Audience, EventType, Integration, IntegrationId, News, Poll, Reading, Readings, Timestamp,
    Versioned,
};
use observe::{Stop, tasks};
use serde_json::json;

use super::client::Client;
use super::fault::Fault;
use super::round::Reader;
use super::seen::Seen;
use crate::intake::Intake;

/// The servers that are read or asked, each with its token and its budget.
#[derive(Default)]
pub(crate) struct Clients(Mutex<HashMap<IntegrationId, (u64, Arc<Client>)>>);

impl Intake {
    /// Reads servers as the configuration says, until asked to stop.
    pub async fn read_servers(self: Arc<Self>, stop: Stop) {
        let mut changes = self.ports.settings.watch();
        let mut readers: HashMap<IntegrationId, (u64, Stop)> = HashMap::new();
        loop {
            self.settle_readers(&mut readers, &stop);
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = stop.stopped() => return,
            }
        }
    }

    /// The server of an integration, if it has one.
    pub(crate) fn client(&self, integration: &Versioned<Integration>) -> Option<Arc<Client>> {
        let poll = integration.poll.as_ref()?;
        let mut clients = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) =
            clients.get(&integration.id).filter(|(version, _)| *version == integration.version)
        {
            return Some(Arc::clone(client));
        }
        let ports = &self.ports;
        let client = Arc::new(Client::new(Poll::clone(poll), ports.ask.clone(), ports.clock.clone()));
        clients.insert(integration.id, (integration.version, Arc::clone(&client)));
        Some(client)
    }

    fn settle_readers(self: &Arc<Self>, readers: &mut HashMap<IntegrationId, (u64, Stop)>, stop: &Stop) {
        let compiled = self.ports.settings.now();
        let wanted = |id: &IntegrationId| {
            let found = compiled.config.integrations.get(id)?;
            let has_searches = found.poll.as_ref().is_some_and(|poll| !poll.searches.is_empty());
            has_searches.then_some(found)
        };
        readers.retain(|id, (version, reader)| {
            let stays = wanted(id).is_some_and(|found| found.version == *version);
            if !stays {
                reader.stop();
            }
            stays
        });
        let mut clients = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.retain(|id, _| compiled.config.integrations.contains_key(id));
        drop(clients);
        for (id, integration) in &compiled.config.integrations {
            let Some(client) = wanted(id).and_then(|found| self.client(found)) else { continue };
            if readers.contains_key(id) {
                continue;
            }
            let part = stop.part();
            readers.insert(*id, (integration.version, part.clone()));
            let intake = Arc::clone(self);
            let reader = Reader { intake, integration: integration.clone(), client, seen: Seen::default() };
            tasks::spawn("fhir-reader", reader.run(part));
        }
    }

    /// Tells who asked to hear of it that a server cannot be read.
    pub(super) async fn tell_of_failure(&self, integration: IntegrationId, fault: &Fault) {
        let news = News {
            event_type: EventType::from("source.failed"),
            integration,
            webhook: None,
            audience: Audience::Subscribers,
            data: json!({ "integrationRef": integration.to_string(), "error": fault.code() }),
        };
        if let Err(problem) = self.announce(news).await {
            tracing::warn!(integration.id = %integration, code = problem.code.name(), "nobody could be told that a source fails");
        }
    }
}

impl Readings for Intake {
    fn reading(&self, integration: IntegrationId) -> Option<Reading> {
        let clients = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.get(&integration).map(|(_, client)| client.reading())
    }
}

impl Reader {
    async fn run(mut self, stop: Stop) {
        loop {
            let outcome = tokio::select! {
                outcome = self.round() => outcome,
                () = stop.stopped() => return,
            };
            let next = self.ended(&outcome).await;
            let wait = next.since(self.intake.ports.clock.now()).max(BREATH);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.client.nudged.notified() => {}
                () = stop.stopped() => return,
            }
        }
    }

    /// Notes how a round ended; says when the next one begins.
    async fn ended(&self, outcome: &Result<u64, Fault>) -> Timestamp {
        let (failures, next) = self.client.ended(outcome);
        let Err(fault) = outcome else { return next };
        let id = self.integration.id;
        tracing::warn!(integration.id = %id, error = %fault, failures, "a FHIR server was not read");
        if failures == FAILED_FOR_GOOD {
            self.intake.tell_of_failure(id, fault).await;
        }
        next
    }
}

/// Failures in a row after which people are told.
const FAILED_FOR_GOOD: u32 = 3;
// A clock that jumps must not make a round follow a round at once.
const BREATH: Duration = Duration::from_millis(100);
