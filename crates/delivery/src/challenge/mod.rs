//! Receivers that are to be told of people show first that they are the ones that were meant (C13).
//!
//! While a webhook is pending, its receiver is challenged by the schedule of `limits`, and whenever a person
//! asks for it. A challenge is a call like a delivery: by the same guard, signed by the same keys. What came
//! of it rests in memory; only that a receiver has shown itself is saved.

pub(crate) mod known; // What came of the challenges.
mod turn; // Changing how webhooks stand.
mod wire; // What is said.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::{
    Category, Challenge, Challenged, DeliveryId, HookState, Media, Outcome, Versioned, Webhook, WebhookId,
    limits,
};
use observe::{Stop, tasks};
use tokio::sync::Semaphore;

use crate::attempt::{Call, Report};
use crate::engine::Engine;

pub use wire::answer_to;

pub(crate) use turn::stand;

/// Challenges the receivers of pending webhooks until asked to stop.
pub(crate) async fn run(engine: Arc<Engine>, stop: Stop) {
    let room = Arc::new(Semaphore::new(limits::CHALLENGES));
    let mut changes = engine.ports.settings.watch();
    while !stop.is_stopped() {
        look(&engine, &room);
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            changed = changes.changed() => if changed.is_err() { return },
            () = stop.stopped() => return,
        }
    }
}

fn look(engine: &Arc<Engine>, room: &Arc<Semaphore>) {
    let compiled = engine.ports.settings.now();
    engine.challenges.keep(&compiled.config.webhooks);
    let now = engine.now();
    let pending = |webhook: &&Arc<Versioned<Webhook>>| matches!(webhook.state, HookState::Pending { .. });
    for webhook in compiled.config.webhooks.values().filter(pending) {
        if !engine.challenges.begin(webhook, now) {
            continue;
        }
        let (engine, room, webhook) = (engine.clone(), room.clone(), webhook.clone());
        tasks::spawn("challenge", async move {
            let _place = room.acquire_owned().await;
            if engine.challenge(&webhook).await.error.is_none() {
                turn::proven(&engine, &webhook).await;
            }
        });
    }
}

#[async_trait]
impl Challenge for Engine {
    async fn challenge(&self, webhook: &Versioned<Webhook>) -> Challenged {
        let at = self.ports.clock.now();
        let (error, status) = ask(self, webhook).await;
        let challenged = Challenged { at, error, status, next: None };
        self.challenges.note(webhook, challenged, self.now())
    }

    fn challenged(&self, webhook: WebhookId) -> Option<Challenged> {
        self.challenges.of(webhook)
    }
}

/// Calls a receiver; what went wrong, if something did, and the status.
async fn ask(engine: &Engine, webhook: &Versioned<Webhook>) -> (Option<Category>, Option<u16>) {
    let ports = &engine.ports;
    let Ok(prepared) = engine.hooks.of(&ports.caller, webhook) else {
        return (Some(Category::Internal), None);
    };
    let value = BASE64_URL_SAFE_NO_PAD.encode(privacy::secrets::random().as_slice());
    let (now, body) = (ports.clock.now(), wire::question(&value));
    let delivery: DeliveryId = ports.ids.next(now);
    let (media, timeout) = (Media::Json, limits::CHALLENGE_ANSWER);
    let call = Call { to: &prepared, delivery, body, media, now, timeout, traceparent: None };
    judge(&ports.caller.call(call).await, &value)
}

fn judge(report: &Report, value: &str) -> (Option<Category>, Option<u16>) {
    match report.outcome {
        Outcome::Failed { category, status, .. } => (Some(category), status),
        Outcome::Accepted { status } => {
            let said = report.answer.as_ref();
            let shows = said.is_some_and(|said| said.look(|said| wire::is_answer(said.body(), value)));
            ((!shows).then_some(Category::ChallengeFailed), status)
        }
    }
}

const LOOK: Duration = Duration::from_millis(500);
