//! What somebody should do something about: at most seven things, most urgent first.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Category, HookState, Lane, Profile, Timestamp, WebhookId};
use serde::Serialize;
use store::{Health, Stands};
use utoipa::ToSchema;

use super::facts::{Facts, Hook};
use crate::sources::Source;

/// Something that needs attention.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AttentionItem)]
pub(super) struct Item {
    /// `store_failed`, `disk_full`, `disk_low`, `clock_jumped`, `breaker_tripped`, `webhook_disabled`,
    /// `webhook_paused`, `webhook_pending`, `dead_letters`, `lane_late`, `source_closed`, `source_silent`,
    /// `certificate_ending`, `port_in_clear`, `rejections_burst`, `trigger_indeterminate` or `webhook_exposed`.
    kind: &'static str,
    /// `critical`, `warning` or `notice`.
    severity: &'static str,
    /// How many deliveries, or times.
    count: u64,
    /// Since when, if that is known.
    #[schema(value_type = Option<String>)]
    since: Option<Timestamp>,
    /// `fix`, `retry`, `resume` or `look`.
    verb: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    integration_id: Option<String>,
    /// The name of the webhook or integration.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The category of dead letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// The most urgent lane that is touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    lane: Option<Lane>,
}

impl Item {
    fn new(kind: &'static str, severity: &'static str, verb: &'static str) -> Self {
        Item {
            kind,
            severity,
            count: 1,
            since: None,
            verb,
            webhook_id: None,
            integration_id: None,
            name: None,
            error: None,
            lane: None,
        }
    }

    fn about(mut self, hook: &Hook) -> Self {
        self.webhook_id = Some(hook.doc.id.to_string());
        self.integration_id = Some(hook.doc.integration_id.to_string());
        self.name = Some(hook.doc.name.clone());
        self
    }

    fn from(mut self, source: &Source) -> Self {
        self.integration_id = Some(source.integration_id.clone());
        self.name = Some(source.name.clone());
        self
    }

    fn urgency(&self) -> (u8, u8, Option<Timestamp>) {
        let severity = match self.severity {
            "critical" => 0,
            "warning" => 1,
            _ => 2,
        };
        (severity, self.lane.map_or(4, |lane| lane as u8), self.since)
    }
}

/// What is looked at.
pub(super) struct Scene<'a> {
    pub(super) now: Timestamp,
    pub(super) facts: &'a Facts,
    pub(super) sources: &'a [Source],
    pub(super) health: &'a Health,
    pub(super) clock_jumped: bool,
    /// Critical triggers that could not be decided of late, and how often.
    pub(super) undecided: &'a [(String, u64)],
}

/// The most urgent things, and how many there are besides.
pub(super) fn of(scene: &Scene<'_>) -> (Vec<Item>, usize) {
    let mut items = machine(scene);
    for hook in scene.facts.hooks.values() {
        items.extend(webhook(scene.facts, hook));
    }
    items.extend(late_lanes(scene));
    items.extend(dead_letters(scene.facts));
    items.extend(scene.sources.iter().flat_map(source));
    items.extend(scene.undecided.iter().map(undecided));
    items.sort_by_key(Item::urgency);
    let more = items.len().saturating_sub(SHOWN);
    items.truncate(SHOWN);
    (items, more)
}

const SHOWN: usize = 7;

fn machine(scene: &Scene<'_>) -> Vec<Item> {
    let health = scene.health;
    let mut items = Vec::new();
    if health.failed.is_some() {
        items.push(Item::new("store_failed", "critical", "look"));
    }
    if health.disk_full {
        items.push(Item::new("disk_full", "critical", "fix"));
    } else if is_low(health) {
        items.push(Item::new("disk_low", "warning", "fix"));
    }
    if scene.clock_jumped {
        items.push(Item::new("clock_jumped", "warning", "fix"));
    }
    items
}

/// Whether the disk has less than a twentieth and less than 5 GiB left.
pub(crate) fn is_low(health: &Health) -> bool {
    let few = |free: u64, all: u64| free < all / 20 && free < 5 << 30;
    health.disk_free_bytes.zip(health.disk_bytes).is_some_and(|(free, all)| few(free, all))
}

