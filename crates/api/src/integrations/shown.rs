//! An integration as it is answered, with what it raises.

use std::collections::BTreeSet;

use http::HeaderMap;
use ipnet::IpNet;
use matching::Compiled;
use model::{Environment, FhirVersion, Integration, Kind, Mllp, Region, Span, Timestamp, Versioned};
use serde::Serialize;
use utoipa::ToSchema;

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
    #[schema(value_type = Option<serde_json::Value>)]
    mllp: Option<Mllp>,
    #[schema(value_type = Vec<String>)]
    allow: Vec<IpNet>,
    /// After how long without an event it counts as silent; null: as its past tells.
    #[schema(value_type = Option<String>)]
    silent_after: Option<Span>,
    /// The event types that it raises.
    event_types: Vec<String>,
    /// The object types of these.
    object_types: BTreeSet<String>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl Shown {
    /// What there is to see of an integration.
    pub(super) fn of(integration: &Integration, compiled: &Compiled) -> Self {
        let Integration { name, time_zone, mllp, allow, .. } = integration.clone();
        let all = || compiled.types(integration.organisation_id);
        let raised = || all().filter(|info| info.offered_by.contains(&integration.kind));
        Shown {
            id: integration.id.to_string(),
            name,
            kind: integration.kind,
            environment: integration.environment,
            region: integration.region,
            time_zone,
            fhir_version: integration.fhir_version,
            mllp,
            allow,
            silent_after: integration.silent_after,
            event_types: raised().map(|info| info.name.to_string()).collect(),
            object_types: raised().map(|info| info.object_type.to_string()).collect(),
            created_at: integration.created_at,
        }
    }
}

/// What a call that answers an integration answers.
pub(super) fn answer(
    integration: &Versioned<Integration>,
    compiled: &Compiled,
) -> (HeaderMap, axum::Json<Shown>) {
    (etag::of(integration.version), axum::Json(Shown::of(integration, compiled)))
}
