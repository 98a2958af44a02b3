//! `PUT /admin/integration/{id}`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{Change, Integration, IntegrationId, Right, Versioned};

use super::mllp;
use super::shown::{Shown, answer};
use super::wish::{Base, Wish};
use crate::Api;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::change::{changed, integration_is_at};
use crate::etag::IfMatch;
use crate::refused::{Refused, Result};
use crate::strict::invalid;

/// Replaces the settings of an integration. Takes what GET gave; its kind stays.
#[utoipa::path(put, path = "/admin/integration/{id}", tag = "integrations",
    request_body = Wish, responses((status = 200, body = Shown)))]
pub(crate) async fn update(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
    if_match: IfMatch,
    doc: Doc,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let now = api.settings.now();
    let present = now.integration(caller.organisation(), id).ok_or_else(Refused::not_found)?;
    let wish: Wish = doc.read()?;
    if_match.check(present.version)?;
    let base = Base {
        id,
        organisation_id: present.organisation_id,
        created_at: present.created_at,
        now: api.clock.now(),
        mllp: present.mllp.clone(),
        preset: present.preset.clone(),
        poll: present.poll.clone(),
        fields: present.fields.clone(),
        auto_recover: present.auto_recover,
    };
    let doc = wish.accept(base, &api.options, &api.presets)?;
    if doc.kind != present.kind {
        return Err(invalid("/kind", "The kind of an integration stays.")
            .fix("Make another integration.")
            .into());
    }
    api.open(&doc).await?;
    let shown = |doc: &Integration| Shown::of(doc, (&api.presets, &now));
    let detail = audited(&changed(&shown(present), &shown(&doc)), (present, &doc));
    let entry = api.entry(&caller, Action::Update, id, &detail);
    let put = Change::PutIntegration(doc.clone());
    let outcome = api.change(integration_is_at(id, present.version), vec![put], vec![entry]).await;
    let stays = if outcome.is_ok() { &doc } else { &present.doc };
    api.settle_port(stays, &doc).await;
    Ok(answer(&Versioned { version: outcome?, doc }, (&api.presets, &now)))
}

impl Api {
    /// Leaves open what the integration that stays says, after `tried` was opened.
    async fn settle_port(&self, stays: &Integration, tried: &Integration) {
        if stays.mllp.is_none() {
            self.listeners.close(stays.id).await;
        } else if stays != tried && self.listeners.open(stays).await.is_err() {
            tracing::error!(integration.id = %stays.id, "the port of an unchanged integration did not open again");
        }
    }
}

/// The members that changed, and why the port speaks in clear from now on. Keys are not shown, and their change is
/// audited all the same.
fn audited(shown: &str, (before, after): (&Integration, &Integration)) -> String {
    let mut members: Vec<&str> = shown.split(',').filter(|member| !member.is_empty()).collect();
    for (name, is_changed) in [
        ("mllp", before.mllp != after.mllp),
        ("preset", before.preset != after.preset),
        ("poll", before.poll != after.poll),
    ] {
        if is_changed && !members.contains(&name) {
            members.push(name);
        }
    }
    let members = members.join(",");
    let why = |integration: &Integration| mllp::detail(integration.mllp.as_ref());
    match why(after) {
        Some(now) if why(before).as_ref() != Some(&now) => format!("{members}; {now}"),
        Some(_) | None => members,
    }
}
