use std::time::Duration;

use model::{Clock as _, DeliveryState, Timestamp};
use retention::Stand;
use store::End;

use crate::place::{BODY, DAY, Place};

const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 86_400);

#[tokio::test(start_paused = true)]
async fn k1_a_clock_that_jumps_ten_years_drops_nothing_and_goes_on_when_it_is_back() {
    let mut place = Place::new();
    let dead = place.accept().await;
    place.settle(End::DeadLettered).await;
    let delivered = place.accept().await;
    place.settle(End::Delivered).await;
    let days = place.days().await;
    assert_eq!(place.round().await, Stand::Runs);
    let right = place.clock.now();
    for wrong in [right + TEN_YEARS, right - TEN_YEARS, Timestamp::from_millis(0)] {
        place.clock.set(wrong);
        tokio::time::advance(DAY / 4).await;
        assert_eq!(place.round().await, Stand::Stopped, "{wrong}");
        assert!(place.metrics.encode().contains("carehook_retention_stopped 1"));
        place = place.restart();
        assert_eq!(place.round().await, Stand::Stopped, "a restart makes no wrong clock right: {wrong}");
    }
    assert_eq!(place.days().await, days);
    assert!(place.readable(dead).await.iter().all(Option::is_some));
    assert!(place.readable(delivered).await[0].is_some());
    place.clock.set(right);
    assert_eq!(place.round().await, Stand::Runs);
    assert!(place.metrics.encode().contains("carehook_retention_stopped 0"));
    let row = place.store.find_delivery(dead.delivery).await.unwrap().unwrap();
    assert_eq!(row.state, DeliveryState::DeadLettered);
}

#[tokio::test(start_paused = true)]
async fn k1_even_when_ten_years_are_accepted_what_is_pending_keeps_its_bytes() {
    let mut place = Place::new();
    let pending = place.accept().await;
    assert_eq!(place.round().await, Stand::Runs);
    place.clock.advance(TEN_YEARS);
    assert_eq!(place.round().await, Stand::Stopped);
    place.store.set_retention_clock(place.clock.now(), Vec::new()).await.unwrap();
    assert_eq!(place.round().await, Stand::Runs, "a person's word goes");
    place.pass(DAY).await;
    assert_eq!(place.days().await.len(), 1, "its own day is gone");
    let [content, raw, _] = place.readable(pending).await;
    assert!(content.is_some() && raw.is_some());
    // The clock was wrong after all: what comes now is sealed under days that stay.
    place.clock.set(place.clock.now() - TEN_YEARS);
    let next = place.accept().await;
    place.settle(End::DeadLettered).await;
    assert_eq!(place.round().await, Stand::Stopped);
    place.store.set_retention_clock(place.clock.now(), Vec::new()).await.unwrap();
    place.pass(8 * DAY).await;
    let [content, raw, body] = place.readable(next).await;
    assert!(content.is_some() && raw.is_some());
    assert_eq!(body.as_deref(), Some(BODY));
}

#[tokio::test(start_paused = true)]
async fn the_believed_time_outlives_a_restart() {
    let mut place = Place::new();
    place.pass(DAY / 2).await;
    place.clock.advance(2 * DAY);
    place = place.restart();
    assert_eq!(place.round().await, Stand::Stopped, "nobody was up to say that two days passed");
    place.store.set_retention_clock(place.clock.now(), Vec::new()).await.unwrap();
    assert_eq!(place.round().await, Stand::Runs);
    place.clock.advance(DAY / 2);
    place = place.restart();
    assert_eq!(place.round().await, Stand::Runs, "half a day is within what is believed");
}
