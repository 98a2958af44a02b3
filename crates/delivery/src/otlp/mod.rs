//! Spans on their way to an OpenTelemetry collector, as OTLP over HTTP in JSON.

mod encode; // Spans as OTLP/JSON.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use model::{Secret, Tls, TlsVersion, limits};
use observe::traces::Span;
use observe::{Metrics, Stop, tasks};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use url::Url;

use crate::egress::{self, Dialer, Egress, Policy, Resolver, Target};

/// Where a collector is.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address under which it takes traces, such as `http://127.0.0.1:4318/v1/traces`.
    pub endpoint: Url,
    /// Headers that it asks for.
    pub headers: Vec<(HeaderName, Secret<String>)>,
    /// Certificates, as PEM, to trust instead of the machine's.
    pub ca: Option<String>,
}

/// Exports spans until asked to stop.
pub struct Exporter {
    egress: Egress,
    target: Target,
    options: Options,
    metrics: Arc<Metrics>,
}

/// The collector cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The address has no host or no known port.
    #[error("the endpoint of the collector has no host, or another scheme than http and https")]
    Endpoint,
    /// The certificates to trust cannot be read.
    #[error(transparent)]
    Tls(#[from] egress::TlsFault),
}

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Egress(#[from] egress::Error),
    #[error("the collector was not heard")]
    Http(#[from] hyper::Error),
    #[error("a header of the collector cannot be sent")]
    Header,
    #[error("the collector answered {0}")]
    Status(u16),
    #[error("the collector took too long")]
    Timeout,
}

impl Exporter {
    /// An exporter that has sent nothing.
    ///
    /// # Errors
    /// The endpoint is none, or its certificates cannot be read.
    pub fn new(
        options: Options,
        (resolver, dialer): (Arc<dyn Resolver>, Arc<dyn Dialer>),
        metrics: Arc<Metrics>,
    ) -> Result<Self, Unusable> {
        let host = options.endpoint.host().ok_or(Unusable::Endpoint)?.to_owned();
        let port = options.endpoint.port_or_known_default().ok_or(Unusable::Endpoint)?;
        let egress = Egress::new(Policy::for_operator(port), resolver, dialer);
        let tls = Tls { min_version: TlsVersion::V1_2, ca: options.ca.clone() };
        let tls = match options.endpoint.scheme() {
            "https" => Some(egress.bare_tls(&tls)?),
            "http" => None,
            _ => return Err(Unusable::Endpoint),
        };
        Ok(Exporter { egress, target: Target { host, port, tls }, options, metrics })
    }

    /// Sends what waits, in batches. What no collector takes after some tries is lost, and counted.
    pub async fn run(self, mut waiting: mpsc::Receiver<Span>, stop: Stop) {
        let mut batch = Vec::with_capacity(limits::SPANS_PER_CALL);
        loop {
            tokio::select! {
                count = waiting.recv_many(&mut batch, limits::SPANS_PER_CALL) => if count == 0 { return },
                () = stop.stopped() => return,
            }
            self.metrics.alerts().spans_dropped(self.metrics.traces().take_dropped());
            let count = batch.len();
            if self.export(&batch, &stop).await {
                self.metrics.alerts().spans_exported(count);
            } else {
                self.metrics.alerts().spans_dropped(count);
            }
            batch.clear();
        }
    }

    async fn export(&self, spans: &[Span], stop: &Stop) -> bool {
        let body = Bytes::from(encode::request(spans).to_string());
        for wait in AGAIN {
            match tokio::time::timeout(limits::SPANS_CALL, self.post(body.clone())).await {
                Ok(Ok(())) => return true,
                Ok(Err(error)) => tracing::warn!(%error, "spans were not exported"),
                Err(_) => tracing::warn!(error = %Fault::Timeout, "spans were not exported"),
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = stop.stopped() => return false,
            }
        }
        false
    }

    async fn post(&self, body: Bytes) -> Result<(), Fault> {
        let vetted = self.egress.vet(&self.target).await?;
        let (stream, _) = self.egress.dial(&vetted).await?;
        let request = self.request(body)?;
        match &self.target.tls {
            None => speak(stream, request).await,
            Some(tls) => speak(self.egress.secure(stream, &self.target, tls).await?, request).await,
        }
    }

    fn request(&self, body: Bytes) -> Result<Request<Full<Bytes>>, Fault> {
        let endpoint = &self.options.endpoint;
        let authority = match endpoint.port() {
            Some(port) => format!("{}:{port}", endpoint.host_str().unwrap_or_default()),
            None => endpoint.host_str().unwrap_or_default().to_owned(),
        };
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(endpoint.path())
            .header(header::HOST, authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONTENT_LENGTH, body.len());
        for (name, value) in &self.options.headers {
            let mut value = HeaderValue::from_str(value.expose()).map_err(|_| Fault::Header)?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        request.body(Full::new(body)).map_err(|_| Fault::Header)
    }
}

/// One request on a connection of its own: exports are seconds apart.
async fn speak<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(), Fault>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driven = tasks::spawn("otlp-connection", connection);
    let answer = sender.send_request(request).await;
    let status = match answer {
        Ok(answer) => {
            let (parts, body) = answer.into_parts();
            // Read, so that the collector is not cut off; what it says does not matter.
            drop(Limited::new(body, limits::RESPONSE_BYTES).collect().await);
            Ok(parts.status.as_u16())
        }
        Err(error) => Err(error),
    };
    driven.abort();
    match status? {
        200..300 => Ok(()),
        status => Err(Fault::Status(status)),
    }
}

const AGAIN: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(5)];
