//! What an answer means for a delivery.

use std::time::Duration;

use model::{Category, Lane, Outcome, Schedule, Timestamp, Webhook, limits};
use store::Claim;

/// What becomes of a delivery after one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The receiver took it.
    Done,
    /// It is tried again then.
    RetryAt(Timestamp),
    /// It is given up.
    DeadLetter,
    /// Policy no longer lets it out.
    Withhold,
}

/// Decides after an attempt that began at `began`; `jitter` is between 0 and 1.
pub(crate) fn decide(
    claim: &Claim,
    webhook: &Webhook,
    outcome: &Outcome,
    began: Timestamp,
    jitter: f64,
) -> Next {
    match outcome {
        Outcome::Accepted { .. } => Next::Done,
        Outcome::Failed { category: Category::PolicyWithheld, .. } => Next::Withhold,
        // Whoever comes to listen asks for what it missed; nothing is told behind its back.
        Outcome::Failed { category: Category::NotBound, .. } => Next::DeadLetter,
        Outcome::Failed { retry_after, .. } => {
            let schedule = Schedule::of(webhook.retry.as_ref(), claim.lane);
            let made = claim.attempts.saturating_add(1);
            match schedule.next(claim.accepted, began, made, jitter) {
                Some(due) => {
                    let asked = due.max(began + asked(*retry_after, claim.lane));
                    // The last attempt falls on the horizon, whatever the receiver asks for.
                    let last = schedule.horizon().map(|horizon| claim.accepted + horizon);
                    Next::RetryAt(last.map_or(asked, |last| asked.min(last)))
                }
                None => Next::DeadLetter,
            }
        }
    }
}

/// How long a receiver's `Retry-After` is heeded.
pub(crate) fn asked(retry_after: Option<Duration>, lane: Lane) -> Duration {
    let most = if lane == Lane::Critical { limits::RETRY_AFTER_CRITICAL } else { limits::RETRY_AFTER };
    retry_after.unwrap_or_default().min(most)
}

/// Whether a delivery that could not be tried is past the time it was owed.
pub(crate) fn is_overdue(claim: &Claim, webhook: &Webhook, now: Timestamp) -> bool {
    let horizon = Schedule::of(webhook.retry.as_ref(), claim.lane).horizon();
    horizon.is_some_and(|horizon| now > claim.accepted + horizon)
}

/// Whether a failure speaks against the destination, rather than against us.
pub(crate) fn blames_receiver(category: Category) -> bool {
    !matches!(
        category,
        Category::PolicyWithheld
            | Category::Internal
            | Category::NetworkBlocked
            | Category::NotBound
            | Category::TemplateFailed
            | Category::ChallengeFailed
    )
}
