//! `DELETE /admin/event-types/{type}`

use audit::Action;
use axum::extract::State;
use http::StatusCode;
use model::{Change, Code, Config, EventType, Pattern, Right};

use crate::Api;
use crate::at::At;
use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// Removes an event type of your own, unless a webhook names it, or a trigger looks at it or raises it. Events of the past keep it.
#[utoipa::path(delete, path = "/admin/event-types/{type}", tag = "event-types", responses((status = 204)))]
pub(crate) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    At(name): At<String>,
) -> Result<StatusCode> {
    caller.needs(Right::Configure)?;
    let organisation = caller.organisation();
    let now = api.settings.now();
    let own = now
        .config
        .event_types
        .values()
        .find(|found| found.organisation_id == organisation && found.name.as_str() == name);
    let id = own.ok_or_else(Refused::not_found)?.id;
    let entry = api.entry(&caller, Action::Delete, id, &name);
    let is_free = move |config: &Config| {
        let mut own = config.webhooks.values().filter(|found| found.organisation_id == organisation);
        let names = |pattern: &Pattern| matches!(pattern, Pattern::Exact(exact) if *exact == name);
        let is_wanted = own.any(|found| found.event_types.iter().any(names));
        let mut own = config.triggers.values().filter(|found| found.organisation_id == organisation);
        let is_name = |one: &EventType| one.as_str() == name;
        let is_meant =
            own.any(|found| is_name(&found.event_type) || found.sight.event_types().iter().any(is_name));
        if is_wanted || is_meant { Err(Code::InUse) } else { Ok(()) }
    };
    api.change(is_free, vec![Change::DropEventType(id)], vec![entry]).await?;
    Ok(StatusCode::NO_CONTENT)
}
