//! What the messages of each integration say that no table takes up, by volume.
//!
//! Codes and places only, never content: no scan answers it, and it is bounded
//! however many codes a sender makes up. What is new is handed out to be written,
//! and what was written is put back at a start.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{IntegrationId, LocalCode, SiteTable, Timestamp, limits};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// The worklists of all integrations.
#[derive(Debug)]
pub struct Worklists {
    lists: Mutex<Lists>,
    turn: tokio::sync::Mutex<()>,
    codes: Family<[(&'static str, &'static str); 1], Counter>,
    places: Counter,
}

/// What is known, and what of it nobody has written yet.
#[derive(Debug, Default)]
struct Lists {
    all: HashMap<IntegrationId, Worklist>,
    news: HashMap<IntegrationId, Worklist>,
    /// The version of the tables that changed a table last.
    changed: HashMap<(IntegrationId, SiteTable), u64>,
}

/// The worklist of one integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Worklist {
    /// Since when it counts; none if nothing was counted.
    pub since: Option<Timestamp>,
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
        Worklists { lists: Mutex::default(), turn: tokio::sync::Mutex::default(), codes, places }
    }

    /// Whose turn it is to write worklists or what changes them: what was handed out to be written is
    /// written before a table that takes it up is saved, or not at all.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Counts what a message left, by the version of the tables that it was mapped with: a code that a
    /// newer version of its table may know is not counted any more.
    pub fn note(
        &self,
        (integration, version): (IntegrationId, u64),
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
        let mut lists = self.lock();
        let Lists { all, news, changed } = &mut *lists;
        let is_known_anew = |code: &LocalCode| {
            changed.get(&(integration, code.table)).is_some_and(|changed| *changed > version)
        };
        let (all, news) = (all.entry(integration).or_default(), news.entry(integration).or_default());
        all.begin(at);
        news.begin(at);
        for (code, count) in codes.iter().filter(|(code, _)| !is_known_anew(code)) {
            all.saw(code, Seen { count: u64::from(*count), first: at, last: at }, Some(news));
        }
        places.iter().for_each(|(place, count)| all.left(place, u64::from(*count), Some(news)));
    }

    /// Takes what was counted since it was last taken, to be written.
    #[must_use]
    pub fn take_news(&self) -> HashMap<IntegrationId, Worklist> {
        std::mem::take(&mut self.lock().news)
    }

    /// Puts back what could not be written.
    pub fn put_back(&self, news: HashMap<IntegrationId, Worklist>) {
        let mut lists = self.lock();
        news.into_iter().for_each(|(of, more)| lists.news.entry(of).or_default().join(more));
    }

    /// Adds what was written before the start.
    pub fn restore(&self, integration: IntegrationId, written: Worklist) {
        self.lock().all.entry(integration).or_default().join(written);
    }

    /// The worklist of an integration.
    #[must_use]
    pub fn of(&self, integration: IntegrationId) -> Worklist {
        self.lock().all.get(&integration).cloned().unwrap_or_default()
    }

    /// Begins anew with the codes of tables that a version has changed.
    pub fn forget(&self, (integration, version): (IntegrationId, u64), tables: &[SiteTable]) {
        let mut lists = self.lock();
        let Lists { all, news, changed } = &mut *lists;
        changed.extend(tables.iter().map(|table| ((integration, *table), version)));
        for of in [all.get_mut(&integration), news.get_mut(&integration)].into_iter().flatten() {
            of.codes.retain(|code, _| !tables.contains(&code.table));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worklist {
    fn begin(&mut self, at: Timestamp) {
        self.since = Some(self.since.map_or(at, |since| since.min(at)));
    }

    /// Counts a code. What has no room here has none in `news` either: what is written is bounded as well.
    fn saw(&mut self, code: &LocalCode, more: Seen, news: Option<&mut Worklist>) {
        let has_room = self.codes.len() < limits::WORKLIST || self.codes.contains_key(code);
        if let Some(news) = news {
            if has_room { news.saw(code, more, None) } else { news.dropped += more.count }
        }
        if let Some(seen) = self.codes.get_mut(code) {
            seen.count += more.count;
            seen.first = seen.first.min(more.first);
            seen.last = seen.last.max(more.last);
        } else if has_room {
            self.codes.insert(code.clone(), more);
        } else {
            self.dropped += more.count;
        }
    }

    fn left(&mut self, place: &str, count: u64, news: Option<&mut Worklist>) {
        let has_room = self.places.len() < limits::WORKLIST || self.places.contains_key(place);
        if let Some(news) = news {
            if has_room { news.left(place, count, None) } else { news.dropped += count }
        }
        if let Some(known) = self.places.get_mut(place) {
            *known += count;
        } else if has_room {
            self.places.insert(place.to_owned(), count);
        } else {
            self.dropped += count;
        }
    }

    fn join(&mut self, more: Worklist) {
        more.since.into_iter().for_each(|at| self.begin(at));
        more.codes.iter().for_each(|(code, seen)| self.saw(code, *seen, None));
        more.places.iter().for_each(|(place, count)| self.left(place, *count, None));
        self.dropped += more.dropped;
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
                (one, 1),
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
        all.forget((one, 2), &[SiteTable::Codes]);
        assert!(all.of(one).codes.is_empty() && !all.of(one).places.is_empty());
        let left =
            BTreeMap::from([(code("K"), 1), (LocalCode { table: SiteTable::Units, ..code("mmoll") }, 1)]);
        all.note((one, 1), at(0), &left, &BTreeMap::new());
        let names = || all.of(one).codes.keys().map(|code| code.code.clone()).collect::<Vec<_>>();
        assert_eq!(
            names(),
            ["mmoll"],
            "what was mapped by the tables of before says nothing of those of now"
        );
        all.note((one, 2), at(0), &left, &BTreeMap::new());
        assert_eq!(names(), ["K", "mmoll"]);
    }

    #[test]
    fn what_is_written_is_bounded_however_many_codes_a_sender_makes_up() {
        let all = Worklists::register(&mut Registry::default());
        let (one, at) = (IntegrationId::from_raw(1), Timestamp::from_millis(20));
        let mut written = Worklist::default();
        for round in 0..3_u64 {
            let made_up =
                (0..limits::WORKLIST).map(|number| (code(&format!("{round}-{number}")), 1)).collect();
            all.note((one, 1), at, &made_up, &BTreeMap::new());
            written.codes.extend(all.take_news()[&one].codes.clone());
        }
        assert_eq!(written.codes, all.of(one).codes);
        assert_eq!(written.codes.len(), limits::WORKLIST);
    }

    #[test]
    fn what_is_new_is_handed_out_once_and_what_was_written_comes_back() {
        let (all, again) =
            (Worklists::register(&mut Registry::default()), Worklists::register(&mut Registry::default()));
        let (one, at) = (IntegrationId::from_raw(1), Timestamp::from_millis);
        let note = |count, millis| {
            all.note((one, 1), at(millis), &BTreeMap::from([(code("K"), count)]), &BTreeMap::new());
        };
        note(2, 20);
        let first = all.take_news();
        assert!(all.take_news().is_empty(), "once");
        note(3, 30);
        all.put_back(first);
        let news = all.take_news();
        assert_eq!(news[&one], all.of(one), "what could not be written is handed out again");
        again.note((one, 1), at(40), &BTreeMap::from([(code("K"), 1)]), &BTreeMap::new());
        news.into_iter().for_each(|(of, written)| again.restore(of, written));
        assert_eq!(again.of(one).codes[&code("K")], Seen { count: 6, first: at(20), last: at(40) });
        assert_eq!(again.take_news()[&one].codes[&code("K")].count, 1, "what was written is no news");
    }
}
