//! What comes in: written whole, or not at all if it is known.

use std::sync::Arc;

use model::{DeliveryState, EventId, EventType, Id, Lane, ObjectKey, Sealed, Status, SubjectKey};

use super::World;
use crate::{Arrival, Batch, Message, ObjectState, Store};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    what_is_committed_is_found(World::on(open().await)).await;
    a_known_arrival_changes_nothing(World::on(open().await)).await;
    a_name_is_given_once(World::on(open().await)).await;
    an_arrival_on_a_changed_object_is_not_written(World::on(open().await)).await;
    what_was_received_is_found_with_its_events(World::on(open().await)).await;
}

async fn what_is_committed_is_found(world: World) {
    let deliveries = vec![world.delivery(None), world.delivery(Some(1))];
    let ids: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
    let mut arrival = world.arrival(deliveries);
    let event = &mut arrival.events[0].0;
    event.event.subject = Some(SubjectKey([3; 16]));
    event.event.object = Some(ObjectKey([4; 16]));
    event.event.replaces = Some(world.id());
    event.event.sequence = 2;
    let written = event.clone();
    world.arrive(arrival).await;

    let id = written.event.id;
    let found = world.store.find_event(id).await.expect("read").expect("the event is there");
    assert_eq!(found.event, written.event, "an event is found as it was written");
    assert_eq!(found.decisions, written.decisions, "decisions are found as they were written");
    assert!(found.has_body, "the body is kept");
    let unknown: EventId = world.id();
    let foreign = EventId::from_row(id.row(), id.tag() ^ 1);
    let all = world.store.events(&[unknown, id, foreign]).await.expect("read");
    assert!(
        all[0].is_none() && all[2].is_none(),
        "unknown ids, and those of other installations, are not found"
    );
    let body = all[1].as_ref().and_then(|event| event.body.clone());
    assert_eq!(body, written.body, "a body is found as it was written, in the order of the ids");
    for id in ids {
        let row = world.row(id).await;
        assert_eq!((row.state, row.attempts), (DeliveryState::Pending, 0), "a new delivery is pending");
        assert_eq!(row.event_type, written.event.event_type);
    }
}

async fn a_known_arrival_changes_nothing(world: World) {
    let keyed = |key: u8| Arrival { dedupe: Some([key; 16]), ..world.arrival(vec![world.delivery(None)]) };
    let first = keyed(1);
    let id = first.events[0].0.event.id;
    let twice = keyed(1);
    let lost = twice.events[0].0.event.id;
    let other = keyed(2);
    let done = world.commit(Batch { arrivals: vec![first, twice, other], ..Batch::default() }).await;
    assert_eq!(done.duplicates, [(1, id)], "a repetition within a batch is known, with its place");
    let done = world.arrive(keyed(1)).await;
    assert_eq!(done.duplicates, [(0, id)], "a later repetition names the first event");
    assert!(world.store.find_event(lost).await.expect("read").is_none(), "a repetition is not written");
    assert_eq!(world.due_on_disk().await, 2, "a repetition owes nothing; the rest of the batch does");
}

async fn an_arrival_on_a_changed_object_is_not_written(world: World) {
    let key = ObjectKey([9; 16]);
    let state = |version| ObjectState {
        key,
        version,
        status: Some(Status::Final),
        lane: Lane::Urgent,
        last_event: Some(world.id()),
        last_type: Some(EventType::from("lab.result.final")),
        organisation: world.organisation,
        subject: Some(model::SubjectKey([3; 16])),
        resource: Some(Sealed(vec![7; 40])),
    };
    let changing = |objects| Arrival { objects, ..world.arrival(vec![world.delivery(None)]) };
    let two = state(2);
    let done = world.arrive(changing(vec![state(1), two.clone()])).await;
    assert!(done.conflicts.is_empty(), "versions that follow each other are written");
    let stale = changing(vec![state(2)]);
    let lost = stale.events[0].0.event.id;
    let batch = Batch { arrivals: vec![stale, changing(vec![state(3)])], ..Batch::default() };
    let done = world.commit(batch).await;
    assert_eq!(done.conflicts, [0], "an arrival that builds on an older state is reported");
    assert!(world.store.find_event(lost).await.expect("read").is_none(), "and nothing of it is written");
    let unknown = ObjectKey([8; 16]);
    let found = world.store.objects(&[unknown, key]).await.expect("read");
    assert!(found[0].is_none(), "an unknown object has no state");
    let found = found[1].as_ref().expect("the object is there");
    assert_eq!((found.version, found.status, found.lane), (3, two.status, two.lane));
    assert_eq!(found.resource, two.resource);
}

async fn what_was_received_is_found_with_its_events(world: World) {
    let message = received(&world);
    let id = message.id;
    let mut arrival = world.arrival(vec![]);
    arrival.events[0].0.event.message = Some(id);
    world.arrive(Arrival { message: Some(message.clone()), ..arrival }).await;
    let found = world.store.find_message(id).await.expect("read").expect("the message is there");
    assert_eq!(
        (found.kind, found.flaws, found.raw),
        (message.kind.clone(), message.flaws.clone(), message.raw.clone())
    );
    assert_eq!(found.subject, message.subject);
    assert_eq!(world.store.events_of(id).await.expect("read").len(), 1, "its events are found by it");

    let silent = Message { id: world.id(), events: 0, ..message };
    let arrival = || Arrival { dedupe: Some([1; 16]), message: Some(silent.clone()), ..Arrival::default() };
    assert!(world.arrive(arrival()).await.duplicates.is_empty());
    assert_eq!(world.arrive(arrival()).await.duplicates.len(), 1, "what became no event is known again too");
}

async fn a_name_is_given_once(world: World) {
    let named = |key: u8, name: Option<u8>| Arrival {
        dedupe: Some([key; 16]),
        name: name.map(|name| [name; 16]),
        message: Some(received(&world)),
        ..world.arrival(vec![world.delivery(None)])
    };
    let second = named(2, Some(9));
    let lost = second.events[0].0.event.id;
    let batch = Batch { arrivals: vec![named(1, Some(9)), second], ..Batch::default() };
    let done = world.commit(batch).await;
    assert_eq!(done.clashes, [1], "another arrival under a name that is given is reported");
    assert!(world.store.find_event(lost).await.expect("read").is_none(), "and not written");
    let done = world.arrive(named(1, Some(9))).await;
    assert!(done.clashes.is_empty() && done.duplicates.len() == 1, "the same again is known, and no clash");
    let done = world.arrive(named(2, None)).await;
    assert!(done.clashes.is_empty() && done.duplicates.is_empty(), "without the name it is written");
    assert!(world.arrive(named(3, Some(8))).await.clashes.is_empty(), "another name is free");
    assert_eq!(world.due_on_disk().await, 3);
}

/// A message as a source received it.
pub(super) fn received(world: &World) -> Message {
    Message {
        id: world.id(),
        organisation: world.organisation,
        integration: world.integration,
        received: World::NOW,
        format: "hl7v2".into(),
        kind: "ORU^R01".into(),
        subject: Some(SubjectKey([5; 16])),
        events: 1,
        flaws: vec!["unknown_segment ZZZ".into()],
        raw: Sealed(vec![1, 2, 3]),
    }
}
