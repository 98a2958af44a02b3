//! A test send that tells each step, with the very request a delivery would make.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use matching::Unshaped;
use model::{
    Category, Clock, Code, DeliveryId, EgressFacts, EventType, Ids, Lane, Outcome, Planned, Preview, Problem,
    Rehearsal, Rehearse, Step, Timestamp, Webhook,
};
use privacy::Disclosed;

use crate::attempt::{Call, Caller, Prepared, Protocol, Report, Said, Stage, Unpreparable};
use crate::egress::Error;

/// The body of a sample event as a webhook would get it, marked as a test (T1).
#[async_trait]
pub trait Samples: Send + Sync {
    /// The body.
    ///
    /// # Errors
    /// Why there is none.
    async fn body(
        &self,
        webhook: &Webhook,
        event_type: &EventType,
        now: Timestamp,
    ) -> Result<Disclosed, NoSample>;
}

/// Why there is no body of a sample event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoSample {
    /// There is no sample of that type.
    #[error("There is no sample of {0}.")]
    Unknown(EventType),
    /// The template of the webhook cannot tell it.
    #[error("/template{0}")]
    Unshaped(#[from] Unshaped),
}

impl From<NoSample> for Problem {
    fn from(none: NoSample) -> Self {
        match none {
            NoSample::Unknown(_) => Problem::new(Code::UnknownEventType, none.to_string()),
            NoSample::Unshaped(Unshaped { pointer, why }) => {
                Problem::new(Code::TemplateFailed, why).at(format!("/template{pointer}"))
            }
        }
    }
}

/// Test calls and the judgement of settings before they are saved.
pub struct Rehearsals {
    caller: Arc<Caller>,
    clock: Arc<dyn Clock>,
    ids: Arc<Ids>,
    samples: Arc<dyn Samples>,
}

impl Rehearsals {
    /// Test calls made by the same caller as deliveries.
    #[must_use]
    pub fn new(caller: Arc<Caller>, clock: Arc<dyn Clock>, ids: Arc<Ids>, samples: Arc<dyn Samples>) -> Self {
        Rehearsals { caller, clock, ids, samples }
    }

