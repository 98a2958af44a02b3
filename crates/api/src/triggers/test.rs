//! `POST /admin/triggers/test`

use audit::Action;
use axum::Json;
use axum::extract::State;
use matching::trigger::{Change, Held, Ready, data, data_of_event};
use matching::{TypeInfo, check_data};
use model::{Interaction, Lane, Problem, Right, Sight, Trigger, TriggerId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::to_raw_value;
use store::Batch;
use utoipa::ToSchema;

use super::back_test::{BackTested, Span};
use super::event::Sent;
use super::explain::Clause;
use super::hints::hints;
use super::read::find;
use super::wish::{Base, Wish};
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
    /// For a trigger over events: an event as its sender writes it.
    event: Option<Sent>,
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
    /// What is stored that it is tried on, beside a resource or an event, or instead of one.
    back_test: Option<Span>,
}

/// What a trigger would make of it.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TriggerTestResult)]
pub(crate) struct Tried {
    /// Whether its criteria hold; null where nobody can tell.
    matched: Option<bool>,
    /// `fired`, `not_matched`, `indeterminate` or `other_interaction`; null without a resource or an event.
    /// What the trigger remembers of other values is left aside.
    judgement: Option<&'static str>,
    /// Every clause, in order.
    clauses: Vec<Clause>,
    /// The first clause that does not hold.
    failing: Option<String>,
    /// Why it cannot be decided.
    reason: Option<String>,
    /// Whether its query decides otherwise than its expression.
    disagrees: bool,
    /// What is likely not meant, as the saved trigger tells it.
    hints: Vec<String>,
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
    /// What of `data` does not fit the schema of the type; the event is raised all the same.
    misfit: Option<String>,
}

/// Tries a trigger on a resource or an event. Nothing is stored and nothing is sent; that it was asked what is stored
/// stands in the audit log.
#[utoipa::path(post, path = "/admin/triggers/test", tag = "triggers",
    request_body = Wanted, responses((status = 200, body = Tried)))]
pub(crate) async fn test(State(api): State<Api>, caller: Caller, doc: Doc) -> Result<Json<Tried>> {
    caller.needs(Right::Configure)?;
    let mut wanted: Wanted = doc.read()?;
    let ready = api.wanted(&caller, wanted.trigger_id, wanted.trigger.take())?;
    let back_test = match wanted.back_test {
        Some(span) => {
            // Whoever chooses a condition learns for which events it holds.
            let entry = api.entry(&caller, Action::Preview, ready.trigger.id, "trigger");
            api.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await?;
            Some(api.back_tested(caller.organisation(), &ready, span).await?)
        }
        None => None,
    };
    let hints = hints(&api.settings.now(), &ready.trigger);
    let Some((looked, asked)) = api.looked_at(&ready, wanted)? else {
        if back_test.is_none() {
            let is_over_events = ready.trigger.sight.resource_type().is_none();
            return Err(missing(if is_over_events { "/event" } else { "/resource" }).into());
        }
        return Ok(Json(Tried { back_test, hints, ..Tried::default() }));
    };
    let change = match &asked {
        Some(asked) => {
            Change::new(&looked, asked.previous.as_ref(), asked.interaction, asked.code.as_deref())
        }
        None => Change::of_event(&looked),
    };
    let change = change.at(api.clock.now());
    Ok(Json(Tried { back_test, hints, ..api.tried(&caller, &ready, &change) }))
}

/// What surrounds a resource.
struct Asked {
    previous: Option<Value>,
    interaction: Interaction,
    code: Option<String>,
}

impl Api {
    /// What the trigger is tried on; none where nothing is given.
    fn looked_at(&self, ready: &Ready, wanted: Wanted) -> Result<Option<(Value, Option<Asked>)>> {
        let Some(resource_type) = ready.trigger.sight.resource_type() else {
            if wanted.resource.is_some() {
                let why = "The trigger looks at events: give one under event.";
                return Err(invalid("/resource", why).into());
            }
            let Some(event) = wanted.event else { return Ok(None) };
            let seen = event.seen(&ready.trigger, (&self.settings.now(), self.clock.now()))?;
            return Ok(Some((seen, None)));
        };
        if wanted.event.is_some() {
            let why = format!(
                "The trigger looks at resources of the type {resource_type}: give one under resource."
            );
            return Err(invalid("/event", why).into());
        }
        let Some(resource) = wanted.resource else { return Ok(None) };
        if resource.get("resourceType").and_then(Value::as_str) != Some(resource_type) {
            let why = format!("The trigger looks at resources of the type {resource_type}.");
            return Err(invalid("/resource/resourceType", why).into());
        }
        let asked = Asked {
            previous: wanted.previous.filter(|previous| !previous.is_null()),
            interaction: wanted.interaction.unwrap_or(Interaction::Update),
            code: wanted.event_code,
        };
        Ok(Some((resource, Some(asked))))
    }

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
        Ok(self
            .ready(trigger, &now)
            .map_err(|problem| if id.is_some() { problem } else { below(problem) })?)
    }

    /// The trigger that settings would make: of one that is there, or a new one.
    pub(crate) fn trigger_of(&self, caller: &Caller, id: Option<TriggerId>, wish: Wish) -> Result<Trigger> {
        let now = self.settings.now();
        let present = id.map(|id| find(&now, caller, id)).transpose()?;
        let created_at = present.as_ref().map_or_else(|| self.clock.now(), |present| present.created_at);
        let id = id.unwrap_or_else(|| self.ids.next(created_at));
        let base = Base { id, organisation_id: caller.organisation(), created_at };
        let doc = wish.accept(base, (caller, &now))?;
        self.ready(doc.clone(), &now)?;
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
        let event = info.filter(|_| matched == Some(true)).map(|info| raised(ready, change, info));
        let failing = clauses.iter().find(|clause| clause.result != model::ClauseResult::Holds);
        Tried {
            matched,
            judgement: Some(judgement),
            failing: failing.map(|clause| clause.text.clone()),
            clauses,
            reason,
            disagrees: tested.disagrees,
            event,
            ..Tried::default()
        }
    }
}

fn raised(ready: &Ready, change: &Change<'_>, info: &TypeInfo) -> Raised {
    let trigger = &ready.trigger;
    let data = match trigger.sight {
        Sight::Changes(_) => data(ready, change, info, change.resource.get("id").and_then(Value::as_str)),
        Sight::Events(_) => data_of_event(ready, change, info),
    };
    let fault = to_raw_value(&data).ok().and_then(|raw| check_data(info, &raw).err());
    let misfit = fault.map(|fault| format!("/data{}: {}.", fault.pointer, fault.why));
    Raised { event_type: trigger.event_type.to_string(), lane: trigger.lane, data, misfit }
}

/// A problem of settings that stand below `trigger`.
fn below(mut problem: Problem) -> Problem {
    problem.field = Some(format!("/trigger{}", problem.field.unwrap_or_default()));
    problem
}
