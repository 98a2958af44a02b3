//! Dead letters on their way back, a page at a time, whatever restarts between.

use std::sync::Arc;
use std::time::Duration;

use matching::Verdict;
use model::{DecisionReason, DeliveryId, DeliveryState, Id, Timestamp, limits};
use observe::Stop;
use observe::live::Note;
use store::{Addition, Batch, NewDelivery, Progress, Redrive, RedriveFilter, RedriveState};

use crate::engine::Engine;

/// Moves every running redrive on until asked to stop.
pub(crate) async fn run(engine: Arc<Engine>, stop: Stop) {
    while !stop.is_stopped() {
        if let Err(error) = advance_all(&engine).await {
            tracing::error!(%error, "redrives wait");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.stopped() => {}
        }
    }
}

/// Why a redrive waits.
#[derive(Debug, thiserror::Error)]
enum Waits {
    #[error("the store failed")]
    Store(#[from] store::Error),
    #[error("the keys cannot be reached")]
    Keys(#[from] privacy::Error),
}

async fn advance_all(engine: &Engine) -> Result<(), Waits> {
    for redrive in engine.ports.store.running_redrives().await? {
        advance(engine, redrive).await?;
    }
    Ok(())
}

/// One page: the deliveries are owed again and the cursor moves in one commit.
async fn advance(engine: &Engine, mut redrive: Redrive) -> Result<(), Waits> {
    let (cursor, filter) = (redrive.progress.cursor, taken_by(&redrive));
    let store = &engine.ports.store;
    let most = allowed(&redrive, engine.ports.clock.now());
    if most == 0 {
        return Ok(());
    }
    let (_, page) = store.plan_redrive(redrive.organisation, &filter, cursor, most).await?;
    let mut batch = Batch::default();
    match page.last() {
        Some(last) => redrive.progress.cursor = last.row(),
        None => redrive.state = RedriveState::Done,
    }
    let moved = if redrive.fresh {
        batch.added = renew(engine, page).await?;
        batch.added.len()
    } else {
        batch.revived = page;
        batch.revived.len()
    };
    let revived = redrive.progress.revived + moved as u64;
    redrive.progress = Progress { revived, ..redrive.progress };
    let (organisation, redrive_id, planned) = (redrive.organisation, redrive.id, redrive.planned);
    let state = redrive.state.name();
    batch.redrives.push(redrive);
    store.commit(batch).await?;
    engine.ports.feed.tell(organisation, || Note::Redrive { redrive_id, state, revived, planned });
    Ok(())
}

/// How many may become owed again now. After a pause of ours no more than a second's worth comes at once.
fn allowed(redrive: &Redrive, now: Timestamp) -> usize {
    let Some(pace) = redrive.per_second else { return limits::CLAIM };
    let due = now.since(redrive.created).as_millis() * u128::from(pace) / 1_000;
    let behind = usize::try_from(due).unwrap_or(usize::MAX);
    let behind = behind.saturating_sub(usize::try_from(redrive.progress.revived).unwrap_or(usize::MAX));
    behind.min(pace as usize).min(limits::CLAIM)
}

/// What a redrive takes. New deliveries that it made itself, and that ended since, are not among it.
fn taken_by(redrive: &Redrive) -> RedriveFilter {
    let mut filter = redrive.filter.clone();
    if redrive.fresh {
        filter.to = Some(filter.to.map_or(redrive.created, |to| to.min(redrive.created)));
    }
    filter
}

/// A new delivery for each; a dead letter gives way to its own.
async fn renew(engine: &Engine, page: Vec<DeliveryId>) -> Result<Vec<Addition>, Waits> {
    let (ports, at) = (&engine.ports, engine.ports.clock.now());
    let mut added = Vec::with_capacity(page.len());
    for id in page {
        let Some(row) = ports.store.find_delivery(id).await? else { continue };
        let Some(found) = ports.store.find_event(row.event).await?.filter(|found| found.has_body) else {
            continue;
        };
        let compiled = ports.settings.now();
        let Some(webhook) = compiled.webhook(row.organisation, row.webhook) else { continue };
        let keys = ports.keyring.organisation(row.organisation).await?;
        let verdict = Verdict::of(webhook, DecisionReason::Replayed, found.event.lane);
        let followed = settings::followed(&*ports.store, &found.event).await?;
        let follows = followed.get(&row.webhook).copied();
        let owed = settings::owed(ports.ids.next(at), &verdict, &found.event, &keys);
        let deliveries = vec![NewDelivery { follows, ..owed }];
        let is_dead = row.state == DeliveryState::DeadLettered;
        let instead_of = if is_dead { vec![id] } else { Vec::new() };
        added.push(Addition { event: row.event, at, deliveries, instead_of });
    }
    Ok(added)
}

const LOOK: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    #[test]
    fn a_redrive_keeps_its_pace_and_makes_up_for_a_second_at_most() {
        let redrive = |per_second, revived| Redrive {
            id: Id::from_raw(1),
            organisation: Id::from_raw(2),
            filter: RedriveFilter::default(),
            fresh: false,
            per_second,
            planned: 1_000,
            state: RedriveState::Running,
            progress: Progress { revived, ..Progress::default() },
            created: BEGAN,
        };
        let after = |ms: u64, per_second, revived| {
            allowed(&redrive(per_second, revived), BEGAN + Duration::from_millis(ms))
        };
        assert_eq!(after(0, None, 0), limits::CLAIM);
        assert_eq!((after(250, Some(1), 0), after(1_000, Some(1), 0), after(1_250, Some(1), 1)), (0, 1, 0));
        assert_eq!((after(500, Some(20), 4), after(60_000, Some(20), 4)), (6, 20));
    }
}