/// A webhook that is stopped with something owed, or that is shown people without TLS.
fn webhook(facts: &Facts, hook: &Hook) -> Vec<Item> {
    let own = |owed: bool| {
        let here = move |found: &&store::Pile| (found.place == Stands::Owed) == owed;
        facts.piles.iter().filter(|found| found.webhook == hook.doc.id).filter(here)
    };
    let about = |item: Item, owed: bool| Item {
        count: own(owed).map(|found| found.count).sum(),
        since: own(owed).map(|found| found.first).min(),
        lane: own(owed).map(|found| found.lane).min(),
        ..item.about(hook)
    };
    let severe = |owed: bool| {
        if own(owed).any(|found| found.lane == Lane::Critical) { "critical" } else { "warning" }
    };
    let mut items = Vec::new();
    match &hook.doc.state {
        HookState::Disabled { since } => {
            let item = about(Item::new("webhook_disabled", severe(false), "fix"), false);
            items.push(Item { since: Some(*since), ..item });
        }
        HookState::Paused { since, .. } if own(true).next().is_some() => {
            let item = about(Item::new("webhook_paused", severe(true), "resume"), true);
            items.push(Item { since: Some(*since), ..item });
        }
        HookState::Pending { since } if own(true).next().is_some() => {
            let item = about(Item::new("webhook_pending", severe(true), "fix"), true);
            items.push(Item { since: Some(*since), ..item });
        }
        HookState::Active if hook.breaker != "flowing" => {
            items.push(about(Item::new("breaker_tripped", severe(true), "fix"), true));
        }
        HookState::Active | HookState::Pending { .. } | HookState::Paused { .. } => {}
    }
    if hook.doc.profile == Profile::Full && !hook.doc.url.is_tls() && !hook.tests_only {
        items.push(Item::new("webhook_exposed", "warning", "fix").about(hook));
    }
    items
}

/// A lane whose oldest delivery is owed for longer than it should be.
fn late_lanes(scene: &Scene<'_>) -> impl Iterator<Item = Item> {
    Lane::ALL.into_iter().filter_map(|lane| {
        let owed = || scene.facts.owed().filter(move |(found, _)| found.lane == lane);
        let oldest = owed().map(|(found, _)| found.first).min()?;
        let severity = if lane == Lane::Critical { "critical" } else { "warning" };
        (scene.now.since(oldest) >= patience(lane)).then(|| Item {
            count: owed().map(|(found, _)| found.count).sum(),
            since: Some(oldest),
            lane: Some(lane),
            ..Item::new("lane_late", severity, "look")
        })
    })
}

// Safety rule N1: whatever the reason, a critical event that is not delivered after 90 s is told.
fn patience(lane: Lane) -> Duration {
    Duration::from_secs(match lane {
        Lane::Critical => 90,
        Lane::Urgent => 15 * 60,
        Lane::Routine => 3_600,
        Lane::Bulk => 6 * 3_600,
    })
}

fn dead_letters(facts: &Facts) -> Vec<Item> {
    let mut causes: BTreeMap<(WebhookId, Option<u8>), Item> = BTreeMap::new();
    for (found, hook) in facts.dead() {
        let Stands::Dead(error) = found.place else { continue };
        // A disabled webhook is told of with everything that it is owed.
        if matches!(hook.doc.state, HookState::Disabled { .. }) {
            continue;
        }
        let fresh = || {
            Item { count: 0, error: error.map(Category::name), ..Item::new("dead_letters", "warning", "") }
                .about(hook)
        };
        let key = (found.webhook, error.map(|error| error as u8));
        let item = causes.entry(key).or_insert_with(fresh);
        item.count += found.count;
        item.since = Some(item.since.map_or(found.first, |since| since.min(found.first)));
        item.lane = Some(item.lane.map_or(found.lane, |lane| lane.min(found.lane)));
        item.verb = if hook.is_healthy() { "retry" } else { "fix" };
        if found.lane == Lane::Critical {
            item.severity = "critical";
        }
    }
    causes.into_values().collect()
}

/// What a critical trigger cannot decide is for a person to look at (P5).
fn undecided((name, count): &(String, u64)) -> Item {
    let item = Item::new("trigger_indeterminate", "critical", "look");
    Item { count: *count, name: Some(name.clone()), lane: Some(Lane::Critical), ..item }
}

fn source(source: &Source) -> Vec<Item> {
    let mut items = Vec::new();
    if source.mllp.as_ref().is_some_and(|port| !port.open) {
        items.push(Item::new("source_closed", "critical", "fix").from(source));
    }
    if source.mllp.as_ref().is_some_and(|port| port.certificate_ending) {
        items.push(Item::new("certificate_ending", "warning", "fix").from(source));
    }
    if source.mllp.as_ref().is_some_and(|port| port.in_clear) {
        items.push(Item::new("port_in_clear", "warning", "fix").from(source));
    }
    if source.rejected_lately >= BURST {
        let item = Item::new("rejections_burst", "warning", "look").from(source);
        items.push(Item { count: source.rejected_lately, ..item });
    }
    if let Some(since) = source.silent_since {
        let item = Item::new("source_silent", "warning", "look").from(source);
        items.push(Item { since: Some(since), ..item });
    }
    items
}

// Refusals in up to two hours, of which more are no accident.
const BURST: u64 = 20;

#[cfg(test)]
#[path = "attention_tests.rs"]
mod tests;
