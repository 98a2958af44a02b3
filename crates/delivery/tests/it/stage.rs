//! A webhook, a caller over loopback or over a network of the test's own, and a call.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use delivery::attempt::{Call, Caller, Prepared, Report};
use delivery::egress::{
    Dialer, Egress, Ends, Loopback, Options, Policy, Resolver, Stream, SystemDialer, SystemResolver,
};
use model::{
    Auth, Category, DeliveryId, Format, HookState, HookUrl, Id as _, IntegrationId, Media, OrganisationId,
    Outcome, PlainHttp, Profile, Purpose, RecipientClass, Secret, Signing, SigningKey, Sources, Timestamp,
    Tls, TlsVersion, Webhook, WebhookId,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) const BODY: &[u8] = br#"{"id":"evt_1","type":"lab.result.critical"}"#;
pub(crate) const NOW: &str = "2026-01-01T00:00:00Z";
pub(crate) const SECRET: &str = "C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) fn delivery(number: u64) -> DeliveryId {
    DeliveryId::from_row(i64::try_from(number).unwrap(), 7)
}

pub(crate) fn webhook(url: &str) -> Webhook {
    let key = SigningKey::HmacSha256 { secret: Secret::new(SECRET.to_owned()), until: None };
    Webhook {
        id: WebhookId::from_row(1, 7),
        integration_id: IntegrationId::from_row(1, 7),
        organisation_id: OrganisationId::from_row(1, 7),
        name: "Portal".to_owned(),
        url: HookUrl::read(url, PlainHttp::Allowed).unwrap().0,
        sources: Sources::Own,
        event_types: vec![],
        object_types: vec![],
        object_ids: vec![],
        filter: None,
        format: Format::Native,
        profile: Profile::Reference,
        justification: None,
        purpose: Purpose::Treat,
        recipient_class: RecipientClass::Provider,
        lane: None,
        ordering: model::Ordering::None,
        accept_test: true,
        auth: Auth::None,
        tls: Tls { min_version: TlsVersion::V1_2, ca: None },
        signing: Signing { keys: vec![key] },
        retry: None,
        timeout: None,
        rate_limit: None,
        max_in_flight: 16,
        state: HookState::Active,
        subscription: None,
        template: None,
        proven: None,
        created_at: now(),
    }
}

/// A caller that may call this machine, over the real network, and what it did there.
pub(crate) fn on_loopback() -> (Arc<Caller>, Arc<Counting>) {
    let network = Arc::new(Counting::default());
    let policy = Policy::new(Options::default(), Loopback::Allowed);
    let egress = Egress::new(policy, Arc::new(SystemResolver::default()), Arc::clone(&network) as _);
    (Arc::new(Caller::new(Arc::new(egress))), network)
}

/// A caller with its own world around it.
pub(crate) fn in_world(policy: Policy, names: Arc<dyn Resolver>, network: Arc<dyn Dialer>) -> Arc<Caller> {
    Arc::new(Caller::new(Arc::new(Egress::new(policy, names, network))))
}

pub(crate) async fn call(caller: &Caller, to: &Arc<Prepared>, timeout: Duration) -> Report {
    let body = Bytes::from_static(BODY);
    let traceparent = None;
    caller
        .call(Call { to, delivery: delivery(1), body, media: Media::Json, now: now(), timeout, traceparent })
        .await
}

/// The end of a call in one word: the status of a success, the category of a failure.
pub(crate) fn verdict(report: &Report) -> String {
    match &report.outcome {
        Outcome::Accepted { status } => status.map_or_else(String::new, |status| status.to_string()),
        Outcome::Failed { category, .. } => category.name().to_owned(),
    }
}

pub(crate) fn category(report: &Report) -> Option<Category> {
    match &report.outcome {
        Outcome::Accepted { .. } => None,
        Outcome::Failed { category, .. } => Some(*category),
    }
}

/// The real network, with every connection and every byte heard counted.
#[derive(Default)]
pub(crate) struct Counting {
    dialer: SystemDialer,
    pub(crate) dials: AtomicUsize,
    pub(crate) heard: Arc<AtomicU64>,
}

#[async_trait]
impl Dialer for Counting {
    async fn dial(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>> {
        self.dials.fetch_add(1, Ordering::SeqCst);
        let inner = self.dialer.dial(to).await?;
        Ok(Box::new(Counted { inner, heard: Arc::clone(&self.heard) }))
    }
}

struct Counted {
    inner: Box<dyn Stream>,
    heard: Arc<AtomicU64>,
}

impl Stream for Counted {
    fn ends(&self) -> io::Result<Ends> {
        self.inner.ends()
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, into);
        let heard = u64::try_from(into.filled().len() - before).unwrap();
        self.heard.fetch_add(heard, Ordering::SeqCst);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

/// Names as a test says they are.
pub(crate) struct Table(pub(crate) fn(&str) -> Vec<IpAddr>);

#[async_trait]
impl Resolver for Table {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok((self.0)(name))
    }
}
