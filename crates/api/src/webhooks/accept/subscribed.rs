//! What of a webhook that is a FHIR Subscription only its client changes.

use model::{HookState, Problem, SubscriptionStatus, Webhook};
use serde_json::json;

use super::super::wish::Wish;
use crate::strict::invalid;

/// Leaves aside what GET shows and PUT may repeat: the format of a Subscription.
pub(super) fn spare(mut wish: Wish, present: Option<&Webhook>) -> Wish {
    let format = present.filter(|one| one.subscription.is_some()).map(|one| json!(one.format));
    if format.is_some_and(|format| wish.format.as_deref() == format.as_str()) {
        wish.format = None;
    }
    wish
}

/// Keeps a webhook the Subscription that it is.
///
/// # Errors
/// A member that belongs to the Subscription would change.
pub(super) fn keep(webhook: Webhook, present: Option<&Webhook>) -> Result<Webhook, Problem> {
    let Some((present, facet)) = present.and_then(|one| Some((one, one.subscription.as_deref()?))) else {
        return Ok(webhook);
    };
    let wakes = webhook.state == HookState::Active && present.state != HookState::Active;
    let changes = [
        ("/url", webhook.url != present.url),
        ("/eventTypes", webhook.event_types != present.event_types),
        ("/sources", webhook.sources != present.sources),
        ("/auth", webhook.auth != present.auth),
        ("/template", webhook.template.is_some()),
        ("/active", wakes && facet.status != SubscriptionStatus::Active),
    ];
    if let Some((field, _)) = changes.iter().find(|(_, is_changed)| *is_changed) {
        let why = "It belongs to a FHIR Subscription.";
        return Err(invalid(*field, why).fix("Let its client change it at /fhir."));
    }
    let (format, timeout) = (present.format, present.timeout);
    Ok(Webhook { format, timeout, subscription: present.subscription.clone(), ..webhook })
}
