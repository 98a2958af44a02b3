//! Webhooks made ready to be called, as long as their configuration holds.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use model::{Versioned, Webhook, WebhookId};

use crate::attempt::{Caller, Prepared, Unpreparable};

/// One prepared call for each webhook and version.
#[derive(Default)]
pub(crate) struct Hooks {
    ready: RwLock<HashMap<WebhookId, (u64, Arc<Prepared>)>>,
}

impl Hooks {
    /// The prepared call of a webhook; made anew when the webhook has changed.
    pub(crate) fn of(
        &self,
        caller: &Caller,
        webhook: &Versioned<Webhook>,
    ) -> Result<Arc<Prepared>, Unpreparable> {
        let known = self.ready.read().unwrap_or_else(PoisonError::into_inner).get(&webhook.id).cloned();
        if let Some((version, prepared)) = known
            && version == webhook.version
        {
            return Ok(prepared);
        }
        let prepared = caller.prepare(webhook)?;
        let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
        ready.insert(webhook.id, (webhook.version, prepared.clone()));
        Ok(prepared)
    }

    /// Forgets webhooks that are configured no more.
    pub(crate) fn keep(&self, configured: &BTreeMap<WebhookId, Arc<Versioned<Webhook>>>) {
        self.ready
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|id, _| configured.contains_key(id));
    }
}
