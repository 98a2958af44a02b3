//! What a FHIR client asked for: the facet that makes a webhook a Subscription.

use serde::{Deserialize, Serialize};

use crate::{KeyId, Span, Timestamp};

/// The part of a webhook that only a FHIR Subscription has.
///
/// Its address, its headers, its timeout and its version of FHIR are those of the
/// webhook; where the client comes for its messages, the address is ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its id at the facade, unique within its integration; a client may choose it.
    pub id: String,
    /// Where the client found the facade: what references in notifications begin with.
    pub base: String,
    /// Whose key made it: when the key ends, so does the Subscription.
    pub owner: KeyId,
    /// The canonical URL of its topic.
    pub topic: String,
    /// How the client is told.
    #[serde(default, skip_serializing_if = "Channel::is_rest_hook")]
    pub channel: Channel,
    /// Conditions, as the client wrote them; those of one resource type hold together.
    #[serde(default)]
    pub filters: Vec<String>,
    /// How much a notification says.
    pub content: PayloadContent,
    /// The MIME type of a notification, as the client wrote it.
    pub payload: String,
    /// The longest silence, after which a heartbeat is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Span>,
    /// How many events one notification may tell of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_count: Option<u32>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
    /// How it stands.
    pub status: SubscriptionStatus,
    /// What went wrong, for [`SubscriptionStatus::Error`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<SubscriptionError>,
    /// What of its filters was left out, for [`SubscriptionError::Adjusted`]: names, never values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjusted: Vec<String>,
    /// Why it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whom to ask about it, as the client wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contact: Vec<serde_json::Value>,
}

/// How the client of a Subscription is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// It is called.
    #[default]
    RestHook,
    /// It listens at a websocket that it has opened.
    Websocket,
}

impl Channel {
    /// The code of FHIR.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Channel::RestHook => "rest-hook",
            Channel::Websocket => "websocket",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    const fn is_rest_hook(&self) -> bool {
        matches!(self, Channel::RestHook)
    }
}

impl Subscription {
    /// Whether events are counted for it: not before its client has accepted what was made of its filters.
    #[must_use]
    pub fn hears(&self) -> bool {
        self.status.counts() && self.error != Some(SubscriptionError::Adjusted)
    }

    /// What is wrong with it, for people; names and codes, never values.
    #[must_use]
    pub fn wrong(&self) -> Option<String> {
        match self.error? {
            SubscriptionError::Adjusted => Some(format!(
                "the filters were adjusted; set the status to requested to accept that: {}",
                self.adjusted.join("; ")
            )),
            error @ (SubscriptionError::NoResponse | SubscriptionError::DnsResolutionError) => {
                Some(error.code().to_owned())
            }
        }
    }
}

/// How much a notification says, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayloadContent {
    /// That something happened.
    Empty,
    /// Which resource it is about.
    IdOnly,
    /// The resource.
    FullResource,
}

/// How a Subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubscriptionStatus {
    /// Asked for; its handshake is still to come.
    Requested,
    /// Told of what happens.
    Active,
    /// It could not be told; what happens is numbered and kept for `$events`.
    Error,
    /// Over.
    Off,
}

impl SubscriptionStatus {
    /// Whether events are counted for it: from the first handshake to its end, failures included.
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, SubscriptionStatus::Active | SubscriptionStatus::Error)
    }

    /// The code of FHIR.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            SubscriptionStatus::Requested => "requested",
            SubscriptionStatus::Active => "active",
            SubscriptionStatus::Error => "error",
            SubscriptionStatus::Off => "off",
        }
    }
}

/// What went wrong with a Subscription. Nothing of an answer's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionError {
    /// The receiver was silent, unreachable, or refused.
    NoResponse,
    /// The name of the receiver leads nowhere.
    DnsResolutionError,
    /// Its filters were fitted to what there is, and its client has not accepted that yet.
    Adjusted,
}

impl SubscriptionError {
    /// The code, of the code system [`SubscriptionError::system`].
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            SubscriptionError::NoResponse => "no-response",
            SubscriptionError::DnsResolutionError => "dns-resolution-error",
            SubscriptionError::Adjusted => "adjusted",
        }
    }

    /// The code system: FHIR's `subscription-error`, or ours for what that does not know.
    #[must_use]
    pub const fn system(self) -> &'static str {
        match self {
            SubscriptionError::NoResponse | SubscriptionError::DnsResolutionError => {
                "http://terminology.hl7.org/CodeSystem/subscription-error"
            }
            SubscriptionError::Adjusted => "urn:carehook:subscription-error",
        }
    }
}

impl PayloadContent {
    /// The code of FHIR.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            PayloadContent::Empty => "empty",
            PayloadContent::IdOnly => "id-only",
            PayloadContent::FullResource => "full-resource",
        }
    }
}
