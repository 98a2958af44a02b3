//! Changing how a Subscription stands: only over the very version that was looked at.

use audit::{Action, Actor, Entry};
use model::{
    Change, Config, HookState, PauseReason, Subscription, SubscriptionError, SubscriptionStatus, Versioned,
    Webhook,
};
use store::End;

use crate::engine::Engine;

/// Whether nobody changed or removed the Subscription since.
pub(super) fn is_present(engine: &Engine, webhook: &Versioned<Webhook>) -> bool {
    is_at(&engine.ports.settings.now().config, webhook)
}

/// It took the handshake.
pub(super) async fn active(engine: &Engine, webhook: &Versioned<Webhook>) {
    turn(engine, webhook, (SubscriptionStatus::Active, None), HookState::Active).await;
}

/// It did not take the handshake.
pub(super) async fn error(engine: &Engine, webhook: &Versioned<Webhook>, error: SubscriptionError) {
    let since = engine.ports.clock.now();
    turn(engine, webhook, (SubscriptionStatus::Error, Some(error)), HookState::Disabled { since }).await;
}

/// Its end has come, or nobody may have it any more: what it is still owed goes to nobody.
pub(super) async fn off(engine: &Engine, webhook: &Versioned<Webhook>) {
    let since = engine.ports.clock.now();
    let state = HookState::Paused { since, reason: PauseReason::Subscription };
    if !turn(engine, webhook, (SubscriptionStatus::Off, None), state).await {
        return;
    }
    if let Err(error) = engine.ports.store.end_all(webhook.id, End::Cancelled, since).await {
        tracing::error!(webhook.id = %webhook.id, %error, "cannot cancel what the Subscription is owed");
    }
}

async fn turn(
    engine: &Engine,
    webhook: &Versioned<Webhook>,
    (status, error): (SubscriptionStatus, Option<SubscriptionError>),
    state: HookState,
) -> bool {
    let Some(subscription) = webhook.subscription.clone() else { return false };
    let subscription = Some(Box::new(Subscription { status, error, ..*subscription }));
    let changed = Webhook { state, subscription, ..webhook.doc.clone() };
    let entry = Entry {
        at: engine.ports.clock.now(),
        organisation: Some(webhook.organisation_id),
        actor: Actor::System,
        action: Action::Pause,
        target: webhook.id.to_string(),
        detail: format!("the Subscription is {}", status.code()),
    };
    let plan = |config: &Config| {
        let put = Change::PutWebhook(Box::new(changed.clone()));
        is_at(config, webhook).then(|| (vec![put], vec![entry.clone()])).ok_or(())
    };
    match engine.ports.settings.edit(plan).await {
        Ok(_) => true,
        Err(settings::Refused::Plan(())) => false,
        Err(settings::Refused::Failed(error)) => {
            tracing::error!(webhook.id = %webhook.id, %error, "cannot change how the Subscription stands");
            false
        }
    }
}

fn is_at(config: &Config, webhook: &Versioned<Webhook>) -> bool {
    config.webhooks.get(&webhook.id).is_some_and(|found| found.version == webhook.version)
}
