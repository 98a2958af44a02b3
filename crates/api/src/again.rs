//! Writes with an `Idempotency-Key`: which of them are repeated.

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use http::request::Parts;
use http::uri::PathAndQuery;
use repeats::Call;
use store::Twice;

use crate::caller::{self, Caller};
use crate::refused::Result;
use crate::{Api, body};

/// Answers a write that was answered before, and runs one that was not.
pub(crate) async fn again(State(api): State<Api>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let Some(key) = repeats::key(request.headers()).filter(|_| is_repeated(request.method(), route)) else {
        return next.run(request).await;
    };
    let (parts, body) = request.into_parts();
    // Whoever may not ask hears so from the call itself.
    let Ok(caller) = caller::check(&parts, &api) else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let answer = async { once(&api, caller, (key?, parts, body), next).await }.await;
    answer.unwrap_or_else(IntoResponse::into_response)
}

/// Whether calls of this method to this route are repeated for a key.
pub(crate) fn is_repeated(method: &Method, route: &str) -> bool {
    let is_write = matches!(*method, Method::POST | Method::PUT | Method::DELETE | Method::PATCH);
    is_write && route != SIGN_IN && !READS.iter().any(|end| route.ends_with(end))
}

async fn once(
    api: &Api,
    caller: Caller,
    (key, mut parts, body): (String, Parts, Body),
    next: Next,
) -> Result<Response> {
    let body = body::whole(body).await?;
    let target = parts.uri.path_and_query().map_or("", PathAndQuery::as_str);
    let method = parts.method.as_str();
    let call = Call { key: &key, method, target, body: &body, twice: Twice::Done };
    let asked = api.repeats.asked(&caller.0, call).await?;
    parts.extensions.insert(caller);
    let request = Request::from_parts(parts, body.into());
    Ok(api.repeats.once(asked, async move { next.run(request).await }).await?)
}

// These read, each time with an entry of its own in the audit log; a test send is meant to be sent.
const READS: [&str; 3] = ["/reveal", "/search", "/test"];
// Its answer opens a session for whoever shows the credentials again, not for whoever asks again.
const SIGN_IN: &str = "/session";
