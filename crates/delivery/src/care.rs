//! Pauses what answers 410 and disables what has failed for days.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use audit::{Action, Actor, Entry};
use model::{
    Category, Change, Config, EventType, HookState, News, PauseReason, Timestamp, Versioned, Webhook, WebhookId, limits,
};
use observe::tasks;
use store::{End, Store};

use crate::engine::Engine;

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
            let totals = store.totals(webhook.id, Timestamp::from_millis(i64::MAX)).await?;
            let good = totals.last_success.unwrap_or(webhook.created_at);
            let record = Record { good, failures: totals.failures_in_a_row, acting: None };
            self.records.lock().unwrap_or_else(PoisonError::into_inner).insert(webhook.id, record);
        }
        Ok(())
    }

    /// Hears how an attempt ended.
    pub(crate) fn note(
        &self,
        engine: &Engine,
        webhook: &Versioned<Webhook>,
        error: Option<Category>,
        now: Timestamp,
    ) {
        let Some(state) = self.judge(webhook, error, now) else { return };
        let act = act(webhook.doc.clone(), state, now);
        let (settings, store) = (engine.ports.settings.clone(), engine.ports.store.clone());
        let announce = engine.ports.announce.clone();
        let (id, integration) = (webhook.id, webhook.integration_id);
        tasks::spawn("care-change", async move {
            let (change, entry, end) = act;
            if let Err(error) = settings.change(vec![change], vec![entry]).await {
                tracing::error!(webhook.id = %id, %error, "cannot change the webhook's state");
                return;
            }
            if let Some(end) = end {
                if let Err(error) = store.end_all(id, end, now).await {
                    tracing::error!(webhook.id = %id, %error, "cannot park what the webhook is owed");
                }
                let data = serde_json::json!({ "webhookRef": id, "reason": "failing" });
                let event_type = EventType::from("webhook.disabled");
                announce.announce(News { event_type, integration, webhook: Some(id), data }).await;
            }
        });
    }

    /// The state a webhook must change to, once.
    fn judge(&self, webhook: &Versioned<Webhook>, error: Option<Category>, now: Timestamp) -> Option<HookState> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Record { good: webhook.created_at, failures: 0, acting: None };
        let record = records.entry(webhook.id).or_insert(fresh);
        let Some(error) = error else {
            *record = Record { good: now, failures: 0, acting: None };
            return None;
        };
        record.failures = record.failures.saturating_add(1);
        let (days, count) = limits::DISABLE_AFTER;
        let state = if error == Category::Http410 {
            HookState::Paused { since: now, reason: PauseReason::Gone }
        } else if record.failures >= count && now.since(record.good) >= days {
            HookState::Disabled { since: now }
        } else {
            return None;
        };
        let first = record.acting.replace(webhook.version) != Some(webhook.version);
        (first && webhook.state == HookState::Active).then_some(state)
    }
}

/// The change, its audit row, and how what is owed ends.
fn act(webhook: Webhook, state: HookState, at: Timestamp) -> (Change, Entry, Option<End>) {
    let disabled = matches!(state, HookState::Disabled { .. });
    let entry = Entry {
        at,
        organisation: Some(webhook.organisation_id),
        actor: Actor::System,
        action: Action::Pause,
        target: webhook.id.to_string(),
        detail: if disabled { "disabled after days of failures" } else { "paused after 410" }.to_owned(),
    };
    let change = Change::PutWebhook(Box::new(Webhook { state, ..webhook }));
    (change, entry, disabled.then_some(End::DeadLettered))
}
