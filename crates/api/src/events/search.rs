//! `POST /admin/events/search`

use audit::Action;
use axum::Json;
use axum::extract::State;
use model::{IntegrationId, Problem, Right, Subject, SubjectKey, Timestamp, limits};
use serde::Deserialize;
use store::{Batch, EventFilter};
use utoipa::ToSchema;

use super::fate::Fate;
use super::shown::Shown;
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::page::{List, Listed, Types, Window};
use crate::refused::{Refused, Result};
use crate::strict::{invalid, missing};

/// Which events: identifiers of people stand here, never in a URL.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventSearch)]
pub(crate) struct Wanted {
    /// About whom.
    subject: Option<Whom>,
    /// From this integration.
    #[schema(value_type = Option<String>)]
    integration_id: Option<IntegrationId>,
    /// Of this type; `lab.*` is every type below `lab`, `*` every type.
    #[serde(rename = "type")]
    #[schema(value_type = Option<String>)]
    event_type: Option<Types>,
    /// What became of it: `failed`, `pending`, `delivered` or `unmatched`.
    #[schema(value_type = Option<String>)]
    status: Option<Fate>,
    /// Accepted at or after.
    #[schema(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Accepted before.
    #[schema(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// 1 to 250, by default 50.
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// An identifier with its assigner.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SubjectSearch)]
struct Whom {
    /// By default `patient`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Who assigned the identifier; left out, the integration itself.
    system: Option<String>,
    id: String,
}

impl std::fmt::Debug for Whom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("personal")
    }
}

/// Events by subject. Who searches for a person needs the right to read contents, and is audited.
#[utoipa::path(post, path = "/admin/events/search", tag = "events",
    request_body = Wanted, responses((status = 200, body = Listed<Shown>)))]
pub(crate) async fn search(State(api): State<Api>, caller: Caller, doc: Doc) -> Result<Json<Listed<Shown>>> {
    caller.needs(Right::Look)?;
    let wanted: Wanted = doc.read()?;
    let limit = wanted.limit.map(|limit| limit.to_string());
    let window = Window::read(List::Events, limit.as_deref(), wanted.after.as_deref())
        .map_err(|problem| if problem.field.is_some() { problem.at("/limit") } else { problem })?;
    let filter = EventFilter {
        organisation: Some(caller.organisation()),
        integration: wanted.integration_id,
        subject: api.subject(&caller, wanted.subject, wanted.integration_id).await?,
        event_type: wanted.event_type.map(|types| types.0),
        lane: None,
        from: wanted.from,
        to: wanted.to,
    };
    let page = api.page_of(filter, wanted.status, window).await?;
    Ok(Json(window.show(page, |row| Shown::of(&row))))
}

impl Api {
    /// The stand-in of a person, once the search for them is in the audit log.
    async fn subject(
        &self,
        caller: &Caller,
        whom: Option<Whom>,
        integration: Option<IntegrationId>,
    ) -> Result<Option<SubjectKey>> {
        let Some(whom) = whom else { return Ok(None) };
        caller.needs(Right::Reveal)?;
        let namespace = integration
            .and_then(|id| self.settings.now().integration(caller.organisation(), id).cloned())
            .map(|found| found.namespace());
        let subject = whom.read(namespace)?;
        let keys =
            self.keyring.organisation(caller.organisation()).await.map_err(|e| Refused::internal(&e))?;
        let key = keys.subject(&subject);
        let entry = self.entry(caller, Action::Reveal, "events/search", &format!("subject {key:?}"));
        self.store.commit(Batch { audit: vec![entry], ..Batch::default() }).await?;
        Ok(Some(key))
    }
}

impl Whom {
    fn read(self, namespace: Option<String>) -> Result<Subject, Problem> {
        let system = self.system.or(namespace).ok_or_else(|| {
            missing("/subject/system").fix("Name the assigner of the identifier, or the integration.")
        })?;
        if self.id.is_empty() || self.id.len() > limits::SENDER_ID_BYTES {
            return Err(invalid("/subject/id", "An identifier has 1 to 256 bytes."));
        }
        Ok(Subject { kind: self.kind.unwrap_or_else(|| "patient".to_owned()), system, id: self.id })
    }
}
