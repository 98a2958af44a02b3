//! Pauses what answers 410 and disables what has failed for days.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use audit::{Action, Actor, Entry};
use model::{
    Announce, Audience, Category, Change, Config, Environment, EventType, HookState, News, PauseReason,
    Subscription, SubscriptionError, SubscriptionStatus, Timestamp, Versioned, Webhook, WebhookId, limits,
};
use observe::tasks;
use settings::Settings;
use store::{End, Store};

use crate::ports::Ports;

/// How long each webhook has gone without a success.
#[derive(Default)]
pub(crate) struct Care {
    records: Mutex<HashMap<WebhookId, Record>>,
}

#[derive(Debug, Clone, Copy)]
struct Record {
    good: Timestamp,
    failures: u32,
    /// The version of the webhook for which a change of state is already under way.
    acting: Option<u64>,
}

impl Care {
    /// Remembers what was known before the start.
    pub(crate) async fn load(&self, store: &dyn Store, config: &Config) -> store::Result<()> {
        for webhook in config.webhooks.values() {
            let totals =
                store.totals((webhook.id, Environment::Live), Timestamp::from_millis(i64::MAX)).await?;
            let good = totals.last_success.unwrap_or(webhook.created_at);
            // A handshake, which is no delivery, may have ended what a Subscription failed.
            let failures = if webhook.subscription.is_some() { 0 } else { totals.failures_in_a_row };
            let record = Record { good, failures, acting: None };
            self.records.lock().unwrap_or_else(PoisonError::into_inner).insert(webhook.id, record);
        }
        Ok(())
    }

    /// Hears how an attempt ended.
    pub(crate) fn note(
        &self,
        ports: &Ports,
        webhook: &Versioned<Webhook>,
        error: Option<Category>,
        now: Timestamp,
    ) {
        let Some(state) = self.judge(webhook, error, now) else { return };
        let change = Turn {
            settings: ports.settings.clone(),
            store: ports.store.clone(),
            announce: ports.announce.clone(),
            webhook: webhook.doc.clone(),
            state,
            at: now,
        };
        tasks::spawn("care-change", change.run());
    }

    /// The state a webhook must change to, once.
    fn judge(
        &self,
        webhook: &Versioned<Webhook>,
        error: Option<Category>,
        now: Timestamp,
    ) -> Option<HookState> {
        if webhook.is_listening() {
            return None;
        }
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Record { good: webhook.created_at, failures: 0, acting: None };
        let record = records.entry(webhook.id).or_insert(fresh);
        let Some(error) = error else {
            *record = Record { good: now, failures: 0, acting: None };
            return None;
        };
        record.failures = record.failures.saturating_add(1);
        // A client heals its Subscription itself, so it hears of failures early (guide 1.1.0 @78).
        let is_subscription = webhook.subscription.is_some();
        let soon = (Duration::ZERO, limits::SUBSCRIPTION_FAILURES);
        let (days, count) = if is_subscription { soon } else { limits::DISABLE_AFTER };
        let state = if error == Category::Http410 && !is_subscription {
            HookState::Paused { since: now, reason: PauseReason::Gone }
        } else if error == Category::Http410 || (record.failures >= count && now.since(record.good) >= days) {
            HookState::Disabled { since: now }
        } else {
            return None;
        };
        let first = record.acting.replace(webhook.version) != Some(webhook.version);
        (first && webhook.state == HookState::Active).then_some(state)
    }
}

/// A Subscription that could not be told: numbering and `$status` go on, calls do not.
fn failed(subscription: Box<Subscription>) -> Box<Subscription> {
    let (status, error) = (SubscriptionStatus::Error, Some(SubscriptionError::NoResponse));
    Box::new(Subscription { status, error, ..*subscription })
}

/// A webhook's change of state, by its own answers.
struct Turn {
    settings: Arc<Settings>,
    store: Arc<dyn Store>,
    announce: Arc<dyn Announce>,
    webhook: Webhook,
    state: HookState,
    at: Timestamp,
}

impl Turn {
    async fn run(self) {
        let id = self.webhook.id;
        let disabled = matches!(self.state, HookState::Disabled { .. });
        let entry = self.entry(disabled);
        let subscription = self.webhook.subscription.clone().map(failed);
        let changed = Webhook { state: self.state.clone(), subscription, ..self.webhook.clone() };
        let change = Change::PutWebhook(Box::new(changed));
        if let Err(error) = self.settings.change(vec![change], vec![entry]).await {
            tracing::error!(webhook.id = %id, %error, "cannot change the webhook's state");
            return;
        }
        if !disabled {
            return;
        }
        if let Err(error) = self.store.end_all(id, End::DeadLettered, self.at).await {
            tracing::error!(webhook.id = %id, %error, "cannot park what the webhook is owed");
        }
        let data = serde_json::json!({ "webhookRef": id, "reason": "failing" });
        let event_type = EventType::from("webhook.disabled");
        let integration = self.webhook.integration_id;
        let news = News { event_type, integration, webhook: Some(id), audience: Audience::Subscribers, data };
        if let Err(problem) = self.announce.announce(news).await {
            tracing::error!(webhook.id = %id, code = problem.code.name(), "cannot announce a disabled webhook");
        }
    }

    fn why(&self, disabled: bool) -> &'static str {
        match (&self.webhook.subscription, disabled) {
            (Some(_), _) => "the Subscription cannot be told",
            (None, true) => "disabled after days of failures",
            (None, false) => "paused after 410",
        }
    }

    fn entry(&self, disabled: bool) -> Entry {
        Entry {
            at: self.at,
            organisation: Some(self.webhook.organisation_id),
            actor: Actor::System,
            action: Action::Pause,
            target: self.webhook.id.to_string(),
            detail: self.why(disabled).to_owned(),
        }
    }
}
