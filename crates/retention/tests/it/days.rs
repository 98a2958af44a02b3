use model::DeliveryState;
use store::{Batch, End};

use crate::place::{ANN, BODY, CONTENT, DAY, Place, RAW, read_copy};

fn whole() -> [Option<Vec<u8>>; 3] {
    [CONTENT, RAW, BODY].map(|bytes| Some(bytes.to_vec()))
}

#[tokio::test(start_paused = true)]
async fn k1_a_dead_letter_of_20_days_keeps_its_bytes_after_its_days_key_went() {
    let mut place = Place::new();
    let dead = place.accept().await;
    place.settle(End::DeadLettered).await;
    let before = place.store.rendered(dead.delivery).await.unwrap();
    let first = place.days().await;
    place.pass(20 * DAY).await;
    assert!(place.days().await.iter().all(|day| !first.contains(day)), "the key of its day is gone");
    assert_ne!(place.store.rendered(dead.delivery).await.unwrap(), before, "it was sealed anew");
    assert_eq!(place.readable(dead).await, whole());
    place.store.commit(Batch { revived: vec![dead.delivery], ..Batch::default() }).await.unwrap();
    place.pass(20 * DAY).await;
    assert_eq!(place.readable(dead).await, whole(), "pending for another 20 days, it still does");
    let row = place.store.find_delivery(dead.delivery).await.unwrap().unwrap();
    assert_eq!(row.state, DeliveryState::Pending);
}

#[tokio::test(start_paused = true)]
async fn k1_after_a_day_is_dropped_nothing_of_it_opens_not_even_in_an_old_copy_of_the_store() {
    let mut place = Place::new();
    let (delivered, copy) = (place.accept().await, {
        place.settle(End::Delivered).await;
        place.copy()
    });
    assert!(place.readable(delivered).await[0].is_some());
    let opened = read_copy(copy.path(), &place.keyring, delivered).await;
    assert!(opened[0].is_some() && opened[1].is_some(), "the control: with its key, a copy opens");
    place.pass(7 * DAY + DAY / 4).await;
    assert!(place.readable(delivered).await[0].is_none(), "its rows are over");
    place.pass(DAY).await;
    assert_eq!(place.days().await, [] as [i64; 0], "nothing was sealed since");
    place = place.restart();
    assert_eq!(read_copy(copy.path(), &place.keyring, delivered).await, [None, None, None]);
}

#[tokio::test(start_paused = true)]
async fn k1_a_day_stays_until_what_was_sealed_under_it_can_be_stored() {
    let mut place = Place::new();
    place.accept().await;
    place.settle(End::Delivered).await;
    place.pass(7 * DAY).await;
    tokio::time::advance(DAY).await;
    place.clock.advance(DAY);
    place.round().await;
    assert_eq!(place.days().await.len(), 1, "from now on nothing is sealed under it");
    tokio::time::advance(model::limits::DAY_KEY_REST).await;
    place.clock.advance(model::limits::DAY_KEY_REST);
    place.round().await;
    assert_eq!(place.days().await.len(), 0, "and a while later it goes");
}

#[tokio::test(start_paused = true)]
async fn k1_the_drop_of_a_key_stands_in_the_audit_log() {
    let mut place = Place::new();
    place.accept().await;
    place.pass(9 * DAY).await;
    let log = place
        .store
        .list_audit(store::AuditFilter::of(model::Id::from_row(1, place.store.installation().tag)), None, 10)
        .await
        .unwrap();
    let row = log.rows.iter().find(|row| row.entry.target == "day key 2026-09-21");
    assert!(row.is_some_and(|row| row.entry.action == audit::Action::Expire), "{log:?}");
    let page = place.metrics.encode();
    assert!(
        page.contains("carehook_day_keys_dropped_total 1")
            && page.contains("carehook_records_resealed_total 2"),
        "{page}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_erased_person_does_not_come_back_by_sealing_anew() {
    let mut place = Place::new();
    let dead = place.accept().await;
    place.settle(End::DeadLettered).await;
    place.keyring.forget_subject(model::Id::from_row(1, place.store.installation().tag), ANN).await.unwrap();
    let sealed = place.store.rendered(dead.delivery).await.unwrap();
    place.pass(9 * DAY).await;
    assert_eq!(place.readable(dead).await, [None, None, None]);
    assert_eq!(place.store.rendered(dead.delivery).await.unwrap(), sealed, "it is left as it was");
    assert_eq!(place.days().await, [] as [i64; 0], "and holds no day back");
}
