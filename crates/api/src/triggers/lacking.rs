//! What a trigger over events never finds in them: it may stay silent for ever (P4).

use matching::trigger::Ready;
use model::{ClauseResult, EventType, IntegrationId, Pattern, Trigger, Versioned, limits};
use serde::Serialize;
use store::EventFilter;
use utoipa::ToSchema;

use crate::Api;
use crate::refused::Result;

/// A clause that found nothing to hold of.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TriggerLack)]
pub(crate) struct Lacking {
    /// The clause.
    pub(crate) clause: String,
    /// In how many events, of all that were looked through.
    pub(crate) events: usize,
}

impl Api {
    /// The clauses of a trigger that found nothing to hold of in any of the newest events that it looked at,
    /// of one integration or of all that it is meant for. None for a trigger over changes.
    pub(crate) async fn lacking(
        &self,
        ready: &Ready,
        integration: Option<IntegrationId>,
    ) -> Result<Vec<Lacking>> {
        let asked = self.asked(&ready.trigger, integration).await?;
        let is_empty = |place: usize| asked.iter().all(|of| of.get(place) == Some(&ClauseResult::Empty));
        let texts = ready.clauses().into_iter().enumerate();
        let never = texts.filter(|(place, _)| !asked.is_empty() && is_empty(*place));
        Ok(never.map(|(_, clause)| Lacking { clause, events: asked.len() }).collect())
    }

    /// What the clauses of a trigger came to for the newest events that it looked at.
    async fn asked(
        &self,
        trigger: &Versioned<Trigger>,
        integration: Option<IntegrationId>,
    ) -> Result<Vec<Vec<ClauseResult>>> {
        let types = trigger.sight.event_types();
        let mut asked = Vec::new();
        for event_type in types {
            let filter = of_type(trigger, event_type, integration);
            let share = limits::LACKING_EVENTS.div_ceil(types.len());
            for row in self.store.list_events(filter, None, share).await?.rows {
                let judged = self.store.judged(row.event.id).await?.into_iter();
                let own = judged.filter(|one| one.trigger == trigger.id && one.version == trigger.version);
                asked.extend(own.map(|one| one.clauses).filter(|clauses| !clauses.is_empty()));
            }
        }
        Ok(asked)
    }
}

fn of_type(trigger: &Trigger, event_type: &EventType, integration: Option<IntegrationId>) -> EventFilter {
    EventFilter {
        organisation: Some(trigger.organisation_id),
        integration: integration.or(trigger.integration_id),
        event_type: Some(Pattern::Exact(event_type.to_string())),
        ..EventFilter::default()
    }
}
