//! One HTTP destination: what it wants, what it may see, how it is called.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Channel, FhirVersion, HookState, HookUrl, IntegrationId, Lane, OrganisationId, Pattern, Proven, Retry,
    Secret, Signing, Span, Subscription, Timestamp, WebhookId,
};

/// A webhook, with its secrets. Answers are made from the API's own type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// The integration it hangs under.
    pub integration_id: IntegrationId,
    /// Who it belongs to.
    pub organisation_id: OrganisationId,
    /// Its name, as people know it.
    pub name: String,
    /// Where deliveries go.
    pub url: HookUrl,
    /// Whose events it gets (C5).
    pub sources: Sources,
    /// Which event types it wants.
    pub event_types: Vec<Pattern>,
    /// Which object types it wants; empty means all.
    pub object_types: Vec<String>,
    /// Which objects it wants; empty means all.
    pub object_ids: Vec<String>,
    /// What an event must be like, as FHIRPath with the event as its root; absent, anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The shape of the body.
    pub format: Format,
    /// The receiver's own shape for what the format `native` says; absent, that itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Box<Value>>,
    /// How much of an event it may see.
    pub profile: Profile,
    /// Why it may see people; needed for `limited` and `full`.
    pub justification: Option<String>,
    /// What the data is used for (C1).
    pub purpose: Purpose,
    /// Who receives (C1).
    pub recipient_class: RecipientClass,
    /// A lane to raise its deliveries to (N7).
    pub lane: Option<Lane>,
    /// Which deliveries wait for each other (N8).
    pub ordering: Ordering,
    /// Whether it takes test events (T1).
    pub accept_test: bool,
    /// How we prove that we may call.
    pub auth: Auth,
    /// How we check who answers.
    pub tls: Tls,
    /// How we prove that the call is ours.
    pub signing: Signing,
    /// When to try again; absent, as the lane says.
    pub retry: Option<Retry>,
    /// How long an attempt may take, 1 to 60 s; absent, as the lane says.
    pub timeout: Option<Span>,
    /// The highest rate of attempts.
    pub rate_limit: Option<RateLimit>,
    /// How many attempts may be under way at once.
    pub max_in_flight: u16,
    /// Whether it is called at all, and if not, why.
    pub state: HookState,
    /// Where its receiver has shown that it is one, and when (C13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Proven>,
    /// What makes it a FHIR Subscription, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<Box<Subscription>>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Webhook {
    /// Whether its receiver listens at a websocket, instead of being called.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.subscription.as_deref().is_some_and(|facet| facet.channel == Channel::Websocket)
    }

    /// How long one attempt of `lane` may take, from DNS to the end of the body.
    #[must_use]
    pub fn attempt_timeout(&self, lane: Lane) -> Duration {
        self.timeout.map_or(lane.default_timeout(), Duration::from)
    }
}

/// Whose events a webhook gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sources {
    /// Its own integration's.
    Own,
    /// Every integration's of its organisation.
    All,
    /// The listed integrations'.
    Listed(Vec<IntegrationId>),
}

/// The shape of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Our own JSON.
    Native,
    /// `CloudEvents` 1.0 in structured mode.
    Cloudevents,
    /// A notification Bundle of FHIR R4.
    FhirR4,
    /// A notification Bundle of FHIR R4B.
    FhirR4b,
    /// A notification Bundle of FHIR R5.
    FhirR5,
    /// What the source sent, as it sent it.
    Raw,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 6] =
        [Format::Native, Format::Cloudevents, Format::FhirR4, Format::FhirR4b, Format::FhirR5, Format::Raw];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Format::Native => "native",
            Format::Cloudevents => "cloudevents",
            Format::FhirR4 => "fhir-r4",
            Format::FhirR4b => "fhir-r4b",
            Format::FhirR5 => "fhir-r5",
            Format::Raw => "raw",
        }
    }

    /// The FHIR version of its Bundles, if it has some.
    #[must_use]
    pub const fn fhir_version(self) -> Option<FhirVersion> {
        match self {
            Format::FhirR4 => Some(FhirVersion::R4),
            Format::FhirR4b => Some(FhirVersion::R4B),
            Format::FhirR5 => Some(FhirVersion::R5),
            Format::Native | Format::Cloudevents | Format::Raw => None,
        }
    }
}

/// How much of an event a webhook may see, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// That something happened.
    Ping,
    /// About whom, by pseudonym.
    Reference,
    /// Everything received.
    Full,
}

/// Why data is used, by the codes of HL7 v3 `ActReason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Purpose {
    /// Treatment.
    Treat,
    /// Payment.
    Hpaymt,
    /// Operations.
    Hoperat,
    /// At the patient's request.
    Patrqt,
    /// Public health.
    Pubhlth,
    /// Research.
    Hresch,
}

/// Who a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipientClass {
    /// Who treats.
    Provider,
    /// Who pays.
    Payer,
    /// The patient.
    Patient,
    /// Who runs the place.
    Operations,
    /// An authority.
    PublicHealth,
    /// A study.
    Research,
}

/// Which deliveries wait for each other, within a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ordering {
    /// None.
    None,
    /// Those about the same object.
    Object,
    /// Those about the same subject.
    Subject,
}

/// How we prove that we may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer`.
    Bearer {
        /// The token.
        token: Secret<String>,
    },
    /// `Authorization: Basic`.
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: Secret<String>,
    },
    /// Headers of the receiver's choice.
    Headers {
        /// Name and value, in order.
        headers: Vec<(String, Secret<String>)>,
    },
}

/// How we check who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// The lowest version spoken.
    pub min_version: TlsVersion,
    /// Certificates, as PEM, to trust instead of the machine's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

/// A TLS version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TlsVersion {
    /// TLS 1.2.
    #[serde(rename = "1.2")]
    V1_2,
    /// TLS 1.3.
    #[serde(rename = "1.3")]
    V1_3,
}

/// The highest rate of attempts at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateLimit {
    /// Attempts a second, 1 to 10,000.
    pub per_second: u32,
}
