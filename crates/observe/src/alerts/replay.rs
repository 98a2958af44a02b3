//! A rule over what is past: when it would have opened an alert.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use model::{AlertRule, AlertTarget, IntegrationId, Lane, Timestamp, Versioned, WebhookId};

use super::decide::{Standing, Verdict, decide};
use super::measure::{HookFacts, Owed, World, readings};
use super::recent::{Called, Recent};

/// What a rule is told of the past, in any order.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// What happened, and when.
    pub happenings: Vec<(Timestamp, Past)>,
    /// What was owed, and until when; none if it still is.
    pub owed: Vec<(Owed, Option<Timestamp>)>,
    /// The webhooks there are.
    pub hooks: Vec<HookFacts>,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Past {
    /// A call ended.
    Called {
        /// The destination.
        webhook: WebhookId,
        /// The integration that it hangs under.
        integration: IntegrationId,
        /// What had happened.
        event_type: Arc<str>,
        /// How urgent it was.
        lane: Lane,
        /// How long it took, in microseconds.
        micros: u32,
        /// Whether a 2xx came back.
        is_success: bool,
    },
    /// A delivery was given up.
    GivenUp {
        /// The destination.
        webhook: WebhookId,
        /// The integration that it hangs under.
        integration: IntegrationId,
    },
    /// A source sent something.
    Arrived(IntegrationId),
    /// An input was refused.
    Refused {
        /// Where.
        from: IntegrationId,
        /// Whether nothing proved who sent it.
        is_unproved: bool,
    },
}

/// An alert that would have been.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    /// Of whom.
    pub target: AlertTarget,
    /// Since when.
    pub since: Timestamp,
    /// Until when; none if it would still be open.
    pub until: Option<Timestamp>,
    /// The worst value.
    pub value: f64,
}

/// When a rule would have opened alerts between two times, the oldest first.
#[must_use]
pub fn replay(rule: &AlertRule, history: History, (from, to): (Timestamp, Timestamp)) -> Vec<Firing> {
    let mut replay = Replay::new(rule, history);
    let step = (to.since(from) / STEPS).max(LOOK);
    let mut now = from;
    while now < to {
        now = to.min(now + step);
        replay.look(now);
    }
    replay.finish()
}

struct Replay<'a> {
    rule: &'a AlertRule,
    recent: Recent,
    world: World,
    /// The latest last, so that the next is popped.
    ahead: Vec<(Timestamp, Past)>,
    owed: Vec<(Owed, Option<Timestamp>)>,
    open: BTreeMap<AlertTarget, (Standing, Firing)>,
    over: Vec<Firing>,
}

impl<'a> Replay<'a> {
    fn new(rule: &'a AlertRule, history: History) -> Self {
        let History { happenings: mut ahead, mut owed, hooks } = history;
        ahead.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        // What never waited for as long as the threshold cannot breach it.
        let long = |(owed, until): &(Owed, Option<Timestamp>)| {
            until.is_none_or(|until| rule.is_breached_by(until.since(owed.since).as_secs_f64()))
        };
        owed.retain(long);
        let recent = Recent::default();
        let active = Arc::new(Versioned { version: 0, doc: AlertRule { active: true, ..rule.clone() } });
        recent.watch(std::iter::once(&active));
        let world = World { hooks, ..World::default() };
        Replay { rule, recent, world, ahead, owed, open: BTreeMap::new(), over: Vec::new() }
    }

    fn look(&mut self, now: Timestamp) {
        while let Some((at, past)) = self.ahead.pop_if(|(at, _)| *at <= now) {
            self.happen(at, &past);
        }
        let is_owed = |(owed, until): &&(Owed, Option<Timestamp>)| {
            owed.since <= now && until.is_none_or(|until| until > now)
        };
        self.world.owed = self.owed.iter().filter(is_owed).map(|(owed, _)| *owed).collect();
        let read = readings(self.rule, &self.recent, &self.world, now);
        let unread: BTreeSet<AlertTarget> = self.open.keys().copied().collect();
        let unread = unread.into_iter().filter(|target| !read.iter().any(|(read, _)| read == target));
        let unread: Vec<_> = unread.map(|target| (target, None)).collect();
        for (target, reading) in read.into_iter().chain(unread) {
            self.judge(target, reading, now);
        }
    }

