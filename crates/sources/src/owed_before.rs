//! Corrections and retractions reach whoever got the original, or is still owed it, and after it (N5).

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use matching::{Compiled, Verdict, reach_former};
use model::{Decision, DecisionReason, DeliveryId, Event, EventId, MessageId, ObjectKey, Problem, WebhookId};
use store::{EventRow, NewDelivery, NewEvent};

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
        let mut changes = Changes::default();
        for original in stored.into_iter().flatten() {
            let (id, organisation) = (original.event.id, original.event.organisation);
            let decided = changes.decided(self, original).await?;
            let got = || decided.iter().filter_map(|one| Some((one.webhook, one.delivery?)));
            // Of several events of one change, the last that it got is the one to follow.
            former.0.extend(got().map(|(webhook, delivery)| ((id, webhook), delivery)));
            let webhooks = got().filter_map(|(webhook, _)| compiled.webhook(organisation, webhook));
            webhooks.for_each(|webhook| reach_former(webhook, id, events, verdicts));
        }
        reach_anew(&replaced.into_iter().collect(), events, verdicts);
        Ok(former)
    }
}

/// What was decided about the events of a message, by object; each message is read once.
#[derive(Default)]
struct Changes(HashMap<MessageId, Told>);

/// Events and what was decided about each, by object.
type Told = HashMap<ObjectKey, Vec<(EventId, Vec<Decision>)>>;

impl Changes {
    /// What was decided about all events of a change: it may raise two types, as that of a document that is a
    /// discharge summary, and a destination may have got either. What a trigger made of it stands alone.
    async fn decided(&mut self, intake: &Intake, of: NewEvent) -> Result<Vec<Decision>, Problem> {
        let (Some(message), Some(object)) = (of.event.message, of.event.object) else {
            return Ok(of.decisions);
        };
        let objects = match self.0.entry(message) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let all = intake.ports.store.events_of(message).await;
                free.insert(by_object(all.map_err(|error| refusal::of_store(&error))?))
            }
        };
        let told = objects.get(&object).filter(|told| told.iter().any(|(id, _)| *id == of.event.id));
        let all = told.map(|told| told.iter().flat_map(|(_, decisions)| decisions.iter().cloned()).collect());
        Ok(all.unwrap_or(of.decisions))
    }
}

/// The events of a message but those that triggers derived.
fn by_object(all: Vec<EventRow>) -> Told {
    let ids: HashSet<EventId> = all.iter().map(|row| row.event.id).collect();
    let mut objects = Told::new();
    for row in all {
        let is_derived = row.event.caused_by.is_some_and(|cause| ids.contains(&cause));
        if let Some(object) = row.event.object.filter(|_| !is_derived) {
            objects.entry(object).or_default().push((row.event.id, row.decisions));
        }
    }
    objects
}

/// The same where one arrival tells of a thing and of its correction, as a history of its versions does.
fn reach_anew(replaced: &HashSet<EventId>, events: &[Event], verdicts: &mut [Vec<Verdict>]) {
    for place in (0..events.len()).filter(|place| replaced.contains(&events[*place].id)) {
        let got = verdicts[place].iter().filter(|verdict| verdict.reason == DecisionReason::Matched);
        let webhooks: Vec<_> = got.map(|verdict| verdict.webhook.clone()).collect();
        webhooks.iter().for_each(|webhook| reach_former(webhook, events[place].id, events, verdicts));
    }
}
