//! `GET /admin/events/{id}/mapping`

use axum::Json;
use axum::extract::State;
use fhir::v2::{Rule, TraceRow};
use model::{EventId, Right};
use serde::Serialize;
use utoipa::ToSchema;

use super::traced::{Member, Picked, Traced};
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// Where everything in the message of an event went: places, elements and rules, no values.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventMapping)]
pub(crate) struct Mapping {
    /// `mapped`; `as_it_came` for what is kept in the form in which it came; `preset` for a third party's call, of
    /// which its preset takes what `places` names; `not_mapped` for types of messages that are passed through; `no_message` for an event of no message; `gone` once it is no longer kept.
    state: &'static str,
    /// Whether tables or settings of the integration were changed since.
    changed_since: bool,
    /// Whether what is told is by the tables and settings of then; otherwise they cannot be read any more, and it is
    /// what those of now make of the message.
    tables_of_then: bool,
    /// Whether the event says something else than the message comes to, at one element at least.
    differs: bool,
    /// Whether there were more places than are listed.
    cut: bool,
    /// What the message tells of.
    resources: Vec<Told>,
    /// The places of the message in its order, and then what the resources have besides.
    places: Vec<Place>,
    /// What the integration refuses on the way in: whether it came is not known, for it is not kept.
    refused: RefusedFields,
}

/// A resource that a message tells of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventMappingResource)]
struct Told {
    /// Its type.
    kind: String,
    /// Whether it is the one that the event is about.
    own: bool,
}

/// A place of a message, and where it went.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventMappingPlace)]
struct Place {
    /// Such as `PID-3[2].1` or `OBX[1]-5`; null for what only the message as a whole says.
    from: Option<String>,
    /// The number of the resource among `resources`, from 0.
    resource: Option<usize>,
    /// The element, such as `Patient.identifier[1].value`.
    to: Option<String>,
    /// Constants that the rule put beside it.
    also: Vec<String>,
    /// `mapped`, `absent` (a preset would have taken it, and the call has no such member), `rewritten`, `derived`, `deleted`, `context`, `header`, `structure`, `kept` (an earlier message
    /// said it) or `unmapped`.
    fate: &'static str,
    /// Why it went nowhere: `segment`, `earlier`, `alone`, `no_row`, `condition`, `repetition`, `beside`,
    /// `again`, `incomplete`, `unfit`, `unknown_code`, `replaced` or `no_identifier`.
    why: Option<&'static str>,
    rule: PlaceRule,
    /// Whether the event says the same at the element; null where it was not compared.
    told: Option<bool>,
}

/// What decided about a place.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventMappingRule)]
struct PlaceRule {
    /// The rows, by the name that overrides replace them by: `PID[Patient]`.
    rows: Option<String>,
    /// `standard` for those of this version, `site` for an override of the integration.
    of: Option<&'static str>,
    /// The file of this version that they stand in.
    file: Option<&'static str>,
    /// Data types on the way, the outermost first.
    types: Vec<String>,
    /// The code table that was asked.
    table: Option<String>,
    /// Whether it is a table of the integration.
    table_of_site: bool,
}

/// What an integration refuses on the way in.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = EventMappingRefused)]
struct RefusedFields {
    /// If there are some, nothing else is taken.
    #[schema(value_type = Vec<String>)]
    accept: Vec<model::FieldPath>,
    /// What is taken out.
    #[schema(value_type = Vec<String>)]
    drop: Vec<model::FieldPath>,
}

/// Where each field of the message went, and by which rule; what went nowhere, and why.
#[utoipa::path(get, path = "/admin/events/{id}/mapping", tag = "events",
    responses((status = 200, body = Mapping)))]
pub(crate) async fn mapping(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<EventId>,
) -> Result<Json<Mapping>> {
    caller.needs(Right::Look)?;
    let row = api.event(&caller, id).await?;
    let Traced { state, kinds, own, trace, picked, by } = api.traced_message(&row).await?;
    let resources = kinds.into_iter().enumerate();
    Ok(Json(Mapping {
        state: state.name(),
        changed_since: by.changed_since,
        tables_of_then: by.of_then,
        differs: trace.rows.iter().any(|row| row.told == Some(false)),
        cut: trace.is_cut,
        resources: resources.map(|(at, kind)| Told { kind, own: own == Some(at) }).collect(),
        places: trace
            .rows
            .into_iter()
            .map(Place::of)
            .chain(picked.into_iter().flat_map(Place::picked))
            .collect(),
        refused: RefusedFields { accept: by.refused.accept, drop: by.refused.drop },
    }))
}

impl Place {
    /// What a preset takes.
    fn picked(Picked { preset, is_operators, picks }: Picked) -> impl Iterator<Item = Place> {
        picks.into_iter().map(move |Member { pick, is_there, .. }| Place {
            from: Some(pick.from),
            resource: None,
            to: Some(pick.to),
            also: Vec::new(),
            fate: if is_there == Some(false) { "absent" } else { "mapped" },
            why: None,
            rule: PlaceRule {
                rows: Some(preset.clone()),
                of: Some(if is_operators { "site" } else { "standard" }),
                file: None,
                types: Vec::new(),
                table: None,
                table_of_site: false,
            },
            told: is_there,
        })
    }

    fn of(row: TraceRow) -> Self {
        Place {
            from: row.from,
            resource: row.resource,
            to: row.to,
            also: row.also,
            fate: row.fate.name(),
            why: row.fate.why().map(fhir::v2::Why::name),
            rule: PlaceRule::of(row.rule),
            told: row.told,
        }
    }
}

impl PlaceRule {
    fn of(rule: Rule) -> Self {
        let of = rule.rows.is_some().then_some(if rule.file.is_some() { "standard" } else { "site" });
        let Rule { rows, file, types, table, is_table_of_site } = rule;
        PlaceRule { rows, of, file, types, table, table_of_site: is_table_of_site }
    }
}
