//! What is answered: ids, types, numbers and codes. Nothing that an event says stands in it.

use matching::Compiled;
use model::{Difference, Forecast, OfTrigger, OfWebhook, Raised, Sides, Tally, Timestamp, Verdict};
use serde::Serialize;
use utoipa::ToSchema;

use crate::triggers::Clause;

/// What a change would make of what is stored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChangePreviewResult)]
pub(crate) struct Shown {
    /// Messages that were taken in again.
    messages: u64,
    /// Events that came as events and were decided upon again.
    retold: u64,
    /// Messages and events whose content is no longer kept.
    gone: u64,
    /// Where the looking began: later than asked for when there was more than one call looks at.
    #[schema(value_type = String)]
    from: Timestamp,
    /// Where it ended.
    #[schema(value_type = String)]
    to: Timestamp,
    /// Whether all that was asked for was looked at.
    complete: bool,
    /// If not, why: `messages`, `bytes` or `time`.
    stopped: Option<&'static str>,
    /// Parts that were not looked at: ask for one of them to go on. What is remembered begins anew there.
    left: Vec<Part>,
    /// Events that would be raised.
    events: Counts,
    /// Deliveries that would be owed.
    deliveries: Counts,
    /// How often a trigger or filter could not be decided.
    undecided: BothCounts,
    /// Messages that are not understood.
    refused: BothCounts,
    /// By type of event, those with differences first.
    types: Vec<OfType>,
    /// Events of types that are not listed.
    types_left_out: u64,
    /// How many differences there are.
    differences: u64,
    /// The first of each kind.
    samples: Vec<Sample>,
}

/// A part of the time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangePreviewPart)]
struct Part {
    #[schema(value_type = String)]
    from: Timestamp,
    #[schema(value_type = String)]
    to: Timestamp,
}

/// How many are the same, and how many are not.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChangePreviewCounts)]
struct Counts {
    /// Before and after alike.
    same: u64,
    /// With the change only.
    anew: u64,
    /// Without the change only.
    no_longer: u64,
    /// Both, and not alike.
    changed: u64,
}

/// Before and after the change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangePreviewBothCounts)]
struct BothCounts {
    before: u64,
    after: u64,
}

/// Events of one type.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangePreviewType)]
struct OfType {
    #[serde(rename = "type")]
    event_type: String,
    events: Counts,
    deliveries: Counts,
}

/// Something that is not the same.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChangePreviewSample)]
struct Sample {
    /// `anew`, `no_longer`, `changed`; `routed` where other webhooks get the same event; `understood` where
    /// a message is understood by one of the two only.
    kind: &'static str,
    message_id: Option<String>,
    /// The stored event that comes nearest to it.
    event_id: Option<String>,
    integration_id: String,
    /// When it was accepted.
    #[schema(value_type = String)]
    received: Timestamp,
    /// The event without the change.
    before: Option<Event>,
    /// The event with it.
    after: Option<Event>,
    /// What of the event differs, as JSON pointers; of the FHIR resource, below `/resource`.
    members: Vec<String>,
    /// Triggers that judge its object differently.
    triggers: Vec<Trigger>,
    /// Webhooks that decide differently.
    webhooks: Vec<Webhook>,
    /// Why the message is not understood without the change, and with it.
    refused_before: Option<String>,
    refused_after: Option<String>,
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangePreviewEvent)]
struct Event {
    #[serde(rename = "type")]
    event_type: String,
    lane: &'static str,
    test: bool,
}

/// What a trigger makes of the object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChangePreviewJudgement)]
struct Trigger {
    trigger_id: String,
    /// Null where it is not saved yet.
    trigger_name: Option<String>,
    /// A judgement as explanations name it; null where it does not look at the object.
    before: Option<Decided>,
    after: Option<Decided>,
}

/// What a webhook makes of the event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChangePreviewDecision)]
struct Webhook {
    webhook_id: String,
    /// Null where it is not saved yet.
    webhook_name: Option<String>,
    /// A reason as decisions name it; null where it does not ask for the type, or there is no event.
    before: Option<Decided>,
    after: Option<Decided>,
}

