//! `PUT /admin/integration/{id}/webhooks/{webhookId}`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{Change, IntegrationId, Right, TemplateVersion, Webhook, WebhookId};

use super::accept::{self, Base, signing};
use super::shown::Shown;
use super::wish::Wish;
use super::{create, find};
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::change::{changed, webhook_is_at};
use crate::etag::IfMatch;
use crate::refused::Result;
use crate::{Api, etag};

/// Replaces the settings of a webhook. Takes what GET gave; credentials that are left out stay.
#[utoipa::path(put, path = "/admin/integration/{id}/webhooks/{webhookId}", tag = "webhooks",
    request_body = Wish, responses((status = 200, body = Shown)))]
pub(crate) async fn update(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
    if_match: IfMatch,
    doc: Doc,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let now = api.settings.now();
    let present = find::webhook(&now, &caller, ids)?;
    let wish: Wish = doc.read()?;
    if_match.check(present.version)?;
    let signing = signing::kept(wish.signing.as_ref(), &present.signing)?;
    let base = Base { id: present.id, signing, present: Some(present) };
    let desk = api.desk(&now, find::integration(&now, &caller, ids.0)?, &caller);
    let (webhook, changes) = accept::accept(wish, base, &desk)?;
    if webhook.url != present.url || webhook.tls != present.tls {
        api.judge(&webhook).await?;
    }
    let entry = api.entry(&caller, Action::Update, webhook.id, &detail(present, &webhook));
    let put = Change::PutWebhook(Box::new(webhook.clone()));
    let version = api.change(webhook_is_at(webhook.id, present.version), vec![put], vec![entry]).await?;
    Ok((etag::of(version), Json(Shown::of(&webhook).with_changes(changes))))
}

fn detail(before: &Webhook, after: &Webhook) -> String {
    let mut names = changed(&Shown::of(before), &Shown::of(after));
    if before.auth != after.auth {
        names.push_str(" (credentials)");
    }
    if before.template != after.template
        && let Some(template) = &after.template
    {
        names.push_str(&format!(" (now {})", TemplateVersion::of(template)));
    }
    let why = create::detail(after);
    if before.profile == after.profile || why.is_empty() { names } else { format!("{names}; {why}") }
}
