//! A trigger as it is answered.

use std::collections::BTreeMap;

use axum::Json;
use http::HeaderMap;
use matching::Compiled;
use matching::trigger::{Ready, topic};
use model::{Interaction, Lane, Memory, QueryCriteria, Threshold, Timestamp, Trigger, Versioned};
use serde::Serialize;
use utoipa::ToSchema;

use super::hints::hints;
use crate::etag;

/// A trigger.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Trigger)]
pub(crate) struct Shown {
    id: String,
    name: String,
    integration_id: Option<String>,
    /// Null where it looks at events.
    resource_type: Option<String>,
    /// The types of events that it looks at; none where it looks at changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    on_event_types: Vec<String>,
    event_type: String,
    fhir_path: Option<String>,
    #[schema(value_type = Option<Query>)]
    query: Option<QueryCriteria>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    event_codes: Vec<String>,
    #[schema(value_type = Option<Bound>)]
    threshold: Option<Threshold>,
    #[schema(value_type = Vec<String>)]
    interactions: Vec<Interaction>,
    #[schema(value_type = String)]
    lane: Lane,
    #[schema(value_type = State)]
    state: Memory,
    enrich: BTreeMap<String, String>,
    active: bool,
    /// The expression that decides, where one does: of a threshold, the one it is short for.
    condition: Option<String>,
    /// What must hold together for it to fire, as explanations count it.
    clauses: Vec<String>,
    /// What is likely not meant: what it reads of events and their types do not speak of, comparisons that are often
    /// undecided, and clauses for which it does not fire at first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<String>,
    /// The canonical URL of its `SubscriptionTopic`; null where it looks at events, which no resource tells.
    topic: Option<String>,
    #[schema(value_type = String)]
    created_at: Timestamp,
}

/// `queryCriteria` of a FHIR R5 `SubscriptionTopic`.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TriggerQuery)]
#[expect(dead_code, reason = "only described: model::QueryCriteria is what is read and answered")]
pub(super) struct Query {
    /// A search for the version before, such as `status:not=final`.
    previous: Option<String>,
    /// `test-passes` or `test-fails`: what `previous` comes to when there is no version before; by default it fails.
    result_for_create: Option<String>,
    /// A search for the present version, such as `status=final`.
    current: Option<String>,
    /// `test-passes` or `test-fails`: what `current` comes to when the resource is deleted; by default it fails.
    result_for_delete: Option<String>,
    /// Whether both must hold; by default one is enough.
    require_both: Option<bool>,
}

/// A bound for a coded number.
#[derive(ToSchema)]
#[schema(as = TriggerThreshold)]
#[expect(dead_code, reason = "only described: model::Threshold is what is read and answered")]
pub(super) struct Bound {
    /// `system|code`, or `code` alone in whatever system.
    #[schema(example = "http://loinc.org|59408-5")]
    code: String,
    /// `<`, `<=`, `>` or `>=`.
    comparator: String,
    value: f64,
    /// In UCUM.
    #[schema(example = "%")]
    unit: String,
}

/// What a trigger remembers.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TriggerState)]
#[expect(dead_code, reason = "only described: model::Memory is what is read and answered")]
pub(super) struct State {
    /// `each`: every change for which it holds. `crossing`: when it begins to hold. `change`: when a
    /// number moved far enough. `count`: when it held often enough. `absence`: when it did not for too long.
    kind: Option<String>,
    /// Of `crossing`: what must hold before it fires again; by default that it does not hold.
    rearm: Option<String>,
    /// Of `crossing`: how long it must hold.
    hold: Option<String>,
    /// Of `crossing`: how long it is quiet after it fired.
    quiet: Option<String>,
    /// Of `change`: the number; by default the value of the Observation.
    value: Option<String>,
    /// Of `change`: `rise` or `fall`.
    direction: Option<String>,
    /// Of `change`: how far, such as `0.3 'mg/dL'`.
    amount: Option<String>,
    /// Of `change`: how far, in percent of what it was.
    percent: Option<f64>,
    /// Of `change` and `count`: within which time. Of `absence`: how long is too long.
    within: Option<String>,
    /// Of `count`: how often.
    times: Option<u8>,
    /// Of `count`: of how many of the last values.
    of: Option<u8>,
    /// Of `absence`: event types that end the waiting for their patient.
    until: Option<Vec<String>>,
}

impl Shown {
    /// What there is to see of a trigger; `ready` says how it reads its condition.
    pub(super) fn of(trigger: &Trigger, (ready, now): (Option<&Ready>, &Compiled)) -> Self {
        let criteria = trigger.criteria.clone();
        let resource_type = trigger.sight.resource_type();
        Shown {
            id: trigger.id.to_string(),
            name: trigger.name.clone(),
            integration_id: trigger.integration_id.map(|id| id.to_string()),
            resource_type: resource_type.map(str::to_owned),
            on_event_types: trigger.sight.event_types().iter().map(ToString::to_string).collect(),
            event_type: trigger.event_type.to_string(),
            fhir_path: criteria.fhir_path,
            query: criteria.query,
            event_codes: criteria.event_codes,
            threshold: criteria.threshold,
            interactions: trigger.interactions.clone(),
            lane: trigger.lane,
            state: trigger.memory.clone(),
            enrich: trigger.enrich.clone(),
            active: trigger.active,
            condition: ready.and_then(|ready| ready.expression()).map(str::to_owned),
            clauses: ready.map(Ready::clauses).unwrap_or_default(),
            hints: hints(now, trigger),
            topic: resource_type.map(|_| topic::canonical(trigger.id)),
            created_at: trigger.created_at,
        }
    }
}

/// A trigger with its version.
pub(super) fn answer(
    found: &Versioned<Trigger>,
    made: (Option<&Ready>, &Compiled),
) -> (HeaderMap, Json<Shown>) {
    (etag::of(found.version), Json(Shown::of(found, made)))
}
