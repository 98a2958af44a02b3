//! What is the same for every call of a webhook, made once per configuration.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, Uri, Version};
use http_body_util::Full;
use model::{DeliveryId, HookUrl, Media, Timestamp, Webhook, WebhookId};

use super::lines::Lines;
use super::wire::Protocol;
use crate::egress::{Egress, Target, TlsFault};
use crate::sign::{self, Signer};

/// A webhook made ready to be called, with its open connections.
///
/// Connections belong to it and to nobody else, so no two webhooks ever share
/// one, whatever their addresses and credentials.
pub struct Prepared {
    pub(super) target: Target,
    pub(super) lines: Lines,
    webhook: WebhookId,
    // HTTP/1 wants `/path`, HTTP/2 the whole URL.
    path: Uri,
    whole: Uri,
    host: HeaderValue,
    fixed: HeaderMap,
    /// What the client of a Subscription asked for, word for word (guide 1.1.0 @26).
    payload: Option<HeaderValue>,
    signer: Signer,
}

/// One call.
pub struct Call<'a> {
    /// Where to.
    pub to: &'a Arc<Prepared>,
    /// The delivery; its id is the `webhook-id`, the same on every attempt.
    pub delivery: DeliveryId,
    /// The body, the same on every attempt.
    pub body: Bytes,
    /// What it is.
    pub media: Media,
    /// The wall clock, for `webhook-timestamp` and the dates of answers.
    pub now: Timestamp,
    /// How long the call may take, from DNS to the end of the answer.
    pub timeout: Duration,
    /// The trace the call belongs to.
    pub traceparent: Option<HeaderValue>,
}

/// The settings of a webhook cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum Unpreparable {
    /// The URL cannot stand in a request.
    #[error("the URL cannot be sent")]
    Url,
    /// The content type cannot stand in a header.
    #[error("the content type cannot be sent")]
    ContentType,
    /// The certificates to trust.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The signing keys.
    #[error(transparent)]
    Signing(#[from] sign::Error),
    /// The credentials: the failing member below `auth`, and why.
    #[error("the credentials cannot be sent: {1}")]
    Auth(String, &'static str),
}

impl Prepared {
    pub(crate) fn new(webhook: &Webhook, egress: &Egress) -> Result<Self, Unpreparable> {
        let (path, whole, host) = addressed(&webhook.url).ok_or(Unpreparable::Url)?;
        let auth = crate::auth::prepare(&webhook.auth);
        let mut fixed = auth.map_err(|(field, why)| Unpreparable::Auth(field, why))?;
        fixed.insert(USER_AGENT, HeaderValue::from_static(concat!("Carehook/", env!("CARGO_PKG_VERSION"))));
        Ok(Prepared {
            target: egress.target(&webhook.url, &webhook.tls)?,
            lines: Lines::new(usize::from(webhook.max_in_flight)),
            webhook: webhook.id,
            path,
            whole,
            host,
            fixed,
            payload: payload(webhook)?,
            signer: Signer::new(&webhook.signing)?,
        })
    }

    /// The webhook this was made from.
    #[must_use]
    pub fn webhook(&self) -> WebhookId {
        self.webhook
    }

    /// The very request of a call; none if no key signs at that time.
    pub(crate) fn request(&self, call: &Call<'_>, protocol: Protocol) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(call.body.clone()));
        *request.method_mut() = Method::POST;
        *request.headers_mut() = self.headers(call, protocol)?;
        match protocol {
            Protocol::Http1 => *request.uri_mut() = self.path.clone(),
            Protocol::Http2 => {
                *request.uri_mut() = self.whole.clone();
                *request.version_mut() = Version::HTTP_2;
            }
        }
        Some(request)
    }

    /// The headers of a call, credentials marked as sensitive.
    pub(crate) fn headers(&self, call: &Call<'_>, protocol: Protocol) -> Option<HeaderMap> {
        let id = call.delivery.to_string();
        let signature = self.signer.sign(&id, call.now, &call.body)?;
        let mut headers = self.fixed.clone();
        if protocol == Protocol::Http1 {
            headers.insert(HOST, self.host.clone());
        }
        headers.insert(WEBHOOK_ID, HeaderValue::try_from(id).ok()?);
        headers.insert(WEBHOOK_TIMESTAMP, HeaderValue::from(call.now.seconds()));
        headers.insert(WEBHOOK_SIGNATURE, signature);
        let own = || HeaderValue::from_static(call.media.content_type());
        headers.insert(CONTENT_TYPE, self.payload.clone().unwrap_or_else(own));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(call.body.len()));
        if let Some(trace) = &call.traceparent {
            headers.insert(TRACEPARENT, trace.clone());
        }
        Some(headers)
    }
}

fn addressed(url: &HookUrl) -> Option<(Uri, Uri, HeaderValue)> {
    let url = url.as_url();
    let whole: Uri = url.as_str().parse().ok()?;
    let path = whole.path_and_query().map_or("/", |path| path.as_str()).parse().ok()?;
    let host = HeaderValue::from_str(whole.authority()?.as_str()).ok()?;
    Some((path, whole, host))
}

fn payload(webhook: &Webhook) -> Result<Option<HeaderValue>, Unpreparable> {
    let Some(subscription) = &webhook.subscription else { return Ok(None) };
    HeaderValue::from_str(&subscription.payload).map(Some).map_err(|_| Unpreparable::ContentType)
}

const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
