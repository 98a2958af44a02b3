//! The audit chain over the years.

use std::sync::Arc;
use std::time::Duration;

use audit::{Action, Actor, Entry, Fault, Verified, Verifier};
use model::Timestamp;
use store::contract::World;
use store::{Batch, Expiry, Read as _, Store};
use store_sqlite::SqliteStore;

use crate::support::{AUDIT_KEY, open};

const NEVER: Timestamp = Timestamp::from_millis(0);

async fn verify(store: &SqliteStore) -> Result<Verified, Fault> {
    let from = store.audit_base().await.unwrap();
    let mut verifier = Verifier::new(&AUDIT_KEY, from, None);
    for row in store.audit_rows(0, 10_000).await.unwrap() {
        if let Some(gap) = store.audit_gap(verifier.next() - 1).await.unwrap() {
            verifier.skip(&gap)?;
        }
        verifier.check(&row)?;
    }
    verifier.finish()
}

/// A person's act, and some steps of the machine around it.
async fn live(world: &World) {
    for _ in 0..5 {
        world.owe(None).await;
    }
    let entry = Entry {
        at: World::NOW,
        organisation: Some(world.organisation),
        actor: Actor::CommandLine,
        action: Action::Update,
        target: "somebody".to_owned(),
        detail: String::new(),
    };
    world.commit(Batch { audit: vec![entry], ..Batch::default() }).await;
    for _ in 0..5 {
        world.owe(None).await;
    }
}

async fn expire(store: &Arc<SqliteStore>, horizon: Expiry) {
    while store.expire(horizon, 100).await.unwrap() > 0 {}
}

#[tokio::test]
async fn old_machine_steps_are_taken_out_and_the_rest_of_the_chain_is_provable() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let world = World::on(store.clone());
    live(&world).await;
    let later = World::NOW + Duration::from_secs(1);
    let old = Expiry { bodies: NEVER, dead_letters: NEVER, log: later, audit: NEVER, answers: NEVER };
    let (before, head) = (verify(&store).await.unwrap(), store.audit_head());
    assert_eq!((before.rows, before.taken_out), (11, 0));
    expire(&store, Expiry { log: NEVER, ..old }).await;
    assert_eq!(verify(&store).await.unwrap(), before, "the log still covers them");

    expire(&store, old).await;
    let after = verify(&store).await.unwrap();
    assert_eq!((after.rows, after.taken_out, after.up_to), (11, 9, head));
    let kept = store.audit_rows(0, 100).await.unwrap();
    assert_eq!(kept.len(), 2, "what a person did, and the end of the chain");
    assert!(kept[0].entry.target == "somebody" && kept[1].head() == head);

    // The chain goes on, over a restart too, and gaps grow where they touch.
    drop((world, store));
    let store = open(dir.path()).unwrap();
    let world = World::on(store.clone());
    live(&world).await;
    expire(&store, old).await;
    let after = verify(&store).await.unwrap();
    assert_eq!((after.rows, after.taken_out), (22, 19));
    assert_eq!(store.audit_gap(6).await.unwrap().map(|gap| gap.last.number), Some(16));

    let acts = store.list_audit(store::AuditFilter::of(world.organisation), None, 10).await.unwrap();
    assert_eq!(acts.rows.len(), 1, "and people's rows are where they were");
}

#[tokio::test]
async fn a_chain_whose_gap_was_touched_is_not_provable() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    live(&World::on(store.clone())).await;
    let old = Expiry {
        bodies: NEVER,
        dead_letters: NEVER,
        log: World::NOW + Duration::from_secs(1),
        audit: NEVER,
        answers: NEVER,
    };
    expire(&store, old).await;
    store.close();
    drop(store);
    let file = rusqlite::Connection::open(dir.path().join("store.db")).unwrap();
    // A person's row is taken out as if it had been a machine step.
    let widen = "DELETE FROM audit WHERE number = 6; DELETE FROM audit_gap WHERE last = 10;
                 UPDATE audit_gap SET last = 10 WHERE last = 5";
    file.execute_batch(widen).unwrap();
    drop(file);
    let store = open(dir.path()).unwrap();
    assert!(verify(&store).await.is_err());
}
