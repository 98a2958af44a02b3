//! How often a server may be asked: its wishes, our budget, and how much it has to say.

use std::time::Duration;

use model::{Poll, Timestamp, limits};

/// Paces the requests to one server. Pure: time is passed in.
#[derive(Debug)]
pub(crate) struct Governor {
    every: Duration,
    per_hour: u32,
    /// The hour that is counted, from its first request.
    hour: Timestamp,
    used: u32,
    /// What the last round needed.
    last_round: u32,
    used_before_round: u32,
    /// Rounds in a row that brought nothing.
    quiet: u32,
    failures: u32,
    /// Before this the server does not want to hear from us.
    not_before: Timestamp,
}

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Round {
    /// It brought something new; more may be waiting.
    Changed,
    /// It brought nothing new.
    Quiet,
    /// It failed, and the other side may have said for how long.
    Failed(Option<Duration>),
}

impl Governor {
    pub(crate) fn new(poll: &Poll) -> Self {
        Governor {
            every: poll.every.0,
            per_hour: poll.requests_per_hour,
            hour: Timestamp::default(),
            used: 0,
            last_round: 1,
            used_before_round: 0,
            quiet: 0,
            failures: 0,
            not_before: Timestamp::default(),
        }
    }

    /// Counts a request, if it may be made now; otherwise says how long it must wait.
    pub(crate) fn admit(&mut self, now: Timestamp) -> Result<(), Duration> {
        if now < self.not_before {
            return Err(self.not_before.since(now));
        }
        self.turn(now);
        if self.used >= self.per_hour {
            return Err((self.hour + HOUR).since(now));
        }
        self.used += 1;
        Ok(())
    }

    /// Heeds `Retry-After`, for whoever asks next.
    pub(crate) fn pause(&mut self, now: Timestamp, wait: Option<Duration>) {
        let wait = wait.unwrap_or(self.every).min(limits::RETRY_AFTER);
        self.not_before = self.not_before.max(now + wait);
    }

    /// Requests that are left in the present hour.
    pub(crate) fn left(&mut self, now: Timestamp) -> u32 {
        self.turn(now);
        self.per_hour - self.used
    }

    /// Failures in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// When the next round begins after one that ended now.
    pub(crate) fn next(&mut self, round: Round, now: Timestamp) -> Timestamp {
        self.turn(now);
        self.last_round = self.used.saturating_sub(self.used_before_round).max(1);
        self.used_before_round = self.used;
        match round {
            Round::Changed => (self.quiet, self.failures) = (0, 0),
            Round::Quiet => (self.quiet, self.failures) = (self.quiet.saturating_add(1), 0),
            Round::Failed(_) => self.failures = self.failures.saturating_add(1),
        }
        let wait = match round {
            Round::Failed(asked) => self.backed_off().max(asked.unwrap_or_default()),
            Round::Changed | Round::Quiet => self.every * self.slowness(),
        };
        (now + wait.min(limits::RETRY_AFTER).max(self.pace(now))).max(self.not_before)
    }

    /// One step slower with every five quiet rounds.
    fn slowness(&self) -> u32 {
        (1 + self.quiet / 5).min(limits::POLL_SLOWEST)
    }

    fn backed_off(&self) -> Duration {
        let doubled = 1_u32.checked_shl(self.failures.min(10)).unwrap_or(u32::MAX);
        self.every.saturating_mul(doubled).min(BACKED_OFF.max(self.every))
    }

    /// Spreads what is left of the budget over what is left of the hour.
    fn pace(&self, now: Timestamp) -> Duration {
        let rest = (self.hour + HOUR).since(now);
        match (self.per_hour - self.used) / self.last_round {
            0 => rest,
            rounds => rest / rounds,
        }
    }

    fn turn(&mut self, now: Timestamp) {
        // A clock that was set back must not lend the budget of an hour that never ends.
        if now.since(self.hour) >= HOUR || now < self.hour {
            (self.hour, self.used, self.used_before_round) = (now, 0, 0);
        }
    }
}

const HOUR: Duration = Duration::from_secs(3_600);
const BACKED_OFF: Duration = Duration::from_secs(900);

#[cfg(test)]
mod tests {
    use model::{HookUrl, PlainHttp, PollAuth, Span};

    use super::*;

    fn governor(every: u64, requests_per_hour: u32) -> Governor {
        Governor::new(&Poll {
            url: HookUrl::read("https://ehr.example", PlainHttp::Refused).unwrap().0,
            searches: Vec::new(),
            every: Span::secs(every),
            overlap: Span::secs(300),
            requests_per_hour,
            since: None,
            auth: PollAuth::None,
            ca: None,
        })
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 + seconds * 1_000)
    }

    fn wait(governor: &mut Governor, round: Round, now: i64) -> u64 {
        governor.next(round, at(now)).since(at(now)).as_secs()
    }

    #[test]
    fn a_quiet_server_is_asked_less_often_until_it_speaks_again() {
        let mut governor = governor(60, 36_000);
        governor.admit(at(0)).unwrap();
        assert_eq!(wait(&mut governor, Round::Changed, 0), 60);
        let waits: Vec<u64> = (0..40).map(|_| wait(&mut governor, Round::Quiet, 0)).collect();
        assert_eq!((waits[0], waits[4], waits[39]), (60, 120, 480));
        assert_eq!(wait(&mut governor, Round::Changed, 0), 60);
    }

    #[test]
    fn failures_back_off_and_a_wish_to_wait_is_heeded() {
        let mut governor = governor(60, 36_000);
        governor.admit(at(0)).unwrap();
        assert_eq!(wait(&mut governor, Round::Failed(None), 0), 120);
        assert_eq!(wait(&mut governor, Round::Failed(None), 0), 240);
        assert_eq!(wait(&mut governor, Round::Failed(Some(Duration::from_secs(1_000))), 0), 1_000);
        assert_eq!(wait(&mut governor, Round::Failed(None), 0), 900);
        governor.pause(at(0), Some(Duration::from_secs(30)));
        assert_eq!(governor.admit(at(10)), Err(Duration::from_secs(20)));
        assert_eq!(governor.admit(at(30)), Ok(()));
        assert_eq!((wait(&mut governor, Round::Quiet, 30), governor.failures()), (60, 0));
    }

    #[test]
    fn the_budget_of_an_hour_is_spread_over_it_and_never_exceeded() {
        let mut governor = governor(10, 60);
        for _ in 0..30 {
            governor.admit(at(0)).unwrap();
        }
        assert_eq!(wait(&mut governor, Round::Changed, 0), 3_600, "one more round of thirty fits");
        for _ in 0..30 {
            governor.admit(at(1_000)).unwrap();
        }
        assert_eq!(governor.admit(at(1_000)), Err(Duration::from_secs(2_600)));
        assert_eq!((governor.left(at(1_000)), governor.left(at(3_600))), (0, 60));
        assert_eq!(governor.admit(at(3_600)), Ok(()));
        assert_eq!(governor.admit(at(-100)), Ok(()), "a clock set back begins a new hour");
    }
}
