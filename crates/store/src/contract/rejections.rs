//! What doors refused: kept, found, counted, forgotten.

use std::sync::Arc;
use std::time::Duration;

use model::{Code, Door, Id, IntegrationId, OrganisationId, Sealed, Timestamp};

use super::World;
use crate::{
    Batch, Expiry, Kept, RecordOf, Rejection, RejectionFilter, RejectionTotal, Resealed, Standing, Store,
    Surplus,
};

pub(super) async fn tell(open: &impl AsyncFn() -> Arc<dyn Store>) {
    what_was_refused_is_found_by_what_it_is(World::on(open().await)).await;
    what_is_quarantined_becomes_events_once(World::on(open().await)).await;
    what_is_only_counted_counts(World::on(open().await)).await;
    content_goes_first_and_the_quarantine_last(World::on(open().await)).await;
    what_waits_in_quarantine_can_be_sealed_anew(World::on(open().await)).await;
}

fn refused(world: &World, standing: Standing) -> Rejection {
    Rejection {
        id: world.id(),
        organisation: world.organisation,
        integration: world.integration,
        door: Door::Hook,
        at: World::NOW,
        code: Code::InvalidSignature,
        reason: "the header X-Signature is missing".to_owned(),
        peer: Some([192, 0, 2, 7].into()),
        bytes: 69,
        standing,
        kept: Kept::Whole,
    }
}

async fn keep(world: &World, rejections: Vec<Rejection>) {
    let rejections = rejections.into_iter().map(|rejection| (rejection, Some(Sealed(vec![7; 20])))).collect();
    world.commit(Batch { rejections, ..Batch::default() }).await;
}

async fn list(world: &World, filter: RejectionFilter) -> Vec<Rejection> {
    let filter = RejectionFilter { organisation: Some(world.organisation), ..filter };
    world.store.list_rejections(filter, None, 10).await.expect("read").rows
}

async fn what_was_refused_is_found_by_what_it_is(world: World) {
    let by_hook = refused(&world, Standing::Listed);
    let by_mllp = Rejection {
        door: Door::Mllp,
        code: Code::UnreadableHl7,
        at: World::NOW + Duration::from_secs(1),
        peer: Some("2001:db8::1".parse().expect("an address")),
        ..refused(&world, Standing::Listed)
    };
    let elsewhere = Rejection { integration: world.id(), ..refused(&world, Standing::Quarantined) };
    let foreign = Rejection { organisation: world.id(), ..refused(&world, Standing::Listed) };
    keep(&world, vec![by_hook.clone(), by_mllp.clone(), elsewhere.clone(), foreign]).await;

    let any = RejectionFilter::default();
    assert_eq!(
        list(&world, any.clone()).await,
        [elsewhere.clone(), by_mllp.clone(), by_hook.clone()],
        "the newest first, as they were written, and only one's own"
    );
    let only = async |filter: RejectionFilter, found: &[&Rejection]| {
        let listed = list(&world, filter.clone()).await;
        assert_eq!(listed.iter().collect::<Vec<_>>(), found, "{filter:?}");
    };
    only(RejectionFilter { door: Some(Door::Mllp), ..any.clone() }, &[&by_mllp]).await;
    only(RejectionFilter { code: Some(Code::UnreadableHl7), ..any.clone() }, &[&by_mllp]).await;
    only(RejectionFilter { integration: Some(elsewhere.integration), ..any.clone() }, &[&elsewhere]).await;
    only(RejectionFilter { standing: Some(Standing::Quarantined), ..any.clone() }, &[&elsewhere]).await;
    only(RejectionFilter { from: Some(by_mllp.at), ..any.clone() }, &[&by_mllp]).await;
    only(RejectionFilter { to: Some(by_mllp.at), ..any.clone() }, &[&elsewhere, &by_hook]).await;

    let own = RejectionFilter { organisation: Some(world.organisation), ..any };
    let first = world.store.list_rejections(own.clone(), None, 2).await.expect("read");
    let rest = world.store.list_rejections(own, first.next, 2).await.expect("read");
    assert_eq!((first.rows.len(), rest.rows, rest.next), (2, vec![by_hook.clone()], None), "pages follow");
    let (found, raw) = world.store.find_rejection(by_hook.id).await.expect("read").expect("it is there");
    assert_eq!((found, raw), (by_hook, Some(Sealed(vec![7; 20]))));
    assert!(world.store.find_rejection(world.id()).await.expect("read").is_none());
}

