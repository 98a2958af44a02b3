//! `POST /admin/event-types`

use audit::Action;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use matching::{Catalogue, Schema};
use model::{Change, Code, Config, EventType, Lane, OwnType, Pattern, Problem, Right, limits};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::shown::Shown;
use crate::Api;
use crate::body::Doc;
use crate::caller::Caller;
use crate::refused::Result;
use crate::strict::{invalid, missing};

/// An event type of your own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = EventTypeSettings)]
pub(crate) struct Wish {
    /// Its name: two or more parts in lower case, such as `acme.bed.cleaned`. The first part is none of the catalogue's. Required.
    #[serde(rename = "type")]
    name: Option<String>,
    /// What it happens to: lower case letters and `_`. Required.
    object_type: Option<String>,
    /// The lane that nothing falls below; by default routine.
    #[schema(value_type = Option<String>)]
    lane: Option<Lane>,
    /// What happened, in a few words. Required.
    title: Option<String>,
    /// What the receiver must know.
    description: Option<String>,
    /// The JSON Schema of `data`, draft 2020-12 unless it says otherwise; without references elsewhere. Required.
    schema: Option<Value>,
    /// A sample of `data` that fits the schema. Required.
    sample: Option<Value>,
}

/// Registers an event type of your own. Integrations of the kind `events` may send it from then on.
#[utoipa::path(post, path = "/admin/event-types", tag = "event-types",
    request_body = Wish, responses((status = 201, body = Shown)))]
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    doc: Doc,
) -> Result<(StatusCode, Json<Shown>)> {
    caller.needs(Right::Configure)?;
    let wish: Wish = doc.read()?;
    let own = api.own_type(&caller, wish)?;
    let (organisation, name) = (caller.organisation(), own.name.clone());
    let entry = api.entry(&caller, Action::Create, own.id, &name.to_string());
    let is_free = move |config: &Config| {
        let own = config.event_types.values().filter(|found| found.organisation_id == organisation);
        if own.clone().any(|found| found.name == name) {
            return Err(Code::InUse);
        }
        if own.count() < limits::OWN_TYPES { Ok(()) } else { Err(Code::Overloaded) }
    };
    api.change(is_free, vec![Change::PutEventType(Box::new(own.clone()))], vec![entry]).await?;
    let now = api.settings.now();
    let info = now.find_type(caller.organisation(), own.name.as_str()).ok_or(Code::Conflict)?;
    Ok((StatusCode::CREATED, Json(Shown::of(info, 0))))
}

impl Api {
    fn own_type(&self, caller: &Caller, wish: Wish) -> Result<OwnType, Problem> {
        let name = name(wish.name)?;
        let schema = schema(wish.schema.ok_or_else(|| missing("/schema"))?)?;
        let sample = wish.sample.ok_or_else(|| missing("/sample"))?;
        if !sample.is_object() {
            return Err(invalid("/sample", "A sample is a JSON object, as data is."));
        }
        schema
            .check(&sample)
            .map_err(|fault| invalid(format!("/sample{}", fault.pointer), format!("{}.", fault.why)))?;
        let now = self.clock.now();
        Ok(OwnType {
            id: self.ids.next(now),
            organisation_id: caller.organisation(),
            name,
            object_type: object_type(wish.object_type)?,
            lane: lane(wish.lane, caller)?,
            title: text(Some(wish.title.ok_or_else(|| missing("/title"))?), ("/title", 1, 200))?,
            description: text(wish.description, ("/description", 0, 2_000))?,
            schema: schema.document().clone(),
            sample,
            created_at: now,
        })
    }
}

/// A JSON Schema that can be used, of the member `schema`.
pub(crate) fn schema(document: Value) -> Result<Schema, Problem> {
    if !document.is_object() || document.to_string().len() > limits::SCHEMA_BYTES {
        let most = limits::SCHEMA_BYTES >> 10;
        return Err(invalid("/schema", format!("A JSON Schema is an object of at most {most} KiB.")));
    }
    Schema::new(document)
        .map_err(|fault| invalid(format!("/schema{}", fault.pointer), format!("{}.", fault.why)))
}

fn name(wish: Option<String>) -> Result<EventType, Problem> {
    let name = wish.ok_or_else(|| missing("/type"))?;
    let well_formed = name.len() <= NAME_BYTES
        && name.contains('.')
        && name.parse().is_ok_and(|read| matches!(read, Pattern::Exact(_)));
    if !well_formed {
        let why =
            "Two or more parts of lower case letters, digits and _, joined by dots; at most 100 characters.";
        return Err(invalid("/type", why));
    }
    let first = name.split('.').next().unwrap_or_default();
    let is_ours = |known: &str| known.split('.').next() == Some(first);
    if first == "x" || Catalogue::embedded().types().any(|info| is_ours(info.name.as_str())) {
        let why = format!("{first}.* belongs to the catalogue.");
        return Err(
            invalid("/type", why).fix("Begin with a word of your own, such as the name of your house.")
        );
    }
    Ok(EventType::from(name.as_str()))
}

fn object_type(wish: Option<String>) -> Result<EventType, Problem> {
    let name = wish.ok_or_else(|| missing("/objectType"))?;
    let fits = (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if fits {
        Ok(EventType::from(name.as_str()))
    } else {
        Err(invalid("/objectType", "1 to 64 lower case letters and _."))
    }
}

// N7: whatever is critical by its type is critical without a key's right to raise it.
fn lane(wish: Option<Lane>, caller: &Caller) -> Result<Lane, Problem> {
    let lane = wish.unwrap_or(Lane::Routine);
    if lane == Lane::Critical && !caller.0.may_raise_to_critical() {
        let why = "A critical type needs an admin, or a key with the scope lane:critical.";
        return Err(Problem::new(Code::Forbidden, why).at("/lane"));
    }
    Ok(lane)
}

fn text(wish: Option<String>, (place, least, most): (&str, usize, usize)) -> Result<String, Problem> {
    let text = wish.unwrap_or_default().trim().to_owned();
    if (least..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text);
    }
    Err(invalid(place, format!("{least} to {most} characters, none of them control characters.")))
}

const NAME_BYTES: usize = 100;
