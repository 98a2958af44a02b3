//! Pings that were not answered yet, the oldest first.
//!
//! A pong says that the client's side has read everything before the ping
//! (RFC 6455, 5.5.2): so a message is known to be received, although clients
//! of the guide acknowledge nothing.

use std::collections::VecDeque;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// What waits for answers.
#[derive(Debug, Default)]
pub(super) struct Unanswered {
    last: u64,
    waiting: VecDeque<Ping>,
}

#[derive(Debug)]
struct Ping {
    number: u64,
    at: Instant,
    /// Who wants to know.
    heard: Option<oneshot::Sender<()>>,
}

impl Unanswered {
    /// The number of a new ping.
    pub(super) fn ask(&mut self, heard: Option<oneshot::Sender<()>>, at: Instant) -> u64 {
        self.last += 1;
        self.waiting.push_back(Ping { number: self.last, at, heard });
        self.last
    }

    /// A ping was answered, and with it all before it (RFC 6455, 5.5.3).
    pub(super) fn answered(&mut self, number: u64) {
        while self.waiting.front().is_some_and(|ping| ping.number <= number) {
            let heard = self.waiting.pop_front().and_then(|ping| ping.heard);
            if heard.is_some_and(|heard| heard.send(()).is_err()) {
                tracing::debug!("a message was received later than anybody waited for it");
            }
        }
    }

    /// When the oldest was asked; none if all are answered.
    pub(super) fn since(&self) -> Option<Instant> {
        self.waiting.front().map(|ping| ping.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_to_everything_before_it_and_to_nothing_after_it() {
        let mut unanswered = Unanswered::default();
        let now = Instant::now();
        let mut ask = || {
            let (heard, hears) = oneshot::channel();
            (unanswered.ask(Some(heard), now), hears)
        };
        let ((_, mut first), (second, mut other), (_, mut third)) = (ask(), ask(), ask());
        unanswered.answered(second);
        assert!(first.try_recv().is_ok() && other.try_recv().is_ok());
        assert!(third.try_recv().is_err() && unanswered.since() == Some(now));
        unanswered.answered(99);
        assert!(third.try_recv().is_ok() && unanswered.since().is_none());
    }
}
