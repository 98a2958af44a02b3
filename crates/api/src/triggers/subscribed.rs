//! FHIR Subscriptions to the topic of a trigger: a change that would leave one with nothing to hear is refused.

use matching::trigger::topic;
use model::{Code, Config, Problem, Trigger, TriggerId, Versioned, Webhook, limits};

/// Refuses a change of a trigger, to `after` or to nothing, that a FHIR Subscription stands against.
///
/// # Errors
/// [`Code::InUse`], which names the Subscriptions.
pub(super) fn check(
    config: &Config,
    id: TriggerId,
    after: Option<&Versioned<Trigger>>,
) -> Result<(), Problem> {
    let left = topic::left_behind(config, id, after);
    if left.is_empty() {
        return Ok(());
    }
    let named: Vec<String> =
        left.iter().take(limits::SUBSCRIPTIONS_NAMED).filter_map(|one| named(one)).collect();
    let why = format!(
        "FHIR Subscriptions would hear nothing more of this trigger; there are {}: {}.",
        left.len(),
        named.join(", ")
    );
    let fix = "Set them off or delete them first, or make a new trigger beside this one.";
    Err(Problem::new(Code::InUse, why).fix(fix))
}

/// Whether a change is still free when it is written down.
pub(super) fn is_free(
    config: &Config,
    id: TriggerId,
    after: Option<&Versioned<Trigger>>,
) -> Result<(), Code> {
    if topic::left_behind(config, id, after).is_empty() { Ok(()) } else { Err(Code::InUse) }
}

fn named(webhook: &Webhook) -> Option<String> {
    let subscription = webhook.subscription.as_deref()?;
    Some(format!("{}/Subscription/{}", webhook.integration_id, subscription.id))
}
