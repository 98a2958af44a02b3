//! Calls under way, and which of them are about deliveries that somebody else has ended since.

use std::collections::{HashMap, HashSet};

use model::DeliveryId;

/// Calls under way, by the order in which they began: a delivery may have two, an old one and its own.
#[derive(Debug, Default)]
pub(super) struct Flights {
    last: u64,
    under_way: HashMap<u64, Flight>,
}

#[derive(Debug)]
struct Flight {
    delivery: DeliveryId,
    is_disowned: bool,
}

impl Flights {
    /// A call begins; the number that it ends under.
    pub(super) fn begin(&mut self, delivery: DeliveryId) -> u64 {
        self.last += 1;
        self.under_way.insert(self.last, Flight { delivery, is_disowned: false });
        self.last
    }

    /// A call has ended; whether what it brought still decides about its delivery.
    pub(super) fn end(&mut self, number: u64) -> bool {
        self.under_way.remove(&number).is_some_and(|flight| !flight.is_disowned)
    }

    /// These deliveries were ended: what calls under way bring for them decides nothing.
    pub(super) fn disown(&mut self, ended: &HashSet<DeliveryId>) {
        let theirs = self.under_way.values_mut().filter(|flight| ended.contains(&flight.delivery));
        theirs.for_each(|flight| flight.is_disowned = true);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.under_way.len()
    }
}
