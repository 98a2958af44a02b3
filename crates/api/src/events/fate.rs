//! What became of an event, over all of its deliveries.

use std::collections::HashMap;

use model::{DeliveryId, DeliveryState, EventId, limits};
use serde::Deserialize;
use store::{DeliveryRow, EventFilter, EventRow, Page};

use crate::Api;
use crate::page::Window;
use crate::refused::Result;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Fate {
    /// A delivery was given up, or is owed and failed last time.
    Failed,
    /// A delivery is owed.
    Pending,
    /// All deliveries were taken.
    Delivered,
    /// Nobody wanted it.
    Unmatched,
}

impl Fate {
    /// Whether it is that of an event with these deliveries.
    fn is_of(self, deliveries: &[DeliveryRow]) -> bool {
        match self {
            Fate::Failed => deliveries.iter().any(has_failed),
            Fate::Pending => deliveries.iter().any(is_owed),
            Fate::Delivered => {
                let all = deliveries.iter().all(|row| row.state == DeliveryState::Delivered);
                all && !deliveries.is_empty()
            }
            Fate::Unmatched => deliveries.is_empty(),
        }
    }
}

fn is_owed(row: &DeliveryRow) -> bool {
    !row.state.is_finished() && row.state != DeliveryState::DeadLettered
}

fn has_failed(row: &DeliveryRow) -> bool {
    let given_up = matches!(row.state, DeliveryState::DeadLettered | DeliveryState::Expired);
    given_up || (is_owed(row) && row.error.is_some())
}

impl Api {
    /// A page of the events that pass the filter and came to this.
    pub(super) async fn page_of(
        &self,
        filter: EventFilter,
        fate: Option<Fate>,
        window: Window,
    ) -> Result<Page<EventRow>> {
        match fate {
            None => Ok(self.store.list_events(filter, window.after, window.limit).await?),
            Some(fate) => self.of_fate(filter, fate, window).await,
        }
    }

    /// They are looked for among those that pass the filter.
    async fn of_fate(&self, filter: EventFilter, fate: Fate, window: Window) -> Result<Page<EventRow>> {
        let mut found = Page { rows: Vec::new(), next: window.after };
        for _ in 0..limits::SCANNED_PAGES {
            let page = self.store.list_events(filter.clone(), found.next, limits::PAGE.1).await?;
            found.rows.extend(self.those_of(page.rows, fate).await?);
            found.next = page.next;
            if found.rows.len() > window.limit {
                found.rows.truncate(window.limit);
                found.next = found.rows.last().map(|row| model::Id::row(row.event.id));
                return Ok(found);
            }
            if found.next.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// One question for a whole page: what its deliveries came to.
    async fn those_of(&self, rows: Vec<EventRow>, fate: Fate) -> Result<Vec<EventRow>> {
        let ids: Vec<DeliveryId> = rows.iter().flat_map(owed_for).collect();
        let mut of_event: HashMap<EventId, Vec<DeliveryRow>> = HashMap::new();
        for delivery in self.store.find_deliveries(&ids).await? {
            of_event.entry(delivery.event).or_default().push(delivery);
        }
        let deliveries = |row: &EventRow| of_event.get(&row.event.id).map_or(&[][..], Vec::as_slice);
        Ok(rows.into_iter().filter(|row| fate.is_of(deliveries(row))).collect())
    }
}

/// The deliveries that were decided for an event.
pub(super) fn owed_for(row: &EventRow) -> impl Iterator<Item = DeliveryId> {
    row.decisions.iter().filter_map(|decision| decision.delivery)
}

#[cfg(test)]
mod tests {
    use model::Category;

    use super::*;
    use crate::deliveries::fixture;

    fn row(state: DeliveryState, error: Option<Category>) -> DeliveryRow {
        DeliveryRow { state, error, ..fixture::row() }
    }

    #[test]
    fn what_became_of_an_event_is_told_by_all_of_its_deliveries() {
        let failure = Some(Category::Http5xx);
        let delivered = || row(DeliveryState::Delivered, failure);
        let waiting = || row(DeliveryState::Waiting, failure);
        for (deliveries, fates) in [
            (vec![], vec![Fate::Unmatched]),
            (vec![delivered()], vec![Fate::Delivered]),
            (vec![delivered(), waiting()], vec![Fate::Failed, Fate::Pending]),
            (vec![row(DeliveryState::Pending, None)], vec![Fate::Pending]),
            (vec![row(DeliveryState::DeadLettered, failure)], vec![Fate::Failed]),
            (vec![row(DeliveryState::Cancelled, None)], vec![]),
        ] {
            let all = [Fate::Failed, Fate::Pending, Fate::Delivered, Fate::Unmatched];
            let found: Vec<Fate> = all.into_iter().filter(|fate| fate.is_of(&deliveries)).collect();
            assert_eq!(found, fates);
        }
    }
}
