//! What is told to who watches of what was accepted.

use model::OrganisationId;
use observe::live::{Feed, Note};
use store::Arrival;

use crate::intake::Fate;

/// What there is to tell of each arrival, once it is durable.
pub(crate) enum Told {
    /// Nobody watches: so many events for each arrival.
    Counts(Vec<usize>),
    Notes(Vec<Vec<(OrganisationId, Note)>>),
}

/// What there is to tell of arrivals.
pub(crate) fn accepted(feed: &Feed, arrivals: &[Arrival]) -> Told {
    if feed.is_watched() {
        Told::Notes(arrivals.iter().map(notes).collect())
    } else {
        Told::Counts(arrivals.iter().map(|arrival| arrival.events.len()).collect())
    }
}

fn notes(arrival: &Arrival) -> Vec<(OrganisationId, Note)> {
    let note = |(new, deliveries): &(store::NewEvent, Vec<store::NewDelivery>)| {
        let event = &new.event;
        let note = Note::Event {
            event_id: event.id,
            event_type: event.event_type.clone(),
            lane: event.lane,
            integration_id: event.integration,
            matched: deliveries.len(),
        };
        (event.organisation, note)
    };
    arrival.events.iter().map(note).collect()
}

impl Told {
    /// Tells of those that were written; duplicates and conflicts are nothing new.
    pub(crate) fn tell(self, feed: &Feed, fates: &[Fate]) {
        let is_new = |fate: &Fate| matches!(fate, Fate::Accepted { .. });
        match self {
            Told::Counts(counts) => {
                let new = counts.into_iter().zip(fates).filter(|(_, fate)| is_new(fate));
                feed.pass_over(new.map(|(count, _)| count).sum());
            }
            Told::Notes(notes) => {
                let new = notes.into_iter().zip(fates).filter(|(_, fate)| is_new(fate));
                new.flat_map(|(notes, _)| notes)
                    .for_each(|(organisation, note)| feed.tell(organisation, || note));
            }
        }
    }
}
