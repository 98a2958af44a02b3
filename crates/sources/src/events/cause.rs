//! Events that answer to events of ours, so that echoes stop (C8).
//!
//! Every delivery carries a `traceparent` whose trace is the event and whose
//! span is the delivery. A system that passes it on when it reports back tells
//! us where the change came from; most do without knowing it.

use http::HeaderMap;
use model::{DeliveryId, EventId, Id, OrganisationId};

use crate::draft::Cause;
use crate::intake::Intake;

impl Intake {
    /// The event of ours that a call answers to, if it says so and the caller may know it.
    pub(crate) async fn cause(&self, organisation: OrganisationId, headers: &HeaderMap) -> Option<Cause> {
        let (event, delivery) = read(headers.get("traceparent")?.to_str().ok()?, self.ports.ids.tag())?;
        let stored = self.ports.store.events(&[event]).await.ok()?.pop()??;
        if stored.event.organisation != organisation {
            return None;
        }
        let through = stored.decisions.iter().find(|decision| decision.delivery == Some(delivery));
        let hops = stored.event.hops.saturating_add(1);
        Some(Cause { event, hops, webhook: through.map(|decision| decision.webhook) })
    }
}

/// The event and delivery that a W3C `traceparent` names, if they are of our installation.
fn read(text: &str, tag: u64) -> Option<(EventId, DeliveryId)> {
    let mut parts = text.split('-');
    let (_version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let event = EventId::from_raw(u128::from_str_radix(trace, 16).ok()?);
    let row = i64::from_str_radix(span, 16).ok()?;
    (event.tag() == tag).then(|| (event, DeliveryId::from_row(row, tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_traces_of_our_own_events_name_a_cause() {
        let event = EventId::from_row(77, 5);
        let text = format!("00-{:032x}-{:016x}-01", event.raw(), 78);
        assert_eq!(read(&text, 5), Some((event, DeliveryId::from_row(78, 5))));
        assert_eq!(read(&text, 6), None);
        assert_eq!(read("00-zz-1-01", 5), None);
    }
}
