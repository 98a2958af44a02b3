//! How far a source was read: durable with what was read.

use std::sync::Arc;

use model::{Lane, ObjectKey};

use super::World;
use crate::{Arrival, Cursor, ObjectState, Store};

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
