//! One HTTP/2 connection, driven by a task of its own, that carries many exchanges at once.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Context;
use std::time::Duration;

use http::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioIo, TokioTimer};
use model::limits;
use observe::tasks;
use tokio::time::Instant;

use super::exchange::{Body, Broken, Drive, Ending, converse};
use super::fault::Fault;
use super::progress::Progress;
use super::wire::{Meter, Opened, Wire};

/// The connection.
pub(super) struct Shared {
    sender: http2::SendRequest<Body>,
    meter: Arc<Meter>,
    // How many exchanges the other end takes at once, as it says itself.
    room: Arc<AtomicUsize>,
    in_flight: AtomicUsize,
    is_retired: AtomicBool,
    opened: Mutex<Opened>,
    used: Mutex<Instant>,
}

/// A place for one exchange on the connection.
pub(super) struct Lease {
    pub(super) opened: Opened,
    line: Arc<Shared>,
}

impl Shared {
    pub(super) async fn open(wire: Wire, opened: Opened) -> Result<Self, Fault> {
        let meter = wire.meter();
        let handshake = http2::Builder::new(Tasks)
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEAD_BYTES)
            .max_concurrent_reset_streams(RESET_STREAMS)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PONG)
            .handshake::<_, Body>(TokioIo::new(wire));
        let (sender, connection) = handshake.await.map_err(|fault| Fault::of_http(&fault, false))?;
        let room = Arc::new(AtomicUsize::new(connection.current_max_send_streams()));
        let told = Arc::clone(&room);
        drop(tasks::spawn("delivery-h2", async move {
            let mut connection = pin!(connection);
            let drive = poll_fn(|context| {
                let ended = connection.as_mut().poll(context);
                told.store(connection.current_max_send_streams(), Ordering::Relaxed);
                ended
            });
            if let Err(fault) = drive.await {
                tracing::debug!(error = %fault, "an HTTP/2 connection ended");
            }
        }));
        let (in_flight, is_retired) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (opened, used) = (Mutex::new(opened), Mutex::new(opened.at));
        Ok(Shared { sender, meter, room, in_flight, is_retired, opened, used })
    }

    /// Whether new exchanges may begin on it.
    pub(super) fn is_young(&self, now: Instant) -> bool {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).at;
        let is_over = self.sender.is_closed() || self.is_retired.load(Ordering::Relaxed);
        !is_over && now.duration_since(opened) < limits::CONNECTION_AGE
    }

    /// Whether it carries something, or may soon.
    pub(super) fn is_wanted(&self, now: Instant) -> bool {
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = self.is_young(now) && now.duration_since(used) < IDLE;
        is_fresh || self.in_flight.load(Ordering::Relaxed) > 0
    }
}

impl Lease {
    /// A place, if there is one.
    pub(super) fn on(line: &Arc<Shared>) -> Option<Lease> {
        let room = line.room.load(Ordering::Relaxed);
        let taken = |taken: usize| (taken < room).then_some(taken + 1);
        let before = line.in_flight.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).ok()?;
        line.meter.grant(before + 1);
        let opened = *line.opened.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Lease { opened, line: Arc::clone(line) })
    }

    /// Lets no new exchange begin on the connection: its address is not to be called any more.
    pub(super) fn retire(&self) {
        self.line.is_retired.store(true, Ordering::Relaxed);
    }

    pub(super) async fn exchange(
        &mut self,
        request: Request<Body>,
        progress: &mut Progress,
    ) -> Result<Ending, Broken> {
        let mut sender = self.line.sender.clone();
        let answer = sender.try_send_request(request);
        match converse(&mut Alone, answer, progress).await {
            Ok(ending) => Ok(ending),
            Err(fault) if progress.has_head() => Err(Broken::Answered(Fault::of_body(&fault))),
            // The connection is gone as a whole; a reset of this one exchange would be an answer.
            Err(fault) if sender.is_closed() => Err(Broken::Unanswered(Fault::of_http(&fault, false))),
            Err(fault) => Err(Broken::Answered(Fault::of_http(&fault, true))),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        *self.line.opened.lock().unwrap_or_else(PoisonError::into_inner) = self.opened;
        *self.line.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.line.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Nothing to drive: the connection has its own task.
struct Alone;

impl Drive for Alone {
    fn drive(&mut self, _: &mut Context<'_>) {}
}

/// Runs what HTTP/2 needs beside the exchange: sending a body, one task each.
#[derive(Clone)]
struct Tasks;

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Tasks {
    fn execute(&self, future: F) {
        drop(tasks::spawn("delivery-h2-body", future));
    }
}

#[expect(clippy::cast_possible_truncation, reason = "bounds far below 4 GiB")]
const HEAD_BYTES: u32 = limits::RESPONSE_HEAD_BYTES as u32;
const STREAM_WINDOW: u32 = 64 << 10;
const CONNECTION_WINDOW: u32 = 256 << 10;
const RESET_STREAMS: usize = 32;
const PING: Duration = Duration::from_secs(20);
const PONG: Duration = Duration::from_secs(5);
const IDLE: Duration = Duration::from_secs(60);
