//! Which events two configurations make alike, and in what the others differ.

use std::collections::BTreeSet;

use model::{
    Decision, DecisionReason, Difference, DifferenceKind, EventId, Judged, ObjectKey, OfTrigger, OfWebhook,
    Raised, Sides, TriggerId, Verdict, WebhookId, limits,
};
use serde_json::Value;
use serde_json::value::RawValue;

use super::aside::Aside;
use super::became::{Became, Seen};
use super::found::Item;

/// Two configurations' views of one thing.
pub(super) struct Look<'a> {
    pub(super) sides: &'a Sides<Aside>,
    pub(super) item: &'a Item,
    pub(super) became: &'a Sides<Became>,
}

/// What a comparison came to.
pub(super) struct Compared<'a> {
    pub(super) pairs: Vec<(Pair<'a>, Option<Difference>)>,
    /// One of the two does not understand the message.
    pub(super) misunderstood: Option<Difference>,
    pub(super) undecided: Sides<u64>,
    pub(super) refused: Sides<u64>,
}

/// An event of both, or of one of the two.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) before: Option<&'a Seen>,
    pub(super) after: Option<&'a Seen>,
}

impl<'a> Look<'a> {
    pub(super) fn compared(&self) -> Compared<'a> {
        let Sides { before, after } = self.became;
        let pairs = pairs(&before.seen, &after.seen);
        Compared {
            pairs: pairs.into_iter().map(|pair| (pair, self.difference(pair))).collect(),
            misunderstood: self.misunderstood(),
            undecided: Sides { before: before.undecided(), after: after.undecided() },
            refused: Sides {
                before: u64::from(before.refused.is_some()),
                after: u64::from(after.refused.is_some()),
            },
        }
    }

    fn misunderstood(&self) -> Option<Difference> {
        let Sides { before, after } = self.became;
        let refused = Sides { before: before.refused.clone(), after: after.refused.clone() };
        (refused.before != refused.after)
            .then(|| Difference { refused, ..self.blank(DifferenceKind::Understood) })
    }

    fn difference(&self, pair: Pair<'_>) -> Option<Difference> {
        let members = pair.members();
        let webhooks = self.webhooks(pair);
        let kind = match (pair.before, pair.after) {
            (None, _) => DifferenceKind::Anew,
            (_, None) => DifferenceKind::NoLonger,
            (Some(_), Some(_)) if !members.is_empty() => DifferenceKind::Changed,
            (Some(_), Some(_)) if !webhooks.is_empty() => DifferenceKind::Routed,
            (Some(_), Some(_)) => return None,
        };
        Some(Difference {
            event: self.stored(pair),
            raised: Sides { before: pair.before.map(raised), after: pair.after.map(raised) },
            members,
            triggers: self.triggers(pair),
            webhooks,
            ..self.blank(kind)
        })
    }

    fn blank(&self, kind: DifferenceKind) -> Difference {
        Difference {
            kind,
            message: self.item.message,
            event: self.item.events.first().map(|(id, _)| *id),
            integration: self.item.integration,
            received: self.item.at,
            raised: Sides::default(),
            members: Vec::new(),
            triggers: Vec::new(),
            webhooks: Vec::new(),
            refused: Sides::default(),
        }
    }

    /// The stored event that comes nearest: the one of its type in its place, else the first of the message.
    fn stored(&self, pair: Pair<'_>) -> Option<EventId> {
        let (seen, all) = match (pair.before, pair.after) {
            (Some(before), _) => (before, &self.became.before.seen),
            (None, after) => (after?, &self.became.after.seen),
        };
        let of_type = all.iter().filter(|one| one.event.event_type == seen.event.event_type);
        let place = of_type.take_while(|one| one.event.id != seen.event.id).count();
        let mut named = self.item.events.iter().filter(|(_, name)| *name == seen.event.event_type);
        named.nth(place).or(self.item.events.first()).map(|(id, _)| *id)
    }

    /// Triggers that judge the object of an event differently, clause by clause.
    fn triggers(&self, pair: Pair<'_>) -> Vec<OfTrigger> {
        let Sides { before, after } = self.became;
        let object = pair.any().and_then(|seen| seen.event.object);
        let is_its = |of: &Option<ObjectKey>| object.is_none() || of.is_none() || *of == object;
        let find = |all: &'a [(Option<ObjectKey>, Judged)], trigger: TriggerId| {
            all.iter().find(|(of, one)| one.trigger == trigger && is_its(of)).map(|(_, one)| one)
        };
        let own = before.judged.iter().chain(&after.judged).filter(|(of, _)| is_its(of));
        let triggers: BTreeSet<TriggerId> = own.map(|(_, one)| one.trigger).collect();
        let told = |trigger: TriggerId| {
            let both = (find(&before.judged, trigger), find(&after.judged, trigger));
            let differ = both.0.map(outcome) != both.1.map(outcome);
            let raised = [pair.before, pair.after].into_iter().flatten().any(|seen| seen.by == Some(trigger));
            (differ || raised).then(|| OfTrigger {
                trigger,
                judged: Sides {
                    before: both.0.map(|one| verdict(one, &self.sides.before)),
                    after: both.1.map(|one| verdict(one, &self.sides.after)),
                },
            })
        };
        triggers.into_iter().filter_map(told).take(limits::FORECAST_NAMED).collect()
    }

    /// Webhooks that decide differently, with the clauses of their filters.
    fn webhooks(&self, pair: Pair<'_>) -> Vec<OfWebhook> {
        let decided = |seen: Option<&Seen>, webhook: WebhookId| {
            let decision = seen?.decisions.iter().find(|one| one.webhook == webhook)?;
            Some(decision.reason)
        };
        let told = |webhook: WebhookId| {
            let reasons = (decided(pair.before, webhook), decided(pair.after, webhook));
            let of = |aside: &Aside, seen: Option<&Seen>, reason: Option<DecisionReason>| {
                let seen = seen?;
                let clauses = aside.compiled.clauses_of(webhook, &seen.event, &seen.content);
                Some(Verdict { outcome: reason?, clauses, reason: None })
            };
            (reasons.0 != reasons.1).then(|| OfWebhook {
                webhook,
                decided: Sides {
                    before: of(&self.sides.before, pair.before, reasons.0),
                    after: of(&self.sides.after, pair.after, reasons.1),
                },
            })
        };
        pair.webhooks().into_iter().filter_map(told).take(limits::FORECAST_NAMED).collect()
    }
}

