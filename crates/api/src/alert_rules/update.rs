//! `PUT /admin/alert-rules/{id}`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{AlertRuleId, Change, Right, Versioned};

use super::read::find;
use super::shown::{Shown, answer};
use super::wish::{Base, Wish};
use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::change::{alert_rule_is_at, changed};
use crate::etag::IfMatch;
use crate::refused::Result;

/// Replaces the settings of an alert rule. Takes what GET gave.
#[utoipa::path(put, path = "/admin/alert-rules/{id}", tag = "alert-rules",
    request_body = Wish, responses((status = 200, body = Shown)))]
pub(crate) async fn update(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<AlertRuleId>,
    if_match: IfMatch,
    doc: Doc,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let now = api.settings.now();
    let present = find(&now, &caller, id)?;
    let wish: Wish = doc.read()?;
    if_match.check(present.version)?;
    let base = Base { id, organisation_id: present.organisation_id, created_at: present.created_at };
    let doc = wish.accept(base, (&now, &api.options))?;
    let detail = changed(&Shown::of(&present), &Shown::of(&doc));
    let entry = api.entry(&caller, Action::Update, id, &detail);
    let put = Change::PutAlertRule(Box::new(doc.clone()));
    let version = api.change(alert_rule_is_at(id, present.version), vec![put], vec![entry]).await?;
    api.count_for_rules();
    Ok(answer(&Versioned { version, doc }))
}
