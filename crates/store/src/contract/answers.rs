//! What was answered before.

use std::sync::Arc;
use std::time::Duration;

use model::{AnswerKey, OrganisationId, Sealed, limits};
use tokio::task::JoinSet;

use super::World;
use crate::{Answered, Asked, Batch, Begun, Expiry, Store, Twice};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    a_key_is_begun_once_and_its_answer_kept(World::on(open().await)).await;
    what_changed_nothing_may_be_asked_again(World::on(open().await)).await;
    a_key_is_free_again_after_its_day(World::on(open().await)).await;
    answers_are_bounded_for_each_organisation(World::on(open().await)).await;
}

pub(super) async fn tell_of_restarts(
    open: &impl AsyncFn() -> Arc<dyn Store>,
    reopen: &impl AsyncFn(Arc<dyn Store>) -> Arc<dyn Store>,
) {
    let world = World::on(open().await);
    begin(&world, asked(&world, 1)).await;
    begin(&world, asked(&world, 2)).await;
    end(&world, 1, Some(sealed())).await;
    let (first, second) = (asked(&world, 1), asked(&world, 2));
    let world = World::on(reopen(world.store).await);
    assert_eq!(begin(&world, first).await, before(first, Some(sealed())), "an answer outlives its process");
    assert_eq!(begin(&world, second).await, before(second, None), "so does what was not answered");
}

fn asked(world: &World, key: u8) -> Asked {
    let (key, print) = (AnswerKey([key; 16]), [key; 16]);
    Asked { key, organisation: world.organisation, print, at: World::NOW, twice: Twice::Done }
}

fn before(asked: Asked, answer: Option<Sealed>) -> Begun {
    Begun::Before(Answered { print: asked.print, at: asked.at, answer })
}

fn sealed() -> Sealed {
    Sealed(vec![7; 300])
}

async fn begin(world: &World, asked: Asked) -> Begun {
    world.store.begin(asked).await.expect("begun")
}

async fn end(world: &World, key: u8, answer: Option<Sealed>) {
    let answers = vec![(AnswerKey([key; 16]), answer)];
    world.commit(Batch { answers, ..Batch::default() }).await;
}

async fn a_key_is_begun_once_and_its_answer_kept(world: World) {
    let first = asked(&world, 1);
    assert_eq!(begin(&world, first).await, Begun::Now);
    let other = Asked { print: [9; 16], at: World::NOW + Duration::from_secs(1), ..first };
    assert_eq!(begin(&world, other).await, before(first, None), "begun, not answered, and what was asked");
    end(&world, 1, Some(sealed())).await;
    assert_eq!(begin(&world, other).await, before(first, Some(sealed())), "answered");
    assert_eq!(begin(&world, asked(&world, 2)).await, Begun::Now, "another key is another write");
    end(&world, 3, Some(sealed())).await;
    assert_eq!(begin(&world, asked(&world, 3)).await, Begun::Now, "what was never begun has no answer");
}

async fn what_changed_nothing_may_be_asked_again(world: World) {
    begin(&world, asked(&world, 1)).await;
    end(&world, 1, None).await;
    assert_eq!(begin(&world, asked(&world, 1)).await, Begun::Now);
}

async fn a_key_is_free_again_after_its_day(world: World) {
    let first = asked(&world, 1);
    begin(&world, first).await;
    end(&world, 1, Some(sealed())).await;
    begin(&world, asked(&world, 2)).await;
    let late = |key| Asked { at: World::NOW + limits::ANSWER_KEPT, ..asked(&world, key) };
    assert_eq!(begin(&world, late(1)).await, Begun::Now, "after a day it is a new write");
    assert_eq!(begin(&world, late(1)).await, before(late(1), None), "without the answer of the old one");
    let long_ago = model::Timestamp::from_millis(0);
    let (answers, [bodies, dead_letters, log, audit]) = (late(1).at, [long_ago; 4]);
    let horizon = Expiry { bodies, dead_letters, log, audit, answers };
    assert_eq!(world.store.expire(horizon, 100).await.expect("expired"), 1, "one was too old");
    assert_eq!(begin(&world, late(1)).await, before(late(1), None), "and one was not");
}

async fn answers_are_bounded_for_each_organisation(world: World) {
    let numbered = |number: usize| {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&number.to_be_bytes());
        let at = World::NOW + Duration::from_secs(u64::from(number > 0));
        Asked { key: AnswerKey(key), at, ..asked(&world, 0) }
    };
    let mut all = JoinSet::new();
    for asked in (0..limits::ANSWERS).map(numbered) {
        let store = world.store.clone();
        all.spawn(async move { store.begin(asked).await });
    }
    while let Some(begun) = all.join_next().await {
        assert_eq!(begun.expect("it ends").expect("begun"), Begun::Now);
    }
    let more = numbered(limits::ANSWERS);
    let room = World::NOW + limits::ANSWER_KEPT;
    assert_eq!(begin(&world, more).await, Begun::Full(room), "there is room when the oldest goes");
    let other: OrganisationId = world.id();
    assert_eq!(begin(&world, Asked { organisation: other, ..more }).await, Begun::Now, "others have room");
    let harmless = Asked { twice: Twice::Harmless, ..numbered(limits::ANSWERS + 2) };
    assert_eq!(begin(&world, harmless).await, Begun::Now, "what leaves more than its answer has room");
    let next = numbered(limits::ANSWERS + 1);
    assert_eq!(begin(&world, next).await, Begun::Full(room), "and takes no room of what is counted");
}
