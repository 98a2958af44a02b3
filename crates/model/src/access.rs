//! API keys, roles and rights: deny by default.

use serde::{Deserialize, Serialize};

use crate::{IntegrationId, KeyId, OrganisationId, Timestamp};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everything, sending in too.
    Admin,
    /// Integrations, webhooks, deliveries.
    Engineer,
    /// Looks, changes nothing, sees no content.
    Viewer,
    /// Sends in for one integration, nothing else.
    Sender,
    /// Subscribes at the FHIR facade of one integration, sees its own Subscriptions, nothing else.
    Subscriber,
}

impl Role {
    /// Whether it is for systems: bound to one integration, and never signed in with.
    #[must_use]
    pub const fn is_for_systems(self) -> bool {
        matches!(self, Role::Sender | Role::Subscriber)
    }
}

/// What a call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Reading configuration, deliveries and statistics.
    Look,
    /// Changing integrations and webhooks; retries and redrives.
    Configure,
    /// Reading what an event says, audited.
    Reveal,
    /// Keys, organisations, the audit log.
    Administer,
    /// Sending events in for an integration.
    Send(IntegrationId),
    /// Subscribing at the FHIR facade of an integration.
    Subscribe(IntegrationId),
}

/// What a key may do beyond its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Raising an event to the critical lane (N7).
    #[serde(rename = "lane:critical")]
    LaneCritical,
    /// Subscribing to whole resources at the FHIR facade.
    #[serde(rename = "subscription:full-resource")]
    FullResource,
}

/// An API key as it is kept: its secret only as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// Its id; also the readable part of the key.
    pub id: KeyId,
    /// The organisation it belongs to.
    pub organisation_id: OrganisationId,
    /// Its name, as people know it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The integration a sender or subscriber is bound to.
    pub integration_id: Option<IntegrationId>,
    /// What it may do beyond its role.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// SHA-256 of the secret part, base64.
    pub hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// Whether it is the key of the installation's first admin, who may make organisations.
    #[serde(default)]
    pub installation: bool,
}

/// Who calls: an API key that was checked.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The key.
    pub key: KeyId,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// Its role.
    pub role: Role,
    /// The integration a sender is bound to.
    pub integration: Option<IntegrationId>,
    /// What it may do beyond its role.
    pub scopes: Vec<Scope>,
    /// Whether it may make organisations.
    pub installation: bool,
}

impl Principal {
    /// Who calls with `key`.
    #[must_use]
    pub fn of(key: &ApiKey) -> Self {
        Principal {
            key: key.id,
            organisation: key.organisation_id,
            role: key.role,
            integration: key.integration_id,
            scopes: key.scopes.clone(),
            installation: key.installation,
        }
    }

    /// Whether the caller holds a right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        match (self.role, right) {
            (Role::Admin, _) => true,
            (Role::Engineer, Right::Look | Right::Configure | Right::Reveal | Right::Subscribe(_))
            | (Role::Viewer, Right::Look) => true,
            (Role::Sender, Right::Send(integration)) | (Role::Subscriber, Right::Subscribe(integration)) => {
                self.integration == Some(integration)
            }
            (Role::Engineer | Role::Viewer | Role::Sender | Role::Subscriber, _) => false,
        }
    }

    /// Whether the caller may subscribe to whole resources: staff may, others by a scope of their key.
    #[must_use]
    pub fn may_see_resources(&self) -> bool {
        self.may(Right::Configure) || self.scopes.contains(&Scope::FullResource)
    }

    /// Whether the caller may raise an event to the critical lane.
    #[must_use]
    pub fn may_raise_to_critical(&self) -> bool {
        self.role == Role::Admin || self.scopes.contains(&Scope::LaneCritical)
    }
}
