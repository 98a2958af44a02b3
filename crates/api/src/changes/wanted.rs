//! What may be asked: one change, and the part of what is stored that it is tried over.

use model::{
    Change, IntegrationId, Problem, SiteTable, SiteTables, Sources, Stretch, Timestamp, TriggerId, Webhook,
    WebhookId, limits,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::mapping::Given;
use crate::refused::{Refused, Result};
use crate::strict::invalid;
use crate::{Api, mapping, triggers, webhooks};

/// A change, and what it is tried over. Exactly one of `trigger`, `mapping` and `webhook` is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChangePreview)]
pub(crate) struct Wanted {
    /// A trigger, made or changed.
    trigger: Option<OfTrigger>,
    /// Code tables, limits and overrides of an integration, changed.
    #[schema(value_type = Option<OfMapping>)]
    mapping: Option<OfMapping>,
    /// A webhook, made or changed: its filter, and whatever else decides what it gets.
    webhook: Option<OfWebhook>,
    /// Accepted at or after; by default 24 hours before `to`.
    #[schema(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Accepted before; by default now.
    #[schema(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// Whose messages; by default those of the integrations that the changed thing looks at.
    #[schema(value_type = Option<Vec<String>>)]
    integration_ids: Option<Vec<IntegrationId>>,
}

/// A trigger as it would be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChangePreviewTrigger)]
struct OfTrigger {
    /// The one that would be changed; left out, it would be a new one.
    #[schema(value_type = Option<String>)]
    id: Option<TriggerId>,
    settings: triggers::Wish,
}

/// The tables of an integration as they would be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChangePreviewMapping)]
struct OfMapping {
    #[schema(value_type = String)]
    integration_id: IntegrationId,
    /// All of them.
    #[schema(value_type = Option<mapping::Mapping>)]
    tables: Option<Box<SiteTables>>,
    /// Or one: `codes`, `units`, `flags`, `locations` or `thresholds`,
    #[schema(value_type = Option<String>)]
    table: Option<SiteTable>,
    /// as comma separated values.
    csv: Option<String>,
}

impl OfMapping {
    fn given(self) -> Result<Given, Problem> {
        match (self.tables, self.table, self.csv) {
            (Some(tables), None, None) => Ok(Given::All(tables)),
            (None, Some(table), Some(csv)) => Ok(Given::One(table, csv)),
            _ => Err(invalid("/mapping/tables", "Give all tables, or one as `table` and `csv`.")),
        }
    }
}

/// A webhook as it would be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChangePreviewWebhook)]
struct OfWebhook {
    #[schema(value_type = String)]
    integration_id: IntegrationId,
    /// The one that would be changed; left out, it would be a new one.
    #[schema(value_type = Option<String>)]
    id: Option<WebhookId>,
    settings: webhooks::Wish,
}

/// What is asked, accepted.
pub(super) struct Asked {
    pub(super) change: Change,
    pub(super) over: Stretch,
    /// What would be changed, by its id.
    pub(super) target: String,
    pub(super) kind: &'static str,
}

impl Wanted {
    pub(super) fn accept(self, api: &Api, caller: &Caller) -> Result<Asked> {
        let Wanted { trigger, mapping, webhook, from, to, integration_ids } = self;
        let (change, looked_at, target, kind) = match (trigger, mapping, webhook) {
            (Some(wish), None, None) => {
                let doc = api.trigger_of(caller, wish.id, wish.settings);
                let doc = doc.map_err(|refused| below("/trigger/settings", refused))?;
                let (of, id) = (doc.integration_id.into_iter().collect(), doc.id.to_string());
                (Change::PutTrigger(Box::new(doc)), of, id, "trigger")
            }
            (None, Some(wish), None) => {
                let id = wish.integration_id;
                let doc = api.site_map_of(caller, id, wish.given()?);
                let doc = doc.map_err(|refused| below("/mapping/tables", refused))?;
                (Change::PutSiteMap(Box::new(doc)), vec![id], id.to_string(), "mapping")
            }
            (None, None, Some(wish)) => {
                let doc = api.webhook_of(caller, (wish.integration_id, wish.id), wish.settings);
                let doc = doc.map_err(|refused| below("/webhook/settings", refused))?;
                let (of, id) = (heard(&doc), doc.id.to_string());
                (Change::PutWebhook(Box::new(doc)), of, id, "webhook")
            }
            (None, None, None) => return Err(one_change("/trigger").into()),
            _ => return Err(one_change("").into()),
        };
        let integrations = named(integration_ids, api, caller)?.unwrap_or(looked_at);
        let to = to.unwrap_or_else(|| api.clock.now());
        let from = from.unwrap_or(to - limits::FORECAST_BACK);
        if from >= to {
            return Err(invalid("/from", "It begins before it ends.").into());
        }
        let over = Stretch { organisation: caller.organisation(), integrations, from, to };
        Ok(Asked { change, over, target, kind })
    }
}

fn one_change(place: &str) -> Problem {
    let why = "A preview is of one change: a trigger, a mapping or a webhook.";
    invalid(place, why).fix("Give exactly one of trigger, mapping and webhook.")
}

/// Whose events a webhook hears; none for everybody's.
fn heard(webhook: &Webhook) -> Vec<IntegrationId> {
    match &webhook.sources {
        Sources::Own => vec![webhook.integration_id],
        Sources::Listed(listed) => listed.clone(),
        Sources::All => Vec::new(),
    }
}

fn named(
    wish: Option<Vec<IntegrationId>>,
    api: &Api,
    caller: &Caller,
) -> Result<Option<Vec<IntegrationId>>, Problem> {
    let Some(ids) = wish.filter(|ids| !ids.is_empty()) else { return Ok(None) };
    let now = api.settings.now();
    let unknown = ids.iter().position(|id| now.integration(caller.organisation(), *id).is_none());
    match unknown {
        Some(place) => Err(invalid(format!("/integrationIds/{place}"), "There is no such integration.")),
        None => Ok(Some(ids)),
    }
}

/// A problem of settings that stand below a member.
fn below(member: &str, Refused(mut problem): Refused) -> Refused {
    problem.field = problem.field.map(|field| format!("{member}{field}"));
    Refused(problem)
}
