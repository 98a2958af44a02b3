//! Whether the criteria of a trigger hold for a change.

use fhir::search::{Criteria as Search, Match};
use model::{AbsentTest, ClauseResult, Interaction, QueryCriteria};

use super::Change;
use super::condition::Condition;

/// Whether criteria hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// They do.
    Yes,
    /// They do not.
    No,
    /// Nobody can tell, for a reason that is a code (P5).
    Undecided(String),
}

/// What a test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Whether the criteria hold.
    pub held: Held,
    /// What each clause came to.
    pub clauses: Vec<ClauseResult>,
    /// Whether the query would have decided otherwise than the expression.
    pub disagrees: bool,
}

/// The criteria of a trigger, compiled.
#[derive(Debug)]
pub(super) enum Test {
    /// The message has one of these codes.
    Codes(Vec<String>),
    /// An expression, and a query that says the same in another way.
    Path(Condition, Option<Query>),
    /// A query alone.
    Query(Query),
}

/// Search criteria for both versions.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) previous: Option<Search>,
    pub(super) current: Option<Search>,
    pub(super) rule: QueryCriteria,
}

impl Test {
    pub(super) fn run(&self, change: &Change<'_>) -> Tested {
        match self {
            Test::Codes(codes) => {
                let is_one = change.event_code.is_some_and(|code| codes.iter().any(|known| known == code));
                let held = if is_one { Held::Yes } else { Held::No };
                Tested { clauses: vec![result(&held)], held, disagrees: false }
            }
            Test::Path(condition, query) => {
                let (held, clauses) = condition.test(change);
                let other = query.as_ref().map(|query| query.run(change).0);
                Tested { disagrees: other.is_some_and(|other| differ(&held, &other)), held, clauses }
            }
            Test::Query(query) => {
                let (held, clauses) = query.run(change);
                Tested { held, clauses, disagrees: false }
            }
        }
    }
}

impl Query {
    /// FHIR R5, `SubscriptionTopic.resourceTrigger.queryCriteria`: a test of a version that is not
    /// there comes to what the criteria say of it, and one that is not asked for counts for nothing.
    fn run(&self, change: &Change<'_>) -> (Held, Vec<ClauseResult>) {
        let before = self.previous.as_ref().map(|search| {
            match change.previous.filter(|_| change.interaction != Interaction::Create) {
                Some(previous) => held(search.matches(previous)),
                None => absent(self.rule.result_for_create),
            }
        });
        let after = self.current.as_ref().map(|search| match change.present() {
            Some(current) => held(search.matches(current)),
            None => absent(self.rule.result_for_delete),
        });
        // Where nothing is asked of a version that is not there, its absence may count all the same.
        let missing =
            |rule: Option<AbsentTest>| (rule.is_some() || self.rule.require_both).then(|| absent(rule));
        let before = before.or_else(|| match change.interaction {
            Interaction::Create => missing(self.rule.result_for_create),
            Interaction::Update | Interaction::Delete => None,
        });
        let after = after.or_else(|| match change.interaction {
            Interaction::Delete => missing(self.rule.result_for_delete),
            Interaction::Create | Interaction::Update => None,
        });
        let sides: Vec<Held> = before.into_iter().chain(after).collect();
        let clauses = sides.iter().map(result).collect();
        (if self.rule.require_both { all(sides) } else { any(sides) }, clauses)
    }
}

fn held(matched: Match) -> Held {
    match matched {
        Match::Yes => Held::Yes,
        Match::No => Held::No,
        Match::Indeterminate(reason) => Held::Undecided(reason.why.word().to_owned()),
    }
}

/// What a version that is not there comes to; where nobody says it, it does not hold.
fn absent(rule: Option<AbsentTest>) -> Held {
    match rule {
        Some(AbsentTest::TestPasses) => Held::Yes,
        Some(AbsentTest::TestFails) | None => Held::No,
    }
}

fn any(sides: Vec<Held>) -> Held {
    let mut sum = Held::No;
    for side in sides {
        match side {
            Held::Yes => return Held::Yes,
            Held::No => {}
            Held::Undecided(_) => sum = side,
        }
    }
    sum
}

/// Nothing that was asked for is no condition that holds.
fn all(sides: Vec<Held>) -> Held {
    let mut sum = if sides.is_empty() { Held::No } else { Held::Yes };
    for side in sides {
        match side {
            Held::No => return Held::No,
            Held::Yes => {}
            Held::Undecided(_) => sum = side,
        }
    }
    sum
}

fn differ(one: &Held, other: &Held) -> bool {
    matches!((one, other), (Held::Yes, Held::No) | (Held::No, Held::Yes))
}

fn result(held: &Held) -> ClauseResult {
    match held {
        Held::Yes => ClauseResult::Holds,
        Held::No => ClauseResult::Fails,
        Held::Undecided(_) => ClauseResult::Indeterminate,
    }
}
