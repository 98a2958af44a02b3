//! A trigger on its way, with what is wrong so far.

use std::time::Duration;

use fhir::search::Criteria as Search;
use model::{Criteria, Direction, Interaction, Memory, QueryCriteria, Sight, Threshold, limits};

use super::condition::Condition;
use super::ready::{Keep, Number, Rearm, Unready};
use super::series::{Crossing, Often};
use super::test::{Query, Test};
use super::{amount, bound, clauses, queried};
use crate::Misread;

/// A trigger on its way, with what is wrong so far.
pub(super) struct Making<'a> {
    pub(super) sight: &'a Sight,
    pub(super) interactions: &'a [Interaction],
    pub(super) faults: Vec<Unready>,
}

impl Making<'_> {
    pub(super) fn test(&mut self, criteria: &Criteria) -> Option<Test> {
        let Criteria { fhir_path, query, event_codes, threshold } = criteria;
        let ways = usize::from(fhir_path.is_some() || query.is_some())
            + usize::from(!event_codes.is_empty())
            + usize::from(threshold.is_some());
        if ways != 1 {
            return self.fault(
                "/fhirPath",
                Misread::new(
                    "A trigger fires in one way",
                    "Give one of fhirPath, query, eventCodes or threshold",
                ),
            );
        }
        if let (Sight::Events(_), None) = (self.sight, fhir_path.as_ref().filter(|_| query.is_none())) {
            return self.fault(
                "/fhirPath",
                Misread::new(
                    "Thresholds, queries and event codes are about resources",
                    "Over events, say in a fhirPath when it fires, such as data.score <= 6",
                ),
            );
        }
        if self.interactions == [Interaction::Delete] && self.is_of_results() {
            return self.fault(
                "/interactions",
                Misread::new(
                    "A result that is deleted never was, so the trigger would never fire",
                    "Look at create and update; what was told of a result is taken back by itself",
                ),
            );
        }
        if let Some(bound) = threshold {
            return self.threshold(bound);
        }
        if !event_codes.is_empty() {
            return Some(Test::Codes(event_codes.clone()));
        }
        let query = match query {
            Some(query) => Some(self.query(query)?),
            None => None,
        };
        match (fhir_path, query) {
            (Some(text), query) => Some(Test::Path(self.feasible("/fhirPath", text)?, query)),
            (None, query) => query.map(Test::Query),
        }
    }

    fn threshold(&mut self, bound: &Threshold) -> Option<Test> {
        if self.resource_type() != "Observation" {
            return self.fault(
                "/resourceType",
                Misread::new("A threshold is about an Observation", "Name this type, or write a fhirPath"),
            );
        }
        if fhirpath::units::understand(&bound.unit).is_none() {
            let what = format!("'{}' is no unit of UCUM, so nothing can be compared with it", bound.unit);
            let fix = "Write a UCUM code such as mmol/L, or 1 for a bare number";
            return self.fault("/threshold/unit", Misread::new(what, fix));
        }
        let text = bound::expression(bound);
        self.feasible("/threshold", &text).map(|condition| Test::Path(condition, None))
    }

    fn is_of_results(&self) -> bool {
        matches!(self.resource_type(), "Observation" | "DiagnosticReport")
    }

    /// A condition that can hold for some change that is looked at.
    fn feasible(&mut self, pointer: &str, text: &str) -> Option<Condition> {
        let condition = self.condition(pointer, text)?;
        let never = |interaction: &Interaction| condition.never_holds_for(*interaction);
        let nevers: Option<Vec<String>> = self.interactions.iter().map(never).collect();
        match nevers.unwrap_or_default().into_iter().next() {
            None => Some(condition),
            Some(clause) => {
                let what = format!("`{clause}` never holds for the changes that are looked at");
                let fix = "Of what is created there is no %previous, and of what is deleted only that; \
                           look at other interactions as well, or ask otherwise";
                self.fault(pointer, Misread::new(what, fix))
            }
        }
    }

    fn query(&mut self, rule: &QueryCriteria) -> Option<Query> {
        if rule.previous.is_none() && rule.current.is_none() {
            return self
                .fault("/query", Misread::new("A query asks for nothing", "Name previous, current or both"));
        }
        let previous = self.side("/query/previous", rule.previous.as_ref())?;
        let current = self.side("/query/current", rule.current.as_ref())?;
        Some(Query { previous, current, rule: rule.clone() })
    }

    fn side(&mut self, pointer: &str, text: Option<&String>) -> Option<Option<Search>> {
        let Some(text) = text else { return Some(None) };
        if text.len() > limits::EXPRESSION_BYTES {
            let what = format!("A query has at most {} bytes", limits::EXPRESSION_BYTES);
            return self.fault(pointer, Misread::new(what, "Shorten it"));
        }
        if let Some(lint) = queried::lint(text) {
            return self.fault(pointer, Misread::new(lint.what, lint.fix));
        }
        self.made(pointer, Search::parse(self.resource_type(), text).map_err(Misread::from)).map(Some)
    }

    pub(super) fn keep(&mut self, memory: &Memory) -> Option<Keep> {
        match memory {
            Memory::Each => Some(Keep::Nothing),
            Memory::Crossing { rearm, hold, quiet } => {
                let span = |span: &Option<model::Span>| span.map_or(Duration::ZERO, |span| span.0);
                let rule = Crossing { hold: span(hold), quiet: span(quiet) };
                let rearm = match rearm {
                    Some(text) => Some(Rearm(self.condition("/state/rearm", text)?)),
                    None => None,
                };
                Some(Keep::Crossing { rule, rearm })
            }
            Memory::Change { value, direction, amount, percent, within } => {
                let value = self.followed(value.as_deref())?;
                let moved = self.moved(*direction, amount.as_deref(), percent.as_ref())?;
                Some(Keep::Change { within: within.0, number: Number { value, moved } })
            }
            Memory::Count { times, of, within } => Some(Keep::Count(Often {
                times: usize::from(*times),
                of: usize::from(*of),
                within: within.map(|span| span.0),
            })),
            Memory::Absence { within, .. } => Some(Keep::Absence { within: within.0 }),
        }
    }

    /// The number that is followed; by default the value of an Observation.
    fn followed(&mut self, text: Option<&str>) -> Option<Condition> {
        match (text, self.sight) {
            (Some(text), _) => self.value("/state/value", text),
            (None, Sight::Changes(_)) => self.value("/state/value", "value"),
            (None, Sight::Events(_)) => self.fault(
                "/state/value",
                Misread::new("Nothing says which number is followed", "Name it, such as data.score"),
            ),
        }
    }

    /// The type of resource that expressions are linted by; empty where they are about events.
    fn resource_type(&self) -> &str {
        self.sight.resource_type().unwrap_or_default()
    }

    /// How far a number must move, as expressions over `%now` and `%then`.
    fn moved(
        &mut self,
        direction: Direction,
        amount: Option<&str>,
        percent: Option<&serde_json::Number>,
    ) -> Option<Vec<Condition>> {
        let mut moved = Vec::new();
        if let Some(amount) = amount {
            self.made("/state/amount", amount::check(amount))?;
            let text = match direction {
                Direction::Rise => format!("(%now - %then) >= ({amount})"),
                Direction::Fall => format!("(%then - %now) >= ({amount})"),
            };
            moved.push(self.comparison("/state/amount", &text)?);
        }
        if let Some(percent) = percent {
            let text = match direction {
                Direction::Rise => format!("%now >= %then * ((100 + {percent}) / 100)"),
                Direction::Fall => format!("%now <= %then * ((100 - {percent}) / 100)"),
            };
            moved.push(self.comparison("/state/percent", &text)?);
        }
        if moved.is_empty() {
            return self.fault(
                "/state/amount",
                Misread::new(
                    "Nothing says how far a value has to move",
                    "Give an amount, a percent, or both",
                ),
            );
        }
        Some(moved)
    }

    fn condition(&mut self, pointer: &str, text: &str) -> Option<Condition> {
        self.made(pointer, Condition::new(text, self.resource_type()))
    }

    pub(super) fn value(&mut self, pointer: &str, text: &str) -> Option<Condition> {
        self.made(pointer, Condition::value_of(text, self.resource_type()))
    }

    fn comparison(&mut self, pointer: &str, text: &str) -> Option<Condition> {
        self.made(pointer, Condition::comparison(text))
    }

    fn made<T>(&mut self, pointer: &str, made: Result<T, Misread>) -> Option<T> {
        made.map_err(|misread| self.faults.push(Unready { pointer: pointer.to_owned(), misread })).ok()
    }

    fn fault<T>(&mut self, pointer: &str, misread: Misread) -> Option<T> {
        self.made(pointer, Err(misread))
    }
}

/// The codes without which the criteria cannot hold; none where any resource may do.
pub(super) fn pinned(criteria: &Criteria, test: &Test) -> Option<Vec<String>> {
    if let Some(bound) = &criteria.threshold {
        return Some(vec![bound::code(bound).to_owned()]);
    }
    match test {
        Test::Path(condition, _) => condition.clauses().iter().find_map(|clause| clauses::pinned(clause)),
        Test::Query(query) => {
            // One side alone decides only where both must hold, or no other is asked.
            let decides = query.rule.require_both || query.rule.previous.is_none();
            let always = query.rule.result_for_create == Some(model::AbsentTest::TestPasses)
                || query.rule.result_for_delete == Some(model::AbsentTest::TestPasses);
            let current =
                query.current.as_ref().filter(|_| decides && (query.rule.require_both || !always))?;
            let codes = current.required_codes()?;
            Some(codes.into_iter().map(|(_, code)| code.to_owned()).collect())
        }
        Test::Codes(_) => None,
    }
}
