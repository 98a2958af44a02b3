//! What is told where what was told is taken back, and other values of the same run still hold.
//!
//! Of a run one value is told. Where that turns out wrong, the only message that people have is that it was: so
//! the newest value that stands is told in the same commit, as if it had come first (N5).

use fhir::address::address;
use fhir::identifiers;
use matching::raise::report_key;
use matching::trigger::{Change, Held, Told, data, happened};
use model::{
    Content, EventId, Focus, Interaction, Judged, Judgement, Object, ObjectKey, Occasion, Problem, Timestamp,
};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use super::{Derived, Look, Made};
use crate::draft::Happening;
use crate::refusal;

/// The value that stands, as far as it can be read.
#[derive(Default)]
struct Standing {
    resource: Option<Value>,
    object: Option<Object>,
    sequence: u32,
}

impl Look<'_, '_> {
    /// Tells of the value that stands in, if one does.
    pub(super) async fn tell_instead(&mut self) -> Result<Option<(Made, Derived)>, Problem> {
        let Some(value) = self.instead.take() else { return Ok(None) };
        let key = ObjectKey(value.to_be_bytes());
        let standing = self.standing(key).await?;
        let now = self.intake.ports.clock.now();
        let change = standing.resource.as_ref().map(|resource| {
            let change = Change::new(resource, None, Interaction::Update, self.looked.change.event_code);
            change.at(now)
        });
        let id: EventId = self.intake.ports.ids.next(now);
        let (trigger, lane) = (&self.ready.trigger, self.ready.trigger.lane);
        let tested = change.as_ref().map(|change| self.ready.test(change));
        let judged = Judged {
            trigger: trigger.id,
            version: trigger.version,
            judgement: Judgement::Fired,
            clauses: tested.filter(|one| one.held == Held::Yes).map(|one| one.clauses).unwrap_or_default(),
            reason: None,
            disagrees: false,
            raised: Some(id),
        };
        let object_id = standing.object.as_ref().map(|object| object.id.as_str());
        // What can no longer be read is told all the same: that it holds is known.
        let said = match &change {
            Some(change) => data(self.ready, change, self.info, object_id),
            None => json!({ "rule": { "id": trigger.id, "name": trigger.name } }),
        };
        let happening = self.of_standing(standing, &said)?;
        self.memories.remember(
            (self.mark(value), self.owner()),
            &Told { event: id, lane, retracted: false },
            None,
        )?;
        let origin = self.looked.origin;
        Ok(Some((Made { origin, object: Some(key), judged }, Derived { id, happening, origin })))
    }

    async fn standing(&self, key: ObjectKey) -> Result<Standing, Problem> {
        let integration = self.looked.around.integration;
        let states = self.intake.ports.store.objects(&[key]).await;
        let state = states.map_err(|error| refusal::of_store(&error))?.pop().flatten();
        let Some(state) = state else { return Ok(Standing::default()) };
        let Some(resource) = self.intake.opened(integration.organisation_id, &state).await? else {
            return Ok(Standing::default());
        };
        let namespace = integration.namespace();
        let by_id = || {
            let (kind, id) = (resource["resourceType"].as_str()?, resource["id"].as_str()?);
            Some(Object { system: format!("{namespace}/{kind}"), id: id.to_owned() })
        };
        let object = identifiers::object(&resource, &namespace).or_else(by_id);
        Ok(Standing { object, sequence: state.version, resource: Some(resource) })
    }

    fn of_standing(&self, standing: Standing, said: &Value) -> Result<Happening, Problem> {
        let Standing { resource, object, sequence } = standing;
        let (subject, around) = (self.looked.subject, self.looked.around);
        let at: Option<Timestamp> = resource.as_ref().and_then(happened);
        let report = resource.as_ref().and_then(report_key);
        let focus = match (resource, &object) {
            (Some(mut resource), Some(object)) => {
                let of = subject.map(|subject| (subject.system.as_str(), subject.id.as_str()));
                address(&mut resource, (&object.system, &object.id), of);
                let resource = to_raw_value(&resource).map_err(|error| refusal::internal(&error))?;
                Some(Focus { interaction: Interaction::Update, resource })
            }
            _ => None,
        };
        let content = Content {
            subject: subject.cloned(),
            object,
            focus,
            occasion: Occasion::of(self.ready.trigger.id),
            ..Content::of(to_raw_value(said).map_err(|error| refusal::internal(&error))?)
        };
        let what = (self.ready.trigger.event_type.clone(), self.info.object_type.clone());
        Ok(Happening {
            time: at.or(Some(self.place.at)),
            test: around.test,
            report,
            sequence,
            cause: around.cause,
            ..Happening::new(what, self.ready.trigger.lane, content)
        })
    }
}
