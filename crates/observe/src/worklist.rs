//! What the messages of each integration say that no table takes up, by volume.
//!
//! Codes and places only, never content, counted since the server started: no
//! scan answers it, and it is bounded however many codes a sender makes up.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{IntegrationId, LocalCode, SiteTable, Timestamp, limits};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// The worklists of all integrations.
#[derive(Debug)]
pub struct Worklists {
    by_integration: Mutex<HashMap<IntegrationId, Worklist>>,
    codes: Family<[(&'static str, &'static str); 1], Counter>,
    places: Counter,
}

/// The worklist of one integration.
#[derive(Debug, Clone, Default)]
pub struct Worklist {
    /// Codes that no table knows.
    pub codes: BTreeMap<LocalCode, Seen>,
    /// Places that no row takes up, and how often they said something.
    pub places: BTreeMap<String, u64>,
    /// How often something was counted that had no room any more.
    pub dropped: u64,
}

/// How often something was seen, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How often.
    pub count: u64,
    /// When first.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
}

impl Worklists {
    pub(crate) fn register(to: &mut Registry) -> Self {
        let codes: Family<[(&'static str, &'static str); 1], Counter> = Family::default();
        let places = Counter::default();
        // Each table shows its zero, so that a first code is seen to rise.
        for table in SiteTable::ALL {
            drop(codes.get_or_create(&[("table", table.name())]));
        }
        to.register(
            "unmapped_codes",
            "Codes of senders that no table knows, by table",
            Family::clone(&codes),
        );
        to.register("unmapped_fields", "Fields of messages that no row takes up", Counter::clone(&places));
        Worklists { by_integration: Mutex::default(), codes, places }
    }

    /// Counts what a message left.
    pub fn note(
        &self,
        integration: IntegrationId,
        at: Timestamp,
        codes: &BTreeMap<LocalCode, u32>,
        places: &BTreeMap<String, u32>,
    ) {
        if codes.is_empty() && places.is_empty() {
            return;
        }
        for (code, count) in codes {
            self.codes.get_or_create(&[("table", code.table.name())]).inc_by(u64::from(*count));
        }
        self.places.inc_by(places.values().copied().map(u64::from).sum());
        let mut all = self.lock();
        let of = all.entry(integration).or_default();
        codes.iter().for_each(|(code, count)| of.saw(code, *count, at));
        places.iter().for_each(|(place, count)| of.left(place, *count));
    }

    /// The worklist of an integration.
    #[must_use]
    pub fn of(&self, integration: IntegrationId) -> Worklist {
        self.lock().get(&integration).cloned().unwrap_or_default()
    }

    /// Begins anew with the codes of a table that has changed.
    pub fn forget(&self, integration: IntegrationId, tables: &[SiteTable]) {
        if let Some(of) = self.lock().get_mut(&integration) {
            of.codes.retain(|code, _| !tables.contains(&code.table));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IntegrationId, Worklist>> {
        self.by_integration.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worklist {
    fn saw(&mut self, code: &LocalCode, count: u32, at: Timestamp) {
        if let Some(seen) = self.codes.get_mut(code) {
            seen.count += u64::from(count);
            seen.last = seen.last.max(at);
        } else if self.codes.len() < limits::WORKLIST {
            self.codes.insert(code.clone(), Seen { count: u64::from(count), first: at, last: at });
        } else {
            self.dropped += u64::from(count);
        }
    }

    fn left(&mut self, place: &str, count: u32) {
        if let Some(known) = self.places.get_mut(place) {
            *known += u64::from(count);
        } else if self.places.len() < limits::WORKLIST {
            self.places.insert(place.to_owned(), u64::from(count));
        } else {
            self.dropped += u64::from(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Id as _;

    use super::*;

    fn code(name: &str) -> LocalCode {
        LocalCode { table: SiteTable::Codes, code: name.to_owned(), system: None }
    }

    #[test]
    fn p4_a_worklist_is_counted_by_volume_and_bounded() {
        let all = Worklists::register(&mut Registry::default());
        let one = IntegrationId::from_raw(1);
        let at = Timestamp::from_millis;
        for number in 0..limits::WORKLIST + 5 {
            let codes = BTreeMap::from([(code(&format!("C{number}")), 1), (code("K"), 2)]);
            all.note(
                one,
                at(i64::try_from(number).unwrap()),
                &codes,
                &BTreeMap::from([("ZPD".to_owned(), 1)]),
            );
        }
        let found = all.of(one);
        let rounds = u64::try_from(limits::WORKLIST).unwrap() + 5;
        assert_eq!(found.codes[&code("K")].count, 2 * rounds);
        assert_eq!(found.codes[&code("K")].first, at(0));
        assert_eq!((found.codes.len(), found.dropped, found.places["ZPD"]), (limits::WORKLIST, 6, rounds));
        assert!(all.of(IntegrationId::from_raw(2)).codes.is_empty(), "every integration for itself");
        all.forget(one, &[SiteTable::Codes]);
        assert!(all.of(one).codes.is_empty() && !all.of(one).places.is_empty());
    }
}
