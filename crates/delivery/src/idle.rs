//! Senders with nothing to send: they wait to be called, which costs less than starting another.

use std::sync::atomic::{AtomicUsize, Ordering};

use model::limits;
use tokio::sync::Semaphore;

/// The senders that wait.
pub(crate) struct Idle {
    waiting: AtomicUsize,
    /// One for each sender that was called and has not gone on yet.
    calls: Semaphore,
}

impl Default for Idle {
    fn default() -> Self {
        Idle { waiting: AtomicUsize::new(0), calls: Semaphore::new(0) }
    }
}

impl Idle {
    /// Waits to be called; false if enough others wait, or if nobody will be called any more.
    pub(crate) async fn wait(&self) -> bool {
        let one_more = |waiting| (waiting < limits::IDLE_SENDERS).then_some(waiting + 1);
        if self.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_err() {
            return false;
        }
        match self.calls.acquire().await {
            Ok(call) => {
                call.forget();
                true
            }
            Err(_) => false,
        }
    }

    /// Calls up to `most` senders; how many were there.
    pub(crate) fn call(&self, most: usize) -> usize {
        let rest = |waiting: usize| Some(waiting.saturating_sub(most));
        let before = self.waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, rest).unwrap_or(0);
        let called = before.min(most);
        self.calls.add_permits(called);
        called
    }

    /// Sends all of them home.
    pub(crate) fn close(&self) {
        self.calls.close();
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn as_many_go_on_as_were_called_and_a_call_is_never_lost() {
        let idle = Idle::default();
        let context = &mut Context::from_waker(Waker::noop());
        assert_eq!(idle.call(3), 0, "nobody is there");
        let (mut one, mut other) = (pin!(idle.wait()), pin!(idle.wait()));
        assert!(one.as_mut().poll(context).is_pending() && other.as_mut().poll(context).is_pending());
        assert_eq!((idle.call(1), idle.call(5)), (1, 1), "each is called once");
        assert_eq!(one.as_mut().poll(context), Poll::Ready(true));
        assert_eq!(other.as_mut().poll(context), Poll::Ready(true));
        let mut last = pin!(idle.wait());
        assert!(last.as_mut().poll(context).is_pending());
        idle.close();
        assert_eq!(last.as_mut().poll(context), Poll::Ready(false));
    }

    #[test]
    fn no_more_wait_than_are_worth_it() {
        let idle = Idle::default();
        let context = &mut Context::from_waker(Waker::noop());
        let mut all: Vec<_> = (0..=limits::IDLE_SENDERS).map(|_| Box::pin(idle.wait())).collect();
        let gone = all.iter_mut().filter_map(|one| match one.as_mut().poll(context) {
            Poll::Ready(goes_on) => Some(goes_on),
            Poll::Pending => None,
        });
        assert_eq!(gone.collect::<Vec<_>>(), [false]);
    }
}
