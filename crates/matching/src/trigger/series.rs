//! What a trigger remembers of the values of one patient and code, by their own time (P7).
//!
//! A run is what stands between two values that re-arm. Of a run one event is
//! told. A value that comes late takes its place by its time: it never re-arms,
//! and where the crossing that it belongs to was told it tells nothing.

use std::time::Duration;

use model::{Judgement, Timestamp, limits};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Values in the order of their time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    points: Vec<Point>,
    /// When it fired last, by the time of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fired_at: Option<Timestamp>,
    /// The place of a value that was told and has just been taken back.
    #[serde(skip)]
    gap: Option<usize>,
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
        let place = self.insert(point);
        // Whether it moved is decided anew; a correction may have brought it back.
        let was_told = std::mem::take(&mut self.points[place].fired);
        if self.has_moved(place, within, &moved)? {
            return Ok(self.fire(place));
        }
        if was_told {
            self.take_back(place);
        }
        Ok(Judgement::NotMatched)
    }

    /// Whether a number moved against one within the time before it, since what was told last.
    fn has_moved<E>(
        &self,
        place: usize,
        within: Duration,
        moved: &impl Fn(&Value, &Value) -> Result<bool, E>,
    ) -> Result<bool, E> {
        let Point { at, value: Some(now), .. } = &self.points[place] else { return Ok(false) };
        let ground = self.points[..place].iter().rposition(|point| point.fired).unwrap_or(0);
        let mut undecided = None;
        for before in self.points[ground..place].iter().filter(|before| at.since(before.at) <= within) {
            match before.value.as_ref().map(|then| moved(now, then)) {
                Some(Ok(true)) => return Ok(true),
                Some(Ok(false)) | None => {}
                Some(Err(why)) => undecided = Some(why),
            }
        }
        undecided.map_or(Ok(false), Err)
    }

    /// Forgets the value of an object: it never was, so nothing is measured from it, and it re-arms nobody.
    ///
    /// Answers whether there was one.
    pub fn forget(&mut self, object: u128) -> bool {
        let Some(place) = self.points.iter().position(|known| known.object == object) else { return false };
        if self.points.remove(place).fired {
            self.take_back(place);
        }
        true
    }

    /// Nobody knows any more of what was told at a place.
    fn take_back(&mut self, place: usize) {
        self.fired_at = self.points.iter().filter(|point| point.fired).map(|point| point.at).max();
        self.gap = Some(place);
    }

    /// The newest value that still holds of a run whose told value was just taken back: it is told now,
    /// since nobody else would tell of the run (N5). Quiet does not count, as nobody was told.
    pub fn stand_in(&mut self, rule: Crossing) -> Option<u128> {
        let gap = self.gap.take()?;
        let (from, to) = self.run(gap);
        let run = &self.points[from..to];
        let began = run.iter().find(|point| point.holds)?.at;
        let newest = run.iter().rposition(|point| point.holds)?;
        if run.iter().any(|point| point.fired) || run[newest].at.since(began) < rule.hold {
            return None;
        }
        Some(self.fire_for(from + newest))
    }

    /// The same where enough of the last values still hold without the one that was told.
    pub fn stand_in_counted(&mut self, rule: Often) -> Option<u128> {
        self.gap.take()?;
        let enough = |end: &usize| self.holding(*end, rule) >= rule.times;
        let ends: Vec<usize> = (1..=self.points.len()).rev().take_while(enough).collect();
        if ends.iter().any(|end| self.points[end - 1].fired) {
            return None;
        }
        let newest = ends.into_iter().map(|end| end - 1).find(|place| self.points[*place].holds)?;
        Some(self.fire_for(newest))
    }

    /// The same where a number after it has moved far enough from one before it. What nobody can decide
    /// was told as that when it came.
    pub fn stand_in_moved<E>(
        &mut self,
        within: Duration,
        moved: impl Fn(&Value, &Value) -> Result<bool, E>,
    ) -> Option<u128> {
        let after = self.gap.take()?..self.points.len();
        if self.points[after.clone()].iter().any(|point| point.fired) {
            return None;
        }
        let newest =
            after.rev().find(|place| self.has_moved(*place, within, &moved).is_ok_and(|moved| moved))?;
        Some(self.fire_for(newest))
    }

    fn fire_for(&mut self, place: usize) -> u128 {
        self.fire(place);
        self.points[place].object
    }

    /// Puts a point where its time says; one of the same object gives way to it.
    fn insert(&mut self, mut point: Point) -> usize {
        let known = self.points.iter().position(|known| known.object == point.object);
        let was_told = known.is_some_and(|known| self.points.remove(known).fired);
        point.fired = was_told && point.holds;
        let is_taken_back = was_told && !point.holds;
        let mut place = self.points.partition_point(|known| known.at <= point.at);
        // What is late says how it was then, not how it is.
        point.rearms &= place == self.points.len();
        self.points.insert(place, point);
        if let Some(known) = known.filter(|_| is_taken_back) {
            self.take_back(known + usize::from(place < known));
        }
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
#[path = "series_tests.rs"]
mod tests;
