//! What came of the challenges, and when the next ones are due.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{Challenged, HookState, Timestamp, Versioned, Webhook, WebhookId, limits};
use tokio::time::Instant;

use crate::dispatch::Now;

/// The last challenge of each webhook whose receiver owes a proof.
#[derive(Default)]
pub(crate) struct Challenges(Mutex<HashMap<WebhookId, Known>>);

/// What is known of one webhook's challenges.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// The settings that were tried: others are tried afresh.
    version: u64,
    tries: usize,
    /// When the next is due; none while one is under way, or when there is no next.
    due: Option<Instant>,
    last: Option<Challenged>,
}

impl Known {
    fn fresh(version: u64, due: Option<Instant>) -> Self {
        Known { version, tries: 0, due, last: None }
    }
}

impl Challenges {
    /// Forgets webhooks that are gone or owe nothing any more.
    pub(super) fn keep(&self, webhooks: &BTreeMap<WebhookId, Arc<Versioned<Webhook>>>) {
        self.all().retain(|id, _| webhooks.get(id).is_some_and(|webhook| webhook.owes_proof()));
    }

    /// Whether a challenge is due; if so it counts as under way.
    pub(super) fn begin(&self, webhook: &Versioned<Webhook>, now: Now) -> bool {
        let mut all = self.all();
        let fresh = || Known::fresh(webhook.version, Some(now.at));
        let known = all.entry(webhook.id).or_insert_with(fresh);
        if known.version != webhook.version {
            *known = fresh();
        }
        known.due.take_if(|due| *due <= now.at).is_some()
    }

    /// Keeps what came of a challenge; answers it with the time of the next.
    pub(super) fn note(&self, webhook: &Versioned<Webhook>, challenged: Challenged, now: Now) -> Challenged {
        let mut all = self.all();
        let known = all.entry(webhook.id).or_insert_with(|| Known::fresh(webhook.version, None));
        if known.version != webhook.version {
            return challenged;
        }
        let pause = challenged.error.and_then(|_| pause(&webhook.state, known.tries, now.wall));
        known.tries += 1;
        known.due = pause.map(|pause| now.at + pause);
        let challenged = Challenged { next: pause.map(|pause| now.wall + pause), ..challenged };
        known.last = Some(challenged);
        challenged
    }

    /// What came of the last challenge of a webhook.
    pub(super) fn of(&self, webhook: WebhookId) -> Option<Challenged> {
        self.all().get(&webhook).and_then(|known| known.last)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<WebhookId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long until the next challenge after so many that failed; none for a webhook that is not called, or has been
/// pending for too long.
fn pause(state: &HookState, tries: usize, now: Timestamp) -> Option<Duration> {
    let HookState::Pending { since } = state else { return None };
    let [.., last] = limits::CHALLENGE_PAUSES;
    let pause = limits::CHALLENGE_PAUSES.get(tries).copied().unwrap_or(last);
    (now.since(*since) + pause <= limits::CHALLENGED_FOR).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c13_a_receiver_is_challenged_ever_more_rarely_and_not_for_ever() {
        let since = Timestamp::from_millis(1_790_000_000_000);
        let pending = HookState::Pending { since };
        let (mut now, mut tries) = (since, 0);
        while let Some(next) = pause(&pending, tries, now) {
            (now, tries) = (now + next, tries + 1);
        }
        assert_eq!(pause(&pending, 0, since), Some(Duration::from_secs(5)));
        assert_eq!(pause(&pending, 9, since), Some(Duration::from_secs(3_600)));
        assert_eq!(tries, 75, "five quick ones, then hourly for three days");
        assert_eq!(pause(&HookState::Active, 0, since), None);
    }
}
