//! One HTTP/1 connection. It has no task: whoever uses it drives it.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use model::limits;

use super::exchange::{Body, Broken, Drive, Ending, converse};
use super::fault::Fault;
use super::progress::Progress;
use super::wire::{Meter, Opened, Wire};

/// A connection and our end of it.
pub(super) struct Line {
    pub(super) opened: Opened,
    sender: http1::SendRequest<Body>,
    driven: Driven,
    meter: Arc<Meter>,
}

struct Driven {
    connection: http1::Connection<TokioIo<Wire>, Body>,
    is_over: bool,
}

impl Line {
    pub(super) async fn open(wire: Wire, opened: Opened) -> Result<Self, Fault> {
        let meter = wire.meter();
        let handshake = http1::Builder::new()
            .max_buf_size(limits::RESPONSE_HEAD_BYTES)
            .max_headers(limits::RESPONSE_HEADERS)
            .handshake(TokioIo::new(wire));
        let (sender, connection) = handshake.await.map_err(|fault| Fault::of_http(&fault, false))?;
        Ok(Line { opened, sender, driven: Driven { connection, is_over: false }, meter })
    }

    /// Whether a request may be written: looks for a close, or for bytes nobody asked for.
    pub(super) async fn is_alive(&mut self) -> bool {
        poll_fn(|context| {
            self.driven.drive(context);
            Poll::Ready(!self.driven.is_over && self.sender.is_ready())
        })
        .await
    }

    pub(super) async fn exchange(
        &mut self,
        request: Request<Body>,
        progress: &mut Progress,
    ) -> Result<Ending, Broken> {
        self.meter.begin();
        let answer = self.sender.try_send_request(request);
        match converse(&mut self.driven, answer, progress).await {
            Ok(ending) => Ok(ending),
            Err(fault) if progress.has_head() => Err(Broken::Answered(Fault::of_body(&fault))),
            Err(fault) if self.meter.has_heard() => Err(Broken::Answered(Fault::of_http(&fault, true))),
            Err(fault) => Err(Broken::Unanswered(Fault::of_http(&fault, false))),
        }
    }
}

impl Drive for Driven {
    fn drive(&mut self, context: &mut Context<'_>) {
        // What ends a connection reaches the exchange through its own channel.
        if !self.is_over && Pin::new(&mut self.connection).poll(context).is_ready() {
            self.is_over = true;
        }
    }
}
