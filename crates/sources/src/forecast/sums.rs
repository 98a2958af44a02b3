//! Comparisons added up.

use std::collections::BTreeMap;

use model::{Difference, DifferenceKind, EventType, Forecast, OfType, Sides, Tally, limits};

use super::compare::{Compared, Pair};
use super::found::Item;
use super::retold::Retold;

/// A forecast that grows.
#[derive(Default)]
pub(super) struct Sums {
    told: Forecast,
    named: BTreeMap<DifferenceKind, usize>,
}

impl Sums {
    /// The bytes that were read.
    pub(super) fn bytes(&self) -> u64 {
        self.told.bytes
    }

    /// Something is no longer kept.
    pub(super) fn gone(&mut self) {
        self.told.gone += 1;
    }

    /// Something was taken in again.
    pub(super) fn took(&mut self, item: &Item, retold: &Retold) {
        self.told.bytes += retold.bytes();
        match item.message {
            Some(_) => self.told.messages += 1,
            None => self.told.retold += 1,
        }
    }

    /// Something was compared.
    pub(super) fn add(&mut self, compared: Compared<'_>) {
        let Compared { pairs, misunderstood, undecided, refused } = compared;
        plus(&mut self.told.undecided, undecided);
        plus(&mut self.told.refused, refused);
        for (pair, difference) in pairs {
            self.count(pair, difference.as_ref().map(|difference| difference.kind));
            difference.into_iter().for_each(|one| self.name(one));
        }
        misunderstood.into_iter().for_each(|one| self.name(one));
    }

    /// All of it; the samples are in the order in which things came.
    pub(super) fn told(self) -> Forecast {
        self.told
    }

    fn count(&mut self, pair: Pair<'_>, kind: Option<DifferenceKind>) {
        let Some(seen) = pair.any() else { return };
        let mut of = OfType::default();
        let events = &mut of.events;
        *match kind {
            Some(DifferenceKind::Anew) => &mut events.anew,
            Some(DifferenceKind::NoLonger) => &mut events.no_longer,
            Some(DifferenceKind::Changed) => &mut events.changed,
            Some(DifferenceKind::Routed | DifferenceKind::Understood) | None => &mut events.same,
        } += 1;
        for webhook in pair.webhooks() {
            let deliveries = &mut of.deliveries;
            match (pair.gets(webhook), kind) {
                (Sides { before: false, after: false }, _) => {}
                (Sides { before: false, after: true }, _) => deliveries.anew += 1,
                (Sides { before: true, after: false }, _) => deliveries.no_longer += 1,
                (Sides { .. }, Some(DifferenceKind::Changed)) => deliveries.changed += 1,
                (Sides { .. }, _) => deliveries.same += 1,
            }
        }
        grow(&mut self.told.events, of.events);
        grow(&mut self.told.deliveries, of.deliveries);
        match self.of_type(&seen.event.event_type) {
            Some(known) => {
                grow(&mut known.events, of.events);
                grow(&mut known.deliveries, of.deliveries);
            }
            None => self.told.types_left_out += 1,
        }
    }

    fn of_type(&mut self, event_type: &EventType) -> Option<&mut OfType> {
        let types = &mut self.told.types;
        let has_room = types.len() < limits::FORECAST_TYPES || types.contains_key(event_type);
        has_room.then(|| types.entry(event_type.clone()).or_default())
    }

    fn name(&mut self, difference: Difference) {
        self.told.differences += 1;
        let named = self.named.entry(difference.kind).or_default();
        if *named < limits::FORECAST_NAMED {
            *named += 1;
            self.told.samples.push(difference);
        }
    }
}

fn plus(all: &mut Sides<u64>, more: Sides<u64>) {
    all.before += more.before;
    all.after += more.after;
}

fn grow(all: &mut Tally, more: Tally) {
    all.same += more.same;
    all.anew += more.anew;
    all.no_longer += more.no_longer;
    all.changed += more.changed;
}
