//! `GET /admin/sources`

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use model::{
    Environment, Integration, IntegrationId, Kind, Mllp, OrganisationId, Reading, Right, Span, Timestamp,
    limits,
};
use privacy::port_tls;
use serde::Serialize;
use store::{Heard, Volume};
use utoipa::ToSchema;

use super::silence;
use crate::caller::Caller;
use crate::page::{List, Listed, Plain, Window};
use crate::params::Params;
use crate::refused::Result;
use crate::{Api, Options};

/// How an integration does as a way in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Source)]
pub(crate) struct Source {
    pub(crate) integration_id: String,
    pub(crate) name: String,
    #[schema(value_type = String)]
    kind: Kind,
    #[schema(value_type = String)]
    environment: Environment,
    /// `active`, `silent`, `failing` (its server cannot be read), `closed` (its port is not open) or `new` (never heard).
    state: &'static str,
    /// Its last event, a test or not.
    #[schema(value_type = Option<String>)]
    last_event_at: Option<Timestamp>,
    /// Events of the present hour and the 24 before it; tests are left out.
    events24h: u64,
    /// Test events of the same time.
    test_events24h: u64,
    /// What its doors refused in the present hour and the 24 before it.
    rejected24h: u64,
    /// The same, in the present hour and the one before it.
    pub(crate) rejected_lately: u64,
    /// After how long without an event it counts as silent; null if nobody said and it is not known well enough.
    #[schema(value_type = Option<String>)]
    silent_after: Option<Span>,
    /// Whether that was learned from its past.
    silent_after_learned: bool,
    /// Since when it is silent, if it is.
    #[schema(value_type = Option<String>)]
    pub(crate) silent_since: Option<Timestamp>,
    /// How many webhooks hang under it.
    webhooks: usize,
    pub(crate) mllp: Option<Port>,
    /// How reading its FHIR server goes, if it is read.
    #[schema(value_type = Option<serde_json::Value>)]
    pub(crate) reading: Option<Reading>,
}

/// The MLLP port of an integration.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SourcePort)]
pub(crate) struct Port {
    /// Where it listens.
    #[schema(value_type = String)]
    listen: std::net::SocketAddr,
    /// Whether the port is open.
    pub(crate) open: bool,
    /// Peers that are connected; of all integrations that share the port.
    connections: usize,
    /// When the certificate that it shows ends, if it speaks TLS.
    #[schema(value_type = Option<String>)]
    certificate_until: Option<Timestamp>,
    /// Whether that is within 14 days, or past.
    pub(crate) certificate_ending: bool,
    /// Whether messages come in clear from other machines, and nobody has said why.
    pub(crate) in_clear: bool,
}

/// Every integration as a way in: when it was heard, how much, and whether it is silent. Newest first.
#[utoipa::path(get, path = "/admin/sources", tag = "sources",
    params(Plain), responses((status = 200, body = Listed<Source>)))]
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Params(plain): Params<Plain>,
) -> Result<Json<Listed<Source>>> {
    caller.needs(Right::Look)?;
    let window = Window::of(List::Sources, &plain)?;
    let all = api.sources(caller.organisation()).await?;
    // By age: the place counts down, as in every list.
    let places = (0..all.len() as i64).rev().zip(all);
    Ok(Json(window.cut(places, |(place, _)| *place, |(_, source)| source)))
}

impl Api {
    /// The sources of an organisation, newest first.
    pub(crate) async fn sources(&self, organisation: OrganisationId) -> Result<Vec<Source>> {
        let integrations = self.integrations_of(organisation);
        let ids: Vec<IntegrationId> = integrations.iter().map(|found| found.id).collect();
        let now = self.clock.now();
        let heard = self.store.heard(&ids).await?;
        let heard: HashMap<IntegrationId, Heard> =
            heard.into_iter().map(|row| (row.integration, row)).collect();
        let volume = self.store.volume(organisation, now - LEARNED, now).await?;
        let mut past: HashMap<IntegrationId, Vec<&Volume>> = HashMap::new();
        for row in &volume {
            past.entry(row.integration).or_default().push(row);
        }
        let refused = self.refused(organisation, now - DAY).await?;
        let lately = self.refused(organisation, now - HOUR).await?;
        let mut found = Vec::with_capacity(integrations.len());
        for integration in integrations {
            let past = past.remove(&integration.id).unwrap_or_default();
            let count =
                |of: &HashMap<IntegrationId, u64>| of.get(&integration.id).copied().unwrap_or_default();
            let refused = (count(&refused), count(&lately));
            let heard = heard.get(&integration.id);
            let view = View { integration: &integration, heard, past, refused, now };
            found.push(view.source(
                self.port(&integration).await,
                self.hooks_under(integration.id),
                self.readings.reading(integration.id),
            ));
        }
        Ok(found)
    }

