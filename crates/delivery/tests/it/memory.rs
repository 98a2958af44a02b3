//! A network in memory, so that time can be paused.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use async_trait::async_trait;
use delivery::egress::{Dialer, Ends, Stream};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::receiver::{Do, follow};

/// Every address follows the scripts: connection *n* script *n*, later ones the last.
pub(crate) struct Memory {
    scripts: Vec<Vec<Do>>,
    pub(crate) dialled: Mutex<Vec<SocketAddr>>,
    pub(crate) requests: Arc<Mutex<Vec<String>>>,
    pub(crate) ended: Arc<AtomicUsize>,
}

impl Memory {
    pub(crate) fn new(scripts: Vec<Vec<Do>>) -> Arc<Self> {
        Arc::new(Memory {
            scripts,
            dialled: Mutex::default(),
            requests: Arc::default(),
            ended: Arc::default(),
        })
    }

    pub(crate) fn contacts(&self) -> usize {
        self.dialled.lock().unwrap().len()
    }
}

#[async_trait]
impl Dialer for Memory {
    async fn dial(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>> {
        let number = {
            let mut dialled = self.dialled.lock().unwrap();
            dialled.push(to);
            dialled.len() - 1
        };
        let Some(script) = self.scripts.get(number).or(self.scripts.last()).cloned() else {
            return Err(io::ErrorKind::ConnectionRefused.into());
        };
        let (ours, theirs) = tokio::io::duplex(64 << 10);
        let (requests, ended) = (Arc::clone(&self.requests), Arc::clone(&self.ended));
        drop(observe::tasks::spawn("test-memory", async move {
            follow(theirs, &script, &requests).await;
            ended.fetch_add(1, Ordering::SeqCst);
        }));
        Ok(Box::new(End { inner: ours, peer: to }))
    }
}

struct End {
    inner: DuplexStream,
    peer: SocketAddr,
}

impl Stream for End {
    fn ends(&self) -> io::Result<Ends> {
        Ok(Ends { local: SocketAddr::from(([192, 0, 2, 1], 1)), peer: self.peer })
    }
}

impl AsyncRead for End {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, into)
    }
}

impl AsyncWrite for End {
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
