//! What must hold after every run, whatever the receivers did.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{DeliveryState, EventId};
use serde_json::Value;
use store::{DeliveryFilter, DeliveryRow, Read as _};

use crate::network::Heard;
use crate::world::World;

/// A law that was broken, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(pub String);

/// Every accepted event was taken by the receiver of `host`, or is listed as owed or dead-lettered.
///
/// # Errors
/// Events that are nowhere.
pub async fn nothing_is_lost(world: &World, host: &str, accepted: &[EventId]) -> Result<(), Broken> {
    let taken: BTreeSet<String> =
        world.heard(host).iter().filter(|heard| heard.taken).map(event_of).collect();
    let owed: BTreeSet<String> = owed(world).await.iter().map(|row| row.event.to_string()).collect();
    let lost: Vec<String> = accepted
        .iter()
        .map(EventId::to_string)
        .filter(|id| !taken.contains(id) && !owed.contains(id))
        .collect();
    if lost.is_empty() { Ok(()) } else { Err(Broken(format!("{} events are lost: {lost:?}", lost.len()))) }
}

/// Every attempt of a delivery carried the same bytes.
///
/// # Errors
/// The id whose body changed.
pub fn bodies_are_stable(heard: &[Heard]) -> Result<(), Broken> {
    let mut first: HashMap<&str, &[u8]> = HashMap::new();
    for one in heard {
        let known = first.entry(&one.id).or_insert(&one.body);
        if *known != one.body {
            return Err(Broken(format!("the body of {} changed", one.id)));
        }
    }
    Ok(())
}

/// First successes of a subject come in the order in which its events were accepted.
///
/// # Errors
/// The first inversion.
pub fn order_is_kept(heard: &[Heard]) -> Result<(), Broken> {
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for one in heard.iter().filter(|one| one.taken) {
        if !seen.insert(one.id.clone()) {
            continue;
        }
        let body: Value = serde_json::from_slice(&one.body).unwrap_or_default();
        let subject = body["subject"]["pseudonym"].to_string();
        let event = event_of(one);
        if let Some(before) = last.insert(subject, event.clone())
            && before > event
        {
            return Err(Broken(format!("{event} came after {before}")));
        }
    }
    Ok(())
}

/// No correction was taken before what it replaces, if that is ever taken (N5).
///
/// # Errors
/// The first that was.
pub fn corrections_follow(heard: &[Heard]) -> Result<(), Broken> {
    let taken: Vec<(String, Option<String>)> =
        heard.iter().filter(|one| one.taken).map(|one| (event_of(one), replaced_by(one))).collect();
    for (place, (event, replaces)) in taken.iter().enumerate() {
        let Some(original) = replaces else { continue };
        let first = taken.iter().position(|(other, _)| other == original);
        if first.is_some_and(|first| first > place) {
            return Err(Broken(format!("{event} came before {original}, which it replaces")));
        }
    }
    Ok(())
}

/// No delivery was attempted more than so many times.
///
/// # Errors
/// The first that was.
pub fn attempts_are_bounded(heard: &[Heard], most: usize) -> Result<(), Broken> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    heard.iter().for_each(|one| *count.entry(&one.id).or_default() += 1);
    match count.into_iter().find(|(_, times)| *times > most) {
        Some((id, times)) => Err(Broken(format!("{id} was attempted {times} times"))),
        None => Ok(()),
    }
}

/// Deliveries that are not finished, dead letters included.
pub async fn owed(world: &World) -> Vec<DeliveryRow> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = world.store().list_deliveries(DeliveryFilter::default(), after, 250).await;
        let page = page.expect("a store in memory answers");
        rows.extend(page.rows.into_iter().filter(|row| !row.state.is_finished()));
        after = page.next;
        if after.is_none() {
            return rows;
        }
    }
}

/// How many of the owed are dead letters.
#[must_use]
pub fn dead(rows: &[DeliveryRow]) -> usize {
    rows.iter().filter(|row| row.state == DeliveryState::DeadLettered).count()
}

fn event_of(heard: &Heard) -> String {
    let body: Value = serde_json::from_slice(&heard.body).unwrap_or_default();
    body["id"].as_str().unwrap_or_default().to_owned()
}

fn replaced_by(heard: &Heard) -> Option<String> {
    let body: Value = serde_json::from_slice(&heard.body).unwrap_or_default();
    body["replaces"].as_str().map(str::to_owned)
}
