//! Which webhooks want an event: the configuration, indexed.

use std::sync::Arc;

use model::{
    ApiKey, Config, DecisionReason, Event, Integration, IntegrationId, KeyId, Lane, OrganisationId, Versioned, Webhook, WebhookId,
};

/// A configuration with its index. Replaced as a whole, never changed.
#[derive(Debug, Default)]
pub struct Compiled {
    /// The configuration.
    pub config: Config,
}

/// What is known of an event besides its row.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The identifier of the object, in clear.
    pub object_id: Option<&'a str>,
    /// The webhook whose delivery brought the event about (C8).
    pub origin: Option<WebhookId>,
    /// The webhook that an operational event is about.
    pub about_webhook: Option<WebhookId>,
}

/// What one webhook makes of an event.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The webhook.
    pub webhook: Arc<Versioned<Webhook>>,
    /// Whether it gets the event, and if not, why.
    pub reason: DecisionReason,
    /// The lane of the delivery: the event's, raised by the webhook's (N7).
    pub lane: Lane,
}

impl Compiled {
    /// Indexes a configuration.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Compiled { config }
    }

    /// The webhooks that get an event, and those that nearly did.
    #[must_use]
    pub fn decide(&self, event: &Event, about: Facts<'_>) -> Vec<Verdict> {
        let _ = (event, about);
        unimplemented!()
    }

    /// Why one webhook gets an event or not; nothing when the type is not wanted at all.
    #[must_use]
    pub fn explain(&self, event: &Event, about: Facts<'_>, webhook: WebhookId) -> Option<Verdict> {
        let _ = (event, about, webhook);
        unimplemented!()
    }

    /// An API key by its id.
    #[must_use]
    pub fn key(&self, id: KeyId) -> Option<&Arc<Versioned<ApiKey>>> {
        self.config.keys.get(&id)
    }

    /// An integration, if it belongs to the organisation.
    #[must_use]
    pub fn integration(&self, organisation: OrganisationId, id: IntegrationId) -> Option<&Arc<Versioned<Integration>>> {
        self.config.integrations.get(&id).filter(|found| found.organisation_id == organisation)
    }

    /// A webhook, if it belongs to the organisation.
    #[must_use]
    pub fn webhook(&self, organisation: OrganisationId, id: WebhookId) -> Option<&Arc<Versioned<Webhook>>> {
        self.config.webhooks.get(&id).filter(|found| found.organisation_id == organisation)
    }

    /// The webhooks that hang under an integration, by id.
    pub fn webhooks_of(&self, integration: IntegrationId) -> impl Iterator<Item = &Arc<Versioned<Webhook>>> {
        self.config.webhooks.values().filter(move |webhook| webhook.integration_id == integration)
    }
}