/// A decision, clause by clause.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangePreviewVerdict)]
struct Decided {
    outcome: String,
    clauses: Vec<Clause>,
    /// Why it could not be decided: a code.
    reason: Option<String>,
}

impl Shown {
    /// What is told, with the present names of what it is told of.
    pub(super) fn of(told: Forecast, now: &Compiled) -> Shown {
        let types = told.types.into_iter().map(|(name, of)| OfType {
            event_type: name.to_string(),
            events: of.events.into(),
            deliveries: of.deliveries.into(),
        });
        let mut types: Vec<OfType> = types.collect();
        types.sort_by_key(|of| of.events.differ() + of.deliveries.differ() == 0);
        Shown {
            messages: told.messages,
            retold: told.retold,
            gone: told.gone,
            from: told.from,
            to: told.to,
            complete: told.stopped.is_none(),
            stopped: told.stopped.map(model::Stopped::name),
            left: told.left.into_iter().map(|(from, to)| Part { from, to }).collect(),
            events: told.events.into(),
            deliveries: told.deliveries.into(),
            undecided: told.undecided.into(),
            refused: told.refused.into(),
            types,
            types_left_out: told.types_left_out,
            differences: told.differences,
            samples: told.samples.into_iter().map(|one| Sample::of(one, now)).collect(),
        }
    }
}

impl Counts {
    fn differ(&self) -> u64 {
        self.anew + self.no_longer + self.changed
    }
}

impl From<Tally> for Counts {
    fn from(Tally { same, anew, no_longer, changed }: Tally) -> Self {
        Counts { same, anew, no_longer, changed }
    }
}

impl From<Sides<u64>> for BothCounts {
    fn from(Sides { before, after }: Sides<u64>) -> Self {
        BothCounts { before, after }
    }
}

impl Sample {
    fn of(one: Difference, now: &Compiled) -> Self {
        Sample {
            kind: one.kind.name(),
            message_id: one.message.map(|id| id.to_string()),
            event_id: one.event.map(|id| id.to_string()),
            integration_id: one.integration.to_string(),
            received: one.received,
            before: one.raised.before.map(Event::from),
            after: one.raised.after.map(Event::from),
            members: one.members,
            triggers: one.triggers.into_iter().map(|one| Trigger::of(one, now)).collect(),
            webhooks: one.webhooks.into_iter().map(|one| Webhook::of(one, now)).collect(),
            refused_before: one.refused.before,
            refused_after: one.refused.after,
        }
    }
}

impl From<Raised> for Event {
    fn from(raised: Raised) -> Self {
        Event { event_type: raised.event_type.to_string(), lane: raised.lane.name(), test: raised.test }
    }
}

impl Trigger {
    fn of(OfTrigger { trigger, judged }: OfTrigger, now: &Compiled) -> Self {
        let of = |verdict| decided(verdict, |outcome: model::Judgement| outcome.name().to_owned());
        Trigger {
            trigger_id: trigger.to_string(),
            trigger_name: now.config.triggers.get(&trigger).map(|found| found.name.clone()),
            before: judged.before.map(of),
            after: judged.after.map(of),
        }
    }
}

impl Webhook {
    fn of(OfWebhook { webhook, decided: by }: OfWebhook, now: &Compiled) -> Self {
        let of = |verdict| decided(verdict, |reason: model::DecisionReason| reason.name().to_owned());
        Webhook {
            webhook_id: webhook.to_string(),
            webhook_name: now.config.webhooks.get(&webhook).map(|found| found.name.clone()),
            before: by.before.map(of),
            after: by.after.map(of),
        }
    }
}

fn decided<T>(verdict: Verdict<T>, name: impl Fn(T) -> String) -> Decided {
    let clauses = verdict.clauses.into_iter().map(|(text, result)| Clause { text, result });
    Decided { outcome: name(verdict.outcome), clauses: clauses.collect(), reason: verdict.reason }
}
