//! Event types and object types: each must be one that can happen.

use std::collections::BTreeSet;

use matching::TypeInfo;
use model::{Code, Integration, Kind, Pattern, Problem, Sources, is_reserved};

use super::Desk;
use crate::integrations::Offer;
use crate::strict::{invalid, missing};

/// The patterns, if each can match something that the sources raise.
pub(super) fn wanted(
    wish: Option<Vec<Pattern>>,
    sources: &Sources,
    desk: &Desk<'_>,
) -> Result<Vec<Pattern>, Problem> {
    let patterns = wish.ok_or_else(|| missing("/eventTypes"))?;
    if patterns.is_empty() || patterns.len() > PATTERNS {
        return Err(invalid("/eventTypes", format!("A webhook names 1 to {PATTERNS} event types.")));
    }
    let kinds = kinds(sources, desk);
    let offers = offers(&kinds, desk);
    for (place, pattern) in patterns.iter().enumerate() {
        check(pattern, &offers, desk).map_err(|problem| problem.at(format!("/eventTypes/{place}")))?;
    }
    Ok(patterns)
}

/// The object types, if each is one of the catalogue, and none that would have to be fetched.
pub(super) fn objects(wish: Vec<String>, sources: &Sources, desk: &Desk<'_>) -> Result<Vec<String>, Problem> {
    let types = desk.compiled.types(desk.caller.organisation);
    let known: BTreeSet<&str> = types.map(|info| info.object_type.as_str()).collect();
    let kinds = kinds(sources, desk);
    let offers = offers(&kinds, desk);
    for (place, name) in wish.iter().enumerate() {
        let polled = offers.iter().flat_map(Offer::polled).find(|found| found.object == name.as_str());
        let is_raised = || offers.iter().any(|offer| offer.object_types().contains(name.as_str()));
        if let Some(polled) = polled.filter(|_| !is_raised()) {
            return Err(polled.refused(format!("/objectTypes/{place}")));
        }
    }
    match wish.iter().position(|name| !known.contains(name.as_str())) {
        None => Ok(wish),
        Some(place) => {
            let names: Vec<&str> = known.into_iter().collect();
            let why = format!("Not an object type. There are: {}.", names.join(", "));
            Err(invalid(format!("/objectTypes/{place}"), why))
        }
    }
}

const PATTERNS: usize = 200;

fn offers<'a>(kinds: &'a [Kind], desk: &Desk<'a>) -> Vec<Offer<'a>> {
    let around = (desk.compiled, desk.caller.organisation);
    kinds.iter().map(|kind| Offer::of(kind, desk.presets, around)).collect()
}

fn kinds(sources: &Sources, desk: &Desk<'_>) -> Vec<Kind> {
    let integrations = desk.compiled.config.integrations.values();
    let heard = |found: &Integration| match sources {
        Sources::Own => found.id == desk.integration.id,
        Sources::All => found.organisation_id == desk.integration.organisation_id,
        Sources::Listed(ids) => ids.contains(&found.id),
    };
    let mut kinds: Vec<Kind> =
        integrations.filter(|found| heard(found)).map(|found| found.kind.clone()).collect();
    kinds.dedup();
    kinds
}

fn check(pattern: &Pattern, offers: &[Offer<'_>], desk: &Desk<'_>) -> Result<(), Problem> {
    let organisation = desk.caller.organisation;
    let types = || desk.compiled.types(organisation);
    if !desk.compiled.reaches(organisation, pattern) {
        let why = format!("{pattern} matches no event type of the catalogue.");
        return Err(Problem::new(Code::UnknownEventType, why).fix("GET /admin/event-types lists them."));
    }
    let offered = |info: &TypeInfo| offers.iter().any(|offer| offer.has(info));
    let is_free = match pattern {
        Pattern::Any => true,
        Pattern::Exact(name) | Pattern::Below(name) => is_reserved(name),
    };
    let mut matching = types().filter(|info| pattern.matches(info.name.as_str()));
    if is_free || matching.any(offered) {
        return Ok(());
    }
    let mut polled = offers.iter().flat_map(Offer::polled);
    if let Some(found) = polled.find(|found| pattern.matches(found.event)) {
        return Err(found.refused("/eventTypes".to_owned()));
    }
    let allowed: Vec<&str> = types().filter(|info| offered(info)).map(|info| info.name.as_str()).collect();
    let why = format!("The integration does not raise {pattern}. It raises: {}.", allowed.join(", "));
    Err(Problem::new(Code::EventTypeNotOffered, why))
}
