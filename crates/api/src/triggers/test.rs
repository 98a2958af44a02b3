//! `POST /admin/triggers/test`

use audit::Action;
use axum::Json;
use axum::extract::State;
use matching::trigger::{Change, Held, Ready, data};
use model::{Interaction, Lane, Problem, Right, Trigger, TriggerId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Batch;
use utoipa::ToSchema;

use super::back_test::{BackTested, Span};
use super::explain::Clause;
use super::read::find;
use super::wish::{Base, Wish, ready};
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;
use crate::strict::{invalid, missing};

/// What is tried, and on what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TriggerTest)]
pub(crate) struct Wanted {
    /// A trigger that is saved.
    #[schema(value_type = Option<String>)]
    trigger_id: Option<TriggerId>,
    /// Or the settings of one that is not.
    trigger: Option<Wish>,
    /// The resource as it is now; for a deletion, as it was last.
    #[serde(alias = "body")]
    #[schema(value_type = Option<serde_json::Value>)]
    resource: Option<Value>,
    /// The version before; null where there is none.
    #[schema(value_type = Option<serde_json::Value>)]
    previous: Option<Value>,
    /// `create`, `update` or `delete`; by default `update`, or `create` where there is no version before.
    #[schema(value_type = Option<String>)]
    interaction: Option<Interaction>,
    /// The code of the HL7 v2 event it came with, MSH-9.2.
    event_code: Option<String>,
    /// What is stored that it is tried on, beside a resource or instead of one.
    back_test: Option<Span>,
}

/// What a trigger would make of it.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TriggerTestResult)]
pub(crate) struct Tried {
    /// Whether its criteria hold; null where nobody can tell.
    matched: Option<bool>,
    /// `fired`, `not_matched`, `indeterminate` or `other_interaction`; null without a resource. What the
    /// trigger remembers of other values is left aside.
    judgement: Option<&'static str>,
    /// Every clause, in order.
    clauses: Vec<Clause>,
    /// The first clause that does not hold.
    failing: Option<String>,
    /// Why it cannot be decided.
    reason: Option<String>,
    /// Whether its query decides otherwise than its expression.
    disagrees: bool,
    /// The event that it would raise.
    event: Option<Raised>,
    /// What it makes of what is stored.
    back_test: Option<BackTested>,
}

/// An event as it would be raised.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TriggerTestEvent)]
pub(crate) struct Raised {
    #[serde(rename = "type")]
    event_type: String,
    #[schema(value_type = String)]
    lane: Lane,
    data: Value,
}

/// Tries a trigger on a resource. Nothing is stored and nothing is sent; that it was asked what is stored
/// stands in the audit log.
#[utoipa::path(post, path = "/admin/triggers/test", tag = "triggers",
    request_body = Wanted, responses((status = 200, body = Tried)))]
pub(crate) async fn test(State(api): State<Api>, caller: Caller, doc: Doc) -> Result<Json<Tried>> {
    caller.needs(Right::Configure)?;
    let wanted: Wanted = doc.read()?;
    let ready = api.wanted(&caller, wanted.trigger_id, wanted.trigger)?;
    let back_test = match wanted.back_test {
        Some(span) => {
            // Whoever chooses a condition learns for which events it holds.
            let entry = api.entry(&caller, Action::Preview, ready.trigger.id, "trigger");
            api.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await?;
            Some(api.back_tested(caller.organisation(), &ready, span).await?)
        }
        None => None,
    };
    let Some(resource) = wanted.resource else {
        if back_test.is_none() {
            return Err(missing("/resource").into());
        }
        return Ok(Json(Tried { back_test, ..Tried::default() }));
    };
    if resource.get("resourceType").and_then(Value::as_str) != Some(&ready.trigger.resource_type) {
        let why = format!("The trigger looks at resources of the type {}.", ready.trigger.resource_type);
        return Err(invalid("/resource/resourceType", why).into());
    }
    let asked = wanted.interaction.unwrap_or(Interaction::Update);
    let previous = wanted.previous.filter(|previous| !previous.is_null());
    let change = Change::new(&resource, previous.as_ref(), asked, wanted.event_code.as_deref());
    Ok(Json(Tried { back_test, ..api.tried(&caller, &ready, &change) }))
}

impl Api {
    /// The trigger that is to be tried: a saved one, or settings.
    pub(super) fn wanted(&self, caller: &Caller, id: Option<TriggerId>, wish: Option<Wish>) -> Result<Ready> {
        let now = self.settings.now();
        let trigger = match (id, wish) {
            (Some(id), None) => find(&now, caller, id)?.doc.clone(),
            (None, Some(wish)) => {
                let created_at = self.clock.now();
                let id = self.ids.next(created_at);
                let base = Base { id, organisation_id: caller.organisation(), created_at };
                wish.accept(base, (caller, &now)).map_err(below)?
            }
            (Some(_), Some(_)) => {
                return Err(invalid("/triggerId", "Name a trigger or give one, not both.").into());
            }
            (None, None) => return Err(missing("/trigger").into()),
        };
        Ok(ready(trigger).map_err(|problem| if id.is_some() { problem } else { below(problem) })?)
    }

    /// The trigger that settings would make: of one that is there, or a new one.
    pub(crate) fn trigger_of(&self, caller: &Caller, id: Option<TriggerId>, wish: Wish) -> Result<Trigger> {
        let now = self.settings.now();
        let present = id.map(|id| find(&now, caller, id)).transpose()?;
        let created_at = present.as_ref().map_or_else(|| self.clock.now(), |present| present.created_at);
        let id = id.unwrap_or_else(|| self.ids.next(created_at));
        let base = Base { id, organisation_id: caller.organisation(), created_at };
        let doc = wish.accept(base, (caller, &now))?;
        ready(doc.clone())?;
        Ok(doc)
    }

    fn tried(&self, caller: &Caller, ready: &Ready, change: &Change<'_>) -> Tried {
        let trigger = &ready.trigger;
        let tested = ready.test(change);
        let texts = ready.clauses();
        let clauses: Vec<Clause> = texts
            .into_iter()
            .zip(&tested.clauses)
            .map(|(text, result)| Clause { text, result: *result })
            .collect();
        let is_looked_at = trigger.interactions.contains(&change.interaction);
        let (matched, judgement, reason) = match tested.held {
            _ if !is_looked_at => (Some(false), "other_interaction", None),
            Held::Yes => (Some(true), "fired", None),
            Held::No => (Some(false), "not_matched", None),
            Held::Undecided(reason) => (None, "indeterminate", Some(reason)),
        };
        let now = self.settings.now();
        let info = now.find_type(caller.organisation(), trigger.event_type.as_str());
        let event = info.filter(|_| matched == Some(true)).map(|info| Raised {
            event_type: trigger.event_type.to_string(),
            lane: trigger.lane,
            data: data(ready, change, info, change.resource.get("id").and_then(Value::as_str)),
        });
        let failing = clauses.iter().find(|clause| clause.result != model::ClauseResult::Holds);
        Tried {
            matched,
            judgement: Some(judgement),
            failing: failing.map(|clause| clause.text.clone()),
            clauses,
            reason,
            disagrees: tested.disagrees,
            event,
            back_test: None,
        }
    }
}

/// A problem of settings that stand below `trigger`.
fn below(mut problem: Problem) -> Problem {
    problem.field = Some(format!("/trigger{}", problem.field.unwrap_or_default()));
    problem
}
