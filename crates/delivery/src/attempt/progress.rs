//! How far an attempt came, and its report.

use std::time::Duration;

use http::header::{HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use http::response;
use model::{Category, Outcome, Personal, Timestamp, Timings, limits};
use tokio::time::Instant;

use super::fault::Fault;
use super::shown::Said;
use super::{answer, retry_after};

/// A part of an attempt, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Resolving the name.
    Dns,
    /// Connecting.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Writing the request and waiting for the head of the answer.
    Request,
    /// Reading the body of the answer.
    Response,
    /// Done.
    Done,
}

/// What a call brought back.
#[derive(Debug, Clone)]
pub struct Report {
    /// Whether the receiver took the delivery.
    pub outcome: Outcome,
    /// How long each part took.
    pub timings: Timings,
    /// What the receiver answered, as far as it is kept; it may echo what we sent.
    pub answer: Option<Personal<Said>>,
    /// Where a refused redirect pointed.
    pub location: Option<String>,
    /// How far the call came.
    pub stage: Stage,
    /// What went wrong, for people: no content, no credentials.
    pub detail: Option<String>,
}

/// What is known of an attempt while it runs; a deadline may end it anywhere.
pub(super) struct Progress {
    now: Timestamp,
    began: Instant,
    stage: Stage,
    since: Instant,
    timings: Timings,
    head: Option<Head>,
    kept: Vec<u8>,
}

struct Head {
    status: u16,
    retry_after: Option<Duration>,
    keep_alive: Option<Duration>,
    location: Option<String>,
    headers: HeaderMap,
}

impl Progress {
    pub(super) fn begin(now: Timestamp) -> Self {
        let began = Instant::now();
        let (stage, timings) = (Stage::Dns, Timings::default());
        Progress { now, began, stage, since: began, timings, head: None, kept: Vec::new() }
    }

    /// Ends the present stage and begins the next.
    pub(super) fn enter(&mut self, stage: Stage) {
        let now = Instant::now();
        let took = micros(now.duration_since(self.since));
        match self.stage {
            Stage::Dns => self.timings.dns = took,
            Stage::Connect => self.timings.connect = took,
            Stage::Tls => self.timings.tls = took,
            Stage::Request => self.timings.first_byte = took,
            Stage::Response | Stage::Done => {}
        }
        (self.stage, self.since) = (stage, now);
    }

    /// A connection was closed under us; the next one starts from the name.
    pub(super) fn start_over(&mut self) {
        self.stage = Stage::Dns;
        self.since = Instant::now();
    }

    /// The head of the answer is here.
    pub(super) fn hear(&mut self, head: response::Parts) {
        self.enter(Stage::Response);
        let status = head.status.as_u16();
        let asked = text(&head.headers, &RETRY_AFTER).filter(|_| answer::asks_to_wait(status));
        self.head = Some(Head {
            status,
            retry_after: asked.and_then(|text| retry_after::read(text, self.now)),
            keep_alive: text(&head.headers, &KEEP_ALIVE).and_then(keep_alive),
            location: text(&head.headers, &LOCATION)
                .filter(|_| (300..400).contains(&status))
                .map(|text| text.chars().take(LOCATION_CHARS).collect()),
            headers: head.headers,
        });
    }

    /// Keeps the beginning of the body.
    pub(super) fn keep(&mut self, data: &[u8]) {
        let room = limits::EXCERPT_BYTES - self.kept.len();
        self.kept.extend_from_slice(data.get(..room).unwrap_or(data));
    }

    pub(super) fn has_head(&self) -> bool {
        self.head.is_some()
    }

    /// How long the receiver says it keeps an idle connection.
    pub(super) fn keep_alive(&self) -> Option<Duration> {
        self.head.as_ref().and_then(|head| head.keep_alive)
    }

    /// What it means that time is up now.
    pub(super) fn out_of_time(&self, timeout: Duration) -> Fault {
        let (category, what) = match self.stage {
            Stage::Dns => (Category::Dns, "the name was not resolved"),
            Stage::Connect => (Category::ConnectTimeout, "no connection came about"),
            Stage::Tls => (Category::TlsHandshake, "the TLS handshake was not over"),
            Stage::Request => (Category::ReadTimeout, "no answer came"),
            Stage::Response | Stage::Done => (Category::ReadTimeout, "the answer did not end"),
        };
        Fault { category, detail: format!("{what} within {} ms", timeout.as_millis()).into() }
    }

    /// The report of an attempt that ended with or without a fault.
    pub(super) fn report(mut self, fault: Option<Fault>) -> Report {
        let stage = self.stage;
        self.enter(if fault.is_none() { Stage::Done } else { stage });
        self.timings.total = micros(self.began.elapsed());
        let status = self.head.as_ref().map(|head| head.status);
        let retry_after = self.head.as_ref().and_then(|head| head.retry_after);
        let outcome = match (status, &fault) {
            // A refusal stands even if its explanation breaks off.
            (Some(status), None) => answer::outcome(status, retry_after),
            (Some(status), Some(_)) if answer::category(status).is_some() => {
                answer::outcome(status, retry_after)
            }
            (status, Some(fault)) => Outcome::Failed { category: fault.category, status, retry_after: None },
            (None, None) => Outcome::Failed { category: Category::Internal, status: None, retry_after: None },
        };
        Report {
            outcome,
            timings: self.timings,
            location: self.head.as_mut().and_then(|head| head.location.take()),
            answer: self.head.map(|head| Personal::new(Said { headers: head.headers, body: self.kept })),
            stage: self.stage,
            detail: fault.map(|fault| fault.detail.into_owned()),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads `timeout=5, max=100`.
fn keep_alive(text: &str) -> Option<Duration> {
    let timeout = text.split(',').find_map(|part| part.trim().strip_prefix("timeout="))?;
    timeout.trim().parse().ok().map(Duration::from_secs)
}

fn micros(span: Duration) -> u32 {
    u32::try_from(span.as_micros()).unwrap_or(u32::MAX)
}

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const LOCATION_CHARS: usize = 1_024;
