//! What is known of an organisation now, gathered in a few reads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use model::{
    Environment, HookState, IntegrationId, Judgement, Lane, OrganisationId, Sources, Timestamp, TriggerId,
    Versioned, Webhook, WebhookId,
};
use store::{Latest, Pile, Stands};

use crate::Api;
use crate::refused::Result;

/// The webhooks of an organisation with everything that is known of them.
pub(crate) struct Facts {
    /// By id.
    pub(crate) hooks: HashMap<WebhookId, Hook>,
    /// What is owed, and what was given up.
    pub(crate) piles: Vec<Pile>,
}

/// A webhook and how it does.
pub(crate) struct Hook {
    /// Its settings.
    pub(crate) doc: Arc<Versioned<Webhook>>,
    /// `flowing`, `tripped` or `probing`.
    pub(crate) breaker: &'static str,
    /// How its last attempts went, if there were any.
    pub(crate) record: Option<Latest>,
    /// Whether it hears of made-up people alone.
    pub(crate) tests_only: bool,
}

impl Hook {
    /// Whether deliveries reach it: it is active, its breaker flows and its last attempt went well.
    pub(crate) fn is_healthy(&self) -> bool {
        self.doc.state == HookState::Active && self.breaker == "flowing" && self.failures() == 0
    }

    /// Whether what it is owed is held: it is pending or paused, or its breaker does not flow.
    pub(crate) fn holds(&self) -> bool {
        self.doc.state.holds().is_some() || self.breaker != "flowing"
    }

    /// Failures since its last success.
    pub(crate) fn failures(&self) -> u32 {
        self.record.map_or(0, |record| record.failures_in_a_row)
    }
}

impl Facts {
    /// The same with what stands somewhere of live or of test events alone (T1).
    pub(crate) fn only(mut self, environment: Environment) -> Self {
        self.piles.retain(|found| Environment::of(found.test) == environment);
        self
    }

    /// What is owed, with to whom.
    pub(crate) fn owed(&self) -> impl Iterator<Item = (&Pile, &Hook)> {
        self.with_hooks().filter(|(piles, _)| piles.place == Stands::Owed)
    }

    /// What was given up, with to whom it was owed.
    pub(crate) fn dead(&self) -> impl Iterator<Item = (&Pile, &Hook)> {
        self.with_hooks().filter(|(piles, _)| piles.place != Stands::Owed)
    }

    fn with_hooks(&self) -> impl Iterator<Item = (&Pile, &Hook)> {
        self.piles.iter().filter_map(|found| Some((found, self.hooks.get(&found.webhook)?)))
    }
}

impl Api {
    /// What is known of the webhooks of an organisation.
    pub(crate) async fn facts(&self, organisation: OrganisationId) -> Result<Facts> {
        let docs = self.webhooks_of(organisation);
        let ids: Vec<WebhookId> = docs.iter().map(|doc| doc.id).collect();
        let records = self.store.latest(&ids).await?;
        let piles = self.store.piles(&ids).await?;
        let records: HashMap<WebhookId, Latest> =
            records.into_iter().map(|record| (record.webhook, record)).collect();
        let integrations = self.integrations_of(organisation).into_iter();
        let tests = integrations.filter(|found| found.environment == Environment::Test);
        let tests: HashSet<IntegrationId> = tests.map(|found| found.id).collect();
        let hook = |doc: Arc<Versioned<Webhook>>| {
            let (breaker, record) = (self.senders.breaker(doc.id), records.get(&doc.id).copied());
            let tests_only = doc.sources == Sources::Own && tests.contains(&doc.integration_id);
            (doc.id, Hook { doc, breaker, record, tests_only })
        };
        Ok(Facts { hooks: docs.into_iter().map(hook).collect(), piles })
    }

    /// The critical triggers of an organisation that could not be decided in the last day, and how often.
    pub(crate) async fn undecided(
        &self,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<Vec<(String, u64)>> {
        let now = self.settings.now();
        let own = now.config.triggers.values().filter(|found| found.organisation_id == organisation);
        let critical: Vec<_> = own.filter(|found| found.lane == Lane::Critical).collect();
        let ids: Vec<TriggerId> = critical.iter().map(|found| found.id).collect();
        let totals = self.store.judgements(&ids, at - DAY).await?;
        let count = |id| totals.get(&id)?.counts.get(&Judgement::Indeterminate).copied();
        Ok(critical.into_iter().filter_map(|found| Some((found.name.clone(), count(found.id)?))).collect())
    }

    /// The webhooks of an organisation, newest first.
    pub(crate) fn webhooks_of(&self, organisation: OrganisationId) -> Vec<Arc<Versioned<Webhook>>> {
        let now = self.settings.now();
        let own = now.config.webhooks.values().rev().filter(|found| found.organisation_id == organisation);
        own.cloned().collect()
    }

    /// The integrations of an organisation, newest first.
    pub(crate) fn integrations_of(
        &self,
        organisation: OrganisationId,
    ) -> Vec<Arc<Versioned<model::Integration>>> {
        let now = self.settings.now();
        let all = now.config.integrations.values().rev();
        all.filter(|found| found.organisation_id == organisation).cloned().collect()
    }
}

const DAY: Duration = Duration::from_secs(86_400);
