//! `POST /session/links`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode, Uri, header};
use model::{Right, Timestamp};
use serde::Serialize;
use store::Batch;
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::refused::Result;
use crate::{Api, Front};

/// A one-time link.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignInLink)]
pub(crate) struct Link {
    /// The address to open; what stands behind `#` never reaches a server by itself.
    url: String,
    /// When it stops working.
    #[schema(value_type = String)]
    expires_at: Timestamp,
}

/// Makes a link that signs its maker in: once, within ten minutes.
#[utoipa::path(post, path = "/session/links", tag = "session", responses((status = 201, body = Link)))]
pub(crate) async fn create_link(
    State(api): State<Api>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Link>)> {
    // A sender cannot sign in, so it needs no link.
    caller.needs(Right::Look)?;
    let entry = api.entry(&caller, Action::Create, caller.0.key, "sign-in link");
    api.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await?;
    let (text, expires_at) = api.sessions.invite(caller.0.key, api.clock.now());
    let url = format!("{}/signin#{}", base(&uri, &headers, api.options.front), text.expose());
    Ok((StatusCode::CREATED, Json(Link { url, expires_at })))
}

/// The address that the caller called us by: whatever it says, only the caller hears it.
fn base(uri: &Uri, headers: &HeaderMap, front: Front) -> String {
    let scheme = if front == Front::Plain { "http" } else { "https" };
    let told = || headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = uri.authority().map(http::uri::Authority::as_str).or_else(told).unwrap_or("localhost");
    format!("{scheme}://{host}")
}