/// What two judgements are compared by.
fn outcome(judged: &Judged) -> (model::Judgement, &[model::ClauseResult], Option<&str>) {
    (judged.judgement, &judged.clauses, judged.reason.as_deref())
}

fn verdict(judged: &Judged, aside: &Aside) -> Verdict<model::Judgement> {
    let ready = aside.compiled.triggers.find(judged.trigger);
    let clauses = ready.map(|ready| ready.clauses()).unwrap_or_default();
    Verdict {
        outcome: judged.judgement,
        clauses: clauses.into_iter().zip(judged.clauses.iter().copied()).collect(),
        reason: judged.reason.clone(),
    }
}

fn raised(seen: &Seen) -> Raised {
    let event = &seen.event;
    Raised { event_type: event.event_type.clone(), lane: event.lane, test: event.test }
}

impl<'a> Pair<'a> {
    pub(super) fn any(&self) -> Option<&'a Seen> {
        self.before.or(self.after)
    }

    /// Webhooks that decided upon one of the two.
    pub(super) fn webhooks(&self) -> BTreeSet<WebhookId> {
        let both = [self.before, self.after].into_iter().flatten();
        both.flat_map(|seen| &seen.decisions).map(|decision| decision.webhook).collect()
    }

    /// Whether a webhook gets the event, by either.
    pub(super) fn gets(&self, webhook: WebhookId) -> Sides<bool> {
        let gets = |seen: Option<&Seen>| {
            let is_got = |one: &Decision| one.webhook == webhook && one.reason == DecisionReason::Matched;
            seen.is_some_and(|seen| seen.decisions.iter().any(is_got))
        };
        Sides { before: gets(self.before), after: gets(self.after) }
    }

    /// What differs, as pointers; nothing for an event of one side only.
    fn members(&self) -> Vec<String> {
        let (Some(before), Some(after)) = (self.before, self.after) else { return Vec::new() };
        let (one, other) = (&before.event, &after.event);
        let own = [
            ("/type", one.event_type != other.event_type),
            ("/objectType", one.object_type != other.object_type),
            ("/object", one.object != other.object),
            ("/subject", one.subject != other.subject),
            ("/lane", one.lane != other.lane),
            ("/test", one.test != other.test),
            ("/time", one.time != other.time),
            ("/replaces", one.replaces.is_some() != other.replaces.is_some()),
        ];
        let mut members: Vec<String> =
            own.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()).collect();
        differing((&before.content.data, &after.content.data), "/data", &mut members);
        if let (Some(one), Some(other)) = (&before.content.focus, &after.content.focus) {
            differing((&one.resource, &other.resource), "/resource", &mut members);
        }
        members
    }
}

