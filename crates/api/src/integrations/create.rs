//! `POST /admin/integration`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use model::{Change, Code, Integration, Problem, Right};

use super::mllp;
use super::shown::Shown;
use super::wish::{Base, Wish};
use crate::body::Doc;
use crate::caller::Caller;
use crate::change::always;
use crate::refused::{Refused, Result};
use crate::{Api, etag};

/// Makes an integration. Its MLLP port is open when this is answered.
#[utoipa::path(post, path = "/admin/integration", tag = "integrations",
    request_body = Wish, responses((status = 201, body = Shown)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    doc: Doc,
) -> Result<(StatusCode, HeaderMap, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let wish: Wish = doc.read()?;
    let created_at = api.clock.now();
    let id = api.ids.next(created_at);
    let base = Base {
        id,
        organisation_id: caller.organisation(),
        created_at,
        now: created_at,
        mllp: None,
        preset: None,
        poll: None,
        fields: None,
        auto_recover: false,
    };
    let integration = wish.accept(base, &api.options, &api.presets)?;
    api.open(&integration).await?;
    let detail = mllp::detail(integration.mllp.as_ref()).unwrap_or_default();
    let entry = api.entry(&caller, Action::Create, integration.id, &detail);
    match api.change(always, vec![Change::PutIntegration(integration.clone())], vec![entry]).await {
        Ok(version) => Ok((
            StatusCode::CREATED,
            etag::of(version),
            Json(Shown::of(&integration, (&api.presets, &api.settings.now()))),
        )),
        Err(refused) => {
            api.listeners.close(integration.id).await;
            Err(refused)
        }
    }
}

impl Api {
    /// Opens the MLLP port of an integration, if it has one.
    pub(super) async fn open(&self, integration: &Integration) -> Result<()> {
        if integration.mllp.is_none() {
            return Ok(());
        }
        self.listeners.open(integration).await.map_err(|error| {
            let fix = "Choose another port, or end what listens there.";
            Refused(Problem::new(Code::ListenerCannotBind, error.to_string()).at("/mllp/listen").fix(fix))
        })
    }
}
