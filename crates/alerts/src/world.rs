//! What rules look at besides what was counted.

use std::collections::HashSet;
use std::time::Duration;

use matching::Compiled;
use model::{IntegrationId, WebhookId, is_operational, limits};
use observe::alerts::{HookFacts, Owed, World};
use privacy::port_tls;
use store::{EventFilter, EventRow, Oldest, Stands};
use tokio::time::Instant;

use crate::Ports;

/// Gathers; asks the store for the whole queue no more often than it can bear.
#[derive(Default)]
pub(crate) struct Gatherer {
    /// What webhooks that take tests are owed without the tests, and when that is looked at again.
    without_tests: Vec<Oldest>,
    again: Option<Instant>,
    /// Sources whose last event before the start was looked up.
    looked_up: HashSet<IntegrationId>,
}

impl Gatherer {
    pub(crate) async fn gather(&mut self, ports: &Ports, compiled: &Compiled) -> store::Result<World> {
        let owed = self.owed(ports, compiled).await?;
        self.look_up_sources(ports, compiled).await?;
        let recent = ports.metrics.recent();
        let sources = compiled.config.integrations.values();
        let sources = sources
            .filter_map(|source| Some((source.organisation_id, source.id, recent.last_arrival(source.id)?)));
        let hooks = compiled.config.webhooks.values().map(|hook| HookFacts {
            id: hook.id,
            organisation: hook.organisation_id,
            integration: hook.integration_id,
            state: hook.state.clone(),
            certificate_until: ports.certificates.certificate_until(hook),
        });
        let ports = compiled.config.integrations.values().filter_map(|source| {
            let tls = source.mllp.as_ref()?.tls.as_ref()?;
            Some((source.organisation_id, source.id, port_tls::ends(&tls.certificate)?))
        });
        Ok(World { hooks: hooks.collect(), sources: sources.collect(), ports: ports.collect(), owed })
    }

    /// The oldest of what is owed. Piles are read in no time but count tests,
    /// so that the few webhooks that take tests are looked at one by one (T1).
    async fn owed(&mut self, ports: &Ports, compiled: &Compiled) -> store::Result<Vec<Owed>> {
        let ids: Vec<WebhookId> = compiled.config.webhooks.keys().copied().collect();
        let mut piles = ports.store.piles(&ids).await?;
        piles.retain(|pile| pile.place == Stands::Owed && pile.count > 0);
        let takes_tests =
            |id: &WebhookId| compiled.config.webhooks.get(id).is_some_and(|webhook| webhook.accept_test);
        let (mixed, plain): (Vec<_>, Vec<_>) = piles.into_iter().partition(|pile| takes_tests(&pile.webhook));
        let mut owed: Vec<Owed> = plain
            .into_iter()
            .map(|pile| Owed { webhook: pile.webhook, lane: pile.lane, since: pile.first, count: pile.count })
            .collect();
        if mixed.is_empty() {
            return Ok(owed);
        }
        self.look_at_queue(ports).await?;
        let mixed = self.without_tests.iter().filter(|oldest| takes_tests(&oldest.webhook));
        owed.extend(mixed.map(|oldest| Owed {
            webhook: oldest.webhook,
            lane: oldest.lane,
            since: oldest.since,
            count: oldest.count,
        }));
        Ok(owed)
    }

    async fn look_at_queue(&mut self, ports: &Ports) -> store::Result<()> {
        let began = Instant::now();
        if self.again.is_none_or(|again| began >= again) {
            self.without_tests = ports.store.oldest_owed().await?;
            // A long queue takes long to look at: at most a hundredth of the time goes into it.
            self.again = Some(Instant::now() + (began.elapsed() * SHARE).min(LONGEST));
        }
        Ok(())
    }

    /// After a start, the last event of each source is in the store only.
    async fn look_up_sources(&mut self, ports: &Ports, compiled: &Compiled) -> store::Result<()> {
        for source in compiled.config.integrations.values() {
            if self.looked_up.contains(&source.id) {
                continue;
            }
            let filter = EventFilter {
                organisation: Some(source.organisation_id),
                integration: Some(source.id),
                ..EventFilter::default()
            };
            let page = ports.store.list_events(filter, None, limits::PAGE.1).await?;
            let is_life = |row: &EventRow| !row.event.test && !is_operational(row.event.event_type.as_str());
            if let Some(last) = page.rows.into_iter().find(is_life) {
                ports.metrics.recent().arrived(source.id, last.event.received);
            }
            self.looked_up.insert(source.id);
        }
        self.looked_up.retain(|id| compiled.config.integrations.contains_key(id));
        Ok(())
    }
}

const SHARE: u32 = 100;
const LONGEST: Duration = Duration::from_secs(60);
