//! An integration as it is answered, with what it raises.

use std::collections::BTreeSet;

use http::HeaderMap;
use ipnet::IpNet;
use matching::Compiled;
use model::{Environment, FhirVersion, Fields, Integration, Kind, Region, Span, Timestamp, Versioned};
use presets::Library;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Offer, given, mllp, poll};
use crate::etag;

/// An integration.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Integration)]
pub(crate) struct Shown {
    id: String,
    name: String,
    #[schema(value_type = String)]
    kind: Kind,
    #[schema(value_type = String)]
    environment: Environment,
    #[schema(value_type = String)]
    region: Region,
    time_zone: String,
    #[schema(value_type = String)]
    fhir_version: FhirVersion,
    /// Its MLLP port, without its key.
    mllp: Option<mllp::Shown>,
    /// How its FHIR server is read, without secrets.
    poll: Option<poll::Shown>,
    #[schema(value_type = Vec<String>)]
    allow: Vec<IpNet>,
    /// What is taken of what it sends: `accept` and `drop`; null: everything.
    #[schema(value_type = Option<serde_json::Value>)]
    fields: Option<Box<Fields>>,
    /// After how long without an event it counts as silent; null: as its past tells.
    #[schema(value_type = Option<String>)]
    silent_after: Option<Span>,
    /// Whether its FHIR Subscriptions in error become active again by themselves.
    auto_recover: bool,
    /// The event types that it raises.
    event_types: Vec<String>,
    /// The object types of these.
    object_types: BTreeSet<String>,
    /// What the third party has and tells by no webhook: nobody can subscribe to it yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    polled: Vec<Polled>,
    /// What its preset was given: fields, and as `keys` how many keys there are of each secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    preset: Option<Value>,
    /// What to enter at the vendor, behind the public address of this server. The secret part is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

/// Something that would have to be fetched.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PolledObject)]
struct Polled {
    object_type: String,
    /// The event type that fetching would raise.
    event_type: String,
}

impl Shown {
    /// What there is to see of an integration.
    pub(super) fn of(integration: &Integration, (library, compiled): (&Library, &Compiled)) -> Self {
        let Integration { name, time_zone, allow, .. } = integration.clone();
        let offer = Offer::of(&integration.kind, library, (compiled, integration.organisation_id));
        let mut event_types = offer.names();
        let raised = offer.raised_by_triggers(integration.id).into_iter().map(str::to_owned);
        let more: Vec<String> = raised.filter(|name| !event_types.contains(name)).collect();
        event_types.extend(more);
        Shown {
            id: integration.id.to_string(),
            name,
            kind: integration.kind.clone(),
            environment: integration.environment,
            region: integration.region,
            time_zone,
            fhir_version: integration.fhir_version,
            mllp: integration.mllp.as_ref().map(mllp::Shown::of),
            poll: integration.poll.as_deref().map(poll::Shown::of),
            allow,
            fields: integration.fields.clone(),
            silent_after: integration.silent_after,
            auto_recover: integration.auto_recover,
            event_types,
            object_types: offer.object_types().into_iter().map(str::to_owned).collect(),
            polled: offer
                .polled()
                .map(|found| Polled {
                    object_type: found.object.to_owned(),
                    event_type: found.event.to_owned(),
                })
                .collect(),
            preset: integration.preset.as_ref().map(given::shown),
            address: integration.preset.as_ref().map(|settings| given::address(integration.id, settings)),
            created_at: integration.created_at,
        }
    }
}

/// What a call that answers an integration answers.
pub(super) fn answer(
    integration: &Versioned<Integration>,
    around: (&Library, &Compiled),
) -> (HeaderMap, axum::Json<Shown>) {
    (etag::of(integration.version), axum::Json(Shown::of(integration, around)))
}
