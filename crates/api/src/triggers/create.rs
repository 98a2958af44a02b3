//! `POST /admin/triggers`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use model::{Change, Code, Config, OrganisationId, Problem, Right, Versioned, limits};

use super::shown::{Shown, answer};
use super::wish::{Base, Wish};
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;

/// Makes a trigger. It looks at whatever is accepted after the answer.
#[utoipa::path(post, path = "/admin/triggers", tag = "triggers",
    request_body = Wish, responses((status = 201, body = Shown)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    doc: Doc,
) -> Result<(StatusCode, HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let wish: Wish = doc.read()?;
    let created_at = api.clock.now();
    let base = Base { id: api.ids.next(created_at), organisation_id: caller.organisation(), created_at };
    let now = api.settings.now();
    let doc = wish.accept(base, (&caller, &now))?;
    let ready = api.ready(doc.clone(), &now)?;
    if !has_room(&now.config, caller.organisation()) {
        let why = format!("An organisation has at most {} triggers.", limits::TRIGGERS);
        return Err(Problem::new(Code::InvalidField, why).fix("Delete one that is not needed.").into());
    }
    let entry = api.entry(&caller, Action::Create, doc.id, doc.event_type.as_str());
    let organisation = caller.organisation();
    let holds = |config: &Config| if has_room(config, organisation) { Ok(()) } else { Err(Code::Conflict) };
    let put = Change::PutTrigger(Box::new(doc.clone()));
    let version = api.change(holds, vec![put], vec![entry]).await?;
    let (headers, shown) = answer(&Versioned { version, doc }, (Some(&ready), &now));
    Ok((StatusCode::CREATED, headers, shown))
}

fn has_room(config: &Config, organisation: OrganisationId) -> bool {
    let own = config.triggers.values().filter(|trigger| trigger.organisation_id == organisation);
    own.count() < limits::TRIGGERS
}
