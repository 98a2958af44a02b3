//! How far a source was read: durable with what was read.

use std::sync::Arc;

use model::{Id as _, IntegrationId, Lane, ObjectKey, Sealed};

use super::World;
use crate::{Arrival, ConfigRow, Cursor, ObjectState, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    a_position_is_written_with_what_was_read_up_to_it(World::on(open().await)).await;
}

async fn a_position_is_written_with_what_was_read_up_to_it(world: World) {
    let integration = world.integration;
    let at = |position: &str| {
        Some(Cursor { integration, feed: "Observation".to_owned(), position: position.to_owned() })
    };
    let known = async || world.store.cursors(integration).await.expect("read");
    assert_eq!(known().await, [], "nothing was read yet");

    let arrival = |cursor| Arrival { dedupe: Some([1; 16]), cursor, ..world.arrival(Vec::new()) };
    world.arrive(arrival(at("1"))).await;
    assert_eq!(known().await, [("Observation".to_owned(), "1".to_owned())]);

    world.arrive(arrival(at("2"))).await;
    assert_eq!(known().await[0].1, "2", "what is known was read all the same");

    let mut conflicting = Arrival { cursor: at("3"), ..world.arrival(Vec::new()) };
    conflicting.objects.push(later(&world));
    let done = world.arrive(conflicting).await;
    assert_eq!(done.conflicts, [0]);
    assert_eq!(known().await[0].1, "2", "what was not written was not read");

    world.arrive(Arrival { cursor: at("4"), ..Arrival::default() }).await;
    assert_eq!(known().await[0].1, "4", "a position can stand alone");
    assert_eq!(world.store.cursors(world.id()).await.expect("read"), [], "each integration has its own");

    let other: IntegrationId = world.id();
    let feed = Cursor { integration: other, feed: "Patient".to_owned(), position: "1".to_owned() };
    world.arrive(Arrival { cursor: Some(feed), ..Arrival::default() }).await;
    let row = |doc| ConfigRow { kind: "integration".to_owned(), id: integration.raw(), version: 0, doc };
    let version =
        world.store.config_apply(vec![row(Some(Sealed(vec![1; 20])))], vec![], 0).await.expect("written");
    assert_eq!(known().await.len(), 1, "a changed integration goes on where it was");
    world.store.config_apply(vec![row(None)], vec![], version).await.expect("written");
    assert_eq!(known().await, [], "a removed one takes its positions along");
    assert_eq!(world.store.cursors(other).await.expect("read").len(), 1, "and nobody else's");
}

/// A state of an object that nobody has told of before.
fn later(world: &World) -> ObjectState {
    ObjectState {
        key: ObjectKey([9; 16]),
        version: 7,
        status: None,
        lane: Lane::Routine,
        last_event: None,
        last_type: None,
        organisation: world.organisation,
        subject: None,
        resource: None,
    }
}
