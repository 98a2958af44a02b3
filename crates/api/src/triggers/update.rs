//! `PUT /admin/triggers/{id}`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{Change, Config, Right, TriggerId, Versioned};

use super::read::find;
use super::shown::{Shown, answer};
use super::subscribed;
use super::wish::{Base, Wish};
use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::change::{changed, trigger_is_at};
use crate::etag::IfMatch;
use crate::refused::Result;

/// Replaces the settings of a trigger. Takes what GET gave. What it remembers stays. Refused where a FHIR
/// Subscription would hear nothing more of it: paused, for another integration, another type.
#[utoipa::path(put, path = "/admin/triggers/{id}", tag = "triggers",
    request_body = Wish, responses((status = 200, body = Shown)))]
pub(crate) async fn update(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<TriggerId>,
    if_match: IfMatch,
    doc: Doc,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let now = api.settings.now();
    let present = find(&now, &caller, id)?;
    let wish: Wish = doc.read()?;
    if_match.check(present.version)?;
    let base = Base { id, organisation_id: present.organisation_id, created_at: present.created_at };
    let doc = wish.accept(base, (&caller, &now))?;
    let ready = api.ready(doc.clone(), &now)?;
    let after = Versioned { version: present.version, doc: doc.clone() };
    subscribed::check(&now.config, id, Some(&after))?;
    let detail = changed(&present.doc, &doc);
    let entry = api.entry(&caller, Action::Update, id, &detail);
    let put = Change::PutTrigger(Box::new(doc.clone()));
    let is_at = trigger_is_at(id, present.version);
    let holds = |config: &Config| is_at(config).and_then(|()| subscribed::is_free(config, id, Some(&after)));
    let version = api.change(holds, vec![put], vec![entry]).await?;
    Ok(answer(&Versioned { version, doc }, (Some(&ready), &now)))
}
