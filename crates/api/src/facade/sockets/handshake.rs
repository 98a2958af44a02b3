//! What a client hears first of each Subscription that it binds, and what that makes of it.

use audit::{Action, Actor, Entry};
use fhir::notification::{Kind, bundle};
use model::{Change, HookState, Subscription, SubscriptionStatus, Versioned, Webhook};

use super::farewell::Farewell;
use super::line::{Line, is_requested};
use crate::Api;
use crate::change::webhook_is_at;

impl Line {
    /// Says the handshake of a Subscription; one that was asked for is active from then on.
    pub(super) async fn greet(&mut self, webhook: &Versioned<Webhook>) -> Result<(), Farewell> {
        let handshake = self.api.moment(webhook, Kind::Handshake).await.map_err(|_| Farewell::Failed)?;
        self.say(bundle(&handshake).into()).await?;
        if is_requested(webhook) {
            self.api.activate(webhook).await;
        }
        Ok(())
    }
}

impl Api {
    async fn activate(&self, webhook: &Versioned<Webhook>) {
        let Some(facet) = webhook.subscription.clone() else { return };
        let entry = Entry {
            at: self.clock.now(),
            organisation: Some(webhook.organisation_id),
            actor: Actor::Key(facet.owner),
            action: Action::Pause,
            target: webhook.id.to_string(),
            detail: "the Subscription is active: its client listens".to_owned(),
        };
        let facet = Subscription { status: SubscriptionStatus::Active, error: None, ..*facet };
        let active =
            Webhook { state: HookState::Active, subscription: Some(Box::new(facet)), ..webhook.doc.clone() };
        let put = Change::PutWebhook(Box::new(active));
        let at = webhook_is_at(webhook.id, webhook.version);
        // Somebody else may have changed it meanwhile: then the next look finds it as it is.
        if self.change(at, vec![put], vec![entry]).await.is_err() {
            tracing::debug!(webhook.id = %webhook.id, "the Subscription was changed meanwhile");
        }
    }
}
