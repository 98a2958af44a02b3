//! One look at everything: what becomes of each rule and target.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model::{AlertId, AlertRule, AlertRuleId, AlertTarget, Config, Signal, Timestamp, Versioned, limits};
use observe::alerts::{Recent, Standing, Verdict, World, readings};
use store::Alert;

/// When each open alert was last beyond its threshold, and when it was last written.
///
/// After a restart, open alerts count as seen at the first look.
#[derive(Debug, Default)]
pub(crate) struct Seen(HashMap<AlertId, (Timestamp, Timestamp)>);

impl Seen {
    /// It is open since now.
    pub(crate) fn note(&mut self, id: AlertId, now: Timestamp) {
        self.0.insert(id, (now, now));
    }
}

/// Alerts that are open, by rule and target.
pub(crate) type Open<'a> = HashMap<(AlertRuleId, AlertTarget), &'a Alert>;

/// What a look changes.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// An alert opens.
    Fired { rule: Arc<Versioned<AlertRule>>, target: AlertTarget, value: f64 },
    /// An alert got worse, or is over.
    Moved(Alert),
}

/// Decides for every rule and target.
pub(crate) fn decide(
    config: &Config,
    (recent, world): (&Recent, &World),
    (open, seen): (&Open<'_>, &mut Seen),
    now: Timestamp,
) -> Vec<Change> {
    seen.0.retain(|id, _| open.values().any(|alert| alert.id == *id));
    let mut changes = Vec::new();
    let mut left = limits::ALERTS_OPEN.saturating_sub(open.len());
    let mut rules: Vec<_> = config.alert_rules.values().filter(|rule| rule.active).collect();
    // What matters most opens first when there is no room for all.
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.severity));
    for rule in rules {
        for (target, reading) in all_readings(rule, (recent, world), open, now) {
            let standing = open.get(&(rule.id, target)).map(|alert| (*alert, seen.standing(alert, now)));
            let change = judge(rule, target, (standing, reading), now);
            match &change {
                Some(Change::Fired { .. }) if left == 0 => continue,
                Some(Change::Fired { .. }) => left -= 1,
                Some(Change::Moved(_)) | None => {}
            }
            if let (Some((alert, _)), Some(true)) =
                (standing, reading.map(|value| rule.is_breached_by(value)))
            {
                seen.breached(alert.id, now);
            }
            changes.extend(change.filter(|change| seen.may_write(change, now)));
        }
    }
    changes.extend(orphans(config, open, now));
    changes
}

fn judge(
    rule: &Arc<Versioned<AlertRule>>,
    target: AlertTarget,
    (standing, reading): (Option<(&Alert, Standing)>, Option<f64>),
    now: Timestamp,
) -> Option<Change> {
    let verdict = observe::alerts::decide(rule, standing.map(|(_, standing)| standing), reading, now);
    let (alert, value) = (standing.map(|(alert, _)| alert), reading.unwrap_or_default());
    match (verdict, alert) {
        (Verdict::Fire, _) => Some(Change::Fired { rule: rule.clone(), target, value }),
        (Verdict::Keep, Some(alert)) => {
            let worst = rule.worse(alert.value, value);
            let is_worse = worst != alert.value || alert.severity != rule.severity;
            is_worse.then(|| Change::Moved(Alert { value: worst, severity: rule.severity, ..alert.clone() }))
        }
        (Verdict::Resolve, Some(alert)) => {
            Some(Change::Moved(Alert { resolved: Some(now), ..alert.clone() }))
        }
        (Verdict::Rest | Verdict::Calm | Verdict::Keep | Verdict::Resolve, _) => None,
    }
}

/// The readings of a rule, with one for each open alert whose target tells nothing any more.
fn all_readings(
    rule: &AlertRule,
    (recent, world): (&Recent, &World),
    open: &Open<'_>,
    now: Timestamp,
) -> Vec<(AlertTarget, Option<f64>)> {
    let mut read = readings(rule, recent, world, now);
    let told: BTreeSet<AlertTarget> = read.iter().map(|(target, _)| *target).collect();
    let own = open.keys().filter(|(of, target)| *of == rule.id && !told.contains(target));
    let quiet: Vec<_> = own.map(|(_, target)| (*target, quiet(rule.on))).collect();
    read.extend(quiet);
    read
}

/// What it means that a target tells nothing: nothing was counted, or it is not in the scope any more.
fn quiet(on: Signal) -> Option<f64> {
    match on {
        Signal::DeadLetters
        | Signal::Rejections
        | Signal::SignatureFailures
        | Signal::UndecidedTriggers
        | Signal::BacklogAge
        | Signal::WebhookState => Some(0.0),
        Signal::Latency | Signal::SuccessRate | Signal::SilentSource | Signal::CertificateExpiry => None,
    }
}

/// Open alerts whose rule or target is gone: they are over.
fn orphans(config: &Config, open: &Open<'_>, now: Timestamp) -> Vec<Change> {
    let is_orphan = |alert: &&&Alert| {
        let has_rule = config.alert_rules.get(&alert.rule).is_some_and(|rule| rule.active);
        let has_target = match alert.target {
            AlertTarget::Webhook(id) => config.webhooks.contains_key(&id),
            AlertTarget::Integration(id) => config.integrations.contains_key(&id),
        };
        !has_rule || !has_target
    };
    let over = open.values().filter(is_orphan);
    over.map(|alert| Change::Moved(Alert { resolved: Some(now), ..(*alert).clone() })).collect()
}

impl Seen {
    fn standing(&mut self, alert: &Alert, now: Timestamp) -> Standing {
        let (seen, _) = self.0.entry(alert.id).or_insert((now, now));
        Standing { seen: *seen }
    }

    fn breached(&mut self, id: AlertId, now: Timestamp) {
        if let Some((seen, _)) = self.0.get_mut(&id) {
            *seen = now;
        }
    }

    /// That an alert got worse is written once a minute; that it is over, at once.
    fn may_write(&mut self, change: &Change, now: Timestamp) -> bool {
        let Change::Moved(alert) = change else { return true };
        let Some((_, written)) = self.0.get_mut(&alert.id) else { return true };
        let may = alert.resolved.is_some() || now.since(*written) >= limits::ALERT_CALM;
        if may {
            *written = now;
        }
        may
    }
}
