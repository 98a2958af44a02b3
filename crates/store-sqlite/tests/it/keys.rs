//! The key file.

use std::sync::Arc;

use model::{Id, OrganisationId, SubjectKey};
use privacy::{KeyName, Vault, WrappedKey};
use store_sqlite::KeyFile;

fn organisation() -> OrganisationId {
    OrganisationId::from_row(1, 1)
}

fn key(byte: u8) -> WrappedKey {
    WrappedKey(vec![byte; 60])
}

#[tokio::test]
async fn a_key_is_durable_and_the_first_writer_wins() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.db");
    let (day, subject) =
        (KeyName::Day(organisation(), 20_000), KeyName::Subject(organisation(), SubjectKey([1; 16])));
    let keys = KeyFile::open(&path).unwrap();
    assert_eq!(keys.keep(vec![(day, key(1))]).await.unwrap(), [key(1)]);
    let stored = keys.keep(vec![(subject, key(2)), (day, key(3))]).await.unwrap();
    assert_eq!(stored, [key(2), key(1)], "what is there stays, and is what counts");
    drop(keys);

    let keys = KeyFile::open(&path).unwrap();
    let unknown = KeyName::Organisation(organisation());
    assert_eq!(keys.load(&[subject, unknown, day]).await.unwrap(), [Some(key(2)), None, Some(key(1))]);
}

#[tokio::test]
async fn an_erased_key_leaves_no_trace_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("keys.db");
    let keys = KeyFile::open(&path).unwrap();
    let name = |byte| KeyName::Subject(organisation(), SubjectKey([byte; 16]));
    let wrapped = WrappedKey(b"the one wrapped key that has to go for good".to_vec());
    keys.keep(vec![(name(1), wrapped.clone()), (name(2), key(2))]).await.unwrap();
    assert_eq!(keys.erase(&[name(1), name(3)]).await.unwrap(), 1, "it tells how many there were");
    assert_eq!(keys.load(&[name(1), name(2)]).await.unwrap(), [None, Some(key(2))]);
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(wrapped.0.len()).any(|window| window == wrapped.0), "its bytes are overwritten");
    assert!(!dir.path().join("keys.db-journal").exists(), "no journal stays behind");
}

#[tokio::test]
async fn callers_at_the_same_time_agree_on_one_key() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Arc::new(KeyFile::open(&dir.path().join("keys.db")).unwrap());
    let day = KeyName::Day(organisation(), 5);
    let (a, b, c) = tokio::join!(
        keys.keep(vec![(day, key(1))]),
        keys.keep(vec![(day, key(2))]),
        keys.keep(vec![(day, key(3))]),
    );
    let (a, b, c) = (a.unwrap(), b.unwrap(), c.unwrap());
    assert!(a == b && b == c, "all of them use the same key");
}

#[tokio::test]
async fn days_before_a_horizon_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let keys = KeyFile::open(&dir.path().join("keys.db")).unwrap();
    let other = OrganisationId::from_row(2, 1);
    let names = [
        KeyName::Day(organisation(), 9),
        KeyName::Day(organisation(), 300),
        KeyName::Day(organisation(), 301),
        KeyName::Day(other, 7),
        KeyName::Organisation(organisation()),
    ];
    keys.keep(names.into_iter().map(|name| (name, key(1))).collect()).await.unwrap();
    let days = [(organisation(), 9), (organisation(), 300), (other, 7)];
    assert_eq!(keys.days(301).await.unwrap(), days);
}
