//! `POST /admin/integration/{id}/webhooks/{webhookId}/rotate-secret`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use model::{Change, IntegrationId, Problem, Right, Signing, Span, Timestamp, Webhook, WebhookId, limits};
use serde::Deserialize;
use utoipa::ToSchema;

use super::accept::signing;
use super::find;
use super::shown::Shown;
use crate::at::At;
use crate::body::Doc;
use crate::caller::Caller;
use crate::change::webhook_is_at;
use crate::etag::IfMatch;
use crate::refused::Result;
use crate::strict::invalid;
use crate::{Api, etag};

/// How a secret is replaced.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RotateSecret)]
pub(crate) struct Rotation {
    /// How long the old key signs too; at most 30 days, by default a day.
    #[schema(value_type = Option<String>, example = "24h")]
    overlap: Option<Span>,
    /// `hmac-sha256` or `ed25519`; left out, as before.
    kind: Option<String>,
}

/// Replaces the key that signs. The new secret is in this answer only.
#[utoipa::path(post, path = "/admin/integration/{id}/webhooks/{webhookId}/rotate-secret", tag = "webhooks",
    request_body = Rotation, responses((status = 200, body = Shown)))]
pub(crate) async fn rotate_secret(
    State(api): State<Api>,
    caller: Caller,
    At(ids): At<(IntegrationId, WebhookId)>,
    if_match: IfMatch,
    doc: Doc,
) -> Result<(HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let present = find::webhook(&api.settings.now(), &caller, ids)?.clone();
    let rotation: Rotation = doc.read_or_default()?;
    if_match.check(present.version)?;
    let signing = rotated(&present.signing, &rotation, api.clock.now())?;
    let webhook = Webhook { signing, ..present.doc.clone() };
    let entry = api.entry(&caller, Action::Rotate, webhook.id, "signing");
    let put = Change::PutWebhook(Box::new(webhook.clone()));
    let version = api.change(webhook_is_at(webhook.id, present.version), vec![put], vec![entry]).await?;
    Ok((etag::of(version), Json(Shown::of(&webhook).with_secret(&webhook))))
}

fn rotated(present: &Signing, rotation: &Rotation, now: Timestamp) -> Result<Signing, Problem> {
    let overlap = rotation.overlap.unwrap_or(DAY);
    if overlap > MONTH {
        return Err(invalid("/overlap", "An overlap is at most 720h."));
    }
    let mut old: Vec<_> = present.active(now).cloned().collect();
    if let Some(key) = old.first_mut() {
        key.end(now + overlap.0);
    }
    let signing = Signing { keys: old };
    let mut keys: Vec<_> = signing.active(now).cloned().collect();
    if keys.len() >= limits::SIGNING_KEYS {
        return Err(invalid("/overlap", "Three keys overlap already.").fix("Wait until one of them ends."));
    }
    let kind = rotation.kind.as_deref().or(present.keys.first().map(signing::name));
    let new = signing::new(kind).map_err(|problem| problem.at("/kind"))?;
    keys.insert(0, new);
    Ok(Signing { keys })
}

const DAY: Span = Span::secs(86_400);
const MONTH: Span = Span::secs(30 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_keys_sign_as_long_as_they_overlap_and_the_newest_stands_first() {
        let at = Timestamp::from_millis;
        let hour = |hours: u64| Rotation { overlap: Some(Span::secs(hours * 3_600)), kind: None };
        let first = Signing { keys: vec![privacy::secrets::new_hmac_secret()] };
        let second = rotated(&first, &hour(1), at(0)).unwrap();
        assert_eq!(second.active(at(3_599_999)).count(), 2);
        assert_eq!(second.active(at(3_600_000)).count(), 1);
        assert_ne!(second.keys[0], first.keys[0]);

        let third = rotated(&second, &hour(1), at(1)).unwrap();
        assert_eq!(third.keys.len(), 3);
        assert!(rotated(&third, &hour(1), at(2)).is_err());
        assert_eq!(rotated(&third, &hour(0), at(7_200_000)).unwrap().keys.len(), 1);

        let other = Rotation { overlap: None, kind: Some("ed25519".to_owned()) };
        assert_eq!(signing::name(&rotated(&first, &other, at(0)).unwrap().keys[0]), "ed25519");
        assert!(rotated(&first, &hour(721), at(0)).is_err());
    }
}
