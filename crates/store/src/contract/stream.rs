//! What receivers catch up with.

use std::sync::Arc;

use model::{DeliveryState, WebhookId};

use super::World;
use crate::{End, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    a_stream_has_no_gaps(World::on(open().await)).await;
}

// Ids are minted before they are committed, so a lower one may be committed later.
async fn a_stream_has_no_gaps(world: World) {
    let (early, late) = (world.delivery(None), world.delivery(None));
    let (early_id, late_id) = (early.id, late.id);
    assert!(early_id < late_id);
    let stream = async |webhooks: &[WebhookId], cursor, limit| {
        world.store.stream(webhooks, cursor, limit).await.expect("read")
    };
    let own = [world.webhook];
    let page = stream(&own, 0, 10).await;
    assert!(page.rows.is_empty() && page.next.is_none(), "an empty stream has no place");

    world.arrive(world.arrival(vec![late])).await;
    let page = stream(&own, 0, 10).await;
    assert_eq!((page.rows.len(), page.rows[0].id), (1, late_id));
    let cursor = page.next.expect("a page with rows says where to go on, at the end too");
    world.arrive(world.arrival(vec![early])).await;
    let page = stream(&own, cursor, 10).await;
    assert_eq!(page.rows.len(), 1, "a lower id that is committed later is not missed");
    assert_eq!(page.rows[0].id, early_id);
    let cursor = page.next.expect("a place");
    assert!(stream(&own, cursor, 10).await.rows.is_empty(), "nothing comes twice");

    let mut other = world.delivery(None);
    other.webhook = world.id();
    let both = [world.webhook, other.webhook];
    world.owe(None).await;
    world.arrive(world.arrival(vec![other])).await;
    world.owe(None).await;
    let claims = world.claim(2).await;
    world.settle(&claims[0], End::Delivered).await;
    let first = stream(&both, cursor, 2).await;
    let rest = stream(&both, first.next.expect("a place"), 2).await;
    assert_eq!((first.rows.len(), rest.rows.len()), (2, 1), "several webhooks share one stream");
    let again = stream(&own, 0, 10).await;
    assert_eq!(again.rows.len(), 4, "another webhook's are left out");
    let finished = again.rows.iter().filter(|row| row.state == DeliveryState::Delivered).count();
    assert_eq!(finished, 1, "finished deliveries stay in the stream");
}
