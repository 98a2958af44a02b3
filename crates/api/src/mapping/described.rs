//! How tables are described; what is read and shown is `model::SiteTables`.

use serde::Serialize;
use utoipa::ToSchema;

use crate::triggers::Lacking;

/// What the codes of an integration mean, and how its messages differ from the standard maps.
#[derive(ToSchema)]
#[schema(as = Mapping)]
#[expect(dead_code, reason = "only described: model::SiteTables is what is read")]
pub(crate) struct Mapping {
    /// Local codes of tests to LOINC.
    codes: Vec<Row>,
    /// Units as the sender writes them to UCUM.
    units: Vec<Row>,
    /// Flags as the sender writes them to codes of `ObservationInterpretation`, such as `HH`.
    flags: Vec<Row>,
    /// Locations (`4E`, `4E^136`, `4E^136^B`) to units of care.
    locations: Vec<Row>,
    /// Limits of results.
    thresholds: Vec<Limits>,
    /// `segments` (`ZPD[Patient]`: rows), `messages` (`ADT` or `ADT^A01`: what segments do) and `tables`
    /// (`EncounterStatus`: what codes mean).
    #[schema(value_type = Object)]
    overrides: Option<()>,
}

/// One row of a code table.
#[derive(ToSchema)]
#[schema(as = MappingRow)]
#[expect(dead_code, reason = "only described: model::SiteRow is what is read")]
pub(crate) struct Row {
    /// The code as the sender writes it.
    from: String,
    /// Of tests: the coding system as the sender names it; absent, whichever.
    system: Option<String>,
    /// What it means.
    to: String,
    display: Option<String>,
}

/// Limits of a result: below `low` or above `high` it is abnormal, at or beyond a critical limit critical.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MappingLimits)]
#[expect(dead_code, reason = "only described: model::ResultLimits is what is read")]
pub(crate) struct Limits {
    loinc: String,
    /// The UCUM unit of the limits.
    unit: String,
    low: Option<f64>,
    high: Option<f64>,
    critical_low: Option<f64>,
    critical_high: Option<f64>,
}

/// What the messages of an integration said that no table takes up.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MappingWorklist)]
pub(crate) struct Worklist {
    /// Since when it is counted.
    pub(super) since: Option<String>,
    /// Codes that no table knows, the most frequent first.
    pub(super) codes: Vec<Unmapped>,
    /// Fields and segments that no row takes up, the most frequent first.
    pub(super) fields: Vec<Field>,
    /// How often something was counted that had no room in the list any more.
    pub(super) dropped: u64,
    /// Triggers over events that read what the newest events of the integration never have, at most 20.
    pub(super) silent: Vec<Silent>,
}

/// A trigger over events that may stay silent.
#[derive(Serialize, ToSchema)]
#[schema(as = MappingWorklistSilent)]
pub(crate) struct Silent {
    pub(super) id: String,
    pub(super) name: String,
    /// Its clauses that found nothing to hold of.
    pub(super) lacks: Vec<Lacking>,
}

/// A code that no table knows.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MappingWorklistCode)]
pub(crate) struct Unmapped {
    /// `codes`, `units`, `flags`, `locations`; `thresholds` for results that could not be compared with their limits.
    pub(super) table: &'static str,
    pub(super) code: String,
    /// The coding system as the sender names it; of `thresholds` the unit of the result.
    pub(super) system: Option<String>,
    pub(super) count: u64,
    pub(super) first_seen_at: String,
    pub(super) last_seen_at: String,
    /// Triggers that may stay silent because of it, at most 20.
    pub(super) triggers: Vec<Affected>,
    /// Event types that may not fire because of it.
    pub(super) affects: Vec<&'static str>,
    /// Webhooks of the organisation that ask for one of them.
    pub(super) webhooks: usize,
}

/// A trigger that may stay silent.
#[derive(Serialize, ToSchema)]
#[schema(as = MappingWorklistTrigger)]
pub(crate) struct Affected {
    pub(super) id: String,
    pub(super) name: String,
}

/// A field or segment that no row takes up.
#[derive(Serialize, ToSchema)]
#[schema(as = MappingWorklistField)]
pub(crate) struct Field {
    /// Such as `PV1-18`, `ZPD`, or `x.hl7v2.mfn_m02` for messages without a mapping.
    pub(super) place: String,
    pub(super) count: u64,
}
