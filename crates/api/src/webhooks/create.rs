//! `POST /admin/integration/{id}/webhooks`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use model::{Change, IntegrationId, Profile, Right, Webhook};

use super::accept::{self, Base, Desk, signing};
use super::find;
use super::shown::Shown;
use super::wish::Wish;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::change::integration_is_there;
use crate::refused::{Refused, Result};
use crate::{Api, etag};

/// Makes a webhook. The signing secret is in this answer only.
#[utoipa::path(post, path = "/admin/integration/{id}/webhooks", tag = "webhooks",
    request_body = Wish, responses((status = 201, body = Shown)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    At(id): At<IntegrationId>,
    doc: Doc,
) -> Result<(StatusCode, HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let now = api.settings.now();
    let integration = find::integration(&now, &caller, id)?;
    let mut wish: Wish = doc.read()?;
    let desk = api.desk(&now, integration, &caller);
    let base =
        Base { id: api.ids.next(desk.now), signing: signing::made(wish.signing.take())?, present: None };
    let (webhook, changes) = accept::accept(wish, base, &desk)?;
    api.judge(&webhook).await?;
    let entry = api.entry(&caller, Action::Create, webhook.id, &detail(&webhook));
    let put = Change::PutWebhook(Box::new(webhook.clone()));
    let version = api.change(integration_is_there(id), vec![put], vec![entry]).await?;
    let shown = Shown::of(&webhook).with_secret(&webhook).with_changes(changes);
    Ok((StatusCode::CREATED, etag::of(version), Json(shown)))
}

/// What the audit log keeps of a webhook that may see people: why (C19).
pub(super) fn detail(webhook: &Webhook) -> String {
    match (&webhook.justification, webhook.profile) {
        (Some(why), Profile::Full) => format!("profile full: {why}"),
        (_, Profile::Ping | Profile::Reference | Profile::Full) => String::new(),
    }
}

impl Api {
    pub(super) fn desk<'a>(
        &'a self,
        compiled: &'a matching::Compiled,
        integration: &'a model::Integration,
        caller: &'a Caller,
    ) -> Desk<'a> {
        Desk {
            compiled,
            presets: &self.presets,
            integration,
            caller: &caller.0,
            options: &self.options,
            now: self.clock.now(),
        }
    }

    /// Refuses a webhook whose URL leads where deliveries may not go.
    pub(super) async fn judge(&self, webhook: &Webhook) -> Result<()> {
        self.rehearse.judge(webhook).await.map_err(Refused)
    }
}
