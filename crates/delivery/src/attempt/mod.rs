//! One HTTP call, from the name to the last byte of the answer, under one deadline.
//!
//! A call is prepared once per configuration (`prepared`), finds an open
//! connection (`lines`) or opens one through [`crate::egress`], is written and
//! answered (`line` for HTTP/1, `shared` for HTTP/2, `exchange` for what both
//! have in common), and ends as a [`Report`] (`progress`, `answer`).
//!
//! There is no task per HTTP/1 connection: the attempt drives the connection it
//! uses, and an idle connection is plain data.
//!
//! What a body may do to a 2xx: at most 64 KiB of it are read. A longer one
//! does not undo the success, we stop reading and close the connection. One
//! that breaks off, or has not ended by the deadline, does: the receiver may
//! have failed while it worked, and a repeated delivery has the same id.

mod prepared; // What is the same for every call of a webhook.
mod wire; // A connection that counts what it hears.
mod lines; // Open connections of one webhook.
mod line; // One HTTP/1 connection.
mod shared; // One HTTP/2 connection.
mod exchange; // Request out, answer in.
mod fault; // What a broken exchange means.
mod answer; // What a status means.
mod shown; // What people may see of an answer.
pub(crate) mod retry_after; // When the receiver wants to hear from us again.
mod progress; // How far an attempt came, and its report.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use model::{Webhook, limits};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::egress::Egress;

pub use prepared::{Call, Prepared, Unpreparable};
pub use progress::{Report, Stage};
pub use shown::Said;

pub(crate) use wire::Protocol;

use exchange::{Broken, Ending};
use fault::Fault;
use lines::Carrier;
use progress::Progress;
use wire::{Meter, Metered, Opened, Wire};

/// Makes calls. One for the whole node.
pub struct Caller {
    egress: Arc<Egress>,
    prepared: Mutex<Vec<Weak<Prepared>>>,
    idle: Arc<Semaphore>,
}

impl Caller {
    /// Calls through this guard.
    #[must_use]
    pub fn new(egress: Arc<Egress>) -> Self {
        Caller { egress, prepared: Mutex::default(), idle: Arc::new(Semaphore::new(limits::IDLE_LINES)) }
    }

    /// The guard.
    #[must_use]
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// Makes ready what is the same for every call of a webhook. Made anew when
    /// the webhook changes; connections of the old one are never used again.
    ///
    /// # Errors
    /// The webhook has settings that cannot be sent.
    pub fn prepare(&self, webhook: &Webhook) -> Result<Arc<Prepared>, Unpreparable> {
        let prepared = Arc::new(Prepared::new(webhook, &self.egress)?);
        let mut all = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::downgrade(&prepared));
        Ok(prepared)
    }

    /// Closes connections that nobody used for too long. To be called every second or so.
    pub fn sweep(&self) {
        let now = Instant::now();
        let mut all = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|prepared| match prepared.upgrade() {
            Some(prepared) => {
                prepared.lines.sweep(now);
                true
            }
            None => false,
        });
    }

    /// Makes one call. It always ends by its deadline and never fails: what
    /// went wrong is the outcome.
    pub async fn call(&self, call: Call<'_>) -> Report {
        let deadline = Instant::now() + call.timeout;
        let mut progress = Progress::begin(call.now);
        let ended = timeout_at(deadline, self.attempt(&call, &mut progress)).await;
        let fault = match ended {
            Ok(ended) => ended.err(),
            Err(_) => Some(progress.out_of_time(call.timeout)),
        };
        progress.report(fault)
    }

    async fn attempt(&self, call: &Call<'_>, progress: &mut Progress) -> Result<(), Fault> {
        if let Some(carrier) = self.reuse(call.to).await {
            match self.exchange(carrier, call, progress).await {
                // The receiver closed the connection while it was idle, or as
                // our request reached it. Nothing of an answer came, so this
                // was no attempt; the id makes it safe where it was one.
                Err(Broken::Unanswered(_)) => progress.start_over(),
                Err(Broken::Answered(fault)) => return Err(fault),
                Ok(()) => return Ok(()),
            }
        }
        let carrier = self.open(call.to, progress).await?;
        self.exchange(carrier, call, progress).await.map_err(Broken::into_fault)
    }

    async fn exchange(
        &self,
        mut carrier: Carrier,
        call: &Call<'_>,
        progress: &mut Progress,
    ) -> Result<(), Broken> {
        let request = call.to.request(call, carrier.protocol()).ok_or_else(Broken::unsignable)?;
        progress.enter(Stage::Request);
        let ending = carrier.exchange(request, progress).await?;
        if let (Carrier::Line(line), Ending::Whole) = (carrier, ending) {
            call.to.lines.put(line, progress.keep_alive(), &self.idle).await;
        }
        Ok(())
    }

    /// An open connection whose address has been judged less than a minute ago.
    async fn reuse(&self, to: &Prepared) -> Option<Carrier> {
        while let Some(mut carrier) = to.lines.take(Instant::now()).await {
            if self.is_still_vetted(to, carrier.opened_mut()).await {
                return Some(carrier);
            }
            carrier.retire();
        }
        None
    }

    async fn is_still_vetted(&self, to: &Prepared, opened: &mut Opened) -> bool {
        if !self.egress.still_allows(&to.target, opened.peer) {
            return false;
        }
        if opened.vetted.elapsed() < VETTED_FOR {
            return true;
        }
        let found = self.egress.vet(&to.target).await;
        opened.vetted = Instant::now();
        found.is_ok_and(|found| found.contains(&opened.peer))
    }

    async fn open(&self, to: &Prepared, progress: &mut Progress) -> Result<Carrier, Fault> {
        // Where HTTP/2 is spoken one connection carries many calls: whoever
        // waited here while another opened it uses that one.
        progress.enter(Stage::Connect);
        let _turn = to.lines.turn().await;
        if let Some(lease) = to.lines.share(Instant::now()) {
            return Ok(Carrier::Lease(lease));
        }
        progress.enter(Stage::Dns);
        let vetted = self.egress.vet(&to.target).await?;
        progress.enter(Stage::Connect);
        let (stream, peer) = self.egress.dial(&vetted).await?;
        let meter = Arc::new(Meter::default());
        meter.begin();
        let stream = Metered::new(stream, Arc::clone(&meter));
        let now = Instant::now();
        let opened = Opened { peer, at: now, vetted: now };
        let Some(config) = &to.target.tls else {
            return to.lines.single(Wire::plain(stream, meter), opened).await;
        };
        progress.enter(Stage::Tls);
        let stream = self.egress.secure(stream, &to.target, config).await?;
        let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        let wire = Wire::tls(stream, meter);
        if is_h2 { to.lines.multiplexed(wire, opened).await } else { to.lines.single(wire, opened).await }
    }
}

// With the 30 s that an answer of DNS is kept, an address is trusted for a minute at most.
const VETTED_FOR: Duration = Duration::from_secs(30);
const _: () = assert!(VETTED_FOR.as_secs() + limits::DNS_CACHE.as_secs() <= 60);
