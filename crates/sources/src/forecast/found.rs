//! Which messages and events came in within a stretch of time, the oldest first.

use std::collections::HashMap;

use model::{
    EventId, EventType, IntegrationId, MessageId, Problem, Stretch, Timestamp, is_operational, limits,
};
use store::{EventFilter, EventRow};

use crate::intake::Intake;
use crate::refusal;

/// One thing that came in.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) at: Timestamp,
    pub(super) integration: IntegrationId,
    /// The message; none where an event came as an event.
    pub(super) message: Option<MessageId>,
    /// The events that it became, in order.
    pub(super) events: Vec<(EventId, EventType)>,
}

/// What came in.
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    /// From when on; later than asked for if it is cut.
    pub(super) from: Timestamp,
    /// Whether there is more than one forecast takes in: the newest are found.
    pub(super) is_cut: bool,
}

impl Item {
    /// What stands for something that did not come.
    pub(super) fn of_nothing(integration: IntegrationId, at: Timestamp) -> Item {
        Item { at, integration, message: None, events: Vec::new() }
    }
}

impl Intake {
    /// The newest things of a stretch, as many as one forecast takes in.
    pub(super) async fn found(&self, over: &Stretch, most: usize) -> Result<Found, Problem> {
        let mut listed = Listed::default();
        let only = match over.integrations.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let filter = EventFilter {
            organisation: Some(over.organisation),
            integration: only,
            from: Some(over.from),
            to: Some(over.to),
            ..EventFilter::default()
        };
        let mut after = None;
        let mut is_cut = false;
        loop {
            let page = self.ports.store.list_events(filter.clone(), after, limits::PAGE.1).await;
            let page = page.map_err(|error| refusal::of_store(&error))?;
            let is_meant = |row: &&EventRow| {
                over.integrations.is_empty() || over.integrations.contains(&row.event.integration)
            };
            listed.rows += page.rows.len();
            for row in page.rows.iter().filter(is_meant).filter(|row| came_in(row)) {
                listed.add(row);
            }
            after = page.next;
            is_cut |= listed.items.len() > most;
            is_cut |= after.is_some() && listed.rows >= limits::FORECAST_LISTED;
            if after.is_none() || is_cut {
                return Ok(listed.found((over.from, most), is_cut));
            }
        }
    }
}

/// Whether an event came in, or with a message: what the platform says of itself did not. Of the others, those
/// that triggers raised are told apart once they are opened.
fn came_in(row: &EventRow) -> bool {
    row.event.message.is_some() || !is_operational(row.event.event_type.as_str())
}

/// What is found while rows are listed, the newest first.
#[derive(Default)]
struct Listed {
    items: Vec<Item>,
    places: HashMap<MessageId, usize>,
    rows: usize,
}

impl Listed {
    fn add(&mut self, row: &EventRow) {
        let event = &row.event;
        let named = (event.id, event.event_type.clone());
        if let Some(place) = event.message.and_then(|message| self.places.get(&message))
            && let Some(known) = self.items.get_mut(*place)
        {
            known.events.push(named);
            return;
        }
        if let Some(message) = event.message {
            self.places.insert(message, self.items.len());
        }
        self.items.push(Item {
            at: event.received,
            integration: event.integration,
            message: event.message,
            events: vec![named],
        });
    }

    fn found(mut self, (from, most): (Timestamp, usize), is_cut: bool) -> Found {
        // Of the row that showed that there is more, nothing is taken in.
        let oldest = self.items.get(most).or(self.items.last()).map(|item| item.at).filter(|_| is_cut);
        // What came in the same moment stays together: the part before ends with that moment.
        if let Some(oldest) = oldest
            && self.items.first().is_some_and(|newest| newest.at > oldest)
        {
            self.items.retain(|item| item.at > oldest);
        }
        self.items.reverse();
        self.items.iter_mut().for_each(|item| item.events.reverse());
        let begins = self.items.first().map(|item| item.at).filter(|_| is_cut);
        Found { from: begins.unwrap_or(from), items: self.items, is_cut }
    }
}
