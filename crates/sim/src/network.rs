//! Receivers on a network of their own: one address each, answering as they are told.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use delivery::egress::{Dialer, Ends, Resolver, Stream};
use model::{Category, Outcome, Sockets, WebhookId};
use observe::tasks;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex,
};
use tokio::time::Instant;

/// What a receiver does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Answers with a status after some time.
    Status(u16, Duration),
    /// Takes the request and says nothing.
    Silence,
    /// Cannot be connected to.
    Refused,
}

/// What a receiver does, by the time since the world began and the number of the request.
pub type Behaviour = Arc<dyn Fn(Duration, usize) -> Answer + Send + Sync>;

/// One request as a receiver heard it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Since the world began.
    pub at: Duration,
    /// The `webhook-id`.
    pub id: String,
    /// The body.
    pub body: Vec<u8>,
    /// Whether it was answered with a 2xx.
    pub taken: bool,
}

/// All receivers.
#[derive(Clone)]
pub(crate) struct Network {
    began: Instant,
    receivers: Arc<Mutex<HashMap<Ipv4Addr, Receiver>>>,
}

struct Receiver {
    behaviour: Behaviour,
    heard: Vec<Heard>,
}

impl Network {
    pub(crate) fn new() -> Self {
        Network { began: Instant::now(), receivers: Arc::default() }
    }

    /// Puts a receiver on the network; its URL's host.
    pub(crate) fn add(&self, behaviour: Behaviour) -> String {
        let mut receivers = self.lock();
        let number = u8::try_from(receivers.len() + 1).unwrap_or(u8::MAX);
        receivers.insert(address(number), Receiver { behaviour, heard: Vec::new() });
        format!("receiver-{number}.example.com")
    }

    /// What the receiver of a host heard.
    pub(crate) fn heard(&self, host: &str) -> Vec<Heard> {
        let address = number(host).map(address);
        let receivers = self.lock();
        address
            .and_then(|address| receivers.get(&address))
            .map(|receiver| receiver.heard.clone())
            .unwrap_or_default()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Ipv4Addr, Receiver>> {
        self.receivers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, address: Ipv4Addr) -> Answer {
        let receivers = self.lock();
        let Some(receiver) = receivers.get(&address) else { return Answer::Refused };
        (receiver.behaviour)(self.began.elapsed(), receiver.heard.len())
    }

    fn hear(&self, address: Ipv4Addr, request: &Request, answer: Answer) {
        let taken = matches!(answer, Answer::Status(200..=299, _));
        let heard =
            Heard { at: self.began.elapsed(), id: request.id.clone(), body: request.body.clone(), taken };
        if let Some(receiver) = self.lock().get_mut(&address) {
            receiver.heard.push(heard);
        }
    }

    /// Serves one connection until its client goes.
    async fn serve(self, address: Ipv4Addr, mut stream: DuplexStream) {
        while let Ok(request) = Request::read(&mut stream).await {
            let answer = self.answer(address);
            self.hear(address, &request, answer);
            let Answer::Status(status, after) = answer else {
                std::future::pending::<()>().await;
                return;
            };
            tokio::time::sleep(after).await;
            let head = format!("HTTP/1.1 {status} Simulated\r\ncontent-length: 0\r\n\r\n");
            if stream.write_all(head.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

#[async_trait]
impl Resolver for Network {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let number = number(name).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(vec![IpAddr::V4(address(number))])
    }
}

#[async_trait]
impl Dialer for Network {
    async fn dial(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>> {
        let IpAddr::V4(address) = to.ip() else { return Err(io::ErrorKind::NetworkUnreachable.into()) };
        if self.answer(address) == Answer::Refused {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, theirs) = duplex(64 << 10);
        tasks::spawn("receiver", self.clone().serve(address, theirs));
        Ok(Box::new(Line { inner: ours, peer: to }))
    }
}

/// Our end of a simulated connection.
struct Line {
    inner: DuplexStream,
    peer: SocketAddr,
}

impl Stream for Line {
    fn ends(&self) -> io::Result<Ends> {
        Ok(Ends { local: SocketAddr::from(([192, 0, 2, 1], 40_000)), peer: self.peer })
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, into)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

struct Request {
    id: String,
    body: Vec<u8>,
}

impl Request {
    /// Reads one request; our own sender always gives a length.
    async fn read(stream: &mut DuplexStream) -> io::Result<Request> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head);
        let field = |name: &str| {
            let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(name));
            line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
        };
        let length = field("content-length:").and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        Ok(Request { id: field("webhook-id:").unwrap_or_default(), body })
    }
}

// A public range: nothing is dialled, and the guard must let it pass.
fn address(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(93, 184, 215, number)
}

fn number(host: &str) -> Option<u8> {
    host.strip_prefix("receiver-")?.strip_suffix(".example.com")?.parse().ok()
}

/// No client listens: the receivers of a world are called.
pub(crate) struct Nobody;

#[async_trait]
impl Sockets for Nobody {
    fn is_bound(&self, _: WebhookId) -> bool {
        false
    }

    async fn tell(&self, _: WebhookId, _: Bytes, _: Duration) -> Outcome {
        Outcome::Failed { category: Category::NotBound, status: None, retry_after: None }
    }
}
