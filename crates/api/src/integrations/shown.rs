//! An integration as it is answered, with what it raises.

use std::collections::BTreeSet;

use http::HeaderMap;
use ipnet::IpNet;
use matching::Catalogue;
use model::{Environment, FhirVersion, Integration, Kind, Mllp, Region, Timestamp, Versioned};
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
    /// The event types that it raises.
    event_types: Vec<&'static str>,
    /// The object types of these.
    object_types: BTreeSet<&'static str>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

impl Shown {
    /// What there is to see of an integration.
    pub(super) fn of(integration: &Integration) -> Self {
        let Integration { name, time_zone, mllp, allow, .. } = integration.clone();
        let raised = || Catalogue::embedded().offered_by(integration.kind);
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
            event_types: raised().map(|info| info.name.as_str()).collect(),
            object_types: raised().map(|info| info.object_type.as_str()).collect(),
            created_at: integration.created_at,
        }
    }
}

/// What a call that answers an integration answers.
pub(super) fn answer(integration: &Versioned<Integration>) -> (HeaderMap, axum::Json<Shown>) {
    (etag::of(integration.version), axum::Json(Shown::of(integration)))
}