async fn what_is_quarantined_becomes_events_once(world: World) {
    let (listed, waits) = (refused(&world, Standing::Listed), refused(&world, Standing::Quarantined));
    let readmitted = vec![listed.id, waits.id];
    keep(&world, vec![listed, waits]).await;
    world.commit(Batch { readmitted, ..Batch::default() }).await;
    let standing: Vec<Standing> =
        list(&world, RejectionFilter::default()).await.iter().map(|row| row.standing).collect();
    assert_eq!(standing, [Standing::Replayed, Standing::Listed], "what was refused stays refused");
}

async fn what_is_only_counted_counts(world: World) {
    let (organisation, integration) = (world.organisation, world.integration);
    let surplus = |organisation: OrganisationId, hour: i64, code, count| Surplus {
        organisation,
        integration,
        hour,
        code,
        count,
    };
    let hour = World::NOW.hour();
    keep(&world, vec![refused(&world, Standing::Listed)]).await;
    let more = vec![
        surplus(organisation, hour, Code::InvalidSignature, 1_000),
        surplus(organisation, hour, Code::BodyTooLarge, 1),
        surplus(organisation, hour - 30, Code::BodyTooLarge, 5),
        surplus(world.id(), hour, Code::BodyTooLarge, 7),
    ];
    world.commit(Batch { surplus: more, ..Batch::default() }).await;
    let since = |hours: u64| World::NOW - Duration::from_secs(hours * 3_600);
    let totals = world.store.rejection_totals(organisation, since(24)).await.expect("read");
    let total = |integration: IntegrationId, code: Code, count| RejectionTotal {
        integration,
        code: code.name(),
        count,
    };
    let expected =
        [total(integration, Code::BodyTooLarge, 1), total(integration, Code::InvalidSignature, 1_001)];
    assert_eq!(totals, expected);
    let totals = world.store.rejection_totals(organisation, since(48)).await.expect("read");
    assert_eq!(totals[0].count, 6, "older hours are asked for by name");
    assert_eq!(list(&world, RejectionFilter::default()).await.len(), 1, "and are not listed");
}

async fn content_goes_first_and_the_quarantine_last(world: World) {
    let (listed, waits) = (refused(&world, Standing::Listed), refused(&world, Standing::Quarantined));
    keep(&world, vec![listed.clone(), waits.clone()]).await;
    let (never, later) = (Timestamp::from_millis(0), World::NOW + Duration::from_secs(100 * 86_400));
    let horizon = |bodies, log| Expiry { bodies, dead_letters: never, log, audit: never, answers: never };
    assert_eq!(world.store.expire(horizon(never, never), 100).await.expect("expired"), 0);
    assert_eq!(world.store.expire(horizon(later, never), 100).await.expect("expired"), 1);
    let kept: Vec<Kept> = list(&world, RejectionFilter::default()).await.iter().map(|row| row.kept).collect();
    assert_eq!(kept, [Kept::Whole, Kept::Nothing], "what is ours to take in is kept");
    world.store.expire(horizon(later, later), 100).await.expect("expired");
    assert!(list(&world, RejectionFilter::default()).await.is_empty(), "the log ends for all");
    assert!(world.store.find_rejection(waits.id).await.expect("read").is_none());
    let totals = world.store.rejection_totals(world.organisation, never).await.expect("read");
    assert!(totals.is_empty(), "and so do the counts");
}

async fn what_waits_in_quarantine_can_be_sealed_anew(world: World) {
    let waits = refused(&world, Standing::Quarantined);
    keep(&world, vec![waits.clone()]).await;
    let found = world.store.records(RecordOf::Rejection, 0, i64::MAX).await.expect("read");
    let [was] = found.as_slice() else { panic!("one record: {found:?}") };
    assert_eq!((was.row, was.organisation, was.subject), (waits.id.row(), world.organisation, None));
    let resealed = Resealed { was: was.clone(), sealed: Sealed(vec![8; 40]) };
    assert_eq!(world.store.reseal(vec![resealed.clone()]).await.expect("written"), 1);
    assert_eq!(world.store.reseal(vec![resealed]).await.expect("written"), 0, "it is another by now");
    let (_, raw) = world.store.find_rejection(waits.id).await.expect("read").expect("it is kept");
    assert_eq!(raw, Some(Sealed(vec![8; 40])));
}
