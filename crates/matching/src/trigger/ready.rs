//! A trigger made ready, or what is wrong with it.

use std::sync::Arc;
use std::time::Duration;

use model::{Trigger, Versioned};
use serde_json::Value;

use super::Change;
use super::condition::Condition;
use super::index::codes;
use super::making::{Making, pinned};
use super::series::{Crossing, Often};
use super::test::{Test, Tested};
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
pub struct Rearm(pub(super) Condition);

/// A number that is followed.
#[derive(Debug)]
pub struct Number {
    pub(super) value: Condition,
    pub(super) moved: Vec<Condition>,
}

impl Ready {
    /// Compiles a trigger.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with the member that is.
    pub fn new(trigger: Arc<Versioned<Trigger>>) -> Result<Self, Vec<Unready>> {
        let mut making =
            Making { sight: &trigger.sight, interactions: &trigger.interactions, faults: Vec::new() };
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

    /// The members that it adds to an event; of one that cannot be told, the code of the reason.
    pub(super) fn enrichment(
        &self,
        change: &Change<'_>,
    ) -> impl Iterator<Item = (&str, Result<Value, String>)> {
        self.enrich.iter().filter_map(|(name, value)| Some((name.as_str(), value.value(change).transpose()?)))
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
    /// Whether a value re-arms. One of which nobody can tell does: rather twice told than not at all (P5).
    #[must_use]
    pub fn may_hold(&self, change: &Change<'_>) -> bool {
        self.0.test(change).0 != super::Held::No
    }
}

impl Number {
    /// The number that a resource says; none where it says none.
    ///
    /// # Errors
    /// The code of the reason why nobody can tell.
    pub fn of(&self, change: &Change<'_>) -> Result<Option<Value>, String> {
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
