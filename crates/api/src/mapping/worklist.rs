//! `GET /admin/integration/{id}/worklist`

use std::cmp::Reverse;

use axum::Json;
use axum::extract::State;
use matching::Compiled;
use model::{IntegrationId, LocalCode, Right, SiteTable, limits};
use observe::worklist::Seen;

use super::described::{Affected, Field, Silent, Unmapped, Worklist};
use super::read::find;
use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::Result;

/// The codes and fields of an integration's messages that no table takes up, by volume, and what cannot fire because of them.
#[utoipa::path(get, path = "/admin/integration/{id}/worklist", tag = "mapping", responses((status = 200, body = Worklist)))]
pub(crate) async fn worklist(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
) -> Result<Json<Worklist>> {
    caller.needs(Right::Look)?;
    let now = api.settings.now();
    find(&now, &caller, id)?;
    let found = api.metrics.worklists().of(id);
    let mut codes: Vec<Unmapped> =
        found.codes.iter().map(|(code, seen)| unmapped(&now, (&caller, id), code, *seen)).collect();
    codes.sort_by_key(|code| Reverse(code.count));
    let mut fields: Vec<Field> =
        found.places.iter().map(|(place, count)| Field { place: place.clone(), count: *count }).collect();
    fields.sort_by_key(|field| Reverse(field.count));
    let since = found.since.or_else(|| api.metrics.started_at()).map(|at| at.to_string());
    let silent = api.silent(&now, (&caller, id)).await?;
    Ok(Json(Worklist { since, codes, fields, dropped: found.dropped, silent }))
}

impl Api {
    /// Triggers over events that never find what they read in those of an integration.
    async fn silent(&self, now: &Compiled, (caller, id): (&Caller, IntegrationId)) -> Result<Vec<Silent>> {
        let all = now.triggers.looking_at(caller.organisation(), id);
        let over_events =
            all.filter(|ready| ready.trigger.active && ready.trigger.sight.resource_type().is_none());
        let mut silent = Vec::new();
        for ready in over_events.take(limits::WORKLIST_TRIGGERS) {
            let lacks = self.lacking(ready, Some(id)).await?;
            if !lacks.is_empty() {
                silent.push(Silent {
                    id: ready.trigger.id.to_string(),
                    name: ready.trigger.name.clone(),
                    lacks,
                });
            }
        }
        Ok(silent)
    }
}

fn unmapped(
    now: &Compiled,
    (caller, id): (&Caller, IntegrationId),
    code: &LocalCode,
    seen: Seen,
) -> Unmapped {
    let affects = affects(code.table);
    let own = now.config.webhooks.values().filter(|hook| hook.organisation_id == caller.organisation());
    let asks = |hook: &&std::sync::Arc<model::Versioned<model::Webhook>>| {
        affects.iter().any(|kind| hook.event_types.iter().any(|pattern| pattern.matches(kind)))
    };
    Unmapped {
        table: code.table.name(),
        code: code.code.clone(),
        system: code.system.clone(),
        count: seen.count,
        first_seen_at: seen.first.to_string(),
        last_seen_at: seen.last.to_string(),
        triggers: blind(now, (caller, id), code),
        affects: affects.to_vec(),
        webhooks: own.filter(asks).count(),
    }
}

/// The triggers that may stay silent because of a code (P4).
fn blind(now: &Compiled, (caller, id): (&Caller, IntegrationId), code: &LocalCode) -> Vec<Affected> {
    let all = now.triggers.looking_at(caller.organisation(), id);
    let blind = all.filter(|ready| ready.may_miss(code.table, &code.code));
    let named =
        blind.map(|ready| Affected { id: ready.trigger.id.to_string(), name: ready.trigger.name.clone() });
    named.take(limits::WORKLIST_TRIGGERS).collect()
}

/// What may not fire: without its LOINC code a result meets no limits and no thresholds, without its unit neither,
/// and a flag that nobody understands makes nothing abnormal.
const fn affects(table: SiteTable) -> &'static [&'static str] {
    match table {
        SiteTable::Codes | SiteTable::Units | SiteTable::Thresholds => {
            &["lab.result.abnormal", "lab.result.critical", "vital.threshold_crossed"]
        }
        SiteTable::Flags => &["lab.result.abnormal", "lab.result.critical"],
        SiteTable::Locations => &["encounter.admitted", "encounter.transferred", "encounter.discharged"],
    }
}
