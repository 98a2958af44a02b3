//! Open connections of one webhook: idle ones on a stack, shared ones in a list.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Request;
use model::limits;
use tokio::sync::{MutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::exchange::{Body, Broken, Ending};
use super::fault::Fault;
use super::line::Line;
use super::progress::Progress;
use super::shared::{Lease, Shared};
use super::wire::{Opened, Protocol, Wire};

/// The connections.
pub(super) struct Lines {
    idle: Mutex<Vec<Idle>>,
    idle_max: usize,
    shared: Mutex<Vec<Arc<Shared>>>,
    speaks_h2: AtomicBool,
    turn: tokio::sync::Mutex<()>,
}

/// What carries one exchange.
pub(super) enum Carrier {
    Line(Box<Line>),
    Lease(Lease),
}

struct Idle {
    line: Box<Line>,
    until: Instant,
    _place: OwnedSemaphorePermit,
}

impl Carrier {
    pub(super) fn protocol(&self) -> Protocol {
        match self {
            Carrier::Line(_) => Protocol::Http1,
            Carrier::Lease(_) => Protocol::Http2,
        }
    }

    pub(super) fn opened_mut(&mut self) -> &mut Opened {
        match self {
            Carrier::Line(line) => &mut line.opened,
            Carrier::Lease(lease) => &mut lease.opened,
        }
    }

    /// Lets no new exchange begin on the connection.
    pub(super) fn retire(self) {
        match self {
            // Dropping closes it.
            Carrier::Line(_) => {}
            Carrier::Lease(lease) => lease.retire(),
        }
    }

    pub(super) async fn exchange(
        &mut self,
        request: Request<Body>,
        progress: &mut Progress,
    ) -> Result<Ending, Broken> {
        match self {
            Carrier::Line(line) => line.exchange(request, progress).await,
            Carrier::Lease(lease) => lease.exchange(request, progress).await,
        }
    }
}

impl Lines {
    pub(super) fn new(idle_max: usize) -> Self {
        Lines {
            idle: Mutex::default(),
            idle_max,
            shared: Mutex::default(),
            speaks_h2: AtomicBool::new(false),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// A connection that can be used at once, the most recently used first.
    pub(super) async fn take(&self, now: Instant) -> Option<Carrier> {
        if let Some(lease) = self.share(now) {
            return Some(Carrier::Lease(lease));
        }
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            let mut line = idle.line;
            if idle.until > now && line.is_alive().await {
                return Some(Carrier::Line(line));
            }
        }
    }

    /// A place on a shared connection.
    pub(super) fn share(&self, now: Instant) -> Option<Lease> {
        if !self.speaks_h2.load(Ordering::Relaxed) {
            return None;
        }
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.iter().filter(|line| line.is_young(now)).find_map(Lease::on)
    }

    /// Lets one connection be opened at a time where connections are shared.
    pub(super) async fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        if self.speaks_h2.load(Ordering::Relaxed) { Some(self.turn.lock().await) } else { None }
    }

    /// Opens a connection that carries one exchange after another.
    pub(super) async fn single(&self, wire: Wire, opened: Opened) -> Result<Carrier, Fault> {
        self.speaks_h2.store(false, Ordering::Relaxed);
        Ok(Carrier::Line(Box::new(Line::open(wire, opened).await?)))
    }

    /// Opens a shared connection.
    pub(super) async fn multiplexed(&self, wire: Wire, opened: Opened) -> Result<Carrier, Fault> {
        let line = Arc::new(Shared::open(wire, opened).await?);
        self.speaks_h2.store(true, Ordering::Relaxed);
        let lease = Lease::on(&line).ok_or_else(Fault::lost)?;
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        Ok(Carrier::Lease(lease))
    }

    /// Keeps a connection for the next call, if its end and ours agree that there may be one.
    pub(super) async fn put(&self, mut line: Box<Line>, asked: Option<Duration>, places: &Arc<Semaphore>) {
        let now = Instant::now();
        let until = (now + idle_for(asked)).min(line.opened.at + limits::CONNECTION_AGE);
        if until <= now || !line.is_alive().await {
            return;
        }
        let Ok(place) = Arc::clone(places).try_acquire_owned() else { return };
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.idle_max {
            idle.push(Idle { line, until, _place: place });
        }
    }

    /// Closes what has been idle for too long.
    pub(super) fn sweep(&self, now: Instant) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).retain(|idle| idle.until > now);
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).retain(|line| line.is_wanted(now));
    }
}

/// How long to keep a connection of a receiver that asks for `Keep-Alive: timeout=…`.
fn idle_for(asked: Option<Duration>) -> Duration {
    // A second less than the receiver keeps it, or a request would cross its close.
    asked.map_or(limits::IDLE_CONNECTION, |asked| asked.saturating_sub(MARGIN).min(IDLE_MAX))
}

const MARGIN: Duration = Duration::from_secs(1);
const IDLE_MAX: Duration = Duration::from_secs(60);
