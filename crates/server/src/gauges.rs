//! What is owed, looked at every 10 s: for `/metrics`, and for the minutes that the store keeps.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model::{Clock, Lane, OrganisationId, Timestamp, WebhookId};
use observe::{Metrics, Stop};
use settings::Settings;
use store::{Batch, Sample, Stands, Store};

/// What is looked at, and who is told.
pub(crate) struct Gauges {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Gauges {
    /// Looks until asked to stop.
    pub(crate) async fn run(self, stop: Stop) {
        while !stop.is_stopped() {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.stopped() => break,
            }
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "cannot look at what is owed");
            }
        }
    }

    async fn look(&self) -> store::Result<()> {
        let owners: HashMap<WebhookId, OrganisationId> = {
            let now = self.settings.now();
            now.config.webhooks.values().map(|found| (found.id, found.organisation_id)).collect()
        };
        let ids: Vec<WebhookId> = owners.keys().copied().collect();
        let piles = self.store.piles(&ids).await?;
        let now = self.clock.now();
        let mut samples: HashMap<(OrganisationId, bool, Lane), Sample> = HashMap::new();
        for found in piles.iter().filter(|found| found.place == Stands::Owed) {
            let Some(organisation) = owners.get(&found.webhook).copied() else { continue };
            let (test, lane) = (found.test, found.lane);
            let fresh = Sample { organisation, test, lane, at: now, pending: 0, oldest_ms: 0 };
            let sample = samples.entry((organisation, test, lane)).or_insert(fresh);
            sample.pending += found.count;
            sample.oldest_ms = sample.oldest_ms.max(age(now, found.first));
        }
        let samples: Vec<Sample> = samples.into_values().collect();
        for lane in Lane::ALL {
            // T1: tests stay out of what somebody is woken up by.
            let own = || samples.iter().filter(|sample| sample.lane == lane && !sample.test);
            let oldest = own().map(|sample| sample.oldest_ms).max().unwrap_or(0);
            let pending = own().map(|sample| sample.pending).sum();
            self.metrics.queued(lane, pending, Duration::from_millis(oldest));
        }
        if !samples.is_empty() {
            self.store.commit(Batch { samples, ..Batch::default() }).await?;
        }
        Ok(())
    }
}

fn age(now: Timestamp, since: Timestamp) -> u64 {
    u64::try_from(now.since(since).as_millis()).unwrap_or(u64::MAX)
}

const EVERY: Duration = Duration::from_secs(10);
