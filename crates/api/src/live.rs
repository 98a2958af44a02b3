//! `GET /admin/live`

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt, stream};
use http::HeaderName;
use http::request::Parts;
use model::{OrganisationId, Right, Timestamp};
use observe::live::{Note, Place, Told};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::Api;
use crate::caller::{self, Caller};
use crate::refused::Result;

/// What happens, as Server-Sent Events: `event`, `rejection`, `attempt`, `delivery`, `webhook`, `alert` and
/// `redrive`; `missed` where some were not told.
#[utoipa::path(get, path = "/admin/live", tag = "live",
    params(("Last-Event-ID" = Option<String>, Header, description = "The last note that was heard: what came since is told as `missed`")),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub(crate) async fn live(
    State(api): State<Api>,
    caller: Caller,
    parts: Parts,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    caller.needs(Right::Look)?;
    let stop = api.stop.token();
    let (watcher, missed) = Watcher::new(api, &caller, parts);
    let events = stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((event, watcher))
    });
    let told = stream::iter(missed.map(missing)).chain(events).map(Ok);
    Ok(Sse::new(told.take_until(stop.cancelled_owned())).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How soon a watcher hears that it may watch no longer, where nothing else tells.
const LOOK: Duration = Duration::from_secs(2);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

struct Watcher {
    api: Api,
    parts: Parts,
    organisation: OrganisationId,
    notes: Receiver<Told>,
    changes: watch::Receiver<u64>,
    look: Interval,
}

/// How much was missed; not known across a restart.
type Missed = Option<u64>;

impl Watcher {
    /// A watcher from now on, and what it missed since it was here last.
    fn new(api: Api, caller: &Caller, parts: Parts) -> (Self, Option<Missed>) {
        let (notes, now) = api.feed.watch();
        let last = parts.headers.get(&LAST_EVENT_ID).and_then(|last| last.to_str().ok());
        let last: Option<Place> = last.and_then(|last| last.parse().ok());
        let missed = last.map(|last| now.since(last)).filter(|missed| *missed != Some(0));
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (organisation, changes) = (caller.organisation(), api.settings.watch());
        (Watcher { api, parts, organisation, notes, changes, look }, missed)
    }

    /// The next note for the organisation; none at the end, or when its watcher may watch no longer.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let heard = tokio::select! {
                heard = self.notes.recv() => Some(heard),
                _ = self.changes.changed() => None,
                _ = self.look.tick() => None,
            };
            let Some(heard) = heard else {
                // Signed out, revoked or expired.
                caller::check(&self.parts, &self.api).ok()?;
                continue;
            };
            match heard {
                Ok(told) if told.organisation == self.organisation => {
                    return Some(shown(&told, self.api.clock.now()));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(count)) => return Some(missing(Some(count))),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    at: Timestamp,
    #[serde(flatten)]
    note: &'a Note,
}

fn shown(told: &Told, at: Timestamp) -> Event {
    let data = serde_json::to_string(&Shown { at, note: &told.note }).unwrap_or_default();
    Event::default().id(told.place.to_string()).event(told.note.kind()).data(data)
}

#[derive(Serialize)]
struct Gap {
    count: Missed,
}

fn missing(count: Missed) -> Event {
    let data = serde_json::to_string(&Gap { count }).unwrap_or_default();
    Event::default().event("missed").data(data)
}
