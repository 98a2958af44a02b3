//! What one part asks of another without knowing it; `wire.rs` joins them.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    Capture, DeliveryId, Door, EmailAddress, EventId, EventType, Integration, IntegrationId, Media, Outcome,
    Personal, Problem, Timestamp, Webhook, WebhookId,
};

/// A synchronous test send, with the very request a delivery would make.
#[async_trait]
pub trait Rehearse: Send + Sync {
    /// Sends one sample event of `event_type`, marked as a test, and tells each step.
    async fn rehearse(&self, webhook: Webhook, event_type: EventType) -> Rehearsal;

    /// The very request that a delivery of a sample would make, and is not sent.
    ///
    /// # Errors
    /// Why there is none.
    async fn preview(&self, webhook: Webhook, event_type: EventType) -> Result<Preview, Problem>;

    /// The headers of a call for a delivery with this body, credentials masked; none if it cannot be made.
    fn headers(&self, webhook: &Webhook, call: Planned<'_>) -> Option<Vec<(String, String)>>;

    /// Judges where a URL leads and whether a call could be made, before it is saved.
    ///
    /// # Errors
    /// What is wrong, at which member, and how to mend it.
    async fn judge(&self, webhook: &Webhook) -> Result<(), Problem>;

    /// Addresses that deliveries come from and the networks they may go to, for firewalls.
    fn egress(&self) -> EgressFacts;
}

/// What receivers' firewalls need to know.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EgressFacts {
    /// Source addresses as configured; empty when the machine's routing decides.
    pub source_addresses: Vec<String>,
    /// Private networks that the operator opened.
    pub allowed_networks: Vec<String>,
}

/// A request that is not sent.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The headers in order, credentials masked.
    pub headers: Vec<(String, String)>,
    /// The body, about a person who does not exist.
    pub body: String,
    /// What it is.
    pub media: Media,
}

/// A call for a delivery.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Its event.
    pub event: EventId,
    /// The body.
    pub body: &'a [u8],
    /// What it is.
    pub media: Media,
    /// When it begins.
    pub at: Timestamp,
}

/// What a test send found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rehearsal {
    /// Whether a 2xx came back.
    pub ok: bool,
    /// The steps in order, up to the first that failed.
    pub steps: Vec<Step>,
    /// The status, if there was one.
    pub status: Option<u16>,
    /// The headers that were sent, credentials masked.
    pub request_headers: Vec<(String, String)>,
    /// What came back, if anything did.
    pub answer: Option<Answer>,
}

/// What a receiver answered, for people to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Its headers in order, as many as are kept; what could be a credential is masked.
    pub headers: Vec<(String, String)>,
    /// The beginning of its body; what is no UTF-8 is replaced. It may echo what was sent.
    pub body: String,
}

/// One step of a test send.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// `dns`, `connect`, `tls`, `request` or `response`.
    pub name: &'static str,
    /// Whether it went well.
    pub ok: bool,
    /// How long it took.
    pub ms: f64,
    /// What went wrong: a category of attempts, or a problem code.
    pub error: Option<&'static str>,
    /// Why, in this case, for people: no content, no credentials.
    pub detail: Option<String>,
}

/// What the senders know of a destination beyond what is stored.
pub trait Senders: Send + Sync {
    /// `flowing`, `tripped` or `probing`.
    fn breaker(&self, webhook: WebhookId) -> &'static str;

    /// How many deliveries wait in memory for earlier ones of their order keys.
    fn behind(&self, webhook: WebhookId) -> usize;

    /// Whether a delivery waits in memory for an earlier one of its order key.
    fn waits_its_turn(&self, webhook: WebhookId, delivery: DeliveryId) -> bool;
}

/// Telling those who listen at websockets.
#[async_trait]
pub trait Sockets: Send + Sync {
    /// Whether somebody listens for a webhook now.
    fn is_bound(&self, webhook: WebhookId) -> bool;

