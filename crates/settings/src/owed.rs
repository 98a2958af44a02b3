//! What a webhook is owed of an event: the same rule for what comes in and for what is asked for again.

use std::collections::HashMap;

use matching::Verdict;
use model::{Category, DeliveryId, Event, HookState, Ordering, Webhook, WebhookId};
use privacy::OrganisationKeys;
use store::{NewDelivery, Store};

/// A delivery of `event` to the webhook of a verdict, in its lane and its order.
#[must_use]
pub fn owed(id: DeliveryId, verdict: &Verdict, event: &Event, keys: &OrganisationKeys) -> NewDelivery {
    let webhook = &verdict.webhook;
    NewDelivery {
        id,
        webhook: webhook.id,
        lane: verdict.lane,
        order: keys.order(ordering(webhook, event), event),
        follows: None,
        // What a disabled webhook misses waits in its dead letters.
        dead: matches!(webhook.state, HookState::Disabled { .. }).then_some(Category::BreakerTripped),
        numbered: crate::number::is_counted(webhook),
    }
}

/// The deliveries of what an event replaces: a later one of the event goes after them (N5).
///
/// # Errors
/// The store fails.
pub async fn followed(store: &dyn Store, event: &Event) -> store::Result<HashMap<WebhookId, DeliveryId>> {
    let Some(replaced) = event.replaces else { return Ok(HashMap::new()) };
    let found = store.find_event(replaced).await?;
    let decisions = found.map(|found| found.decisions).unwrap_or_default();
    Ok(decisions.into_iter().filter_map(|got| Some((got.webhook, got.delivery?))).collect())
}

/// What a delivery waits for: a result never overtakes an earlier state of itself, whatever the webhook says.
fn ordering(webhook: &Webhook, event: &Event) -> Ordering {
    let is_tracked = event.sequence > 0 && event.event_type.as_str().starts_with("lab.result.");
    if webhook.ordering == Ordering::None && is_tracked { Ordering::Object } else { webhook.ordering }
}
