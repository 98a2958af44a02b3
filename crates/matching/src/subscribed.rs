//! Whether a Subscription hears of an event: beyond its types, by what it asks and whether it still may.

use std::cell::OnceCell;

use model::{Config, Content, Event, Subscription, Timestamp, Webhook};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::Conditions;
use crate::conditions::Heard;

/// The resource behind an event, read once however many ask.
pub(crate) struct Resource<'a> {
    raw: Option<&'a RawValue>,
    value: OnceCell<Option<Value>>,
}

impl<'a> Resource<'a> {
    pub(crate) fn of(content: Option<&'a Content>) -> Self {
        let focus = content.and_then(|content| content.focus.as_ref());
        Resource { raw: focus.map(|focus| &*focus.resource), value: OnceCell::new() }
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        self.value.get_or_init(|| serde_json::from_str(self.raw?.get()).ok()).as_ref()
    }
}

/// Whether events of that time are counted for a webhook: always, unless it is a
/// Subscription that is not active, is over, or was made by a key that works no more.
pub(crate) fn is_live(webhook: &Webhook, event: &Event, config: &Config) -> bool {
    let Some(subscription) = webhook.subscription.as_deref() else { return true };
    subscription.hears() && may_still(subscription, config, event.received)
}

/// Whether a webhook is told of every change of its integration's resources.
pub(crate) fn is_feed(webhook: &Webhook) -> bool {
    let subscription = webhook.subscription.as_deref();
    let topic = subscription.filter(|one| one.hears()).map(|one| one.topic.as_str());
    topic.is_some_and(|topic| topic.split('|').next() == Some(fhir::feed::TOPIC))
}

/// Whether whoever made a Subscription may have it at that time.
#[must_use]
pub fn may_still(subscription: &Subscription, config: &Config, at: Timestamp) -> bool {
    let works = |end: Option<Timestamp>| end.is_none_or(|end| at < end);
    works(subscription.end) && config.keys.get(&subscription.owner).is_some_and(|key| works(key.expires_at))
}

/// Whether what a Subscription asks of the event and its resource holds.
pub(crate) fn holds(
    conditions: Option<&Conditions>,
    resource: &Resource<'_>,
    (event, content): (&Event, Option<&Content>),
) -> bool {
    conditions.is_none_or(|conditions| conditions.hold(Heard { event, content, resource: resource.value() }))
}
