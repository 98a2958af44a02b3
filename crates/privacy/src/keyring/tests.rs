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

const ANN: SubjectKey = SubjectKey([1; 16]);
const BOB: SubjectKey = SubjectKey([2; 16]);

#[test]
fn erasing_a_subject_or_a_day_makes_exactly_its_records_unreadable() {
    let vault = Arc::new(MemoryVault::default());
    let Node { keyring, .. } = node(&vault);
    let key = now(keyring.for_sealing(org(), 7, Some(ANN))).unwrap();
    let sealed = key.seal(RecordKind::Event, 1, b"potassium 6.9");
    let opens = |day, subject| now(keyring.for_opening(org(), day, subject)).unwrap().is_some();
    now(keyring.for_sealing(org(), 7, Some(BOB))).unwrap();
    now(keyring.for_sealing(org(), 8, None)).unwrap();
    now(keyring.resource_for_sealing(org(), BOB)).unwrap();

    assert!(now(keyring.forget_subject(org(), ANN)).unwrap());
    assert!(keyring.cached(org(), 7, Some(ANN)).is_none());
    assert!(!opens(7, Some(ANN)) && opens(7, Some(BOB)) && opens(7, None));

    // The person may come back; what was sealed before stays unreadable.
    let again = now(keyring.for_sealing(org(), 7, Some(ANN))).unwrap();
    assert_eq!(again.open(RecordKind::Event, 1, &sealed), Err(Unreadable));

    assert!(now(keyring.drop_day(org(), 7)).unwrap());
    assert!(!opens(7, Some(BOB)) && !opens(7, None) && opens(8, None));
    assert!(now(keyring.resource_for_opening(org(), BOB)).unwrap().is_some());
    assert!(!now(keyring.drop_day(org(), 7)).unwrap());
}

#[test]
fn an_erasure_elsewhere_is_complete_within_a_minute() {
    let vault = Arc::new(MemoryVault::default());
    let (here, elsewhere) = (node(&vault), node(&vault));
    now(here.keyring.for_sealing(org(), 7, Some(ANN))).unwrap();
    now(elsewhere.keyring.forget_subject(org(), ANN)).unwrap();
    assert!(here.keyring.cached(org(), 7, Some(ANN)).is_some());
    here.clock.advance(limits::OPENED_KEY_AGE);
    assert!(here.keyring.cached(org(), 7, Some(ANN)).is_none());
    assert!(now(here.keyring.for_opening(org(), 7, Some(ANN))).unwrap().is_none());
}

#[test]
fn two_nodes_that_make_a_key_at_once_end_up_with_the_same() {
    let vault = Arc::new(MemoryVault::default());
    let (here, there) = (node(&vault), node(&vault));
    let sealed = now(here.keyring.for_sealing(org(), 7, Some(ANN))).unwrap().seal(RecordKind::Event, 1, b"x");
    let theirs = now(there.keyring.for_sealing_all(&[Scope::record(org(), 7, Some(ANN))])).unwrap();
    assert_eq!(theirs[0].open(RecordKind::Event, 1, &sealed).unwrap(), b"x");
    let own = now(vault.keep(vec![(KeyName::Day(org(), 7), WrappedKey(Vec::new()))])).unwrap();
    assert_ne!(own, [WrappedKey(Vec::new())]);
}

#[test]
fn a_key_moved_in_the_vault_or_of_another_master_key_is_refused() {
    let vault = Arc::new(MemoryVault::default());
    let Node { keyring, clock } = node(&vault);
    now(keyring.for_sealing(org(), 7, Some(ANN))).unwrap();
    let (ann, bob) = (KeyName::Subject(org(), ANN), KeyName::Subject(org(), BOB));
    let stolen = now(vault.load(&[ann])).unwrap().remove(0).unwrap();
    now(vault.keep(vec![(bob, stolen)])).unwrap();
    assert!(matches!(now(keyring.for_opening(org(), 7, Some(BOB))), Err(Error::Unwrap(name)) if name == bob));

    let stranger = Keyring::new(&MasterKey::from_bytes([2; 32]), vault, clock);
    assert!(matches!(now(stranger.for_sealing(org(), 7, None)), Err(Error::Unwrap(_))));
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
