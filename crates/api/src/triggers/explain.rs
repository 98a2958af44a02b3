//! What triggers made of an event, clause by clause: codes and places, no content.

use model::{ClauseResult, Judged, Judgement};
use serde::Serialize;
use store::EventRow;
use utoipa::ToSchema;

use crate::Api;
use crate::refused::Result;

/// What one trigger made of an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TriggerExplanation)]
pub(crate) struct Explained {
    trigger_id: String,
    /// Null once the trigger is gone.
    trigger_name: Option<String>,
    /// `fired`, `retracted`, `not_matched`, `indeterminate`, `unchanged`, `not_rearmed`, `out_of_order`,
    /// `not_yet`, `quiet`, `other_interaction`, `waiting` or `stale`; of one that did not look: `inactive`,
    /// `other_integration`, `made_later`, `came_otherwise` (it looks at events that come in, and a change or a
    /// trigger raised this one) or `not_concerned`.
    judgement: &'static str,
    /// Its clauses, each with what it came to.
    clauses: Vec<Clause>,
    /// Why it could not be decided.
    reason: Option<String>,
    /// Whether its query would have decided otherwise than its expression.
    disagrees: bool,
    /// The event that it raised.
    raised: Option<String>,
    /// Whether it was changed since: its clauses are not those of then and are left out.
    changed_since: bool,
}

/// A clause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TriggerClause)]
pub(crate) struct Clause {
    pub(crate) text: String,
    /// `holds`, `fails`, `empty` or `indeterminate`.
    #[schema(value_type = String)]
    pub(crate) result: ClauseResult,
}

impl Api {
    /// Why each trigger of the organisation fired for an event, or did not.
    pub(crate) async fn explained(&self, row: &EventRow) -> Result<Vec<Explained>> {
        let event = &row.event;
        let mut judged = self.store.judged(event.id).await?;
        // What a trigger raised is told by what it was raised from.
        if let Some(origin) = event.caused_by {
            let raised = self.store.judged(origin).await?;
            judged.extend(raised.into_iter().filter(|one| one.raised == Some(event.id)));
        }
        let mut told: Vec<Explained> = judged.iter().map(|one| self.of_judged(one)).collect();
        let is_derived = event.caused_by.is_some() && judged.len() == 1;
        if !is_derived {
            told.extend(self.aside(row, &judged));
        }
        Ok(told)
    }

    fn of_judged(&self, judged: &Judged) -> Explained {
        let now = self.settings.now();
        let ready = now.triggers.find(judged.trigger);
        let same = ready.filter(|ready| ready.trigger.version == judged.version);
        let clauses = same.map(|ready| ready.clauses()).unwrap_or_default();
        let clauses = clauses.into_iter().zip(&judged.clauses);
        Explained {
            trigger_id: judged.trigger.to_string(),
            trigger_name: ready.map(|ready| ready.trigger.name.clone()),
            judgement: judged.judgement.name(),
            clauses: clauses.map(|(text, result)| Clause { text, result: *result }).collect(),
            reason: judged.reason.clone(),
            disagrees: judged.disagrees,
            raised: judged.raised.map(|id| id.to_string()),
            changed_since: same.is_none() && judged.judgement != Judgement::OtherInteraction,
        }
    }

    /// Triggers that did not look at an event at all, and why not.
    fn aside(&self, row: &EventRow, judged: &[Judged]) -> Vec<Explained> {
        let (now, event) = (self.settings.now(), &row.event);
        let own = now.config.triggers.values().filter(|found| found.organisation_id == event.organisation);
        let others = own.filter(|found| judged.iter().all(|one| one.trigger != found.id));
        let why = |trigger: &model::Trigger| match () {
            () if trigger.created_at > event.received => "made_later",
            () if !trigger.active => "inactive",
            () if trigger.integration_id.is_some_and(|meant| meant != event.integration) => {
                "other_integration"
            }
            () if trigger.sight.event_types().contains(&event.event_type) => "came_otherwise",
            () => "not_concerned",
        };
        others
            .map(|found| Explained {
                trigger_id: found.id.to_string(),
                trigger_name: Some(found.name.clone()),
                judgement: why(found),
                clauses: Vec::new(),
                reason: None,
                disagrees: false,
                raised: None,
                changed_since: false,
            })
            .collect()
    }
}
