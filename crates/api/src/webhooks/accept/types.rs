//! Event types and object types: each must be one that can happen.

use std::collections::{BTreeMap, BTreeSet};

use matching::TypeInfo;
use model::{Code, Integration, Pattern, Problem, Sources, is_reserved};

use super::Desk;
use crate::integrations::{Offer, Polled};
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
    let offers = Offers::of(sources, desk);
    for (place, pattern) in patterns.iter().enumerate() {
        check(pattern, &offers, desk).map_err(|problem| problem.at(format!("/eventTypes/{place}")))?;
    }
    Ok(patterns)
}

/// The object types, if each is one of the catalogue, and none that would have to be fetched.
pub(super) fn objects(wish: Vec<String>, sources: &Sources, desk: &Desk<'_>) -> Result<Vec<String>, Problem> {
    let types = desk.compiled.types(desk.caller.organisation);
    let known: BTreeSet<&str> = types.map(|info| info.object_type.as_str()).collect();
    let offers = Offers::of(sources, desk);
    for (place, name) in wish.iter().enumerate() {
        let polled = offers.polled().find(|found| found.object == name.as_str());
        let is_raised = || {
            let mut types = desk.compiled.types(desk.caller.organisation);
            types.any(|info| info.object_type.as_str() == name && offers.has(info))
        };
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

/// What the sources of a webhook raise, by themselves and by triggers.
struct Offers<'a> {
    by_kind: Vec<Offer<'a>>,
    raised: BTreeSet<&'a str>,
}

impl<'a> Offers<'a> {
    fn of(sources: &Sources, desk: &Desk<'a>) -> Offers<'a> {
        let organisation = desk.caller.organisation;
        let heard = |found: &&'a Integration| match sources {
            Sources::Own => found.id == desk.integration.id,
            Sources::All => found.organisation_id == organisation,
            Sources::Listed(ids) => ids.contains(&found.id),
        };
        let all = desk.compiled.config.integrations.values().map(|found| &found.doc).filter(heard);
        let (mut by_kind, mut raised) = (BTreeMap::new(), BTreeSet::new());
        for found in all {
            let offer = Offer::of(&found.kind, desk.presets, (desk.compiled, organisation));
            raised.extend(offer.raised_by_triggers(found.id));
            by_kind.entry(found.kind.name()).or_insert(offer);
        }
        Offers { by_kind: by_kind.into_values().collect(), raised }
    }

    fn has(&self, info: &TypeInfo) -> bool {
        self.raised.contains(info.name.as_str()) || self.by_kind.iter().any(|offer| offer.has(info))
    }

    fn polled(&self) -> impl Iterator<Item = Polled<'a>> {
        self.by_kind.iter().flat_map(Offer::polled)
    }
}

fn check(pattern: &Pattern, offers: &Offers<'_>, desk: &Desk<'_>) -> Result<(), Problem> {
    let organisation = desk.caller.organisation;
    let types = || desk.compiled.types(organisation);
    if !desk.compiled.reaches(organisation, pattern) {
        let why = format!("{pattern} matches no event type of the catalogue.");
        return Err(Problem::new(Code::UnknownEventType, why).fix("GET /admin/event-types lists them."));
    }
    let offered = |info: &TypeInfo| offers.has(info);
    let is_free = match pattern {
        Pattern::Any => true,
        Pattern::Exact(name) | Pattern::Below(name) => is_reserved(name),
    };
    let mut matching = types().filter(|info| pattern.matches(info.name.as_str()));
    if is_free || matching.any(offered) {
        return Ok(());
    }
    if let Some(found) = offers.polled().find(|found| pattern.matches(found.event)) {
        return Err(found.refused("/eventTypes".to_owned()));
    }
    let allowed: Vec<&str> = types().filter(|info| offered(info)).map(|info| info.name.as_str()).collect();
    let why = format!("The integration does not raise {pattern}. It raises: {}.", allowed.join(", "));
    Err(Problem::new(Code::EventTypeNotOffered, why))
}
