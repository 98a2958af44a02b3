//! Whom a trigger waits for that fires when nothing comes, since when, and until when.
//!
//! What comes is remembered by its own time. So what turns out never to have come leaves the waiting where it
//! was before (N5), and an end that is taken back lets it go on. In doubt it waits from the earlier time: an
//! alarm too early is looked into, one that never comes is not.

use std::time::Duration;

use model::{EventId, IntegrationId, Judgement, Subject, Timestamp, limits};
use serde::{Deserialize, Serialize};

/// What a trigger knows of what came of a patient.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// What came, the newest last.
    #[serde(default)]
    came: Vec<Came>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waits_for: Option<Awaited>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// Whether it was told that nothing came, and nothing has come in time since.
    #[serde(default)]
    missed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Ended>,
}

/// Something that came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Came {
    /// When, by its own time.
    pub at: Timestamp,
    /// The object, as an HMAC.
    pub object: u128,
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
    pub integration: IntegrationId,
    /// Whether it is a test (T1).
    #[serde(default)]
    pub test: bool,
}

/// What ended a waiting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ended {
    /// The event; none where it has no id of its own and is taken back by none.
    by: Option<EventId>,
    /// What was measured before begins no new waiting.
    at: Timestamp,
    /// Who was waited for.
    awaited: Option<Awaited>,
}

impl Waiting {
    /// Something came of somebody; `who` says who and when. Waits from the newest on, for `within`.
    ///
    /// What is too old already when it comes is overdue: it is told after [`limits::ABSENCE_GRACE`], unless
    /// something newer or an end of the waiting comes by then, as when a past is read in. Where it was told that
    /// nothing came, what is too old changes nothing.
    pub fn come(&mut self, object: u128, who: Awaited, (within, now): (Duration, Timestamp)) -> Judgement {
        let at = who.last;
        if let Some(ended) = self.ended.take_if(|ended| at > ended.at) {
            // Who comes back is waited for anew.
            self.came.retain(|came| came.at > ended.at);
        }
        self.insert(Came { at, object });
        let newest = self.came.last().map_or(at, |came| came.at);
        if self.ended.is_some() {
            return Judgement::OutOfOrder;
        }
        let is_overdue = newest + within <= now;
        if is_overdue && self.missed {
            return Judgement::NotRearmed;
        }
        self.missed = false;
        self.due = Some(match self.due {
            _ if !is_overdue => newest + within,
            // However much of the past is read in: it is not put off again and again.
            Some(due) => due.min(now + limits::ABSENCE_GRACE),
            None => now + limits::ABSENCE_GRACE,
        });
        self.waits_for = Some(Awaited { last: newest, ..who });
        if at < newest { Judgement::OutOfOrder } else { Judgement::Waiting }
    }

    /// What came of an object never did: waits since what came before it, and since that itself where it was the
    /// first.
    ///
    /// Answers whether it was known.
    pub fn take_back(&mut self, object: u128, within: Duration) -> bool {
        let Some(place) = self.came.iter().position(|came| came.object == object) else { return false };
        self.came.remove(place);
        if let (Some(awaited), Some(newest)) = (&mut self.waits_for, self.came.last()) {
            awaited.last = newest.at;
            self.due = Some(newest.at + within);
        }
        true
    }

    /// An event ended the waiting.
    ///
    /// Answers whether that changes anything.
    pub fn end(&mut self, by: Option<EventId>, at: Timestamp) -> bool {
        let awaited = self.waits_for.take();
        if awaited.is_none() && !self.missed && self.ended.is_none() {
            return false;
        }
        let before = self.ended.take().and_then(|ended| ended.awaited);
        self.ended = Some(Ended { by, at, awaited: awaited.or(before) });
        self.due = None;
        true
    }

    /// The event that ended the waiting is taken back: it goes on since what came last.
    ///
    /// Answers whether it was that event.
    pub fn resume(&mut self, ended_by: EventId, within: Duration) -> bool {
        let Some(ended) = self.ended.take_if(|ended| ended.by == Some(ended_by)) else { return false };
        self.due = ended.awaited.as_ref().map(|awaited| awaited.last + within);
        self.waits_for = ended.awaited;
        true
    }

    /// It is told that nothing came: of whom, and since when. None where nobody is waited for.
    pub fn miss(&mut self) -> Option<Awaited> {
        self.due = None;
        let awaited = self.waits_for.take();
        self.missed |= awaited.is_some();
        awaited
    }

    /// When it is told that nothing came.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    fn insert(&mut self, came: Came) {
        self.came.retain(|known| known.object != came.object);
        let place = self.came.partition_point(|known| known.at <= came.at);
        self.came.insert(place, came);
        if self.came.len() > limits::REMEMBERED {
            self.came.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Id as _;

    use super::*;

    const EIGHT: Duration = Duration::from_secs(8 * 3_600);

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_millis(hour * 3_600_000)
    }

    fn who(at: i64) -> Awaited {
        Awaited { subject: None, last: hour(at), integration: IntegrationId::from_raw(1), test: false }
    }