    async fn judge_target(&self, webhook: &Webhook) -> Result<(), Problem> {
        let egress = self.caller.egress();
        let target = egress.target(&webhook.url, &webhook.tls);
        let target = target.map_err(|fault| problem(Unpreparable::Tls(fault)))?;
        // A name that cannot be resolved yet may be resolved later: no fault at save.
        match tokio::time::timeout(RESOLVE, egress.vet(&target)).await {
            Ok(Err(Error::Refused(refusal))) => refusal.problem().map_or(Ok(()), Err),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

#[async_trait]
impl Rehearse for Rehearsals {
    async fn rehearse(&self, webhook: Webhook, event_type: EventType) -> Rehearsal {
        let prepared = match self.caller.prepare(&webhook) {
            Ok(prepared) => prepared,
            Err(fault) => return unsent(problem(fault)),
        };
        let now = self.clock.now();
        let Disclosed { body, media, .. } = match self.samples.body(&webhook, &event_type, now).await {
            Ok(sample) => sample,
            Err(none) => return unsent(none.into()),
        };
        let delivery: DeliveryId = self.ids.next(now);
        let timeout = webhook.attempt_timeout(Lane::Routine);
        let call = Call { to: &prepared, delivery, body, media, now, timeout, traceparent: None };
        let request_headers = shown(&prepared, &call);
        let report = self.caller.call(call).await;
        Rehearsal {
            ok: matches!(report.outcome, Outcome::Accepted { .. }),
            steps: steps(&report, webhook.url.is_tls()),
            status: status(&report.outcome),
            request_headers,
            // A sample is about nobody, and so is what echoes it.
            answer: report.answer.map(|said| said.look(Said::shown)),
        }
    }

    async fn preview(&self, webhook: Webhook, event_type: EventType) -> Result<Preview, Problem> {
        let now = self.clock.now();
        let sample = self.samples.body(&webhook, &event_type, now).await?;
        if webhook.is_listening() {
            let body = String::from_utf8_lossy(&sample.body).into_owned();
            return Ok(Preview { headers: Vec::new(), body, media: sample.media });
        }
        let prepared = self.caller.prepare(&webhook).map_err(problem)?;
        let delivery: DeliveryId = self.ids.next(now);
        let timeout = webhook.attempt_timeout(Lane::Routine);
        let Disclosed { body, media, .. } = sample.clone();
        let call = Call { to: &prepared, delivery, body, media, now, timeout, traceparent: None };
        let body = String::from_utf8_lossy(&sample.body).into_owned();
        Ok(Preview { headers: shown(&prepared, &call), body, media })
    }

    fn headers(&self, webhook: &Webhook, planned: Planned<'_>) -> Option<Vec<(String, String)>> {
        if webhook.is_listening() {
            return Some(Vec::new());
        }
        let prepared = self.caller.prepare(webhook).ok()?;
        let Planned { delivery, event, body, media, at } = planned;
        let timeout = webhook.attempt_timeout(Lane::Routine);
        let traceparent = crate::sender::trace(event, delivery);
        let body = Bytes::copy_from_slice(body);
        let call = Call { to: &prepared, delivery, body, media, now: at, timeout, traceparent };
        Some(shown(&prepared, &call))
    }

    async fn judge(&self, webhook: &Webhook) -> Result<(), Problem> {
        self.judge_target(webhook).await?;
        Prepared::new(webhook, self.caller.egress()).map(|_| ()).map_err(problem)
    }

    fn egress(&self) -> EgressFacts {
        let options = self.caller.egress().policy().options();
        EgressFacts {
            source_addresses: options.source_addresses.iter().map(ToString::to_string).collect(),
            allowed_networks: options.allow.iter().map(ToString::to_string).collect(),
        }
    }
}

/// What is wrong with the settings of a webhook, and where.
fn problem(fault: Unpreparable) -> Problem {
    let invalid = |at: &str, why: String| Problem::new(Code::InvalidField, format!("{why}.")).at(at);
    match fault {
        Unpreparable::Url => {
            Problem::new(Code::UrlBadHost, format!("{fault}.")).at("/url").fix("Check the name of the host.")
        }
        Unpreparable::ContentType => invalid("/format", fault.to_string()),
        Unpreparable::Tls(fault) => invalid("/tls/ca", fault.to_string()),
        Unpreparable::Signing(fault) => invalid("/signing", fault.to_string()),
        Unpreparable::Auth(field, why) => invalid(&format!("/auth{field}"), why.to_owned()),
    }
}

fn unsent(problem: Problem) -> Rehearsal {
    let (error, detail) = (Some(problem.code.name()), Some(problem.detail));
    let step = Step { name: "request", ok: false, ms: 0.0, error, detail };
    Rehearsal { ok: false, steps: vec![step], status: None, request_headers: Vec::new(), answer: None }
}

/// The headers as they are sent, credentials masked.
fn shown(prepared: &Prepared, call: &Call<'_>) -> Vec<(String, String)> {
    let headers: HeaderMap = prepared.headers(call, Protocol::Http1).unwrap_or_default();
    let shown = |value: &http::HeaderValue| match value.to_str() {
        Ok(text) if !value.is_sensitive() => text.to_owned(),
        Ok(_) | Err(_) => "(masked)".to_owned(),
    };
    headers.iter().map(|(name, value)| (name.to_string(), shown(value))).collect()
}

/// The steps up to the one that failed.
fn steps(report: &Report, is_tls: bool) -> Vec<Step> {
    let timings = &report.timings;
    let before = timings.dns.saturating_add(timings.connect).saturating_add(timings.tls);
    let response = timings.total.saturating_sub(before.saturating_add(timings.first_byte));
    let all = [
        (Stage::Dns, "dns", timings.dns),
        (Stage::Connect, "connect", timings.connect),
        (Stage::Tls, "tls", timings.tls),
        (Stage::Request, "request", timings.first_byte),
        (Stage::Response, "response", response),
    ];
    let failed = failure(report);
    // An answer that says no arrived well; the step that fails is reading it.
    let last = report.stage.min(Stage::Response);
    let mut steps = Vec::with_capacity(all.len());
    for (stage, name, micros) in all.into_iter().filter(|(stage, ..)| is_tls || *stage != Stage::Tls) {
        if stage > last {
            break;
        }
        let failed = failed.filter(|_| stage == last);
        let (error, detail) = (failed.map(Category::name), failed.and_then(|category| why(category, report)));
        steps.push(Step { name, ok: error.is_none(), ms: f64::from(micros) / 1_000.0, error, detail });
    }
    steps
}

fn failure(report: &Report) -> Option<Category> {
    let Outcome::Failed { category, .. } = report.outcome else { return None };
    Some(category)
}

/// What more there is to say of a failure than its category does.
fn why(category: Category, report: &Report) -> Option<String> {
    let answered = || Some(format!("the receiver answered {}{}", status(&report.outcome)?, hint(category)));
    report.detail.clone().or_else(answered)
}

fn hint(category: Category) -> &'static str {
    if category == Category::RedirectRefused {
        "; redirects are never followed, enter the final URL"
    } else if category == Category::Http401403 {
        "; check the credentials"
    } else {
        ""
    }
}

fn status(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Accepted { status } => *status,
        Outcome::Failed { status, .. } => *status,
    }
}

const RESOLVE: Duration = Duration::from_secs(3);
