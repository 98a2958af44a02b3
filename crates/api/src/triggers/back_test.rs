//! A trigger over what is stored: for which changes it would have held.
//!
//! An event keeps the resource that raised it, as it was then. So the trigger is asked about every change
//! that an event of the span tells of, in order, each with the one before it within the span.

use std::collections::HashMap;

use matching::trigger::{Change, Held, Ready};
use model::{EventId, Interaction, ObjectKey, OrganisationId, Timestamp, limits};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{EventFilter, NewEvent};
use utoipa::ToSchema;

use crate::Api;
use crate::refused::Result;

/// The span that is looked at.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriggerBackTest)]
pub(super) struct Span {
    /// Accepted at or after.
    #[schema(value_type = String)]
    from: Timestamp,
    /// Accepted before; by default now.
    #[schema(value_type = Option<String>)]
    to: Option<Timestamp>,
}

/// What a trigger makes of what is stored.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TriggerBackTestResult)]
pub(super) struct BackTested {
    /// Events that were looked at.
    events: usize,
    /// Changes of resources of the trigger's type that they tell of; each is asked once. A change that
    /// raised no event of its own is not among them.
    changes: usize,
    /// Changes for which the criteria hold. What the trigger remembers is left aside.
    matched: usize,
    /// Changes of which nobody can tell.
    indeterminate: usize,
    /// Events whose content is no longer kept.
    gone: usize,
    /// Events that tell of the newest changes that matched.
    matched_events: Vec<String>,
    /// Where the looking began: later than asked for when there was more than one call looks at.
    #[schema(value_type = String)]
    from: Timestamp,
    /// Whether the whole span was looked at.
    complete: bool,
}

impl Api {
    /// Asks a trigger about what is stored.
    pub(super) async fn back_tested(
        &self,
        organisation: OrganisationId,
        ready: &Ready,
        span: Span,
    ) -> Result<BackTested> {
        let (mut ids, told) = self.within(organisation, ready, span).await?;
        ids.reverse();
        let mut trial = Trial { ready, told, known: HashMap::new(), matched: Vec::new() };
        for ids in ids.chunks(limits::PAGE.1) {
            for stored in self.store.events(ids).await?.into_iter().flatten() {
                let focus = self.focus(&stored).await?;
                trial.ask(&stored, focus);
            }
        }
        Ok(trial.done())
    }

    /// The events of the span, newest first, as many as one call looks at.
    async fn within(
        &self,
        organisation: OrganisationId,
        ready: &Ready,
        span: Span,
    ) -> Result<(Vec<EventId>, BackTested)> {
        let filter = EventFilter {
            organisation: Some(organisation),
            integration: ready.trigger.integration_id,
            from: Some(span.from),
            to: span.to,
            ..EventFilter::default()
        };
        let mut told = BackTested { from: span.from, complete: true, ..BackTested::default() };
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let left = limits::BACK_TEST_EVENTS - ids.len();
            let page = self.store.list_events(filter.clone(), after, limits::PAGE.1.min(left)).await?;
            let oldest = page.rows.last().map(|row| row.event.received);
            ids.extend(page.rows.iter().map(|row| row.event.id));
            told.events = ids.len();
            after = page.next;
            if after.is_some() && ids.len() >= limits::BACK_TEST_EVENTS {
                told.complete = false;
                told.from = oldest.unwrap_or(span.from);
            }
            if after.is_none() || !told.complete {
                return Ok((ids, told));
            }
        }
    }

    /// The resource that raised an event, and what was done to it; none where none did or it is gone.
    async fn focus(&self, stored: &NewEvent) -> Result<Option<(Interaction, Value)>> {
        let Some(sealed) = &stored.body else { return Ok(None) };
        let Some(content) = crate::events::open(self, &stored.event, sealed).await? else { return Ok(None) };
        Ok(content.look(|content| {
            let focus = content.focus.as_ref()?;
            Some((focus.interaction, serde_json::from_str(focus.resource.get()).ok()?))
        }))
    }
}

/// A back-test under way.
struct Trial<'a> {
    ready: &'a Ready,
    told: BackTested,
    /// The last version of each object, with its number.
    known: HashMap<ObjectKey, (u32, Value)>,
    matched: Vec<EventId>,
}

impl Trial<'_> {
    /// Asks the trigger about the change that an event tells of, unless another event told of it.
    fn ask(&mut self, stored: &NewEvent, focus: Option<(Interaction, Value)>) {
        self.told.gone += usize::from(stored.body.is_none());
        let (Some((interaction, resource)), event) = (focus, &stored.event) else { return };
        let trigger = &self.ready.trigger;
        let is_of = resource.get("resourceType").and_then(Value::as_str) == Some(&trigger.resource_type);
        let Some(object) = event.object.filter(|_| is_of) else { return };
        let before = self.known.insert(object, (event.sequence, resource));
        if before.as_ref().is_some_and(|(sequence, _)| *sequence == event.sequence) {
            return;
        }
        self.told.changes += 1;
        let Some((_, now)) = self.known.get(&object) else { return };
        let change = Change::new(now, before.as_ref().map(|(_, before)| before), interaction, None);
        if !trigger.interactions.contains(&change.interaction) {
            return;
        }
        match self.ready.test(&change).held {
            Held::Yes => self.matched.push(event.id),
            Held::No => {}
            Held::Undecided(_) => self.told.indeterminate += 1,
        }
    }

    fn done(mut self) -> BackTested {
        self.told.matched = self.matched.len();
        let newest = self.matched.iter().rev().take(limits::BACK_TEST_NAMED);
        self.told.matched_events = newest.map(EventId::to_string).collect();
        self.told
    }
}
