//! A trigger made ready, or what is wrong with it.

use std::sync::Arc;
use std::time::Duration;

use fhir::search::Criteria as Search;
use model::{Criteria, Direction, Memory, QueryCriteria, Trigger, Versioned, limits};
use serde_json::Value;

use super::condition::Condition;
use super::index::codes;
use super::series::{Crossing, Often};
use super::test::{Query, Test, Tested};
use super::{Change, bound, clauses};
use crate::Misread;

/// Why a trigger cannot be made ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unready {
    /// The member that is wrong, as a JSON pointer from the trigger.
    pub pointer: String,
    /// What is wrong with it.
    pub misread: Misread,
}

/// A trigger whose conditions are compiled.
#[derive(Debug)]
pub struct Ready {
    /// The trigger.
    pub trigger: Arc<Versioned<Trigger>>,
    /// What it remembers.
    pub keep: Keep,
    test: Test,
    enrich: Vec<(String, Condition)>,
    pinned: Option<Vec<String>>,
}

/// What a trigger remembers, compiled.
#[derive(Debug)]
pub enum Keep {
    /// Nothing but what it told of each object.
    Nothing,
    /// Whether it held.
    Crossing {
        /// When a crossing is told.
        rule: Crossing,
        /// What re-arms it; none where not holding does.
        rearm: Option<Rearm>,
    },
    /// What a number was.
    Change {
        /// Within which time.
        within: Duration,
        /// The number, and how it is compared.
        number: Number,
    },
    /// How often it held.
    Count(Often),
    /// When it held last.
    Absence {
        /// How long ago is too long.
        within: Duration,
    },
}

/// What re-arms a trigger.
#[derive(Debug)]
pub struct Rearm(Condition);

/// A number that is followed.
#[derive(Debug)]
pub struct Number {
    value: Condition,
    moved: Vec<Condition>,
}

impl Ready {
    /// Compiles a trigger.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with the member that is.
    pub fn new(trigger: Arc<Versioned<Trigger>>) -> Result<Self, Vec<Unready>> {
        let mut making = Making { resource_type: &trigger.resource_type, faults: Vec::new() };
        let test = making.test(&trigger.criteria);
        let keep = making.keep(&trigger.memory);
        let enrich: Vec<(String, Condition)> = trigger
            .enrich
            .iter()
            .filter_map(|(name, text)| Some((name.clone(), making.value(&format!("/enrich/{name}"), text)?)))
            .collect();
        let faults = making.faults;
        match (test, keep) {
            (Some(test), Some(keep)) if faults.is_empty() => {
                let pinned = pinned(&trigger.criteria, &test);
                Ok(Ready { trigger, keep, test, enrich, pinned })
            }
            _ => Err(faults),
        }
    }

    /// Whether the criteria hold.
    #[must_use]
    pub fn test(&self, change: &Change<'_>) -> Tested {
        self.test.run(change)
    }

    /// The clauses of its condition, as [`Tested::clauses`] counts them.
    #[must_use]
    pub fn clauses(&self) -> Vec<String> {
        match &self.test {
            Test::Codes(codes) => vec![format!("MSH-9.2 in {}", codes.join(", "))],
            Test::Path(condition, _) => condition.clauses(),
            Test::Query(query) => {
                let side =
                    |name: &str, text: &Option<String>| text.as_ref().map(|text| format!("{name}: {text}"));
                let both = [side("previous", &query.rule.previous), side("current", &query.rule.current)];
                both.into_iter().flatten().collect()
            }
        }
    }

    /// The condition as an expression, where it is one.
    #[must_use]
    pub fn expression(&self) -> Option<&str> {
        match &self.test {
            Test::Path(condition, _) => Some(condition.text()),
            Test::Codes(_) | Test::Query(_) => None,
        }
    }

