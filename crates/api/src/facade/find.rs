//! The Subscription of a path, if the caller may see it.

use std::sync::Arc;

use axum::extract::Path;
use matching::Compiled;
use model::{Subscription, Versioned, Webhook};

use super::outcome::Outcome;
use super::visit::Visit;

/// The ids of a path: of the integration, and of a Subscription.
pub(super) type Ids = Path<(String, String)>;

/// All Subscriptions of the integration that the caller may see, by age.
pub(super) fn all<'a>(
    now: &'a Compiled,
    visit: &'a Visit,
) -> impl Iterator<Item = &'a Arc<Versioned<Webhook>>> {
    let own = |facet: &Subscription| visit.sees_all() || facet.owner == visit.caller.0.key;
    let of = now.webhooks_of(visit.integration.id);
    of.filter(move |webhook| webhook.subscription.as_deref().is_some_and(own))
}

/// The Subscription with an id.
pub(super) fn one(now: &Compiled, visit: &Visit, id: &str) -> Result<Arc<Versioned<Webhook>>, Outcome> {
    let found = all(now, visit).find(|webhook| is(webhook, id));
    found.cloned().ok_or_else(Outcome::not_found)
}

/// Whether somebody's Subscription has an id, and whether it is one of the caller's.
pub(super) fn taken(now: &Compiled, visit: &Visit, id: &str) -> Option<bool> {
    let taken = now.webhooks_of(visit.integration.id).any(|webhook| is(webhook, id));
    taken.then(|| all(now, visit).any(|webhook| is(webhook, id)))
}

fn is(webhook: &Webhook, id: &str) -> bool {
    webhook.subscription.as_ref().is_some_and(|facet| facet.id == id)
}
