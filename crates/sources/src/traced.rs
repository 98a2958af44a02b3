//! How long what was accepted took, for a collector.

use model::{Id as _, Timestamp};
use observe::traces::{Span, Traces, intake_span};
use store::Arrival;
use tokio::time::Instant;

use crate::intake::Fate;

/// The spans of arrivals that are recorded, by arrival, once they are durable.
pub(crate) struct Traced {
    began: Instant,
    matched: Instant,
    arrivals: Vec<Vec<Begun>>,
}

struct Begun {
    event: model::EventId,
    attributes: Vec<(&'static str, String)>,
}

impl Traced {
    /// What will be recorded of arrivals that are matched and sealed now.
    pub(crate) fn of(traces: &Traces, arrivals: &[Arrival], began: Instant) -> Self {
        let recorded = |arrival: &Arrival| {
            let events = arrival.events.iter().filter(|(new, _)| traces.records(new.event.id));
            let about = |(new, deliveries): &(store::NewEvent, Vec<store::NewDelivery>)| Begun {
                event: new.event.id,
                attributes: vec![
                    ("carehook.event_type", new.event.event_type.to_string()),
                    ("carehook.integration", new.event.integration.to_string()),
                    ("carehook.lane", new.event.lane.name().to_owned()),
                    ("carehook.matched", deliveries.len().to_string()),
                ],
            };
            events.map(about).collect()
        };
        Traced { began, matched: Instant::now(), arrivals: arrivals.iter().map(recorded).collect() }
    }

    /// Records what became durable at `at`.
    pub(crate) fn record(self, traces: &Traces, fates: &[Fate], at: Timestamp) {
        let commit = self.matched.elapsed();
        let (whole, matching) = (self.began.elapsed(), self.matched.duration_since(self.began));
        let accepted = self.arrivals.into_iter().zip(fates);
        for (events, _) in accepted.filter(|(_, fate)| matches!(fate, Fate::Accepted { .. })) {
            for Begun { event, attributes } in events {
                let intake = intake_span(event);
                let span = |name, id: u64, micros: std::time::Duration| Span {
                    name,
                    event,
                    id,
                    parent: (id != intake).then_some(intake),
                    ended: at,
                    micros: u64::try_from(micros.as_micros()).unwrap_or(u64::MAX),
                    attributes: Vec::new(),
                    failed: false,
                };
                // Rows are positive, so that ids with the highest bit set are nobody's.
                traces.record(|| Span {
                    ended: at - commit,
                    ..span("match", !event.row().unsigned_abs(), matching)
                });
                traces.record(|| span("commit", !event.row().unsigned_abs() ^ 1, commit));
                traces.record(|| Span { attributes, ..span("intake", intake, whole) });
            }
        }
    }
}
