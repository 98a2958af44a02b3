//! Dead letters on their way back, a page at a time, whatever restarts between.

use std::sync::Arc;
use std::time::Duration;

use model::{Id, limits};
use observe::Stop;
use observe::live::{Feed, Note};
use store::{Batch, Progress, Redrive, RedriveState, Result, Store};

/// Moves every running redrive on until asked to stop.
pub(crate) async fn run(store: Arc<dyn Store>, feed: Feed, stop: Stop) {
    while !stop.is_stopped() {
        if let Err(error) = advance_all(&*store, &feed).await {
            tracing::error!(%error, "redrives wait");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.stopped() => {}
        }
    }
}

async fn advance_all(store: &dyn Store, feed: &Feed) -> Result<()> {
    for redrive in store.running_redrives().await? {
        advance(store, feed, redrive).await?;
    }
    Ok(())
}

/// One page: the deliveries are owed again and the cursor moves in one commit.
async fn advance(store: &dyn Store, feed: &Feed, mut redrive: Redrive) -> Result<()> {
    let cursor = redrive.progress.cursor;
    let (_, page) = store.plan_redrive(redrive.organisation, &redrive.filter, cursor, limits::CLAIM).await?;
    match page.last() {
        Some(last) => {
            let revived = redrive.progress.revived + page.len() as u64;
            redrive.progress = Progress { revived, cursor: last.row() };
        }
        None => redrive.state = RedriveState::Done,
    }
    let (organisation, redrive_id, planned) = (redrive.organisation, redrive.id, redrive.planned);
    let (state, revived) = (redrive.state.name(), redrive.progress.revived);
    store.commit(Batch { revived: page, redrives: vec![redrive], ..Batch::default() }).await?;
    feed.tell(organisation, || Note::Redrive { redrive_id, state, revived, planned });
    Ok(())
}

const LOOK: Duration = Duration::from_millis(250);
