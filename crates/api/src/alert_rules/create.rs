//! `POST /admin/alert-rules`

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

/// Makes an alert rule. It is looked at from the next few seconds on.
#[utoipa::path(post, path = "/admin/alert-rules", tag = "alert-rules",
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
    let doc = wish.accept(base, (&now, &api.options))?;
    if !has_room(&now.config, caller.organisation()) {
        let why = format!("An organisation has at most {} alert rules.", limits::ALERT_RULES);
        return Err(Problem::new(Code::InvalidField, why).fix("Delete one that is not needed.").into());
    }
    let entry = api.entry(&caller, Action::Create, doc.id, doc.on.name());
    let organisation = caller.organisation();
    let holds = |config: &Config| if has_room(config, organisation) { Ok(()) } else { Err(Code::Conflict) };
    let put = Change::PutAlertRule(Box::new(doc.clone()));
    let version = api.change(holds, vec![put], vec![entry]).await?;
    api.count_for_rules();
    let (headers, shown) = answer(&Versioned { version, doc });
    Ok((StatusCode::CREATED, headers, shown))
}

fn has_room(config: &Config, organisation: OrganisationId) -> bool {
    let own = config.alert_rules.values().filter(|rule| rule.organisation_id == organisation);
    own.count() < limits::ALERT_RULES
}