    /// The members that it adds to an event.
    pub(super) fn enrichment(&self, change: &Change<'_>) -> impl Iterator<Item = (&str, Value)> {
        self.enrich.iter().filter_map(|(name, value)| Some((name.as_str(), value.value(change)?)))
    }

    /// The code that tells the values of one patient apart: one that the trigger asks for, or the first.
    #[must_use]
    pub fn code_of(&self, change: &Change<'_>) -> String {
        let asked = |code: &str| self.pinned.iter().flatten().any(|known| known == code);
        let pinned = codes(change.resource).find(|code| asked(code));
        pinned.or_else(|| codes(change.resource).next()).unwrap_or_default().to_owned()
    }

    /// Its criteria, compiled.
    pub(super) fn criteria(&self) -> &Test {
        &self.test
    }

    /// The codes of which a resource must carry one.
    pub(super) fn pinned(&self) -> Option<&[String]> {
        self.pinned.as_deref()
    }

    /// The v2 events that it is about.
    pub(super) fn event_codes(&self) -> Option<&[String]> {
        match &self.test {
            Test::Codes(codes) => Some(codes),
            Test::Path(..) | Test::Query(_) => None,
        }
    }
}

impl Rearm {
    /// Whether a value re-arms.
    #[must_use]
    pub fn holds(&self, change: &Change<'_>) -> bool {
        self.0.test(change).0 == super::Held::Yes
    }
}

impl Number {
    /// The number that a resource says.
    #[must_use]
    pub fn of(&self, change: &Change<'_>) -> Option<Value> {
        self.value.value(change)
    }

    /// Whether it moved far enough.
    ///
    /// # Errors
    /// The code of the reason why nobody can tell.
    pub fn moved(&self, now: &Value, then: &Value) -> Result<bool, String> {
        let mut undecided = None;
        for condition in &self.moved {
            match condition.compare(now, then) {
                super::Held::Yes => return Ok(true),
                super::Held::No => {}
                super::Held::Undecided(why) => undecided = Some(why),
            }
        }
        undecided.map_or(Ok(false), Err)
    }
}

/// A trigger on its way, with what is wrong so far.
struct Making<'a> {
    resource_type: &'a str,
    faults: Vec<Unready>,
}

impl Making<'_> {
    fn test(&mut self, criteria: &Criteria) -> Option<Test> {
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
        if let Some(bound) = threshold {
            if self.resource_type != "Observation" {
                return self.fault(
                    "/resourceType",
                    Misread::new(
                        "A threshold is about an Observation",
                        "Name this type, or write a fhirPath",
                    ),
                );
            }
            let text = bound::expression(bound);
            return self.condition("/threshold", &text).map(|condition| Test::Path(condition, None));
        }
        if !event_codes.is_empty() {
            return Some(Test::Codes(event_codes.clone()));
        }
        let query = match query {
            Some(query) => Some(self.query(query)?),
            None => None,
        };
        match (fhir_path, query) {
            (Some(text), query) => Some(Test::Path(self.condition("/fhirPath", text)?, query)),
            (None, query) => query.map(Test::Query),
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
        self.made(pointer, Search::parse(self.resource_type, text).map_err(Misread::from)).map(Some)
    }

    fn keep(&mut self, memory: &Memory) -> Option<Keep> {
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
                let value = self.value("/state/value", value.as_deref().unwrap_or("value"))?;
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

    /// How far a number must move, as expressions over `%now` and `%then`.
    fn moved(
        &mut self,
        direction: Direction,
        amount: Option<&str>,
        percent: Option<&serde_json::Number>,
    ) -> Option<Vec<Condition>> {
        let mut moved = Vec::new();
        if let Some(amount) = amount {
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
        self.made(pointer, Condition::new(text, self.resource_type))
    }

    fn value(&mut self, pointer: &str, text: &str) -> Option<Condition> {
        self.made(pointer, Condition::value_of(text, self.resource_type))
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
fn pinned(criteria: &Criteria, test: &Test) -> Option<Vec<String>> {
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