    /// Sends a message to everybody who listens for a webhook. It is accepted when the websocket of
    /// one of them has answered the ping behind it; [`crate::Category::NotBound`] if nobody listens.
    async fn tell(&self, webhook: WebhookId, body: Bytes, within: Duration) -> Outcome;
}

/// Raising an event about the platform itself, such as `webhook.disabled`.
#[async_trait]
pub trait Announce: Send + Sync {
    /// Raises it durably for its audience.
    ///
    /// # Errors
    /// Nothing was raised.
    async fn announce(&self, news: News) -> Result<(), Problem>;
}

/// Taking in again what a door acknowledged and could not understand.
#[async_trait]
pub trait Readmit: Send + Sync {
    /// Reads it by the configuration of now; answers the events that it became.
    ///
    /// # Errors
    /// It is still not understood, or cannot be stored.
    async fn readmit(&self, refused: Readmission) -> Result<Vec<EventId>, Problem>;
}

/// What is to be taken in again.
#[derive(Debug, Clone)]
pub struct Readmission {
    /// Where it came in.
    pub integration: IntegrationId,
    /// By which door.
    pub door: Door,
    /// When.
    pub at: Timestamp,
    /// What was received.
    pub capture: Personal<Capture>,
}

/// Something that happened to the platform itself.
#[derive(Debug, Clone)]
pub struct News {
    /// The operational type.
    pub event_type: EventType,
    /// Where it belongs.
    pub integration: IntegrationId,
    /// The webhook it is about, which never hears of it.
    pub webhook: Option<WebhookId>,
    /// Who hears of it.
    pub audience: Audience,
    /// What there is to say; nothing personal.
    pub data: serde_json::Value,
}

/// Who hears of something that happened to the platform itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// The webhooks of the organisation that name its type.
    Subscribers,
    /// These too, whatever types they name.
    SubscribersAnd(Vec<WebhookId>),
    /// These only.
    Only(Vec<WebhookId>),
}

impl Audience {
    /// Those that hear of it whatever types they name.
    #[must_use]
    pub fn named(&self) -> &[WebhookId] {
        match self {
            Audience::Subscribers => &[],
            Audience::SubscribersAnd(named) | Audience::Only(named) => named,
        }
    }
}

/// A letter to a person: nothing personal in it but the address (C3).
#[derive(Debug, Clone)]
pub struct Letter {
    /// Who gets it.
    pub to: EmailAddress,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// Sending letters.
#[async_trait]
pub trait Post: Send + Sync {
    /// Hands a letter to the mail server.
    ///
    /// # Errors
    /// The server did not take it.
    async fn post(&self, letter: &Letter) -> Result<(), NotPosted>;
}

/// A mail server did not take a letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mail server did not take the letter: {code}")]
pub struct NotPosted {
    /// Why, as a code.
    pub code: &'static str,
    /// Whether another attempt could end differently.
    pub is_transient: bool,
}

/// What the senders know of receivers' certificates.
pub trait Certificates: Send + Sync {
    /// When the certificate that a webhook's receiver showed last ends.
    fn certificate_until(&self, webhook: &Webhook) -> Option<Timestamp>;
}

/// Opening and closing MLLP ports.
#[async_trait]
pub trait Listeners: Send + Sync {
    /// Makes the open ports those of `integrations`; the one of `id` is new or changed.
    ///
    /// # Errors
    /// The port of `id` cannot be bound; nothing has changed.
    async fn open(&self, integration: &Integration) -> Result<(), CannotBind>;

    /// Closes the port of an integration, unless another shares it.
    async fn close(&self, id: IntegrationId);

    /// How many peers are connected to the port at an address; none if it is not open.
    async fn connections(&self, address: std::net::SocketAddr) -> Option<usize>;
}

/// An MLLP port cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {reason}")]
pub struct CannotBind {
    /// The address asked for.
    pub address: std::net::SocketAddr,
    /// What the system said.
    pub reason: String,
}
