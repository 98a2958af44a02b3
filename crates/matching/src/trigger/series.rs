//! What a trigger remembers of the values of one patient and code, by their own time (P7).
//!
//! A run is what stands between two values that re-arm. Of a run one event is
//! told. A value that comes late takes its place by its time: it never re-arms,
//! and where the crossing that it belongs to was told it tells nothing.

use std::time::Duration;

use model::{Judgement, Subject, Timestamp, limits};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Values in the order of their time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    points: Vec<Point>,
    /// When it fired last, by the time of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fired_at: Option<Timestamp>,
    /// Who is waited for, of a trigger that fires when nothing comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<Awaited>,
}

/// Whom a trigger waits for, and since when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Awaited {
    /// Who.
    pub subject: Option<Subject>,
    /// The last thing that came, by its own time.
    pub last: Timestamp,
    /// Where it came in.
    pub integration: model::IntegrationId,
    /// Whether it is a test (T1).
    #[serde(default)]
    pub test: bool,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// When it was measured.
    pub at: Timestamp,
    /// The object it stands in, as an HMAC: a correction of it takes its place.
    pub object: u128,
    /// Whether the criteria hold.
    pub holds: bool,
    /// Whether the trigger can fire again after it.
    pub rearms: bool,
    /// The number, where the trigger compares numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Whether it was told.
    #[serde(default)]
    pub fired: bool,
}

/// When a crossing is told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Crossing {
    /// How long it must hold.
    pub hold: Duration,
    /// How long it is quiet afterwards.
    pub quiet: Duration,
}

/// How often it must hold.
#[derive(Debug, Clone, Copy)]
pub struct Often {
    /// How often.
    pub times: usize,
    /// Of how many of the last.
    pub of: usize,
    /// Within which time.
    pub within: Option<Duration>,
}

impl Series {
    /// Takes a value in and says what becomes of it.
    pub fn cross(&mut self, point: Point, rule: Crossing) -> Judgement {
        let (holds, at) = (point.holds, point.at);
        let place = self.insert(point);
        if self.points[place].fired {
            return Judgement::Unchanged;
        }
        if !holds {
            return Judgement::NotMatched;
        }
        let (from, to) = self.run(place);
        let run = &self.points[from..to];
        if let Some(told) = run.iter().position(|point| point.fired) {
            return if from + told < place { Judgement::NotRearmed } else { Judgement::OutOfOrder };
        }
        let began = run.iter().find(|point| point.holds).map_or(at, |point| point.at);
        if at.since(began) < rule.hold {
            return Judgement::NotYet;
        }
        if self.fired_at.is_some_and(|last| last <= at && at.since(last) < rule.quiet) {
            return Judgement::Quiet;
        }
        self.fire(place)
    }

    /// Takes a value in; fires when of the last ones enough hold, and did not before it.
    pub fn count(&mut self, point: Point, rule: Often) -> Judgement {
        let holds = point.holds;
        let place = self.insert(point);
        if !holds {
            return Judgement::NotMatched;
        }
        if place + 1 < self.points.len() {
            return Judgement::OutOfOrder;
        }
        match (self.holding(place + 1, rule) >= rule.times, self.holding(place, rule) >= rule.times) {
            (false, _) => Judgement::NotYet,
            (true, true) => Judgement::NotRearmed,
            (true, false) => self.fire(place),
        }
    }

    /// Takes a number in; fires when `moved` holds against one within the time before it.
    /// What was told is the new ground to measure from.
    ///
    /// # Errors
    /// `moved` could not decide about any, and held for none.
    pub fn change<E>(
        &mut self,
        point: Point,
        within: Duration,
        moved: impl Fn(&Value, &Value) -> Result<bool, E>,
    ) -> Result<Judgement, E> {
        let (at, value) = (point.at, point.value.clone());
        let place = self.insert(point);
        // Whether it moved is decided anew; a correction may have brought it back.
        self.points[place].fired = false;
        let Some(now) = value else { return Ok(Judgement::NotMatched) };
        let ground = self.points[..place].iter().rposition(|point| point.fired).unwrap_or(0);
        let mut undecided = None;
        for before in self.points[ground..place].iter().filter(|before| at.since(before.at) <= within) {
            match before.value.as_ref().map(|then| moved(&now, then)) {
                Some(Ok(true)) => return Ok(self.fire(place)),
                Some(Ok(false)) | None => {}
                Some(Err(why)) => undecided = Some(why),
            }
        }
        undecided.map_or(Ok(Judgement::NotMatched), Err)
    }

