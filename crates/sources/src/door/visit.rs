//! What is known of a call so far: enough to keep what becomes of it if it is refused.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request};
use bytes::Bytes;
use http::{HeaderValue, Method, header};
use model::{Capture, CaptureHead, Code, Door, Integration, Problem, Versioned};
use store::Standing;

use crate::intake::Intake;
use crate::rejections::Refused;

/// A call at a door.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) door: Door,
    pub(crate) peer: Option<IpAddr>,
    /// Known once the caller is: before that, nobody could be told of a refusal.
    pub(crate) integration: Option<Arc<Versioned<Integration>>>,
    method: Method,
    kind: Option<HeaderValue>,
    /// Headers that say what the content is, beside its type.
    kept: Vec<(String, String)>,
    body: Bytes,
    bytes: u64,
    /// Whether the body is without what the integration refuses (C7).
    is_sifted: bool,
}

impl Visit {
    /// A call that has just begun.
    pub(crate) fn begin(door: Door, request: Request) -> (Visit, Request) {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let header = |name| request.headers().get(name);
        let length = header(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
        let visit = Visit {
            door,
            peer,
            integration: None,
            method: request.method().clone(),
            kind: header(header::CONTENT_TYPE).cloned(),
            kept: Vec::new(),
            body: Bytes::new(),
            bytes: length.and_then(|length| length.parse().ok()).unwrap_or(0),
            is_sifted: false,
        };
        (visit, request)
    }

    /// The body has come, or as much of it as was read.
    pub(crate) fn received(&mut self, body: &Bytes) {
        self.bytes = self.bytes.max(body.len() as u64);
        self.body = body.clone();
    }

    /// The same call, as far as a part of its body is concerned.
    pub(crate) fn of_part(&self, part: &[u8]) -> Visit {
        Visit { body: Bytes::copy_from_slice(part), bytes: part.len() as u64, ..self.clone() }
    }

    /// What is left of the body without what the integration refuses.
    pub(crate) fn sifted(&mut self, body: Vec<u8>) {
        self.bytes = body.len() as u64;
        self.body = body.into();
        self.is_sifted = true;
    }

    /// Keeps headers that say what the content is. Never those that prove who sent it.
    pub(crate) fn keep(&mut self, headers: &http::HeaderMap, names: BTreeSet<String>) {
        for name in names {
            if let Some(value) = headers.get(&name).and_then(|value| value.to_str().ok()) {
                self.kept.push((name, value.to_owned()));
            }
        }
    }

    /// What is kept of a call that is acknowledged and not understood.
    pub(crate) fn quarantined(&self, problem: &Problem) -> Option<Refused> {
        self.refused(problem, Standing::Quarantined)
    }

    /// Refuses a peer that is not on the integration's list.
    pub(crate) fn check_peer(&self) -> Result<(), Problem> {
        let Some(integration) = &self.integration else { return Ok(()) };
        if integration.allow.is_empty() || self.peer.is_some_and(|peer| integration.admits(peer)) {
            return Ok(());
        }
        Err(Problem::from(Code::PeerNotAllowed).fix("Add the address to the integration's allow list."))
    }

    fn head(&self) -> CaptureHead {
        let kind = self.kind.as_ref().and_then(|kind| kind.to_str().ok());
        let kind = kind.map(|kind| ("content-type".to_owned(), kind.to_owned()));
        let headers = kind.into_iter().chain(self.kept.iter().cloned()).collect();
        CaptureHead { method: self.method.as_str().to_owned(), headers }
    }

    fn refused(&self, problem: &Problem, standing: Standing) -> Option<Refused> {
        Some(Refused {
            integration: self.integration.clone()?,
            door: self.door,
            code: problem.code,
            reason: reason(problem),
            peer: self.peer,
            bytes: self.bytes,
            capture: Capture { head: self.head(), body: self.body.to_vec() },
            is_sifted: self.is_sifted,
            standing,
        })
    }
}

impl Intake {
    /// Counts a refusal and keeps it, if it is the caller's to mend and the integration is known.
    pub(crate) async fn refuse(&self, visit: &Visit, problem: &Problem) {
        self.ports.metrics.rejected(visit.door, problem.code.name());
        // Who hears 429 or 5xx sends again: nothing was refused for good.
        if problem.code.status() >= 500 || problem.code == Code::RateLimited {
            return;
        }
        if let Some(refused) = visit.refused(problem, Standing::Listed) {
            self.list(refused).await;
        }
    }
}

/// A problem in one line.
pub(crate) fn reason(problem: &Problem) -> String {
    match &problem.field {
        Some(field) if !field.is_empty() => format!("{} ({field})", problem.detail),
        Some(_) | None => problem.detail.clone(),
    }
}