    fn event(number: u128) -> EventId {
        EventId::from_raw(number)
    }

    /// Something came at an hour, and is known at another.
    fn come(waiting: &mut Waiting, at: i64, now: i64) -> Judgement {
        waiting.come(at as u128, who(at), (EIGHT, hour(now)))
    }

    #[test]
    fn n5_what_never_came_leaves_the_waiting_where_it_was_before() {
        let mut waiting = Waiting::default();
        assert_eq!([9, 12, 13].map(|at| come(&mut waiting, at, at)), [Judgement::Waiting; 3]);
        assert!(waiting.take_back(13, EIGHT));
        assert_eq!(waiting.due(), Some(hour(12) + EIGHT));
        assert!(waiting.take_back(9, EIGHT) && !waiting.take_back(9, EIGHT));
        assert_eq!(waiting.due(), Some(hour(12) + EIGHT), "an older one changes nothing");
        assert!(waiting.take_back(12, EIGHT));
        assert_eq!(waiting.due(), Some(hour(12) + EIGHT), "and of the first the waiting began all the same");
    }

    #[test]
    fn n5_what_never_came_is_told_again_though_it_had_ended_an_absence() {
        let mut waiting = Waiting::default();
        come(&mut waiting, 9, 9);
        assert_eq!(waiting.miss().map(|awaited| awaited.last), Some(hour(9)));
        assert_eq!(come(&mut waiting, 18, 18), Judgement::Waiting);
        waiting.take_back(18, EIGHT);
        assert_eq!(waiting.due(), Some(hour(17)), "it is due at once");
        assert_eq!(waiting.miss().map(|awaited| awaited.last), Some(hour(9)));
    }

    #[test]
    fn what_is_too_old_when_it_comes_is_told_once_and_a_past_that_is_read_in_is_not_put_off() {
        let mut waiting = Waiting::default();
        assert_eq!(come(&mut waiting, 1, 100), Judgement::Waiting);
        let due = hour(100) + limits::ABSENCE_GRACE;
        assert_eq!(waiting.due(), Some(due));
        let later = (EIGHT, hour(100) + Duration::from_secs(30));
        waiting.come(2, who(2), later);
        assert_eq!(waiting.due(), Some(due));
        assert_eq!(waiting.miss().map(|awaited| awaited.last), Some(hour(2)));
        assert_eq!(come(&mut waiting, 3, 101), Judgement::NotRearmed);
        assert_eq!(waiting.due(), None, "what is too old says nothing new");
        assert_eq!(come(&mut waiting, 101, 101), Judgement::Waiting);
        // A past that ends in the present, or in an end, is no absence.
        let mut waiting = Waiting::default();
        come(&mut waiting, 1, 100);
        come(&mut waiting, 99, 100);
        assert_eq!(waiting.due(), Some(hour(99) + EIGHT));
    }

    #[test]
    fn an_older_value_and_one_from_before_the_end_begin_nothing() {
        let mut waiting = Waiting::default();
        come(&mut waiting, 10, 10);
        assert_eq!(come(&mut waiting, 9, 11), Judgement::OutOfOrder);
        assert_eq!(waiting.due(), Some(hour(18)));
        assert!(waiting.end(Some(event(1)), hour(12)) && waiting.due().is_none());
        assert_eq!(come(&mut waiting, 11, 12), Judgement::OutOfOrder);
        assert_eq!(waiting.due(), None);
        assert_eq!(come(&mut waiting, 13, 13), Judgement::Waiting, "who comes back is waited for anew");
        waiting.take_back(13, EIGHT);
        assert_eq!(waiting.due(), Some(hour(13) + EIGHT), "not since before the end");
        assert!(!Waiting::default().end(None, hour(1)), "nobody was waited for");
    }

    #[test]
    fn n5_an_end_that_is_taken_back_lets_the_waiting_go_on() {
        let mut waiting = Waiting::default();
        come(&mut waiting, 10, 10);
        waiting.end(Some(event(1)), hour(12));
        waiting.end(Some(event(2)), hour(12));
        assert!(!waiting.resume(event(1), EIGHT), "another end stands");
        assert!(waiting.resume(event(2), EIGHT));
        assert_eq!(waiting.due(), Some(hour(18)));
        assert_eq!(waiting.miss().map(|awaited| awaited.last), Some(hour(10)));
        waiting.end(Some(event(3)), hour(19));
        assert!(waiting.resume(event(3), EIGHT));
        assert_eq!(waiting.due(), None, "it was told already");
    }

    #[test]
    fn a_correction_of_the_time_moves_the_waiting() {
        let mut waiting = Waiting::default();
        come(&mut waiting, 9, 9);
        come(&mut waiting, 12, 12);
        let corrected = Awaited { last: hour(10), ..who(12) };
        waiting.come(12, corrected, (EIGHT, hour(12)));
        assert_eq!(waiting.due(), Some(hour(10) + EIGHT));
    }
}
