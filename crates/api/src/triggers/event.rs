//! An event that a trigger is tried on, as its sender writes it.

use matching::{Compiled, Seen, check_data};
use model::{Code, Content, EventType, Lane, Object, Problem, Subject, Timestamp, Trigger};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::to_raw_value;
use utoipa::ToSchema;

use crate::strict::invalid;

/// An event as its sender writes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TriggerTestSentEvent)]
pub(super) struct Sent {
    /// One of the types that the trigger looks at; may be left out where that is one.
    #[serde(rename = "type")]
    #[schema(value_type = Option<String>)]
    event_type: Option<EventType>,
    subject: Option<Who>,
    /// When it happened; by default now.
    #[schema(value_type = Option<String>)]
    time: Option<Timestamp>,
    /// May only raise.
    #[schema(value_type = Option<String>)]
    lane: Option<Lane>,
    #[serde(default)]
    test: bool,
    /// What the type's schema asks for.
    data: Value,
}

/// Who it is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriggerTestSubject)]
struct Who {
    /// Left out, `patient`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Who gave the id; left out, the integration.
    system: Option<String>,
    id: String,
}

impl Sent {
    /// The event as the trigger would see it.
    pub(super) fn seen(
        self,
        trigger: &Trigger,
        (compiled, now): (&Compiled, Timestamp),
    ) -> Result<Value, Problem> {
        let name = event_type(self.event_type, trigger)?;
        let info =
            compiled.find_type(trigger.organisation_id, name.as_str()).ok_or(Code::UnknownEventType)?;
        let raw = to_raw_value(&self.data).map_err(|_| Problem::from(Code::InternalError))?;
        check_data(info, &raw)
            .map_err(|fault| invalid(format!("/event/data{}", fault.pointer), format!("{}.", fault.why)))?;
        let from = trigger.integration_id.and_then(|id| compiled.integration(trigger.organisation_id, id));
        let namespace = from.map_or_else(|| NOWHERE.to_owned(), |from| from.namespace());
        let reference = info.required.as_ref().and_then(|member| self.data.get(member)?.as_str());
        let object = reference
            .map(|id| Object { system: namespace.clone(), id: format!("{}/{id}", info.object_type) });
        let subject = self.subject.map(|who| Subject {
            kind: who.kind.unwrap_or_else(|| "patient".to_owned()),
            system: who.system.unwrap_or(namespace),
            id: who.id,
        });
        let seen = Seen {
            event_type: &name,
            object_type: &info.object_type,
            lane: info.lane.raised_by(self.lane),
            time: self.time.unwrap_or(now),
            received: now,
            test: self.test,
            integration: trigger.integration_id,
            caused_by: None,
            hops: 0,
            content: &Content { subject, object, ..Content::of(raw) },
        };
        Ok(Value::Object(seen.members()))
    }
}

fn event_type(wish: Option<EventType>, trigger: &Trigger) -> Result<EventType, Problem> {
    let types = trigger.sight.event_types();
    let named = || types.iter().map(EventType::as_str).collect::<Vec<_>>().join(", ");
    match (wish, types) {
        (Some(wish), types) if types.contains(&wish) => Ok(wish),
        (None, [only]) => Ok(only.clone()),
        _ => Err(invalid("/event/type", format!("The trigger looks at events of: {}.", named()))),
    }
}

/// The namespace of ids where no integration is named.
const NOWHERE: &str = "urn:carehook:tried";
