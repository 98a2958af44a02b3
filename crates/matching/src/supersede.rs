//! One delivery per result for wildcard destinations (N6).

use std::collections::HashMap;

use model::{DecisionReason, Event, ObjectKey, Pattern, Webhook, WebhookId};

use crate::Verdict;

/// One event of an arrival with what was decided about it.
#[derive(Debug)]
pub struct Decided<'a> {
    /// The event.
    pub event: &'a Event,
    /// The report that the event is, or is part of: [`crate::raise::Raised::report`].
    pub report: Option<&'a str>,
    /// What [`crate::Compiled::decide`] said.
    pub verdicts: Vec<Verdict>,
}

/// Leaves a wildcard destination one delivery per result, the most severe type.
///
/// Of several `lab.result` events about the same object the most severe stays:
/// corrected, critical, abnormal, available. Of one report, `available` says
/// nothing that an event about one of its results does not, so it goes too;
/// two critical results of one report stay two. Other things that raise two
/// types at once, such as a discharge by death, leave the more telling one. A type that the webhook names
/// is always delivered, and an event is superseded only by one that the same
/// webhook gets through a wildcard. A Subscription names a topic, no types: of one
/// change of a resource it hears once, whichever types the topic stands for.
pub fn supersede(arrival: &mut [Decided<'_>]) {
    let mut losses = Vec::new();
    for results in groups(arrival) {
        for (loser, winner) in pairs(&results, arrival) {
            losses.extend(places_lost(&arrival[loser], &arrival[winner]).map(|place| (loser, place)));
        }
    }
    for (loser, place) in losses {
        arrival[loser].verdicts[place].reason = DecisionReason::Superseded;
    }
}

/// The events that speak of one object or one report, as places in the arrival.
fn groups(arrival: &[Decided<'_>]) -> Vec<Vec<usize>> {
    let mut by_object: HashMap<ObjectKey, Vec<usize>> = HashMap::new();
    let mut by_report: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, decided) in arrival.iter().enumerate() {
        if severity(decided).is_none() {
            continue;
        }
        if let Some(object) = decided.event.object {
            by_object.entry(object).or_default().push(place);
        }
        if let Some(report) = decided.report {
            by_report.entry(report).or_default().push(place);
        }
    }
    by_object.into_values().chain(by_report.into_values()).filter(|group| group.len() > 1).collect()
}

/// Who loses against whom within a group: the strongest alone wins.
fn pairs(group: &[usize], arrival: &[Decided<'_>]) -> Vec<(usize, usize)> {
    let beats = |winner: usize, loser: usize| {
        let same_object = arrival[winner].event.object == arrival[loser].event.object;
        let is_whole = severity(&arrival[loser]) == Some(AVAILABLE);
        severity(&arrival[winner]) > severity(&arrival[loser]) && (same_object || is_whole)
    };
    let winners =
        |loser: usize| group.iter().filter(move |winner| beats(**winner, loser)).map(move |w| (loser, *w));
    group.iter().flat_map(|loser| winners(*loser)).collect()
}

/// The verdicts of `loser` whose webhook gets `winner` through a wildcard and did not name the type.
fn places_lost(loser: &Decided<'_>, winner: &Decided<'_>) -> impl Iterator<Item = usize> {
    let event_type = loser.event.event_type.as_str();
    let is_one_change = loser.event.object == winner.event.object;
    let is_lost = move |verdict: &Verdict| {
        let by_topic = is_one_change && verdict.webhook.subscription.is_some();
        verdict.reason == DecisionReason::Matched
            && (by_topic || !is_named(&verdict.webhook, event_type))
            && reaches(winner, verdict.webhook.id, by_topic)
    };
    loser.verdicts.iter().enumerate().filter(move |(_, verdict)| is_lost(verdict)).map(|(place, _)| place)
}

/// How much a type tells of the same thing; nothing for other types, which never supersede.
fn severity(decided: &Decided<'_>) -> Option<u8> {
    match decided.event.event_type.as_str() {
        "lab.result.corrected" => Some(4),
        "observation.corrected" => Some(4),
        "lab.result.critical" | "imaging.result.critical" | "observation.critical" => Some(3),
        "lab.result.abnormal" => Some(2),
        "document.discharge_summary.available"
        | "encounter.deceased"
        | "prescription.cancelled"
        | "referral.emergent"
        | "document.folder.document_removed" => Some(2),
        "document.folder.document_added" => Some(3),
        // What corrects or takes back a finding is told beside another finding of the report.
        "imaging.result.available" if decided.event.replaces.is_some() => None,
        "lab.result.available"
        | "imaging.result.available"
        | "document.available"
        | "document.folder.status_changed"
        | "encounter.discharged"
        | "vital.recorded"
        | "prescription.status_changed"
        | "referral.created" => Some(AVAILABLE),
        _ => None,
    }
}

const AVAILABLE: u8 = 1;

/// Whether a webhook gets an event by its topic or through a wildcard.
fn reaches(decided: &Decided<'_>, webhook: WebhookId, by_topic: bool) -> bool {
    let event_type = decided.event.event_type.as_str();
    decided.verdicts.iter().any(|verdict| {
        let mut patterns = verdict.webhook.event_types.iter();
        verdict.webhook.id == webhook
            && verdict.reason == DecisionReason::Matched
            && (by_topic
                || patterns
                    .any(|pattern| !matches!(pattern, Pattern::Exact(_)) && pattern.matches(event_type)))
    })
}

fn is_named(webhook: &Webhook, event_type: &str) -> bool {
    webhook.event_types.iter().any(|pattern| matches!(pattern, Pattern::Exact(name) if name == event_type))
}

#[cfg(test)]
#[path = "supersede_tests.rs"]
mod tests;