    fn happen(&mut self, at: Timestamp, past: &Past) {
        let organisation = self.rule.organisation_id;
        match past {
            Past::Called { webhook, integration, event_type, lane, micros, is_success } => {
                let call = Called {
                    organisation,
                    integration: *integration,
                    webhook: *webhook,
                    event_type,
                    lane: *lane,
                    micros: *micros,
                    is_success: *is_success,
                };
                self.recent.called(call, at);
            }
            Past::GivenUp { webhook, integration } => {
                self.recent.given_up(organisation, (*webhook, *integration), at);
            }
            Past::Refused { from, is_unproved } => self.recent.refused(organisation, *from, *is_unproved, at),
            Past::Arrived(from) => {
                self.world.sources.retain(|(_, known, _)| known != from);
                self.world.sources.push((organisation, *from, at));
            }
        }
    }

    fn judge(&mut self, target: AlertTarget, reading: Option<f64>, now: Timestamp) {
        let standing = self.open.get(&target).map(|(standing, _)| *standing);
        let value = reading.unwrap_or_default();
        match decide(self.rule, standing, reading, now) {
            Verdict::Rest | Verdict::Calm => {}
            Verdict::Fire => {
                let firing = Firing { target, since: now, until: None, value };
                self.open.insert(target, (Standing { seen: now }, firing));
            }
            Verdict::Keep => {
                if let Some((standing, firing)) = self.open.get_mut(&target) {
                    standing.seen = now;
                    firing.value = self.rule.worse(firing.value, value);
                }
            }
            Verdict::Resolve => {
                let over = self.open.remove(&target);
                self.over.extend(over.map(|(_, firing)| Firing { until: Some(now), ..firing }));
            }
        }
    }

    fn finish(mut self) -> Vec<Firing> {
        self.over.extend(self.open.into_values().map(|(_, firing)| firing));
        self.over.sort_by_key(|firing| (firing.since, firing.target));
        self.over
    }
}

/// Looks at most: what a week in steps of a minute takes.
const STEPS: u32 = 10_080;
const LOOK: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use model::{AlertRuleId, Id, OrganisationId, Signal};

    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000) + Duration::from_secs(seconds)
    }

    fn rule(on: Signal) -> AlertRule {
        let mut rules = AlertRule::defaults(OrganisationId::from_raw(1), at(0), || AlertRuleId::from_raw(1));
        rules.retain(|rule| rule.on == on);
        rules.remove(0)
    }

    fn slow(second: u64, millis: u32) -> (Timestamp, Past) {
        let past = Past::Called {
            webhook: WebhookId::from_raw(7),
            integration: IntegrationId::from_raw(8),
            event_type: "appointment.confirmed".into(),
            lane: Lane::Routine,
            micros: millis * 1_000,
            is_success: true,
        };
        (at(second), past)
    }

    #[test]
    fn a_rule_over_the_past_opens_one_alert_for_one_outage() {
        let happenings = (0..20).map(|minute| slow(minute * 60, if minute < 10 { 900 } else { 100 }));
        let history = History { happenings: happenings.rev().collect(), ..History::default() };
        let firings = replay(&rule(Signal::Latency), history, (at(0), at(1_800)));
        let [firing] = firings.as_slice() else { panic!("{firings:?}") };
        assert!(firing.since <= at(15) && firing.value > 880.0);
        let until = firing.until.unwrap();
        assert!(until > at(540) && until < at(800), "{until}");
    }

    #[test]
    fn a_backlog_of_the_past_is_seen_while_it_lasted() {
        let owed = |since, until| {
            let owed =
                Owed { webhook: WebhookId::from_raw(7), lane: Lane::Critical, since: at(since), count: 1 };
            (owed, Some(at(until)))
        };
        let hook = HookFacts {
            id: WebhookId::from_raw(7),
            organisation: OrganisationId::from_raw(1),
            integration: IntegrationId::from_raw(8),
            state: model::HookState::Active,
            certificate_until: None,
        };
        let owed = vec![owed(0, 30), owed(100, 400)];
        let history = History { owed, hooks: vec![hook], ..History::default() };
        let firings = replay(&rule(Signal::BacklogAge), history, (at(0), at(1_000)));
        assert_eq!(firings.len(), 1);
        assert_eq!(firings[0].since, at(195), "90 s after it was owed, at the next look");
        assert!(firings[0].until.is_some_and(|until| until >= at(450)));
    }
}
