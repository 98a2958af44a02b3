//! `GET /admin/event-types/{type}`

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use matching::{Compiled, TypeInfo};
use model::{
    EventType, Format, HookState, Id, IntegrationId, OrganisationId, Profile, Right, Schedule, Span,
    Timestamp,
};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::shown::Shown;
use super::specimen::specimen;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::integrations::Offer;
use crate::refused::{Refused, Result};

/// Everything about an event type.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventTypeDetail)]
pub(crate) struct Detail {
    #[serde(flatten)]
    info: Shown,
    /// The first part of its name.
    family: String,
    /// When a delivery is tried again, unless its webhook says otherwise: the gaps, of which the last repeats.
    #[schema(value_type = Vec<String>)]
    schedule: Vec<Span>,
    /// After how long a delivery is given up, unless its webhook says otherwise.
    #[schema(value_type = String)]
    horizon: Span,
    /// The same sample as it is sent in and as it goes out.
    samples: Samples,
    /// The integrations that can raise it.
    sources: Vec<Raising>,
    /// The webhooks that get it.
    webhooks: Vec<Wanting>,
    /// What came in, hour by hour over the last 24, oldest first; tests are left out.
    volume: Vec<HourVolume>,
}

/// A sample in every shape.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventTypeSamples)]
struct Samples {
    /// The body of `POST /ingest/{integrationId}/events`.
    ingest: Value,
    /// The body of a delivery, by profile: `ping`, `reference`, `full`.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    native: BTreeMap<&'static str, Option<Box<RawValue>>>,
    /// The body of a delivery with the profile `full`, by format: `cloudevents`, `fhir-r4`, `fhir-r4b`, `fhir-r5`.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    formats: BTreeMap<&'static str, Option<Box<RawValue>>>,
}

/// An integration that can raise it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventTypeSource)]
struct Raising {
    integration_id: String,
    name: String,
    /// Events of it within 24 hours.
    volume24h: u64,
}

/// A webhook that gets it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventTypeWebhook)]
struct Wanting {
    webhook_id: String,
    integration_id: String,
    name: String,
    active: bool,
}

/// An hour of an event type.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventTypeHour)]
struct HourVolume {
    /// When it began.
    #[schema(value_type = String)]
    hour: Timestamp,
    count: u64,
}

/// One event type: what it says, who raises it, who gets it, how much of it there is.
#[utoipa::path(get, path = "/admin/event-types/{type}", tag = "event-types",
    responses((status = 200, body = Detail)))]
pub(crate) async fn read(
    State(api): State<Api>,
    caller: Caller,
    At(name): At<String>,
) -> Result<Json<Detail>> {
    caller.needs(Right::Look)?;
    let organisation = caller.organisation();
    let compiled = api.settings.now();
    let info = compiled.find_type(organisation, &name).ok_or_else(Refused::not_found)?;
    let event_type = EventType::from(name.as_str());
    let (hours, by_source) = api.volume_of(organisation, &event_type).await?;
    let schedule = Schedule::of(None, info.lane);
    let raising = |found: &model::Integration| Raising {
        integration_id: found.id.to_string(),
        name: found.name.clone(),
        volume24h: by_source.get(&found.id.row()).copied().unwrap_or_default(),
    };
    let sources = api.integrations_of(organisation);
    let raises = |kind| Offer::of(kind, &api.presets, (&compiled, organisation)).has(info);
    let sources = sources.iter().filter(|found| raises(&found.kind));
    Ok(Json(Detail {
        family: name.split('.').next().unwrap_or_default().to_owned(),
        schedule: schedule.gaps(),
        horizon: Span(schedule.horizon().unwrap_or_default()),
        samples: api.samples(&compiled, info, (organisation, &event_type)).await,
        sources: sources.map(|found| raising(found)).collect(),
        webhooks: api.wanting(organisation, &event_type),
        volume: hours,
        info: Shown::of(info, by_source.values().sum()),
    }))
}

impl Api {
    /// How many events of a type came in by hour, and by integration.
    async fn volume_of(
        &self,
        organisation: OrganisationId,
        event_type: &EventType,
    ) -> Result<(Vec<HourVolume>, BTreeMap<i64, u64>)> {
        let now = self.clock.now();
        let mut hours: BTreeMap<i64, u64> = ((now - DAY).hour()..=now.hour()).map(|hour| (hour, 0)).collect();
        let mut by_source = BTreeMap::new();
        let volume = self.store.volume(organisation, now - DAY, now).await?;
        for row in volume.iter().filter(|row| !row.test && row.event_type == *event_type) {
            *hours.entry(row.hour).or_default() += row.count;
            *by_source.entry(row.integration.row()).or_default() += row.count;
        }
        let hour = |(hour, count)| HourVolume { hour: Timestamp::from_millis(hour * 3_600_000), count };
        Ok((hours.into_iter().map(hour).collect(), by_source))
    }

    async fn samples(
        &self,
        compiled: &Compiled,
        info: &TypeInfo,
        (organisation, event_type): (OrganisationId, &EventType),
    ) -> Samples {
        let raises = |found: &model::Integration| {
            let offer = Offer::of(&found.kind, &self.presets, (compiled, organisation));
            found.organisation_id == organisation && offer.has(info)
        };
        let all =
            || compiled.config.integrations.values().map(|found| &found.doc).filter(|found| raises(found));
        let of = |found: Option<&model::Integration>| found.map_or(Id::from_raw(0), |found| found.id);
        let place = (organisation, of(all().next()));
        // Only a source that has resources shows what a notification looks like in full.
        let with_resources = (organisation, of(all().find(|found| found.resource_version().is_some())));
        let (mut native, mut formats) = (BTreeMap::new(), BTreeMap::new());
        for (name, profile) in PROFILES {
            native.insert(name, self.sample(place, event_type, (Format::Native, profile)).await);
        }
        for format in FORMATS {
            let place = if format.fhir_version().is_some() { with_resources } else { place };
            formats.insert(format.name(), self.sample(place, event_type, (format, Profile::Full)).await);
        }
        let ingest = json!({
            "type": event_type,
            "subject": { "type": "patient", "system": "urn:hosp:mrn", "id": "SAMPLE-1" },
            "data": &info.sample,
        });
        Samples { ingest, native, formats }
    }

    async fn sample(
        &self,
        place: (OrganisationId, IntegrationId),
        event_type: &EventType,
        shape: (Format, Profile),
    ) -> Option<Box<RawValue>> {
        let webhook = specimen(place, shape, self.clock.now());
        let shown = self.rehearse.preview(webhook, event_type.clone()).await.ok()?;
        RawValue::from_string(shown.body).ok()
    }

    fn wanting(&self, organisation: OrganisationId, event_type: &EventType) -> Vec<Wanting> {
        let all = self.webhooks_of(organisation);
        let wants = |found: &model::Webhook| {
            found.event_types.iter().any(|pattern| pattern.matches(event_type.as_str()))
        };
        let wanting = all.iter().filter(|found| wants(found)).map(|found| Wanting {
            webhook_id: found.id.to_string(),
            integration_id: found.integration_id.to_string(),
            name: found.name.clone(),
            active: found.state == HookState::Active,
        });
        wanting.collect()
    }
}

const PROFILES: [(&str, Profile); 3] =
    [("ping", Profile::Ping), ("reference", Profile::Reference), ("full", Profile::Full)];
const FORMATS: [Format; 4] = [Format::Cloudevents, Format::FhirR4, Format::FhirR4b, Format::FhirR5];
const DAY: Duration = Duration::from_secs(86_400);
