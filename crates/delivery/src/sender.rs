//! One sender: call after call, as long as there is something to send.

use std::sync::Arc;

use http::HeaderValue;
use model::{
    Attempt, Category, DeliveryId, EventId, Id, Outcome, Personal, TemplateVersion, Timestamp, Timings,
};
use observe::alerts;
use observe::live::Note;
use observe::traces::{Span, intake_span};

use crate::attempt::{Call, Said};
use crate::decide::{Next, blames_receiver, decide};
use crate::dispatch::{Heard, Kept, Start};
use crate::engine::Engine;
use crate::listening;
use crate::render::Rendered;
use crate::settle::Ending;
use store::Claim;

/// Sends `start`, then whatever may go next, and waits to be called when nothing may.
pub(crate) async fn run(engine: Arc<Engine>, start: Start) {
    let mut next = Some(start);
    loop {
        while let Some(start) = next {
            send(&engine, start).await;
            next = pick(&engine);
        }
        if !engine.idle.wait().await {
            return;
        }
        next = pick(&engine);
    }
}

fn pick(engine: &Engine) -> Option<Start> {
    let now = engine.now();
    let (start, has_wake, is_hungry) = {
        let mut desk = engine.desk();
        (desk.pick(now), desk.has_wake(), desk.is_hungry())
    };
    if has_wake {
        engine.has_timer();
    }
    if start.is_none() && is_hungry {
        engine.has_room();
    }
    start
}

async fn send(engine: &Engine, start: Start) {
    let began = engine.ports.clock.now();
    let (rendered, called) = match engine.renderer.render(&start).await {
        Ok(rendered) => {
            let called = call(engine, &start, &rendered, began).await;
            (Some(rendered), called)
        }
        Err(category) => (None, Called::without_call(failed(category))),
    };
    let template = shape(&start, rendered.as_ref(), &called.outcome);
    let tried = Tried { began, timings: called.timings, template };
    let ending = rest(engine, &start, &called.outcome, tried);
    if let Some(rendered) = &rendered {
        count(engine, &start, rendered, &ending);
        trace_attempt(engine, rendered, &ending);
    }
    let keep = ending.next != Next::Done && !start.claim.rendered;
    let reply = match (&rendered, &ending.attempt, called.answer) {
        (Some(rendered), Some(attempt), Some(said)) if attempt.error.is_some() => {
            engine.renderer.seal_reply(rendered, attempt.id, &said).await
        }
        _ => None,
    };
    let sealed = match rendered {
        Some(rendered) if keep => engine.renderer.seal(&start.claim, &rendered).await,
        _ => None,
    };
    engine.settle(Ending { rendered: sealed, reply, ..ending }).await;
}

/// What a call brought.
struct Called {
    outcome: Outcome,
    timings: Timings,
    answer: Option<Personal<Said>>,
}

impl Called {
    fn without_call(outcome: Outcome) -> Self {
        Called { outcome, timings: Timings::default(), answer: None }
    }
}

/// Counts a call for alert rules; failures of our own are not the receiver's.
fn count(engine: &Engine, start: &Start, rendered: &Rendered, ending: &Ending) {
    let Some(attempt) = ending.attempt.as_ref().filter(|_| !start.claim.test) else { return };
    if attempt.error.is_some_and(|category| !blames_receiver(category)) {
        return;
    }
    let call = alerts::Called {
        organisation: start.webhook.organisation_id,
        integration: start.webhook.integration_id,
        webhook: start.webhook.id,
        event_type: rendered.event().event_type.as_str(),
        lane: start.claim.lane,
        micros: attempt.timings.total,
        is_success: attempt.error.is_none(),
    };
    engine.ports.metrics.recent().called(call, ending.at);
}

/// Tells a collector of a call, and of a delivery that came to rest with it.
fn trace_attempt(engine: &Engine, rendered: &Rendered, ending: &Ending) {
    let traces = engine.ports.metrics.traces();
    let Some(attempt) = ending.attempt.as_ref().filter(|attempt| traces.records(attempt.event)) else {
        return;
    };
    let delivery = ending.claim.delivery;
    let about = || {
        vec![
            ("carehook.delivery", delivery.to_string()),
            ("carehook.webhook", attempt.webhook.to_string()),
            ("carehook.event_type", rendered.event().event_type.to_string()),
            ("carehook.lane", ending.claim.lane.name().to_owned()),
        ]
    };
    traces.record(|| {
        let mut attributes = about();
        attributes.push(("carehook.attempt", attempt.number.to_string()));
        attributes.extend(attempt.status.map(|status| ("http.response.status_code", status.to_string())));
        attributes.extend(attempt.error.map(|error| ("error.type", error.name().to_owned())));
        Span {
            name: "attempt",
            event: attempt.event,
            id: attempt.id.row().unsigned_abs(),
            // The very span that the receiver heard of by its `traceparent`.
            parent: Some(delivery.row().unsigned_abs()),
            ended: ending.at,
            micros: attempt.timings.total.into(),
            attributes,
            failed: attempt.error.is_some(),
        }
    });
    if matches!(ending.next, Next::RetryAt(_)) {
        return;
    }
    traces.record(|| Span {
        name: "delivery",
        event: attempt.event,
        id: delivery.row().unsigned_abs(),
        parent: Some(intake_span(attempt.event)),
        ended: ending.at,
        micros: u64::try_from(ending.at.since(ending.claim.accepted).as_micros()).unwrap_or(u64::MAX),
        attributes: about(),
        failed: ending.next != Next::Done,
    });
}

