//! The templates of a configuration, read once for each version of a webhook.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Config, Versioned, Webhook, WebhookId};

use crate::{Template, TemplateFlaw, Unshaped};

type Read = Result<Arc<Template>, TemplateFlaw>;

/// The templates of a configuration.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    by_webhook: HashMap<WebhookId, (u64, Read)>,
}

impl Templates {
    /// Reads those that were not there before.
    pub(crate) fn of(config: &Config, before: &Templates) -> Templates {
        let read = |hook: &Arc<Versioned<Webhook>>| {
            let known = before.known(hook).cloned();
            Some((hook.id, (hook.version, known.or_else(|| read(hook))?)))
        };
        Templates { by_webhook: config.webhooks.values().filter_map(read).collect() }
    }

    /// The template of a webhook; of one that is not the present version, read anew.
    pub(crate) fn find(&self, hook: &Versioned<Webhook>) -> Result<Option<Arc<Template>>, Unshaped> {
        let found = self.known(hook).cloned().or_else(|| read(hook));
        Ok(found.transpose()?)
    }

    fn known(&self, hook: &Versioned<Webhook>) -> Option<&Read> {
        let (version, read) = self.by_webhook.get(&hook.id)?;
        (*version == hook.version).then_some(read)
    }
}

fn read(hook: &Webhook) -> Option<Read> {
    let template = hook.template.as_deref()?;
    Some(Template::read(template, hook.profile).map(Arc::new))
}
