//! A keyring without a runtime: the vault in memory never waits.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use model::{Id, ManualClock, Timestamp, limits};

use super::*;
use crate::{MemoryVault, RecordKind, Unreadable};

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

struct Node {
    keyring: Keyring,
    clock: Arc<ManualClock>,
}

fn node(vault: &Arc<MemoryVault>) -> Node {
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_790_000_000_000)));
    let master = MasterKey::from_bytes([1; 32]);
    Node { keyring: Keyring::new(&master, vault.clone(), clock.clone()), clock }
}

fn org() -> OrganisationId {
    OrganisationId::from_raw(1)
}

/// The day that the clock of a node shows at first.
const TODAY: i64 = 20_717;
const DAY: Duration = Duration::from_secs(86_400);
const ANN: SubjectKey = SubjectKey([1; 16]);
const BOB: SubjectKey = SubjectKey([2; 16]);

#[test]
fn erasing_a_subject_or_a_day_makes_exactly_its_records_unreadable() {
    let vault = Arc::new(MemoryVault::default());
    let Node { keyring, clock } = node(&vault);
    let seal = |subject| {
        let key = now(keyring.for_sealing(org(), 1, subject)).unwrap();
        key.seal(RecordKind::Event, 1, b"potassium 6.9")
    };
    let opens = |subject, sealed| now(keyring.for_opening(org(), subject, sealed)).unwrap().is_some();
    let (of_ann, of_bob, of_nobody) = (seal(Some(ANN)), seal(Some(BOB)), seal(None));
    clock.advance(DAY);
    let tomorrow = seal(None);
    now(keyring.resource_for_sealing(org(), BOB)).unwrap();

    assert!(now(keyring.forget_subject(org(), ANN)).unwrap());
    assert!(keyring.cached(org(), TODAY, Some(ANN)).is_none());
    assert!(!opens(Some(ANN), &of_ann) && opens(Some(BOB), &of_bob) && opens(None, &of_nobody));

    // The person may come back; what was sealed before stays unreadable.
    now(keyring.resource_for_sealing(org(), ANN)).unwrap();
    let again = now(keyring.for_opening(org(), Some(ANN), &of_ann)).unwrap().unwrap();
    assert_eq!(again.open(RecordKind::Event, 1, &of_ann), Err(Unreadable));

    assert_eq!(now(keyring.days(TODAY + 1)).unwrap(), [(org(), TODAY)]);
    assert!(now(keyring.drop_day(org(), TODAY)).unwrap());
    assert!(!opens(Some(BOB), &of_bob) && !opens(None, &of_nobody) && opens(None, &tomorrow));
    assert!(now(keyring.resource_for_opening(org(), BOB)).unwrap().is_some());
    assert!(!now(keyring.drop_day(org(), TODAY)).unwrap());
}

#[test]
fn nothing_is_sealed_under_a_day_that_is_to_go_or_before_its_row() {
    let vault = Arc::new(MemoryVault::default());
    let Node { keyring, clock } = node(&vault);
    let day = |row| {
        crate::day_of(&now(keyring.for_sealing(org(), row, None)).unwrap().seal(RecordKind::Event, row, b""))
    };
    assert_eq!(day(1), Ok(TODAY), "what was accepted long ago and is sealed today");
    let row = model::first_row_at(Timestamp::start_of(TODAY));
    clock.set(Timestamp::from_millis(0));
    assert_eq!(day(row), Ok(TODAY), "a clock that went back");
    keyring.seal_from(TODAY + 3);
    assert_eq!(day(row), Ok(TODAY + 3));
    keyring.seal_from(TODAY);
    assert_eq!(day(row), Ok(TODAY + 3), "it never goes back");
}

#[test]
fn an_erasure_elsewhere_is_complete_within_a_minute() {
    let vault = Arc::new(MemoryVault::default());
    let (here, elsewhere) = (node(&vault), node(&vault));
    let key = now(here.keyring.for_sealing(org(), 1, Some(ANN))).unwrap();
    let sealed = key.seal(RecordKind::Event, 1, b"x");
    now(elsewhere.keyring.forget_subject(org(), ANN)).unwrap();
    assert!(here.keyring.cached(org(), TODAY, Some(ANN)).is_some());
    here.clock.advance(limits::OPENED_KEY_AGE);
    assert!(here.keyring.cached(org(), TODAY, Some(ANN)).is_none());
    assert!(now(here.keyring.for_opening(org(), Some(ANN), &sealed)).unwrap().is_none());
}

#[test]
fn two_nodes_that_make_a_key_at_once_end_up_with_the_same() {
    let vault = Arc::new(MemoryVault::default());
    let (here, there) = (node(&vault), node(&vault));
    let sealed = now(here.keyring.for_sealing(org(), 1, Some(ANN))).unwrap().seal(RecordKind::Event, 1, b"x");
    let theirs = now(there.keyring.for_sealing_all(&[Scope::record(org(), TODAY, Some(ANN))])).unwrap();
    assert_eq!(theirs[0].open(RecordKind::Event, 1, &sealed).unwrap(), b"x");
    let own = now(vault.keep(vec![(KeyName::Day(org(), TODAY), WrappedKey(Vec::new()))])).unwrap();
    assert_ne!(own, [WrappedKey(Vec::new())]);
}

#[test]
fn a_key_moved_in_the_vault_or_of_another_master_key_is_refused() {
    let vault = Arc::new(MemoryVault::default());
    let Node { keyring, clock } = node(&vault);
    let sealed = now(keyring.for_sealing(org(), 1, Some(ANN))).unwrap().seal(RecordKind::Event, 1, b"x");
    let (ann, bob) = (KeyName::Subject(org(), ANN), KeyName::Subject(org(), BOB));
    let stolen = now(vault.load(&[ann])).unwrap().remove(0).unwrap();
    now(vault.keep(vec![(bob, stolen)])).unwrap();
    let moved = now(keyring.for_opening(org(), Some(BOB), &sealed));
    assert!(matches!(moved, Err(Error::Unwrap(name)) if name == bob));

    let stranger = Keyring::new(&MasterKey::from_bytes([2; 32]), vault, clock);
    assert!(matches!(now(stranger.for_sealing(org(), 1, None)), Err(Error::Unwrap(_))));
}

#[test]
fn opened_keys_are_bounded_and_swept() {
    let vault = Arc::new(MemoryVault::default());
    let Node { keyring, clock } = node(&vault);
    let subject = |n: usize| Some(SubjectKey((n as u128).to_le_bytes()));
    let scopes: Vec<Scope> =
        (0..limits::OPENED_KEYS * 2).map(|n| Scope::record(org(), 7, subject(n))).collect();
    for part in scopes.chunks(4_096) {
        now(keyring.for_sealing_all(part)).unwrap();
    }
    let kept = |clock: &ManualClock| {
        scopes.iter().filter(|scope| keyring.opened.find(**scope, clock.now()).is_some()).count()
    };
    assert!((limits::OPENED_KEYS / 2..=limits::OPENED_KEYS).contains(&kept(&clock)));
    clock.advance(Duration::from_secs(61));
    keyring.sweep();
    clock.set(clock.now() - Duration::from_secs(61));
    assert_eq!(kept(&clock), 0);
}