async fn call(engine: &Engine, start: &Start, rendered: &Rendered, began: Timestamp) -> Called {
    let claim = &start.claim;
    if start.webhook.subscription.is_some() {
        engine.silences.note(claim.webhook, engine.now().at);
    }
    if start.webhook.is_listening() {
        let (outcome, timings) = listening::tell(engine, &start.webhook, rendered.told.body.clone()).await;
        return Called { outcome, timings, answer: None };
    }
    let prepared = match engine.hooks.of(&engine.ports.caller, &start.webhook) {
        Ok(prepared) => prepared,
        Err(error) => {
            tracing::error!(webhook.id = %claim.webhook, %error, "the webhook cannot be called");
            return Called::without_call(failed(Category::Internal));
        }
    };
    let call = Call {
        to: &prepared,
        delivery: claim.delivery,
        body: rendered.told.body.clone(),
        media: rendered.told.media,
        now: began,
        timeout: start.webhook.attempt_timeout(claim.lane),
        traceparent: trace(claim.event, claim.delivery),
    };
    let report = engine.ports.caller.call(call).await;
    Called { outcome: report.outcome, timings: report.timings, answer: report.answer }
}

/// The trace is the event, the span the delivery: whoever passes it on when it
/// reports back tells us what it answers to (C8).
pub(crate) fn trace(event: EventId, delivery: DeliveryId) -> Option<HeaderValue> {
    let text = format!("00-{:032x}-{:016x}-01", event.raw(), delivery.row());
    HeaderValue::from_str(&text).ok()
}

fn failed(category: Category) -> Outcome {
    Outcome::Failed { category, status: None, retry_after: None }
}

/// What is known of an attempt besides how it ended.
struct Tried {
    began: Timestamp,
    timings: Timings,
    template: Option<TemplateVersion>,
}

/// The template that made the body of an attempt, or failed to.
fn shape(start: &Start, rendered: Option<&Rendered>, outcome: &Outcome) -> Option<TemplateVersion> {
    match (rendered, outcome) {
        (Some(rendered), _) => rendered.told.template,
        (None, Outcome::Failed { category: Category::TemplateFailed, .. }) => {
            start.webhook.template.as_deref().map(TemplateVersion::of)
        }
        (None, _) => None,
    }
}

/// Tells the desk how the attempt ended, and what that means for the delivery.
fn rest(engine: &Engine, start: &Start, outcome: &Outcome, tried: Tried) -> Ending {
    let Tried { began, timings, template } = tried;
    let claim = &start.claim;
    let webhook = &start.webhook;
    let now = engine.now();
    let jitter = engine.renderer.jitter();
    let next = decide(claim, webhook, outcome, began, jitter);
    let (status, error, heard) = hear(outcome);
    let kept = {
        let mut desk = engine.desk();
        if let Some(heard) = heard
            && let Some(flowing) = desk.note(claim.webhook, &heard, now)
        {
            engine.ports.metrics.breaker_turned(flowing);
            let status = if flowing { "flowing" } else { "tripped" };
            let webhook_id = claim.webhook;
            engine.ports.feed.tell(webhook.organisation_id, || Note::Webhook { webhook_id, status });
        }
        desk.finish(start, next, now)
    };
    if kept == Kept::InMemory {
        engine.has_timer();
    }
    engine.care.note(&engine.ports, webhook, error, now.wall);
    let due = if let Next::RetryAt(due) = next { Some(due) } else { None };
    engine.ports.metrics.attempted(claim.lane, error, timings.total);
    engine.ports.metrics.answered(claim.lane, status);
    engine.ports.feed.tell(webhook.organisation_id, || Note::Attempt {
        delivery_id: claim.delivery,
        event_id: claim.event,
        webhook_id: claim.webhook,
        lane: claim.lane,
        error,
    });
    let attempt = Attempt {
        id: engine.ports.ids.next(now.wall),
        delivery: claim.delivery,
        event: claim.event,
        webhook: claim.webhook,
        number: claim.attempts.saturating_add(1),
        began,
        status,
        error,
        timings,
        next: due,
        template,
    };
    // No epoch holds what somebody else has ended: the attempt is written, and decides nothing.
    let epoch = if kept == Kept::Nothing { 0 } else { claim.epoch };
    Ending {
        claim: Claim { epoch, ..claim.clone() },
        next,
        keep: kept == Kept::InMemory,
        attempt: Some(attempt),
        rendered: None,
        reply: None,
        at: now.wall,
    }
}

/// What an outcome says of the destination; nothing if it was our own fault.
fn hear(outcome: &Outcome) -> (Option<u16>, Option<Category>, Option<Heard>) {
    match outcome {
        Outcome::Accepted { status } => {
            (*status, None, Some(Heard { success: true, busy: false, retry_after: None }))
        }
        Outcome::Failed { category, status, retry_after } => {
            let busy = matches!(status, Some(429 | 502..=504));
            let heard = Heard { success: false, busy, retry_after: *retry_after };
            (*status, Some(*category), blames_receiver(*category).then_some(heard))
        }
    }
}
