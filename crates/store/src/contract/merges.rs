//! A merged patient's identifiers share one order.

use std::sync::Arc;

use model::{DeliveryState, OrderKey, SubjectKey};

use super::World;
use crate::{Batch, End, Merge, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    who_was_merged_is_who_stays(World::on(open().await)).await;
    both_identifiers_share_one_line(World::on(open().await)).await;
    what_was_owed_before_the_merge_goes_first(World::on(open().await)).await;
}

/// Patient `from` is given up for patient `into`.
fn merge(world: &World, from: u8, into: u8) -> Merge {
    Merge {
        organisation: world.organisation,
        subjects: (subject(from), subject(into)),
        orders: (OrderKey([from; 16]), OrderKey([into; 16])),
    }
}

fn subject(byte: u8) -> SubjectKey {
    SubjectKey([byte; 16])
}

/// Lets a merge come in, with no event of its own.
async fn merged(world: &World, from: u8, into: u8) {
    let arrival = crate::Arrival { merges: vec![merge(world, from, into)], ..world.arrival(Vec::new()) };
    world.arrive(arrival).await;
}

async fn who_was_merged_is_who_stays(world: World) {
    let who = async |bytes: [u8; 3]| {
        let asked = bytes.map(subject);
        world.store.survivors(&asked).await.expect("read").iter().map(|found| found.0[0]).collect::<Vec<_>>()
    };
    assert_eq!(who([1, 2, 3]).await, [1, 2, 3], "without a merge everybody is themselves");
    merged(&world, 1, 2).await;
    assert_eq!(who([1, 2, 3]).await, [2, 2, 3]);
    merged(&world, 2, 3).await;
    assert_eq!(who([1, 2, 3]).await, [3, 3, 3], "a merge takes along who was merged before");
    merged(&world, 3, 1).await;
    assert_eq!(who([1, 2, 3]).await, [3, 3, 3], "who is one already stays so");
    for (asked, expected) in [(1, [2, 3]), (2, [1, 3]), (3, [1, 2])] {
        let mut others = world.store.one_with(subject(asked)).await.expect("read");
        others.sort_unstable();
        assert_eq!(others, expected.map(subject), "whom {asked} is one with");
    }
    assert!(world.store.one_with(subject(4)).await.expect("read").is_empty());
}

async fn both_identifiers_share_one_line(world: World) {
    merged(&world, 1, 2).await;
    let first = world.owe(Some(1)).await;
    world.owe(Some(2)).await;
    let claims = world.claim(10).await;
    assert_eq!(claims[0].delivery, first);
    assert_eq!(claims[0].order, claims[1].order, "two identifiers, one line");
    assert_eq!(claims[0].order, Some(OrderKey([2; 16])));
}

async fn what_was_owed_before_the_merge_goes_first(world: World) {
    world.owe(Some(1)).await;
    let before = world.claim_one().await;
    merged(&world, 1, 2).await;
    let after = world.owe(Some(2)).await;
    assert_eq!(world.row(after).await.state, DeliveryState::Held);
    assert!(world.claim(10).await.is_empty(), "what was owed under the other identifier comes first");
    let late = world.owe(Some(1)).await;
    world.commit(Batch { ended: vec![(before.delivery, End::Cancelled)], ..Batch::default() }).await;
    let next = world.claim_one().await;
    assert_eq!(next.delivery, after);
    world.settle(&next, End::Delivered).await;
    assert_eq!(world.claim_one().await.delivery, late);
}
