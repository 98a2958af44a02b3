//! The state of each webhook as it was told last, so that a change is told once and at once.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::{OrganisationId, Versioned, Webhook, WebhookId};
use observe::live::{Feed, Note};

/// What was told of each webhook: whose it is, at which version.
#[derive(Default)]
pub(crate) struct States(Option<HashMap<WebhookId, (OrganisationId, u64)>>);

impl States {
    /// Tells what is new, changed or gone; the first look only remembers.
    pub(crate) fn tell(&mut self, webhooks: &BTreeMap<WebhookId, Arc<Versioned<Webhook>>>, feed: &Feed) {
        let now = webhooks.iter().map(|(id, webhook)| (*id, (webhook.organisation_id, webhook.version)));
        let Some(before) = self.0.replace(now.collect()) else { return };
        for (id, webhook) in webhooks {
            if before.get(id).is_none_or(|(_, version)| *version != webhook.version) {
                let status = webhook.state.name();
                feed.tell(webhook.organisation_id, || Note::Webhook { webhook_id: *id, status });
            }
        }
        for (id, (organisation, _)) in before.iter().filter(|(id, _)| !webhooks.contains_key(id)) {
            feed.tell(*organisation, || Note::Webhook { webhook_id: *id, status: "deleted" });
        }
    }
}