    /// How often the doors of each integration refused something since then.
    async fn refused(
        &self,
        organisation: OrganisationId,
        since: Timestamp,
    ) -> Result<HashMap<IntegrationId, u64>> {
        let mut sums = HashMap::new();
        for total in self.store.rejection_totals(organisation, since).await? {
            *sums.entry(total.integration).or_default() += total.count;
        }
        Ok(sums)
    }

    async fn port(&self, integration: &Integration) -> Option<Port> {
        let mllp = integration.mllp.as_ref()?;
        let connections = self.listeners.connections(mllp.listen).await;
        Some(Port {
            listen: mllp.listen,
            open: connections.is_some(),
            connections: connections.unwrap_or(0),
            certificate_until: certificate_until(integration),
            certificate_ending: is_certificate_ending(integration, self.clock.now()),
            in_clear: is_in_clear(integration, &self.options),
        })
    }

    fn hooks_under(&self, integration: IntegrationId) -> usize {
        self.settings.now().webhooks_of(integration).count()
    }
}

fn certificate_until(integration: &Integration) -> Option<Timestamp> {
    port_tls::ends(&integration.mllp.as_ref()?.tls.as_ref()?.certificate)
}

/// Whether the certificate that the MLLP port of an integration shows has to be renewed by now.
pub(crate) fn is_certificate_ending(integration: &Integration, now: Timestamp) -> bool {
    certificate_until(integration).is_some_and(|until| until < now + limits::CERTIFICATE_WARNING)
}

/// Whether the port of an integration speaks in clear with other machines, and nobody has said why: it was made
/// before that was asked. Trials are free to.
pub(crate) fn is_in_clear(integration: &Integration, options: &Options) -> bool {
    let is_so = |mllp: &Mllp| mllp.is_in_clear() && mllp.justification.is_none();
    !options.dev && integration.mllp.as_ref().is_some_and(is_so)
}

/// What is known of one integration.
struct View<'a> {
    integration: &'a Integration,
    heard: Option<&'a Heard>,
    past: Vec<&'a Volume>,
    /// In 24 hours, and lately.
    refused: (u64, u64),
    now: Timestamp,
}

impl View<'_> {
    fn source(self, mllp: Option<Port>, webhooks: usize, reading: Option<Reading>) -> Source {
        let since = (self.now - DAY).hour();
        let count = |test: bool| {
            let recent = self.past.iter().filter(|row| row.hour >= since && row.test == test);
            recent.map(|row| row.count).sum()
        };
        let configured = self.integration.silent_after;
        let silent_after = configured.or_else(|| self.learned().map(Span));
        let last = self.heard.map(|heard| heard.last);
        let silent_since =
            last.zip(silent_after).and_then(|(last, after)| (self.now.since(last) > after.0).then_some(last));
        let is_failing = reading.as_ref().is_some_and(|reading| reading.failures > 0);
        let is_closed = mllp.as_ref().is_some_and(|port| !port.open);
        Source {
            integration_id: self.integration.id.to_string(),
            name: self.integration.name.clone(),
            kind: self.integration.kind.clone(),
            environment: self.integration.environment,
            state: match (is_closed, silent_since, last) {
                _ if is_failing => "failing",
                (true, _, _) => "closed",
                (_, Some(_), _) => "silent",
                (_, _, None) => "new",
                (_, _, Some(_)) => "active",
            },
            last_event_at: last,
            events24h: count(false),
            test_events24h: count(true),
            rejected24h: self.refused.0,
            rejected_lately: self.refused.1,
            silent_after,
            silent_after_learned: configured.is_none() && silent_after.is_some(),
            silent_since,
            webhooks,
            mllp,
            reading,
        }
    }

    fn learned(&self) -> Option<Duration> {
        let hours: BTreeSet<i64> = self.past.iter().map(|row| row.hour).collect();
        silence::learned(&hours.into_iter().collect::<Vec<_>>())
    }
}

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);
// Two weekends are in it.
const LEARNED: Duration = Duration::from_secs(14 * 86_400);
