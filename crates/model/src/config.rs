//! Everything configured, as one versioned value.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{
    AlertRule, AlertRuleId, ApiKey, EventTypeId, Integration, IntegrationId, KeyId, Organisation,
    OrganisationId, OwnType, SiteMap, Trigger, TriggerId, Webhook, WebhookId,
};

/// The whole configuration at one version. Cheap to clone; replaced, never changed.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Rises with every change.
    pub version: u64,
    /// Organisations by id.
    pub organisations: BTreeMap<OrganisationId, Arc<Versioned<Organisation>>>,
    /// Integrations by id.
    pub integrations: BTreeMap<IntegrationId, Arc<Versioned<Integration>>>,
    /// Webhooks by id.
    pub webhooks: BTreeMap<WebhookId, Arc<Versioned<Webhook>>>,
    /// API keys by id.
    pub keys: BTreeMap<KeyId, Arc<Versioned<ApiKey>>>,
    /// Event types of organisations' own, by id.
    pub event_types: BTreeMap<EventTypeId, Arc<Versioned<OwnType>>>,
    /// Alert rules by id.
    pub alert_rules: BTreeMap<AlertRuleId, Arc<Versioned<AlertRule>>>,
    /// Triggers by id.
    pub triggers: BTreeMap<TriggerId, Arc<Versioned<Trigger>>>,
    /// What codes mean, by integration.
    pub site_maps: BTreeMap<IntegrationId, Arc<Versioned<SiteMap>>>,
}

/// A document and the configuration version that last changed it: its `ETag`.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<T> {
    /// The version.
    pub version: u64,
    /// The document.
    pub doc: T,
}

impl<T> std::ops::Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.doc
    }
}

/// One change to the configuration.
#[derive(Debug, Clone)]
pub enum Change {
    /// Makes or replaces an organisation.
    PutOrganisation(Organisation),
    /// Makes or replaces an integration.
    PutIntegration(Integration),
    /// Removes an integration.
    DropIntegration(IntegrationId),
    /// Makes or replaces a webhook.
    PutWebhook(Box<Webhook>),
    /// Removes a webhook.
    DropWebhook(WebhookId),
    /// Makes or replaces an API key.
    PutKey(ApiKey),
    /// Revokes an API key.
    DropKey(KeyId),
    /// Makes or replaces an event type.
    PutEventType(Box<OwnType>),
    /// Removes an event type.
    DropEventType(EventTypeId),
    /// Makes or replaces an alert rule.
    PutAlertRule(Box<AlertRule>),
    /// Removes an alert rule.
    DropAlertRule(AlertRuleId),
    /// Makes or replaces a trigger.
    PutTrigger(Box<Trigger>),
    /// Removes a trigger.
    DropTrigger(TriggerId),
    /// Makes or replaces the tables of an integration.
    PutSiteMap(Box<SiteMap>),
    /// Removes the tables of an integration.
    DropSiteMap(IntegrationId),
}

impl Config {
    /// Applies a change that made `version`.
    pub fn apply(&mut self, change: Change, version: u64) {
        self.version = self.version.max(version);
        match change {
            Change::PutOrganisation(doc) => {
                self.organisations.insert(doc.id, Arc::new(Versioned { version, doc }));
            }
            Change::PutIntegration(doc) => {
                self.integrations.insert(doc.id, Arc::new(Versioned { version, doc }));
            }
            Change::DropIntegration(id) => {
                self.integrations.remove(&id);
            }
            Change::PutWebhook(doc) => {
                self.webhooks.insert(doc.id, Arc::new(Versioned { version, doc: *doc }));
            }
            Change::DropWebhook(id) => {
                self.webhooks.remove(&id);
            }
            Change::PutKey(doc) => {
                self.keys.insert(doc.id, Arc::new(Versioned { version, doc }));
            }
            Change::DropKey(id) => {
                self.keys.remove(&id);
            }
            Change::PutEventType(doc) => {
                self.event_types.insert(doc.id, Arc::new(Versioned { version, doc: *doc }));
            }
            Change::DropEventType(id) => {
                self.event_types.remove(&id);
            }
            Change::PutAlertRule(doc) => {
                self.alert_rules.insert(doc.id, Arc::new(Versioned { version, doc: *doc }));
            }
            Change::DropAlertRule(id) => {
                self.alert_rules.remove(&id);
            }
            Change::PutTrigger(doc) => {
                self.triggers.insert(doc.id, Arc::new(Versioned { version, doc: *doc }));
            }
            Change::DropTrigger(id) => {
                self.triggers.remove(&id);
            }
            Change::PutSiteMap(doc) => {
                self.site_maps.insert(doc.integration_id, Arc::new(Versioned { version, doc: *doc }));
            }
            Change::DropSiteMap(id) => {
                self.site_maps.remove(&id);
            }
        }
    }
}
