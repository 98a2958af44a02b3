//! Corrections and retractions reach whoever got the original, or is still owed it, and after it (N5).

use std::collections::HashMap;

use matching::{Compiled, Verdict, reach_former};
use model::{Decision, DecisionReason, DeliveryId, Event, EventId, Problem, WebhookId};
use store::{NewDelivery, NewEvent};

use crate::intake::Intake;
use crate::refusal;

/// The deliveries of events that are replaced, by event and destination.
#[derive(Default)]
pub(crate) struct Former(HashMap<(EventId, WebhookId), DeliveryId>);

impl Former {
    /// The delivery that one of `event` must not overtake at a destination.
    pub(crate) fn delivery(&self, event: &Event, webhook: WebhookId) -> Option<DeliveryId> {
        self.0.get(&(event.replaces?, webhook)).copied()
    }

    /// What is owed of an event that another of the same arrival may replace.
    pub(crate) fn owe(&mut self, event: EventId, deliveries: &[NewDelivery]) {
        self.0.extend(deliveries.iter().map(|delivery| ((event, delivery.webhook), delivery.id)));
    }
}

impl Intake {
    /// Adds the destinations of what events replace to those that ask for them.
    ///
    /// Test, echo and supersession still refuse; what a webhook subscribes to does not.
    pub(crate) async fn reach_former(
        &self,
        events: &[Event],
        verdicts: &mut [Vec<Verdict>],
        compiled: &Compiled,
    ) -> Result<Former, Problem> {
        let mut former = Former::default();
        let replaced: Vec<EventId> = events.iter().filter_map(|event| event.replaces).collect();
        if replaced.is_empty() {
            return Ok(former);
        }
        let stored = self.ports.store.events(&replaced).await.map_err(|error| refusal::of_store(&error))?;
        for original in stored.into_iter().flatten() {
            let (id, organisation) = (original.event.id, original.event.organisation);
            let decided = self.decided_of_change(original).await?;
            let got = || decided.iter().filter_map(|one| Some((one.webhook, one.delivery?)));
            // Of several events of one change, the last that it got is the one to follow.
            former.0.extend(got().map(|(webhook, delivery)| ((id, webhook), delivery)));
            let webhooks = got().filter_map(|(webhook, _)| compiled.webhook(organisation, webhook));
            webhooks.for_each(|webhook| reach_former(webhook, id, events, verdicts));
        }
        reach_anew(events, verdicts);
        Ok(former)
    }

    /// What was decided about all events of a change: one may raise two types, as a document that is a
    /// discharge summary, and a destination may have got either.
    async fn decided_of_change(&self, of: NewEvent) -> Result<Vec<Decision>, Problem> {
        let (Some(message), Some(object)) = (of.event.message, of.event.object) else {
            return Ok(of.decisions);
        };
        let all = self.ports.store.events_of(message).await.map_err(|error| refusal::of_store(&error))?;
        // What a trigger made of the change is an event of its own.
        let is_derived = |event: &Event| all.iter().any(|row| event.caused_by == Some(row.event.id));
        if is_derived(&of.event) {
            return Ok(of.decisions);
        }
        let rows = all.iter().filter(|row| row.event.object == Some(object) && !is_derived(&row.event));
        Ok(rows.flat_map(|row| row.decisions.iter().cloned()).collect())
    }
}

/// The same where one arrival tells of a thing and of its correction, as a history of its versions does.
fn reach_anew(events: &[Event], verdicts: &mut [Vec<Verdict>]) {
    let is_replaced = |original: &Event| events.iter().any(|event| event.replaces == Some(original.id));
    for place in (0..events.len()).filter(|place| is_replaced(&events[*place])) {
        let got = verdicts[place].iter().filter(|verdict| verdict.reason == DecisionReason::Matched);
        let webhooks: Vec<_> = got.map(|verdict| verdict.webhook.clone()).collect();
        webhooks.iter().for_each(|webhook| reach_former(webhook, events[place].id, events, verdicts));
    }
}
