//! A way to one address. What the person at the command line names is called,
//! wherever it is: the guard stands here to keep one way out, not to judge.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use delivery::egress::{Egress, Loopback, Network, Options, Policy, SystemDialer, SystemResolver, Target};
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use model::{HookUrl, PlainHttp, Tls, TlsVersion, UrlFault, limits};
use observe::tasks;
use tokio::io::{AsyncRead, AsyncWrite};
use url::Host;

use super::secured::Secured;

/// A way to one HTTP server.
pub struct Line {
    url: HookUrl,
    host: String,
}

/// The text is not the address of a server.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` cannot be called: {fault}")]
pub struct BadAddress {
    text: String,
    fault: UrlFault,
}

/// A connection, with or without TLS.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Line {
    /// A way to the server of a URL.
    ///
    /// # Errors
    /// It is not one that can be called.
    pub fn to(url: &str) -> Result<Self, BadAddress> {
        let read = HookUrl::read(url, PlainHttp::Allowed);
        // A URL with credentials must not be repeated.
        let text = || url.split_once('@').map_or(url, |(_, rest)| rest).to_owned();
        let (url, _) = read.map_err(|fault| BadAddress { text: text(), fault })?;
        let host = format!("{}:{}", url.host(), url.port());
        Ok(Line { url, host })
    }

    /// Host and port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A path below the URL's own.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_url().path().trim_end_matches('/'))
    }

    /// Path and query of the URL itself.
    #[must_use]
    pub fn own_path(&self) -> String {
        let url = self.url.as_url();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// One request and its answer, read whole.
    ///
    /// # Errors
    /// Nobody answers, or not within `patience`.
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
        patience: Duration,
    ) -> anyhow::Result<Response<Bytes>> {
        let exchange = Box::pin(self.exchange(request));
        tokio::time::timeout(patience, exchange).await.context("no answer in time")?
    }

    async fn exchange(&self, mut request: Request<Full<Bytes>>) -> anyhow::Result<Response<Bytes>> {
        let stream = self.connect().await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tasks::spawn("client", connection);
        request.headers_mut().insert(header::HOST, HeaderValue::try_from(&self.host)?);
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, ANSWER_BYTES).collect().await.map_err(anyhow::Error::from_boxed)?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    async fn connect(&self) -> anyhow::Result<Box<dyn Stream>> {
        let egress = egress(self.url.port())?;
        let target = egress.target(&self.url, &Tls { min_version: TlsVersion::V1_2, ca: None })?;
        let (stream, _) = egress.dial(&egress.vet(&target).await?).await?;
        let Some(tls) = &target.tls else { return Ok(Box::new(stream)) };
        let mut tls = rustls::ClientConfig::clone(tls);
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Box::new(egress.secure(stream, &target, &Arc::new(tls)).await?))
    }
}

/// Connects to `host:port`, in clear or secured.
///
/// # Errors
/// It is not an address, nobody answers there, or not who was meant.
pub async fn connect(address: &str, secured: Option<&Secured>) -> anyhow::Result<Box<dyn Stream>> {
    let (host, port) = address.rsplit_once(':').context("not of the form HOST:PORT")?;
    let port = port.parse().context("the port is not a number")?;
    let host = Host::parse(host).context("the host is not a name or an address")?;
    let egress = egress(port)?;
    let target = Target { host, port, tls: None };
    let (stream, _) = egress.dial(&egress.vet(&target).await?).await?;
    let Some(secured) = secured else { return Ok(Box::new(stream)) };
    Ok(Box::new(egress.secure(stream, &target, &secured.config(&egress)?).await?))
}

fn egress(port: u16) -> anyhow::Result<Egress> {
    let everywhere = |net: &str| format!("{net}:{port}").parse::<Network>();
    let allow = vec![everywhere("0.0.0.0/0")?, everywhere("::/0")?];
    let policy = Policy::new(Options { allow, ports: vec![port], ..Options::default() }, Loopback::Allowed);
    let dialer = Arc::new(SystemDialer::from_sources(Vec::new()));
    Ok(Egress::new(policy, Arc::new(SystemResolver::default()), dialer))
}

/// An answer is a page of a list at most.
const ANSWER_BYTES: usize = limits::EVENT_ARRAY_BYTES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_path_and_is_not_repeated_with_credentials() {
        let line = Line::to("http://localhost:8080/care/").unwrap();
        assert_eq!((line.host(), line.path("/readyz").as_str()), ("localhost:8080", "/care/readyz"));
        assert_eq!(Line::to("http://h/hook?x=1").unwrap().own_path(), "/hook?x=1");
        let refused = Line::to("http://me:secret@h/").map(|_| ()).unwrap_err().to_string();
        assert!(!refused.contains("secret"), "{refused}");
    }
}
