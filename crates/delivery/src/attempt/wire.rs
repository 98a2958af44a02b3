//! A connection that counts what it hears, so that no receiver can talk without end.
//!
//! Counting happens below TLS: a flood of certificates, tickets, pings or
//! interim answers costs a receiver its connection, whatever layer it uses.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use model::limits;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;
use tokio_rustls::client::TlsStream;

use crate::egress::{Ends, Stream};

/// How a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    Http2,
}

/// When and where to a connection was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opened {
    pub(super) peer: SocketAddr,
    pub(super) at: Instant,
    pub(super) vetted: Instant,
}

/// What a connection may still hear, and what it heard since its last request.
#[derive(Debug, Default)]
pub(super) struct Meter {
    left: AtomicU64,
    heard: AtomicU64,
}

impl Meter {
    /// Grants what one attempt may hear.
    pub(super) fn begin(&self) {
        self.left.store(ATTEMPT_BYTES, Ordering::Relaxed);
        self.heard.store(0, Ordering::Relaxed);
    }

    /// Grants what this many attempts on one connection may hear.
    pub(super) fn grant(&self, attempts: usize) {
        let bytes = ATTEMPT_BYTES.saturating_mul(u64::try_from(attempts).unwrap_or(u64::MAX));
        self.left.fetch_max(bytes, Ordering::Relaxed);
    }

    /// Whether anything of an answer came, TLS not counted.
    pub(super) fn has_heard(&self) -> bool {
        self.heard.load(Ordering::Relaxed) > 0
    }

    fn spend(&self, bytes: usize) -> io::Result<()> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let left = |left: u64| left.checked_sub(bytes);
        let spent = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        spent.map(|_| ()).map_err(|_| io::Error::other(TooMuch))
    }
}

/// The other end sends more than an answer can be.
#[derive(Debug, thiserror::Error)]
#[error("the receiver sends more than an answer can be")]
pub(super) struct TooMuch;

/// A connection below TLS.
pub(super) struct Metered {
    inner: Box<dyn Stream>,
    meter: Arc<Meter>,
}

impl Metered {
    pub(super) fn new(inner: Box<dyn Stream>, meter: Arc<Meter>) -> Self {
        Metered { inner, meter }
    }
}

impl Stream for Metered {
    fn ends(&self) -> io::Result<Ends> {
        self.inner.ends()
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, into))?;
        Poll::Ready(self.meter.spend(into.filled().len() - before))
    }
}

/// A connection as HTTP sees it.
pub(super) struct Wire {
    pipe: Pipe,
    meter: Arc<Meter>,
}

enum Pipe {
    Plain(Metered),
    Tls(Box<TlsStream<Metered>>),
}

impl Wire {
    pub(super) fn plain(stream: Metered, meter: Arc<Meter>) -> Self {
        Wire { pipe: Pipe::Plain(stream), meter }
    }

    pub(super) fn tls(stream: TlsStream<Metered>, meter: Arc<Meter>) -> Self {
        Wire { pipe: Pipe::Tls(Box::new(stream)), meter }
    }

    pub(super) fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.meter)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        ready!(match &mut self.pipe {
            Pipe::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Pipe::Tls(stream) => Pin::new(stream).poll_read(context, into),
        })?;
        let heard = u64::try_from(into.filled().len() - before).unwrap_or(u64::MAX);
        self.meter.heard.fetch_add(heard, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

/// Writes pass through, to `$inner` of a pinned `$self`.
macro_rules! writes {
    ($type:ty, |$this:ident| $inner:expr) => {
        impl AsyncWrite for $type {
            fn poll_write(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                let $this = self.get_mut();
                $inner.poll_write(context, bytes)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                context: &mut Context<'_>,
                slices: &[io::IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                let $this = self.get_mut();
                $inner.poll_write_vectored(context, slices)
            }

            fn is_write_vectored(&self) -> bool {
                // Requests are small: one flat write beats gathering.
                false
            }

            fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                let $this = self.get_mut();
                $inner.poll_flush(context)
            }

            fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                let $this = self.get_mut();
                $inner.poll_shutdown(context)
            }
        }
    };
}

writes!(Metered, |this| Pin::new(&mut this.inner));
writes!(Wire, |this| this.pipe.writer());

impl Pipe {
    fn writer(&mut self) -> Pin<&mut dyn Writer> {
        match self {
            Pipe::Plain(stream) => Pin::new(stream),
            Pipe::Tls(stream) => Pin::new(&mut **stream),
        }
    }
}

trait Writer: AsyncWrite + Unpin {}
impl<T: AsyncWrite + Unpin> Writer for T {}

// A body and a head at their limits, a chain of certificates, and as much again for framing.
const ATTEMPT_BYTES: u64 = 256 << 10;
const _: () = assert!(ATTEMPT_BYTES > 2 * (limits::RESPONSE_BYTES + limits::RESPONSE_HEAD_BYTES) as u64);
