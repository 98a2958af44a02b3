//! `GET /admin/search`

use axum::Json;
use axum::extract::State;
use model::{DeliveryId, EventId, Id, Problem, RedriveId, Right};
use serde::{Deserialize, Serialize};
use store::{DeliveryFilter, EventFilter};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::caller::Caller;
use crate::page::Listed;
use crate::params::Params;
use crate::refused::Result;
use crate::strict::{invalid, missing};

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// A part of a name, or the beginning of an id: 1 to 100 characters. Never an identifier of a person.
    #[param(value_type = String)]
    q: Option<String>,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SearchHit)]
pub(crate) struct Hit {
    /// `integration`, `webhook`, `event-type`, `event`, `delivery` or `redrive`.
    kind: &'static str,
    /// Its id; of an event type, its name.
    id: String,
    /// What to call it.
    name: String,
    /// Where a webhook leads, or what kind of thing it is.
    detail: String,
    /// The integration that a webhook hangs under.
    #[serde(skip_serializing_if = "Option::is_none")]
    integration_id: Option<String>,
}

/// Integrations, webhooks and event types by name; everything by the beginning of its id. At most 20.
#[utoipa::path(get, path = "/admin/search", tag = "search",
    params(Wanted), responses((status = 200, body = Listed<Hit>)))]
pub(crate) async fn search(
    State(api): State<Api>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Listed<Hit>>> {
    caller.needs(Right::Look)?;
    let text = words(wanted.q)?;
    let mut data = api.configured(&caller, &text);
    data.extend(api.happened(&caller, &text).await?);
    data.truncate(SHOWN);
    Ok(Json(Listed { data, next: None }))
}

fn words(q: Option<String>) -> Result<String, Problem> {
    let text = q.ok_or_else(|| missing("q"))?.trim().to_lowercase();
    if (1..=100).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(invalid("q", "1 to 100 characters."))
}

impl Api {
    /// What is configured and named or numbered so; what begins with the words first.
    fn configured(&self, caller: &Caller, text: &str) -> Vec<Hit> {
        let organisation = caller.organisation();
        let mut found: Vec<(usize, Hit)> = Vec::new();
        let fits = |id: &str, name: &str| {
            let place = name.to_lowercase().find(text).map(|at| usize::from(at > 0));
            place.or_else(|| (text.len() >= ID_CHARS && id.starts_with(text)).then_some(0))
        };
        for webhook in self.webhooks_of(organisation) {
            let (id, host) = (webhook.id.to_string(), webhook.url.host().to_string());
            if let Some(rank) = fits(&id, &webhook.name).or_else(|| host.contains(text).then_some(2)) {
                let integration_id = Some(webhook.integration_id.to_string());
                let name = webhook.name.clone();
                found.push((rank, Hit { kind: "webhook", id, name, detail: host, integration_id }));
            }
        }
        for integration in self.integrations_of(organisation) {
            let id = integration.id.to_string();
            if let Some(rank) = fits(&id, &integration.name) {
                let detail = self.kind_name(&integration);
                let hit = Hit {
                    kind: "integration",
                    id,
                    name: integration.name.clone(),
                    detail,
                    integration_id: None,
                };
                found.push((rank, hit));
            }
        }
        let now = self.settings.now();
        for info in now.types(organisation) {
            let name = info.name.as_str();
            let rank = fits("", name).or_else(|| info.title.to_lowercase().contains(text).then_some(2));
            if let Some(rank) = rank {
                let (id, name) = (name.to_owned(), name.to_owned());
                let detail = info.title.clone();
                found.push((rank, Hit { kind: "event-type", id, name, detail, integration_id: None }));
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, hit)| hit).take(SHOWN).collect()
    }

    fn kind_name(&self, integration: &model::Integration) -> String {
        let kind = serde_json::to_value(&integration.kind).unwrap_or_default();
        kind.as_str().unwrap_or_default().to_owned()
    }

    /// What happened and is numbered so.
    async fn happened(&self, caller: &Caller, text: &str) -> Result<Vec<Hit>> {
        let organisation = Some(caller.organisation());
        let hit = |kind: &'static str, id: String, detail: String| {
            let name = id.clone();
            Hit { kind, id, name, detail, integration_id: None }
        };
        if let Some(span) = Numbered::read(EventId::PREFIX, text) {
            let filter = EventFilter { organisation, ..EventFilter::default() };
            let page = self.store.list_events(filter, Some(span.above), FEW).await?;
            let rows = page.rows.into_iter().map(|row| row.event);
            let rows = rows.filter(|event| span.holds(event.id.raw()));
            return Ok(rows
                .map(|event| hit("event", event.id.to_string(), event.event_type.to_string()))
                .collect());
        }
        if let Some(span) = Numbered::read(DeliveryId::PREFIX, text) {
            let filter = DeliveryFilter { organisation, ..DeliveryFilter::default() };
            let page = self.store.list_deliveries(filter, Some(span.above), FEW).await?;
            let rows = page.rows.into_iter().filter(|row| span.holds(row.id.raw()));
            return Ok(rows
                .map(|row| hit("delivery", row.id.to_string(), row.event_type.to_string()))
                .collect());
        }
        if let Some(span) = Numbered::read(RedriveId::PREFIX, text) {
            let page = self.store.list_redrives(caller.organisation(), Some(span.above), FEW).await?;
            let rows = page.rows.into_iter().filter(|row| span.holds(row.id.raw()));
            return Ok(rows.map(|row| hit("redrive", row.id.to_string(), "redrive".to_owned())).collect());
        }
        Ok(Vec::new())
    }
}

const SHOWN: usize = 20;
const FEW: usize = 5;
// An id is looked for from this many characters on, its prefix included.
const ID_CHARS: usize = 6;

/// The ids that begin with some digits: one span of numbers.
#[derive(Debug, PartialEq)]
struct Numbered {
    first: u128,
    last: u128,
    /// The row above all of them.
    above: i64,
}

impl Numbered {
    fn read(prefix: &str, text: &str) -> Option<Numbered> {
        let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
        if digits.len() + prefix.len() + 1 < ID_CHARS || digits.len() > model::ID_DIGITS {
            return None;
        }
        let first = model::id_digits(digits, b'0')?;
        let last = model::id_digits(digits, b'z').unwrap_or(u128::MAX);
        let above = i64::try_from(last >> 64).ok()?.saturating_add(1);
        Some(Numbered { first, last, above })
    }

    fn holds(&self, raw: u128) -> bool {
        (self.first..=self.last).contains(&raw)
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    #[test]
    fn the_beginning_of_an_id_names_a_span_that_holds_it() {
        let id: EventId = model::Ids::new(7, 0).next(Timestamp::from_millis(1_790_000_000_000));
        let text = id.to_string();
        for length in [6, 12, 20, 30] {
            let span = Numbered::read("evt", text.get(..length).unwrap()).unwrap();
            assert!(span.holds(id.raw()) && span.above > id.row(), "{length} characters");
        }
        let whole = Numbered::read("evt", &text).unwrap();
        assert_eq!(whole.first, whole.last);
        for other in ["evt_0", "dlv_0123456", "evt_01234i", "evt", "evt_zzzzzz"] {
            assert_eq!(Numbered::read("evt", other), None, "{other}");
        }
    }
}
