//! Receivers: each has its own port and answers at once, late or never.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::ledger::Ledger;
use crate::names::name_in;
use crate::text::{id_in, is_told};
use crate::wire::{Connection, Message};

/// A destination on loopback. It closes, with its connections, when dropped.
pub(crate) struct Sink {
    address: SocketAddr,
    /// Owns the accept loop, which owns the connections.
    _tasks: JoinSet<()>,
}

/// Where a sink writes down what arrives, and how it answers.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) column: usize,
    pub(crate) pace: Arc<Pace>,
    pub(crate) signing: Signing,
    pub(crate) telling: Telling,
}

/// How a receiver knows what it was told of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// By the mark in what it is told.
    Mark,
    /// So too, and others depend on what it learns.
    MarkForOthers,
    /// Not: it may not know more than that something happened.
    Nothing,
}

/// Whether requests come from the product or straight from the generator.
#[derive(Clone, Copy)]
pub(crate) enum Signing {
    Expected,
    Absent,
}

/// How long a receiver takes to answer; may change while it runs.
pub(crate) struct Pace(AtomicU64);

impl Pace {
    pub(crate) const PROMPT: u64 = 0;
    pub(crate) const NEVER: u64 = u64::MAX;

    pub(crate) fn new(milliseconds: u64) -> Self {
        Self(AtomicU64::new(milliseconds))
    }

    pub(crate) fn change(&self, milliseconds: u64) {
        self.0.store(milliseconds, Relaxed);
    }
}

impl Sink {
    /// Listens on a free port of loopback; the port is open on return.
    pub(crate) async fn open(receiver: Receiver) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, receiver));
        Ok(Self { address, _tasks: tasks })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn accept(listener: TcpListener, receiver: Receiver) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _peer)) => {
                    connections.spawn(serve(stream, receiver.clone()));
                }
                // Out of file descriptors, most likely: some come back when connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, receiver: Receiver) {
    let Ok(mut connection) = Connection::over(stream) else { return };
    loop {
        match connection.read().await {
            Ok(Some(message)) => receiver.note(&message),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return receiver.ledger.note_stranger();
            }
            Ok(None) | Err(_) => return,
        }
        match receiver.pace.0.load(Relaxed) {
            Pace::PROMPT => {}
            // Reading on is what notices that the sender gave up.
            Pace::NEVER => continue,
            milliseconds => tokio::time::sleep(Duration::from_millis(milliseconds)).await,
        }
        if connection.write(ANSWER).await.is_err() {
            return;
        }
    }
}

impl Receiver {
    fn note(&self, message: &Message<'_>) {
        if self.telling == Telling::Nothing {
            return self.note_unmarked(message);
        }
        let id = id_in(message.body, self.ledger.nonce()).filter(|id| *id < self.ledger.events());
        let Some(id) = id else { return self.ledger.note_stranger() };
        self.ledger.note_arrived(id, self.column);
        if let (Telling::MarkForOthers, Some(name)) = (self.telling, name_in(message.body)) {
            self.ledger.note_named(id, name);
        }
        if id % SIGNATURE_SAMPLE == 0 {
            self.look_at_signature(message);
        }
    }

    fn note_unmarked(&self, message: &Message<'_>) {
        if is_told(message.body) {
            return self.ledger.note_exposed();
        }
        match name_in(message.body) {
            Some(name) => self.ledger.note_arrived_by_name(name, self.column),
            None => self.ledger.note_stranger(),
        }
        self.look_at_signature(message);
    }

    fn look_at_signature(&self, message: &Message<'_>) {
        if matches!(self.signing, Signing::Expected) && !is_signed(message) {
            self.ledger.note_unsigned();
        }
    }
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// Looking at the headers of one delivery in a hundred costs nothing and catches a switched-off signature.
const SIGNATURE_SAMPLE: usize = 100;

fn is_signed(message: &Message<'_>) -> bool {
    let has = |name| message.header(name).is_some_and(|value: &[u8]| !value.is_empty());
    let version = message.header("webhook-signature").unwrap_or_default();
    has("webhook-id") && has("webhook-timestamp") && version.starts_with(b"v1")
}
