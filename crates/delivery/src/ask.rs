//! Questions to outside servers, through the guard: one connection for each, over HTTP/1.1.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use model::{Ask, Category, Clock, NoReply, Question, Reply, Timestamp, Tls, TlsVersion, limits};
use observe::tasks;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::attempt::retry_after;
use crate::egress::{Egress, Target};

/// Asks outside servers under the policy of deliveries.
pub struct Asker {
    egress: Arc<Egress>,
    clock: Arc<dyn Clock>,
}

impl Asker {
    /// Asks through this guard.
    #[must_use]
    pub fn new(egress: Arc<Egress>, clock: Arc<dyn Clock>) -> Self {
        Asker { egress, clock }
    }

    async fn exchange(&self, question: &Question<'_>) -> Result<Reply, NoReply> {
        let target = self.target(question)?;
        let request = request(question).ok_or(NoReply(Category::Internal))?;
        let of = |error: crate::egress::Error| NoReply(error.category());
        let vetted = self.egress.vet(&target).await.map_err(of)?;
        let (stream, _) = self.egress.dial(&vetted).await.map_err(of)?;
        let bounds = Bounds { bytes: question.answer_bytes, now: self.clock.now() };
        match &target.tls {
            None => speak(stream, request, bounds).await,
            Some(tls) => {
                let stream = self.egress.secure(stream, &target, tls).await.map_err(of)?;
                speak(stream, request, bounds).await
            }
        }
    }

    fn target(&self, question: &Question<'_>) -> Result<Target, NoReply> {
        let tls = Tls { min_version: TlsVersion::V1_2, ca: question.ca.map(str::to_owned) };
        let tls = question.url.is_tls().then(|| self.egress.bare_tls(&tls)).transpose();
        let tls = tls.map_err(|_| NoReply(Category::TlsUntrusted))?;
        Ok(Target { host: question.url.host().to_owned(), port: question.url.port(), tls })
    }
}

#[async_trait]
impl Ask for Asker {
    async fn ask(&self, question: Question<'_>) -> Result<Reply, NoReply> {
        let answered = tokio::time::timeout(question.within, Box::pin(self.exchange(&question))).await;
        answered.unwrap_or(Err(NoReply(Category::ReadTimeout)))
    }
}

#[derive(Clone, Copy)]
struct Bounds {
    bytes: usize,
    now: Timestamp,
}

fn request(question: &Question<'_>) -> Option<Request<Full<Bytes>>> {
    let url = question.url.as_url();
    let host = url.host_str()?;
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let method = if question.body.is_some() { Method::POST } else { Method::GET };
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, authority)
        .header(header::ACCEPT, question.accept)
        // A compressed answer could be far larger than its bound.
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::CONNECTION, "close");
    if let Some(proof) = &question.authorization {
        let mut value = HeaderValue::from_str(proof.expose()).ok()?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    let (body, kind) = question.body.clone().unwrap_or_default();
    if question.body.is_some() {
        request = request.header(header::CONTENT_TYPE, kind).header(header::CONTENT_LENGTH, body.len());
    }
    request.body(Full::new(body)).ok()
}

async fn speak<S>(stream: S, request: Request<Full<Bytes>>, bounds: Bounds) -> Result<Reply, NoReply>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut wire = http1::Builder::new();
    wire.max_buf_size(limits::RESPONSE_HEAD_BYTES).max_headers(limits::RESPONSE_HEADERS);
    let (mut sender, connection) =
        wire.handshake(TokioIo::new(stream)).await.map_err(|error| lost(&error))?;
    let driven = Driven(tasks::spawn("ask-connection", connection));
    let answer = sender.send_request(request).await.map_err(|error| lost(&error))?;
    let (parts, body) = answer.into_parts();
    let body = Limited::new(body, bounds.bytes).collect().await.map_err(|error| {
        let is_long = error.is::<LengthLimitError>();
        NoReply(if is_long { Category::ResponseTooLarge } else { Category::ResponseTruncated })
    })?;
    drop(driven);
    let retry_after = wait(&parts.headers, parts.status, bounds.now);
    Ok(Reply { status: parts.status.as_u16(), retry_after, body: body.to_bytes() })
}

fn wait(headers: &HeaderMap, status: StatusCode, now: Timestamp) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    (!status.is_success()).then(|| retry_after::read(text, now)).flatten()
}

fn lost(error: &hyper::Error) -> NoReply {
    NoReply(if error.is_parse() { Category::ProtocolError } else { Category::ConnectionLost })
}

/// A connection ends with the question, however that ends.
struct Driven(tokio::task::JoinHandle<Result<(), hyper::Error>>);

impl Drop for Driven {
    fn drop(&mut self) {
        self.0.abort();
    }
}
