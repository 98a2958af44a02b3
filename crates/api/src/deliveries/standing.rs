//! Where a delivery stands: the one place that tells it, for list, read, filter and counts.
//!
//! The store knows what it holds back and what rests on disk; the configuration
//! knows pauses, the senders know breakers and who waits in memory.

use model::{DeliveryState, HoldReason, WebhookId};
use store::{DeliveryRow, WebhookTotals};

use crate::Api;

/// What holds back the deliveries of a webhook, whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Webhook {
    /// What its state holds back, if it does.
    pub(crate) stopped: Option<HoldReason>,
    pub(crate) flowing: bool,
}

impl Webhook {
    /// Where one of its deliveries stands; `in_turn` says that none before it is in memory.
    fn stands(self, row: &DeliveryRow, in_turn: bool) -> (DeliveryState, Option<HoldReason>) {
        let is_due = row.state == DeliveryState::Pending;
        let reason = match self {
            Webhook { stopped: Some(reason), .. } if is_due || row.state == DeliveryState::Waiting => reason,
            Webhook { .. } if !is_due => return (row.state, row.held),
            Webhook { flowing: false, .. } => HoldReason::Breaker,
            Webhook { .. } if !in_turn => HoldReason::Ordering,
            Webhook { .. } if row.on_disk && row.lane.may_be_buffered() => HoldReason::Buffered,
            Webhook { .. } => return (row.state, row.held),
        };
        (DeliveryState::Held, Some(reason))
    }

    /// How many of what it is owed are held; `behind` wait in memory for others.
    fn held(self, totals: &WebhookTotals, behind: u64) -> u64 {
        match self {
            Webhook { stopped: Some(_), .. } => totals.pending,
            Webhook { flowing: false, .. } => totals.pending.saturating_sub(totals.waiting),
            Webhook { .. } => (totals.held + totals.buffered + behind).min(totals.pending),
        }
    }
}

impl Api {
    /// Where a delivery stands, and what it is held by.
    pub(super) fn stands(&self, row: &DeliveryRow) -> (DeliveryState, Option<HoldReason>) {
        let now = self.settings.now();
        let webhook = now.webhook(row.organisation, row.webhook);
        let webhook = self.webhook_stands(row.webhook, webhook.and_then(|found| found.state.holds()));
        let in_turn =
            row.state != DeliveryState::Pending || !self.senders.waits_its_turn(row.webhook, row.id);
        webhook.stands(row, in_turn)
    }

    /// How many of the deliveries that a webhook is owed are held.
    pub(crate) fn held_of(
        &self,
        webhook: WebhookId,
        stopped: Option<HoldReason>,
        totals: &WebhookTotals,
    ) -> u64 {
        let behind = self.senders.behind(webhook) as u64;
        self.webhook_stands(webhook, stopped).held(totals, behind)
    }

    fn webhook_stands(&self, webhook: WebhookId, stopped: Option<HoldReason>) -> Webhook {
        Webhook { stopped, flowing: self.senders.breaker(webhook) == "flowing" }
    }
}

#[cfg(test)]
mod tests {
    use model::Lane;

    use super::super::fixture;
    use super::*;

    fn row(state: DeliveryState, lane: Lane, on_disk: bool) -> DeliveryRow {
        DeliveryRow { state, lane, on_disk, ..fixture::row() }
    }

    const FLOWING: Webhook = Webhook { stopped: None, flowing: true };

    #[test]
    fn what_rests_on_disk_is_buffered_where_its_lane_allows() {
        let stands = |lane, on_disk| FLOWING.stands(&row(DeliveryState::Pending, lane, on_disk), true);
        assert_eq!(stands(Lane::Bulk, true), (DeliveryState::Held, Some(HoldReason::Buffered)));
        assert_eq!(stands(Lane::Routine, true), (DeliveryState::Held, Some(HoldReason::Buffered)));
        assert_eq!(stands(Lane::Routine, false), (DeliveryState::Pending, None));
        assert_eq!(stands(Lane::Urgent, true), (DeliveryState::Pending, None), "no load holds an urgent one");
    }

    #[test]
    fn a_pause_goes_before_a_breaker_and_a_breaker_before_the_rest() {
        let due = row(DeliveryState::Pending, Lane::Routine, true);
        let waiting = row(DeliveryState::Waiting, Lane::Routine, false);
        let done = row(DeliveryState::Delivered, Lane::Routine, false);
        let tripped = Webhook { flowing: false, ..FLOWING };
        let paused = Webhook { stopped: Some(HoldReason::Paused), flowing: false };
        assert_eq!(paused.stands(&due, false).1, Some(HoldReason::Paused));
        assert_eq!(paused.stands(&waiting, true).1, Some(HoldReason::Paused));
        assert_eq!(tripped.stands(&due, false).1, Some(HoldReason::Breaker));
        assert_eq!(tripped.stands(&waiting, true), (DeliveryState::Waiting, None));
        assert_eq!(FLOWING.stands(&due, false).1, Some(HoldReason::Ordering));
        assert_eq!(paused.stands(&done, true), (DeliveryState::Delivered, None));
    }

    #[test]
    fn the_count_of_what_is_held_follows_the_same_rule() {
        let totals =
            WebhookTotals { pending: 10, waiting: 3, held: 2, buffered: 1, ..WebhookTotals::default() };
        assert_eq!(Webhook { stopped: Some(HoldReason::Unproven), ..FLOWING }.held(&totals, 1), 10);
        assert_eq!(Webhook { flowing: false, ..FLOWING }.held(&totals, 1), 7);
        assert_eq!(FLOWING.held(&totals, 1), 4);
    }
}
