//! Changing how webhooks stand: only over what was looked at, and audited.

use audit::{Action, Actor, Entry};
use model::{Change, Config, Timestamp, Versioned, Webhook};
use settings::Plan;

use crate::engine::Engine;

/// Puts every webhook where it stands by how receivers are taken now: the server before may have been
/// started with `--dev`, or without.
pub(crate) async fn stand(engine: &Engine) -> Result<(), settings::Error> {
    let now = engine.ports.clock.now();
    let plan = |config: &Config| -> Result<Plan, ()> {
        let stands = |webhook: &Webhook| webhook.clone().standing(engine.ports.proof, now);
        let all = config.webhooks.values().map(|webhook| (webhook, stands(webhook)));
        let turned = all.filter(|(before, after)| before.state != after.state);
        let (changes, entries): (Vec<Change>, Vec<Entry>) = turned
            .map(|(_, after)| (Change::PutWebhook(Box::new(after.clone())), stood(&after, now)))
            .unzip();
        if changes.is_empty() { Err(()) } else { Ok((changes, entries)) }
    };
    match engine.ports.settings.edit(plan).await {
        Ok(_) | Err(settings::Refused::Plan(())) => Ok(()),
        Err(settings::Refused::Failed(error)) => Err(error),
    }
}

/// Its receiver has shown that it is one.
pub(super) async fn proven(engine: &Engine, webhook: &Versioned<Webhook>) {
    let now = engine.ports.clock.now();
    let plan = |config: &Config| -> Result<Plan, ()> {
        let is_same = config.webhooks.get(&webhook.id).is_some_and(|found| found.version == webhook.version);
        let put = Change::PutWebhook(Box::new(webhook.doc.clone().with_proof(now)));
        let entry = entry(webhook, now, "the receiver answered the challenge".to_owned());
        is_same.then(|| (vec![put], vec![entry])).ok_or(())
    };
    if let Err(settings::Refused::Failed(error)) = engine.ports.settings.edit(plan).await {
        tracing::error!(webhook.id = %webhook.id, %error, "cannot save that a receiver has answered its challenge");
    }
}

fn stood(webhook: &Webhook, now: Timestamp) -> Entry {
    entry(webhook, now, format!("{} since the server started", webhook.state.name()))
}

fn entry(webhook: &Webhook, at: Timestamp, detail: String) -> Entry {
    Entry {
        at,
        organisation: Some(webhook.organisation_id),
        actor: Actor::System,
        action: Action::Challenge,
        target: webhook.id.to_string(),
        detail,
    }
}
