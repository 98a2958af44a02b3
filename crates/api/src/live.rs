//! `GET /admin/live`

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt, stream};
use model::{OrganisationId, Right, Timestamp};
use observe::live::Note;
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::Api;
use crate::caller::Caller;
use crate::refused::Result;

/// What happens, as Server-Sent Events: `attempt` and `webhook`; `missed` if the watcher is too slow.
#[utoipa::path(get, path = "/admin/live", tag = "live",
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub(crate) async fn live(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    caller.needs(Right::Look)?;
    let watcher = Watcher { organisation: caller.organisation(), notes: api.feed.watch() };
    let stop = api.stop.token();
    let api = Arc::new(api);
    let events = stream::unfold((watcher, api), |(mut watcher, api)| async move {
        let event = watcher.next(&api).await?;
        Some((Ok(event), (watcher, api)))
    });
    let until_stopped = events.take_until(stop.cancelled_owned());
    Ok(Sse::new(until_stopped).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

const KEEP_ALIVE: Duration = Duration::from_secs(15);

struct Watcher {
    organisation: OrganisationId,
    notes: Receiver<Note>,
}

impl Watcher {
    /// The next note about a webhook of the organisation; none at the end.
    async fn next(&mut self, api: &Api) -> Option<Event> {
        loop {
            match self.notes.recv().await {
                Ok(note) if self.may_see(api, &note) => return Some(shown(&note, api.clock.now())),
                Ok(_) => {}
                Err(RecvError::Lagged(count)) => {
                    return Some(Event::default().event("missed").data(count.to_string()));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn may_see(&self, api: &Api, note: &Note) -> bool {
        api.settings.now().webhook(self.organisation, note.webhook()).is_some()
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    at: Timestamp,
    #[serde(flatten)]
    note: &'a Note,
}

fn shown(note: &Note, at: Timestamp) -> Event {
    let name = match note {
        Note::Attempt { .. } => "attempt",
        Note::Webhook { .. } => "webhook",
    };
    let data = serde_json::to_string(&Shown { at, note }).unwrap_or_default();
    Event::default().event(name).data(data)
}
