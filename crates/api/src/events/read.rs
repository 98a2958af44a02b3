//! `GET /admin/events/{id}`

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use model::{DeliveryId, EventId, Lane, Quiet, Right, Timestamp};
use serde::Serialize;
use store::EventRow;
use utoipa::ToSchema;

use super::decided::Decided;
use super::disclosed::Disclosure;
use super::fate::owed_for;
use super::shown::Shown;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::deliveries::Traced;
use crate::refused::{Refused, Result};
use crate::triggers::Explained;

/// The whole life of an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventLineage)]
pub(crate) struct Lineage {
    #[serde(flatten)]
    event: Shown,
    /// What was received, if that is a record of its own.
    message: Option<Received>,
    /// Who wanted it, and who nearly did.
    decisions: Vec<Decided>,
    /// Why each trigger fired for it, or did not.
    triggers: Vec<Explained>,
    /// The configuration version that decided.
    config_version: u64,
    /// What each webhook that wants it is told of it, by the settings as they are now.
    disclosures: Vec<Disclosure>,
    /// What is owed, or was, with every attempt.
    deliveries: Vec<Traced>,
}

/// What was received.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReceivedMessage)]
struct Received {
    id: String,
    /// `hl7v2` or `fhir`.
    format: String,
    /// What it says it is: `ORU^R01`, `Bundle`.
    kind: String,
    #[schema(value_type = String)]
    received: Timestamp,
    /// What could not be understood, what went nowhere (`unmapped …`), and what was older than what is known and
    /// changed nothing (`stale …`): codes and places.
    flaws: Vec<String>,
    /// What it tells of and raised nothing, and why: `normal` (within its range; its report tells of it), `unchanged`,
    /// `stale` (what is known is further), `notyet`, `norule` or `neverknown`.
    silent: Vec<Silent>,
    /// Whether its bytes are still kept, for whoever may read them.
    raw_kept: bool,
    /// How many different objects its events are about.
    objects: usize,
    /// The events that it became, in order.
    events: Vec<Raised>,
}

/// Resources of a message that raised nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SilentResources)]
struct Silent {
    /// Their type.
    resource: String,
    reason: String,
    /// How many.
    count: u32,
}

/// An event of the same message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RaisedEvent)]
struct Raised {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    #[schema(value_type = String)]
    lane: Lane,
}

/// The whole lineage: received, decided (or why not), disclosed, delivered, with every attempt.
#[utoipa::path(get, path = "/admin/events/{id}", tag = "events",
    responses((status = 200, body = Lineage)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<EventId>,
) -> Result<Json<Lineage>> {
    caller.needs(Right::Look)?;
    let row = api.event(&caller, id).await?;
    let owed: Vec<DeliveryId> = owed_for(&row).collect();
    let found = api.store.find_deliveries(&owed).await?;
    let disclosures = api.disclosures(&found);
    let mut deliveries = Vec::new();
    for delivery in found {
        deliveries.push(api.traced(delivery).await?);
    }
    let lineage = Lineage {
        event: Shown::of(&row),
        message: api.received(&row).await?,
        decisions: api.decided(&row).await?,
        triggers: api.explained(&row).await?,
        config_version: row.config_version,
        disclosures,
        deliveries,
    };
    Ok(Json(lineage))
}

impl Api {
    /// An event of the caller's organisation.
    pub(super) async fn event(&self, caller: &Caller, id: EventId) -> Result<EventRow> {
        let found = self.store.find_event(id).await?;
        found.filter(|row| row.event.organisation == caller.organisation()).ok_or_else(Refused::not_found)
    }

    async fn received(&self, row: &EventRow) -> Result<Option<Received>> {
        let Some(id) = row.event.message else { return Ok(None) };
        let Some(message) = self.store.find_message(id).await? else { return Ok(None) };
        let raised = |row: EventRow| Raised {
            id: row.event.id.to_string(),
            event_type: row.event.event_type.to_string(),
            lane: row.event.lane,
        };
        let events = self.store.events_of(id).await?;
        let objects: BTreeSet<_> = events.iter().filter_map(|row| row.event.object).collect();
        let silent = message.flaws.iter().filter_map(|line| line.parse().ok());
        let silent = silent.map(|Quiet { resource, reason, count }| Silent { resource, reason, count });
        Ok(Some(Received {
            silent: silent.collect(),
            id: id.to_string(),
            format: message.format,
            kind: message.kind,
            received: message.received,
            flaws: message.flaws.into_iter().filter(|line| line.parse::<Quiet>().is_err()).collect(),
            raw_kept: !message.raw.0.is_empty(),
            objects: objects.len(),
            events: events.into_iter().map(raised).collect(),
        }))
    }
}