fn differing((one, other): (&RawValue, &RawValue), at: &str, into: &mut Vec<String>) {
    if one.get() == other.get() {
        return;
    }
    let read = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).unwrap_or_default();
    walk((&read(one), &read(other)), at, into);
}

fn walk((one, other): (&Value, &Value), at: &str, into: &mut Vec<String>) {
    if one == other || into.len() >= limits::FORECAST_NAMED {
        return;
    }
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                let of = |members: &serde_json::Map<String, Value>| members.get(name).cloned();
                let below = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                match (of(one), of(other)) {
                    (Some(one), Some(other)) => walk((&one, &other), &below, into),
                    _ => into.push(below),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (place, both) in one.iter().zip(other).enumerate() {
                walk(both, &format!("{at}/{place}"), into);
            }
        }
        _ => into.push(at.to_owned()),
    }
}

/// Events of the two that stand for each other: first those alike, then those of one object, then those of one type.
fn pairs<'a>(before: &'a [Seen], after: &'a [Seen]) -> Vec<Pair<'a>> {
    let alike = |one: &Seen, other: &Seen| {
        one.event.event_type == other.event.event_type && one.event.object == other.event.object
    };
    let of_object = |one: &Seen, other: &Seen| {
        one.event.object.is_some() && one.event.object == other.event.object && one.by == other.by
    };
    let of_type =
        |one: &Seen, other: &Seen| one.event.event_type == other.event.event_type && one.by == other.by;
    let mut pairing =
        Pairing { before, after, of_before: vec![None; before.len()], is_taken: vec![false; after.len()] };
    pairing.join(|one, other| alike(one, other) && one.by == other.by);
    pairing.join(alike);
    pairing.join(of_object);
    pairing.join(of_type);
    pairing.done()
}

struct Pairing<'a> {
    before: &'a [Seen],
    after: &'a [Seen],
    of_before: Vec<Option<usize>>,
    is_taken: Vec<bool>,
}

impl<'a> Pairing<'a> {
    fn join(&mut self, fits: impl Fn(&Seen, &Seen) -> bool) {
        for (one, partner) in self.before.iter().zip(&mut self.of_before) {
            if partner.is_some() {
                continue;
            }
            let mut free = self.after.iter().enumerate().filter(|(place, _)| !self.is_taken[*place]);
            if let Some((place, _)) = free.find(|(_, other)| fits(one, other)) {
                *partner = Some(place);
                self.is_taken[place] = true;
            }
        }
    }

    fn done(self) -> Vec<Pair<'a>> {
        let known = self.before.iter().zip(&self.of_before).map(|(one, partner)| Pair {
            before: Some(one),
            after: partner.and_then(|place| self.after.get(place)),
        });
        let new = self.after.iter().zip(&self.is_taken).filter(|(_, is_taken)| !**is_taken);
        known.chain(new.map(|(other, _)| Pair { before: None, after: Some(other) })).collect()
    }
}
