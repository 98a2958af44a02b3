//! Corrections and retractions reach whoever got the original, or is still owed it, and after it (N5).

use std::collections::HashMap;
use std::sync::Arc;

use matching::{Compiled, Verdict, admit_former};
use model::{DecisionReason, DeliveryId, Event, EventId, Problem, Versioned, Webhook, WebhookId};

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
            let id = original.event.id;
            let got = || original.decisions.iter().filter_map(|got| Some((got.webhook, got.delivery?)));
            former.0.extend(got().map(|(webhook, delivery)| ((id, webhook), delivery)));
            let webhooks =
                got().filter_map(|(webhook, _)| compiled.webhook(original.event.organisation, webhook));
            webhooks.for_each(|webhook| reach(webhook, id, events, verdicts));
        }
        Ok(former)
    }
}

/// Lets a destination of an original hear what replaces it. Where several events
/// do, as a result and its report, one that it asked for is enough.
fn reach(
    webhook: &Arc<Versioned<Webhook>>,
    original: EventId,
    events: &[Event],
    verdicts: &mut [Vec<Verdict>],
) {
    let replaces = |event: &Event| event.replaces == Some(original);
    let places: Vec<usize> = (0..events.len()).filter(|place| replaces(&events[*place])).collect();
    let object = |place: usize| events[place].object;
    let first_object = places.first().and_then(|place| object(*place));
    let is_told = |place: &usize| {
        let of = &verdicts[*place];
        of.iter().any(|known| known.webhook.id == webhook.id && known.reason == DecisionReason::Matched)
    };
    let has_several = places.iter().any(|place| object(*place) != first_object);
    if has_several && places.iter().any(is_told) {
        return;
    }
    places.into_iter().for_each(|place| admit_former(&mut verdicts[place], webhook, &events[place]));
}