    /// Forgets the value of an object: it never was, so nothing is measured from it, and it re-arms nobody.
    ///
    /// Answers whether there was one.
    pub fn forget(&mut self, object: u128) -> bool {
        let Some(place) = self.points.iter().position(|known| known.object == object) else { return false };
        if self.points.remove(place).fired {
            // Nobody has heard of what was told by it any more.
            self.fired_at = self.points.iter().filter(|point| point.fired).map(|point| point.at).max();
        }
        true
    }

    /// Puts a point where its time says; one of the same object gives way to it.
    fn insert(&mut self, mut point: Point) -> usize {
        if let Some(known) = self.points.iter().position(|known| known.object == point.object) {
            let known = self.points.remove(known);
            point.fired = known.fired && point.holds;
        }
        let mut place = self.points.partition_point(|known| known.at <= point.at);
        // What is late says how it was then, not how it is.
        point.rearms &= place == self.points.len();
        self.points.insert(place, point);
        if self.points.len() > limits::REMEMBERED {
            let oldest = self.points.remove(0);
            // A run that outgrows the memory was told all the same.
            if let Some(next) = self.points.first_mut().filter(|next| !next.rearms) {
                next.fired |= oldest.fired;
            }
            place = place.saturating_sub(1);
        }
        place
    }

    /// The points around a place that no re-arming parts from it.
    fn run(&self, place: usize) -> (usize, usize) {
        let from = self.points[..place].iter().rposition(|point| point.rearms).map_or(0, |last| last + 1);
        let after = self.points[place..].iter().position(|point| point.rearms);
        (from, after.map_or(self.points.len(), |next| place + next))
    }

    fn holding(&self, end: usize, rule: Often) -> usize {
        let last = &self.points[end.saturating_sub(rule.of)..end];
        let Some(newest) = last.last() else { return 0 };
        let is_recent = |point: &&Point| rule.within.is_none_or(|within| newest.at.since(point.at) <= within);
        last.iter().filter(is_recent).filter(|point| point.holds).count()
    }

