//! What a trigger told of an object before, and what is news of it (N4, N5).

use model::{EventId, Lane};
use serde::{Deserialize, Serialize};

use super::{Change, Held};
use crate::raise::is_news;

/// What a trigger told of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Its last event about it.
    pub event: EventId,
    /// The lane of that.
    pub lane: Lane,
    /// Whether it took back what it had told.
    pub retracted: bool,
}

/// What is to be told of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It holds, and nothing was told of it that still stands.
    Holds,
    /// It holds as before, and says something else: the event takes the place of the former.
    Corrected,
    /// It held, and a correction cleared it: what was told is taken back.
    Cleared,
    /// It holds as before, and says nothing new.
    Unchanged,
    /// It does not hold.
    Nothing,
}

/// What is to be told of an object after a change; `told` is what stands.
#[must_use]
pub fn news(change: &Change<'_>, held: &Held, told: Option<&Told>) -> News {
    let stands = told.is_some_and(|told| !told.retracted);
    let is_new = change.previous.is_none_or(|previous| is_news(previous, change.resource));
    let is_result = change.is_result();
    match held {
        // What cannot be decided any more, because it never happened, is taken back all the same.
        _ if change.is_void() => {
            if stands {
                News::Cleared
            } else {
                News::Nothing
            }
        }
        Held::Yes if !stands => News::Holds,
        Held::Yes if !is_new => News::Unchanged,
        // An encounter that goes on is told again; a measurement that is told again was wrong before.
        Held::Yes => {
            if is_result {
                News::Corrected
            } else {
                News::Holds
            }
        }
        Held::No if stands && (change.is_taken_back() || (is_result && is_new)) => News::Cleared,
        Held::No | Held::Undecided(_) => News::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use model::{Id, Interaction};
    use serde_json::{Value, json};

    use super::*;

    fn potassium(value: f64, status: &str) -> Value {
        json!({ "resourceType": "Observation", "status": status, "valueQuantity": { "value": value } })
    }

    #[track_caller]
    fn check(before: Option<&Value>, now: &Value, (holds, stands): (bool, bool), expected: News) {
        let change = Change::new(now, before, Interaction::Update, None);
        let told = Told { event: EventId::from_raw(1), lane: Lane::Critical, retracted: !stands };
        let held = if holds { Held::Yes } else { Held::No };
        assert_eq!(news(&change, &held, Some(&told)), expected, "{before:?} {now}");
    }

    #[test]
    fn n4_finalising_unchanged_tells_nothing_and_a_new_value_takes_the_place_of_the_old() {
        let (first, last) = (potassium(6.9, "preliminary"), potassium(6.9, "final"));
        check(Some(&first), &last, (true, true), News::Unchanged);
        check(Some(&last), &potassium(7.1, "corrected"), (true, true), News::Corrected);
        check(None, &first, (true, false), News::Holds);
    }

    #[test]
    fn n5_a_correction_that_clears_takes_back_what_was_told_and_nothing_else_does() {
        let last = potassium(6.9, "final");
        check(Some(&last), &potassium(4.1, "corrected"), (false, true), News::Cleared);
        check(Some(&last), &potassium(4.1, "corrected"), (false, false), News::Nothing);
        check(Some(&last), &potassium(6.9, "entered-in-error"), (true, true), News::Cleared);
        check(Some(&last), &potassium(6.9, "entered-in-error"), (true, false), News::Nothing);
        // That a preliminary result became final clears nothing.
        check(Some(&potassium(6.9, "preliminary")), &last, (false, true), News::Nothing);
        let visit = |status: &str| json!({ "resourceType": "Encounter", "status": status });
        check(Some(&visit("in-progress")), &visit("finished"), (false, true), News::Nothing);
        check(Some(&visit("in-progress")), &visit("cancelled"), (false, true), News::Cleared);
        check(Some(&visit("planned")), &visit("in-progress"), (true, true), News::Holds);
    }
}
