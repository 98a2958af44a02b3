//! What a Subscription asks of an event and the resource behind it: its type, search parameters of it, and of
//! a feed the codes of what happened.

use std::collections::BTreeSet;

use fhir::search::{Criteria, Known, Match, Why};
use model::{ClauseResult, Config, Content, Event, Lane, Subject, TriggerId, Webhook};
use serde_json::Value;

use crate::codes::{Asked, TRIGGER};
use crate::trigger::{self, INDETERMINATE};
use crate::whom;
use crate::written::{Part, Written, write};
use crate::{Topic, Topics};

/// Conditions ready to be asked.
#[derive(Debug, Default)]
pub struct Conditions {
    kinds: Vec<String>,
    /// Those of one resource type hold together.
    clauses: Vec<Clause>,
    /// The trigger whose events alone count.
    trigger: Option<TriggerId>,
    /// Whether each change counts once, by the event that stands for all of it.
    is_feed: bool,
    /// Whether they could be read; what cannot be read holds for nothing.
    is_unreadable: bool,
}

/// One filter, for one type.
#[derive(Debug)]
struct Clause {
    kind: String,
    criteria: Option<Criteria>,
    codes: Vec<Asked>,
    patients: Vec<whom::Asked>,
}

/// An event that conditions are asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard<'a> {
    pub(crate) event: &'a Event,
    pub(crate) content: Option<&'a Content>,
    /// The resource behind it.
    pub(crate) resource: Option<&'a Value>,
}

impl<'a> Heard<'a> {
    /// Whom the event is about.
    fn subject(self) -> Option<&'a Subject> {
        self.content?.subject.as_ref()
    }

    /// Whether its change has one of the codes.
    fn is_coded(self, codes: &Asked) -> bool {
        let change = self.content.and_then(|content| content.occasion.change.as_ref());
        change.is_some_and(|change| codes.hold(change))
    }
}

/// A condition cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unfit {
    /// Which of the conditions.
    pub place: usize,
    /// Why not; names of parameters, never their values.
    pub why: String,
}

impl Conditions {
    /// Reads conditions in any written form: `Type?a=b&c=d`, `Type.a=b`, or `a=b` for every type of the topic.
    /// `base` is what absolute references to the facade's own resources begin with.
    ///
    /// # Errors
    /// The first that the topic does not offer or that cannot be decided, or one that the topic needs.
    pub fn read(topic: &Topic, filters: &[String], base: &str) -> Result<Conditions, Unfit> {
        let known = Known { base: Some(base.to_owned()), ..Known::default() };
        let mut clauses = Vec::new();
        for (place, filter) in filters.iter().enumerate() {
            let unfit = |why| Unfit { place, why };
            let written = Written::of(filter);
            for kind in kinds(topic, written.kind).map_err(unfit)? {
                clauses.push(Clause::read((topic, kind), &written.parts, &known).map_err(unfit)?);
            }
        }
        let is_needed = |part: Part<'_>| topic.needs.iter().any(|needed| needed == part.name());
        let mut parts = filters.iter().flat_map(|filter| Written::of(filter).parts);
        if !topic.needs.is_empty() && !parts.any(is_needed) {
            let why = format!("the topic needs a filter by {}", topic.needs.join(" or "));
            return Err(Unfit { place: filters.len(), why });
        }
        let kinds = topic.resources.iter().map(|one| one.kind.clone()).collect();
        let trigger = topic.trigger.as_ref().map(|published| published.id);
        Ok(Conditions { kinds, clauses, trigger, is_feed: topic.is_feed(), is_unreadable: false })
    }

    /// The conditions of a stored Subscription, which were read before; none for another webhook.
    pub(crate) fn of(webhook: &Webhook, config: &Config) -> Option<Conditions> {
        let subscription = webhook.subscription.as_deref()?;
        let read = |topic: &Topic| Conditions::read(topic, &subscription.filters, &subscription.base).ok();
        let known = match Topics::embedded().find(&subscription.topic) {
            Some(topic) => read(topic),
            None => {
                let integration = config.integrations.get(&webhook.integration_id);
                let found =
                    integration.and_then(|found| trigger::topic::find(config, found, &subscription.topic));
                found.as_ref().and_then(read)
            }
        };
        Some(known.unwrap_or(Conditions { is_unreadable: true, ..Conditions::default() }))
    }

    /// Whether they hold for an event and the resource behind it.
    ///
    /// What cannot be decided because of a unit or a comparator holds for a critical
    /// event and for no other (P5).
    pub(crate) fn hold(&self, heard: Heard<'_>) -> bool {
        if self.is_unreadable || !self.is_raised(heard) {
            return false;
        }
        let Some(resource) = heard.resource else { return self.clauses.is_empty() };
        let kind = resource["resourceType"].as_str().unwrap_or_default();
        let mut own = self.clauses.iter().filter(|clause| clause.kind == kind);
        self.is_wanted(kind) && own.all(|clause| clause.holds(resource, heard))
    }

    /// Each condition with what it comes to: the topic, the types, and parameters by their names, never their
    /// values, which may name a person.
    pub(crate) fn clauses(&self, heard: Heard<'_>) -> Vec<(String, ClauseResult)> {
        if self.is_unreadable {
            return Vec::new();
        }
        let result = |holds: bool| if holds { ClauseResult::Holds } else { ClauseResult::Fails };
        let counts = self.is_feed || self.trigger.is_some();
        let mut told: Vec<_> =
            counts.then(|| ("topic".to_owned(), result(self.is_raised(heard)))).into_iter().collect();
        let named: BTreeSet<&str> = self.clauses.iter().map(|clause| clause.kind.as_str()).collect();
        let types = || format!("resourceType in ({})", Vec::from_iter(named.iter().copied()).join(", "));
        let Some(resource) = heard.resource else {
            told.extend((!named.is_empty()).then(|| (types(), ClauseResult::Empty)));
            return told;
        };
        let kind = resource["resourceType"].as_str().unwrap_or_default();
        told.extend((!named.is_empty()).then(|| (types(), result(self.is_wanted(kind)))));
        let own = self.clauses.iter().filter(|clause| clause.kind == kind);
        told.extend(own.flat_map(|clause| clause.explain(resource, heard)));
        told
    }

