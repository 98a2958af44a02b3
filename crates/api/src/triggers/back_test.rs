//! A trigger over what is stored: for which changes or events it would have held.
//!
//! An event keeps the resource that raised it, as it was then. So the trigger is asked about every change
//! that an event of the span tells of, in order, each with the one before it within the span; one over
//! events is asked about every event of its types that came in as one.

use std::collections::HashMap;

use matching::Seen;
use matching::trigger::{Change, Held, Ready};
use model::{
    Content, Event, EventId, EventType, Interaction, ObjectKey, OrganisationId, Pattern, Timestamp, limits,
};
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
    /// raised no event of its own is not among them. Of a trigger over events, events that came in as events.
    changes: usize,
    /// Those for which the criteria hold. What the trigger remembers is left aside.
    matched: usize,
    /// Those of which nobody can tell.
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
                self.ask(&mut trial, &stored).await?;
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
            event_type: only(ready.trigger.sight.event_types()),
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

    /// Asks the trigger about what an event tells of.
    async fn ask(&self, trial: &mut Trial<'_>, stored: &NewEvent) -> Result<()> {
        let (event, sight) = (&stored.event, &trial.ready.trigger.sight);
        let is_over_events = sight.resource_type().is_none();
        if is_over_events && !sight.event_types().contains(&event.event_type) {
            return Ok(());
        }
        trial.told.gone += usize::from(stored.body.is_none());
        let Some(sealed) = &stored.body else { return Ok(()) };
        let Some(content) = crate::events::open(self, event, sealed).await? else { return Ok(()) };
        if !is_over_events {
            let code = self.event_code(trial.ready, event).await?;
            trial.ask_change((event, code.as_deref()), content.look(focus));
            return Ok(());
        }
        let is_own = content.look(|content| content.focus.is_none());
        if is_own && !self.store.is_raised(event).await? {
            content.look(|content| trial.ask_event(event, content));
        }
        Ok(())
    }

    /// The v2 event of the message that an event came with, for a trigger that asks for it.
    async fn event_code(&self, ready: &Ready, event: &Event) -> Result<Option<String>> {
        let asks = !ready.trigger.criteria.event_codes.is_empty();
        let Some(id) = event.message.filter(|_| asks) else { return Ok(None) };
        let message = self.store.find_message(id).await?.filter(|message| message.format == "hl7v2");
        Ok(message.and_then(|message| message.kind.split('^').nth(1).map(str::to_owned)))
    }
}

/// The one type that is looked at; with several, all are listed and those are asked.
fn only(types: &[EventType]) -> Option<Pattern> {
    match types {
        [only] => Some(Pattern::Exact(only.to_string())),
        _ => None,
    }
}

/// The resource that raised an event, and what was done to it; none where none did.
fn focus(content: &Content) -> Option<(Interaction, Value)> {
    let focus = content.focus.as_ref()?;
    Some((focus.interaction, serde_json::from_str(focus.resource.get()).ok()?))
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
    /// Asks the trigger about an event that came in as one.
    fn ask_event(&mut self, event: &Event, content: &Content) {
        self.told.changes += 1;
        let seen = Value::Object(Seen::of(event, content).members());
        self.count(event.id, self.ready.test(&Change::of_event(&seen).at(event.received)).held);
    }

    /// Asks the trigger about the change that an event tells of, unless another event told of it.
    fn ask_change(&mut self, (event, code): (&Event, Option<&str>), focus: Option<(Interaction, Value)>) {
        let Some((interaction, resource)) = focus else { return };
        let trigger = &self.ready.trigger;
        let is_of = resource.get("resourceType").and_then(Value::as_str) == trigger.sight.resource_type();
        let Some(object) = event.object.filter(|_| is_of) else { return };
        let before = self.known.insert(object, (event.sequence, resource));
        if before.as_ref().is_some_and(|(sequence, _)| *sequence == event.sequence) {
            return;
        }
        self.told.changes += 1;
        let Some((_, now)) = self.known.get(&object) else { return };
        let before = before.as_ref().map(|(_, before)| before);
        let change = Change::new(now, before, interaction, code).at(event.received);
        if !trigger.interactions.contains(&change.interaction) {
            return;
        }
        let held = self.ready.test(&change).held;
        self.count(event.id, held);
    }

    fn count(&mut self, event: EventId, held: Held) {
        match held {
            Held::Yes => self.matched.push(event),
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