    fn fire(&mut self, place: usize) -> Judgement {
        self.points[place].fired = true;
        self.fired_at = self.fired_at.max(Some(self.points[place].at));
        Judgement::Fired
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MINUTE: i64 = 60_000;

    fn point(minute: i64, value: i64) -> Point {
        Point {
            at: Timestamp::from_millis(minute * MINUTE),
            object: (minute * 1_000 + value) as u128,
            holds: value < 90,
            rearms: value >= 90,
            value: Some(json!(value)),
            fired: false,
        }
    }

    #[track_caller]
    fn check(values: &[(i64, i64)], rule: Crossing, expected: &[Judgement]) {
        let mut series = Series::default();
        let found: Vec<Judgement> =
            values.iter().map(|(minute, value)| series.cross(point(*minute, *value), rule)).collect();
        assert_eq!(found, expected, "{values:?}");
    }

    const FIRED: Judgement = Judgement::Fired;
    const OVER: Judgement = Judgement::NotMatched;
    const SAME: Judgement = Judgement::NotRearmed;

    #[test]
    fn p7_a_threshold_fires_when_it_is_crossed_and_again_once_it_is_re_armed() {
        let values = [(1, 91), (2, 89), (3, 88), (4, 91), (5, 89)];
        check(&values, Crossing::default(), &[OVER, FIRED, SAME, OVER, FIRED]);
    }

    #[test]
    fn p7_an_older_value_that_comes_late_does_not_re_arm() {
        let values = [(1, 91), (3, 89), (2, 91), (4, 88), (5, 87)];
        check(&values, Crossing::default(), &[OVER, FIRED, OVER, SAME, SAME]);
        // Nor when it falls between two values of the same run.
        let values = [(1, 89), (3, 88), (2, 91), (4, 87)];
        check(&values, Crossing::default(), &[FIRED, SAME, OVER, SAME]);
    }

    #[test]
    fn p7_a_late_value_tells_of_a_crossing_that_nobody_was_told_of_and_of_no_other() {
        check(&[(1, 91), (3, 91), (2, 89)], Crossing::default(), &[OVER, OVER, FIRED]);
        check(&[(3, 89), (2, 88)], Crossing::default(), &[FIRED, Judgement::OutOfOrder]);
    }

    #[test]
    fn a_short_dip_is_no_crossing_and_after_one_it_is_quiet() {
        let hold = Crossing { hold: Duration::from_secs(300), ..Crossing::default() };
        let wait = Judgement::NotYet;
        check(&[(1, 89), (3, 91), (4, 89), (9, 88), (10, 87)], hold, &[wait, OVER, wait, FIRED, SAME]);
        let quiet = Crossing { quiet: Duration::from_secs(600), ..Crossing::default() };
        let still = Judgement::Quiet;
        check(&[(1, 89), (2, 91), (3, 89), (4, 91), (12, 89)], quiet, &[FIRED, OVER, still, OVER, FIRED]);
    }

    #[test]
    fn a_run_longer_than_the_memory_is_told_once() {
        let mut series = Series::default();
        let told = (1..300).filter(|minute| series.cross(point(*minute, 80), Crossing::default()) == FIRED);
        assert_eq!(told.count(), 1);
        assert_eq!(series.points.len(), limits::REMEMBERED);
    }

    #[test]
    fn a_correction_takes_the_place_of_what_it_corrects() {
        let mut series = Series::default();
        assert_eq!(series.cross(point(1, 89), Crossing::default()), FIRED);
        let cleared = Point { object: point(1, 89).object, ..point(1, 95) };
        assert_eq!(series.cross(cleared, Crossing::default()), OVER);
        assert_eq!(series.cross(point(2, 89), Crossing::default()), FIRED, "the one before never was");
    }

    #[test]
    fn p7_a_value_that_never_was_re_arms_nobody_and_nothing_is_measured_from_it() {
        let mut series = Series::default();
        let quiet = Crossing { quiet: Duration::from_secs(3_600), ..Crossing::default() };
        assert_eq!(
            [(1, 89), (2, 88)].map(|(at, value)| series.cross(point(at, value), quiet)),
            [FIRED, SAME]
        );
        assert!(series.forget(point(2, 88).object));
        assert_eq!(series.cross(point(3, 87), quiet), SAME, "what was told still stands");
        assert!(series.forget(point(1, 89).object) && !series.forget(point(1, 89).object));
        assert_eq!(series.cross(point(4, 86), quiet), FIRED, "nobody was told of what stands");
    }

    #[test]
    fn a_change_that_a_correction_undid_is_no_ground_to_measure_from() {
        let mut series = Series::default();
        let risen = |now: &Value, then: &Value| {
            Ok::<_, ()>(now.as_i64().unwrap_or_default() - then.as_i64().unwrap_or_default() >= 30)
        };
        let mut take = |point| series.change(point, Duration::from_secs(3_600), risen).unwrap();
        assert_eq!([take(point(1, 100)), take(point(2, 150))], [OVER, FIRED]);
        let corrected = Point { object: point(2, 150).object, ..point(2, 110) };
        assert_eq!([take(corrected), take(point(3, 135))], [OVER, FIRED]);
    }

    #[test]
    fn enough_of_the_last_values_fire_once() {
        let mut series = Series::default();
        let rule = Often { times: 3, of: 5, within: None };
        let values = [(1, 89), (2, 95), (3, 88), (4, 87), (5, 86), (6, 95), (7, 95), (8, 95), (9, 85)];
        let found: Vec<_> = values.map(|(minute, value)| series.count(point(minute, value), rule)).into();
        let wait = Judgement::NotYet;
        assert_eq!(found, [wait, OVER, wait, FIRED, SAME, OVER, OVER, OVER, wait]);
        let rule = Often { within: Some(Duration::from_secs(120)), times: 2, of: 3 };
        let mut series = Series::default();
        assert_eq!([(1, 89), (9, 88)].map(|(at, value)| series.count(point(at, value), rule)), [wait, wait]);
    }

    #[test]
    fn a_change_is_measured_from_what_was_told_last() {
        let mut series = Series::default();
        let risen = |now: &Value, then: &Value| {
            Ok::<_, ()>(now.as_i64().unwrap_or_default() - then.as_i64().unwrap_or_default() >= 30)
        };
        let hour = Duration::from_secs(3_600);
        let mut take = |minute, value| series.change(point(minute, value), hour, risen).unwrap();
        let found = [(1, 100), (2, 120), (3, 131), (4, 140), (5, 161), (99, 300)].map(|(at, v)| take(at, v));
        assert_eq!(found, [OVER, OVER, FIRED, OVER, FIRED, OVER]);
    }
}