    /// Whether the event is one of those that the topic counts: of a feed the one that stands for its
    /// change, of a trigger what that raised. That nobody can tell whether a trigger holds counts where it
    /// is critical (P5).
    fn is_raised(&self, heard: Heard<'_>) -> bool {
        if self.is_feed {
            return heard.content.is_some_and(|content| content.occasion.change.is_some());
        }
        let Some(trigger) = self.trigger else { return true };
        let speaks = heard.content.is_some_and(|content| content.occasion.triggers.contains(&trigger));
        let is_open = heard.event.event_type.as_str() == INDETERMINATE;
        speaks && (!is_open || heard.event.lane == Lane::Critical)
    }

    /// Conditions that name types leave out the topic's other types.
    fn is_wanted(&self, kind: &str) -> bool {
        let is_named = |clause: &Clause| clause.kind == kind;
        self.kinds.iter().any(|known| known == kind)
            && (self.clauses.is_empty() || self.clauses.iter().any(is_named))
    }
}

impl Clause {
    fn read((topic, kind): (&Topic, &str), parts: &[Part<'_>], known: &Known) -> Result<Clause, String> {
        offered(topic, kind, parts)?;
        let is_code = |part: &&Part<'_>| topic.is_feed() && part.name() == TRIGGER;
        let codes = parts.iter().filter(is_code).map(|part| Asked::read(topic, *part));
        let codes: Vec<Asked> = codes.collect::<Result<_, _>>()?;
        let is_whom = |part: &&Part<'_>| part.name() == whom::IDENTIFIER;
        let patients = parts.iter().filter(is_whom).map(|part| whom::Asked::read(*part));
        let patients: Vec<whom::Asked> = patients.collect::<Result<_, _>>()?;
        let asked = parts.iter().filter(|part| !is_code(part) && !is_whom(part));
        let asked: Vec<&str> = asked.map(|part| part.0).collect();
        let is_without = asked.is_empty() && !(codes.is_empty() && patients.is_empty());
        let criteria = match is_without {
            true => None,
            false => {
                let read = Criteria::parse_with(kind, &write(None, &asked), known);
                Some(read.map_err(|fault| fault.to_string())?)
            }
        };
        Ok(Clause { kind: kind.to_owned(), criteria, codes, patients })
    }

    /// Each parameter with what it comes to.
    fn explain(&self, resource: &Value, heard: Heard<'_>) -> Vec<(String, ClauseResult)> {
        let said = |holds: bool| if holds { ClauseResult::Holds } else { ClauseResult::Fails };
        let coded = |codes: &Asked| (TRIGGER, said(heard.is_coded(codes)));
        let named = |asked: &whom::Asked| (whom::IDENTIFIER, said(asked.hold(resource, heard.subject())));
        let decided = |decision| match decision {
            Match::Yes => ClauseResult::Holds,
            Match::No => ClauseResult::Fails,
            Match::Indeterminate(_) => ClauseResult::Indeterminate,
        };
        let asked = self.criteria.iter().flat_map(|criteria| criteria.explain(resource));
        let asked = asked.map(|(name, decision)| (name, decided(decision)));
        let all = asked.chain(self.patients.iter().map(named)).chain(self.codes.iter().map(coded));
        all.map(|(name, result)| (format!("{}?{name}", self.kind), result)).collect()
    }

    fn holds(&self, resource: &Value, heard: Heard<'_>) -> bool {
        let decided = self.criteria.as_ref().map_or(Match::Yes, |criteria| criteria.matches(resource));
        let fits = match decided {
            Match::Yes => true,
            Match::No => false,
            Match::Indeterminate(reason) => {
                heard.event.lane == Lane::Critical && matches!(reason.why, Why::Unit | Why::Comparator)
            }
        };
        let is_named = |asked: &whom::Asked| asked.hold(resource, heard.subject());
        fits && self.patients.iter().all(is_named) && self.codes.iter().all(|codes| heard.is_coded(codes))
    }
}

/// The types of the topic that a filter is about.
fn kinds<'a>(topic: &'a Topic, named: Option<&'a str>) -> Result<Vec<&'a str>, String> {
    let all = || topic.resources.iter().map(|one| one.kind.as_str());
    match named {
        Some(kind) if topic.about(kind).is_none() => Err(format!("the topic is not about {kind}")),
        Some(kind) => Ok(vec![kind]),
        None => Ok(all().collect()),
    }
}

/// Refuses a parameter that the topic does not offer for a type.
fn offered(topic: &Topic, kind: &str, parts: &[Part<'_>]) -> Result<(), String> {
    let offers = topic.about(kind).map(|about| about.filters.as_slice()).unwrap_or_default();
    match parts.iter().map(|part| part.name()).find(|name| !offers.iter().any(|offer| offer == name)) {
        Some(name) => {
            let offers = offers.join(", ");
            Err(format!("the topic offers no filter of {kind} by {name}; it offers {offers}"))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
#[path = "conditions_tests.rs"]
mod tests;
