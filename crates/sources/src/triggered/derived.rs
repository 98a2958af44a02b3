//! The events that triggers raise.

use matching::raise::report_key;
use matching::trigger::{INDETERMINATE, RETRACTED, Told, data, data_of_event};
use model::{Content, EventId, EventType, Judged, Lane, Occasion, Problem};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use super::{Derived, Look, Looked};
use crate::draft::Happening;
use crate::refusal;

impl Look<'_, '_> {
    /// Whether the change itself tells the same: then its event is as urgent as the trigger, and there is one.
    pub(super) fn is_told_by(&self, happenings: &mut [Happening]) -> bool {
        let trigger = &self.ready.trigger;
        let same = happenings.iter_mut().find(|known| {
            known.event_type == trigger.event_type && known.content.object.as_ref() == self.looked.object
        });
        same.map(|known| {
            known.lane = known.lane.min(trigger.lane);
            known.content.occasion.triggers.push(trigger.id);
        })
        .is_some()
    }

    pub(super) fn event(&mut self, replaces: Option<&Told>) -> Result<Derived, Problem> {
        let (ready, change) = (self.ready, &self.looked.change);
        let said = match self.looked.tracked {
            Some(of) => data(ready, change, self.info, Some(of.spoken.object.id.as_str())),
            None => data_of_event(ready, change, self.info),
        };
        let lane = replaces.map_or(ready.trigger.lane, |told| told.lane.min(ready.trigger.lane));
        let what = (ready.trigger.event_type.clone(), self.info.object_type.clone());
        let event = self.derived(what, (lane, replaces.map(|told| told.event)), &said)?;
        self.mark_told(Told { event: event.id, lane, retracted: false })?;
        Ok(event)
    }

    /// Takes back what was told, as urgently as it was (N5).
    pub(super) fn retraction(&mut self, told: &Told) -> Result<Derived, Problem> {
        let said = json!({
            "rule": { "id": self.ready.trigger.id, "name": self.ready.trigger.name },
            "type": self.ready.trigger.event_type,
            "status": self.looked.change.resource.get("status"),
        });
        let what = (EventType::from(RETRACTED), self.info.object_type.clone());
        let event = self.derived(what, (told.lane, Some(told.event)), &said)?;
        self.mark_told(Told { event: event.id, retracted: true, ..*told })?;
        Ok(event)
    }

    /// Says that nobody can tell: never the same as not holding (P5). Who was told that it holds hears of it too.
    pub(super) fn undecided(&self, judged: &Judged, stands: Option<&Told>) -> Result<Derived, Problem> {
        let said = json!({
            "rule": { "id": self.ready.trigger.id, "name": self.ready.trigger.name },
            "type": self.ready.trigger.event_type,
            "reason": judged.reason,
        });
        let what = (EventType::from(INDETERMINATE), self.info.object_type.clone());
        let lane = stands.map_or(self.ready.trigger.lane, |told| told.lane.min(self.ready.trigger.lane));
        self.derived(what, (lane, stands.map(|told| told.event)), &said)
    }

    fn derived(
        &self,
        (event_type, object_type): (EventType, EventType),
        (lane, replaces): (Lane, Option<EventId>),
        said: &Value,
    ) -> Result<Derived, Problem> {
        let Looked { subject, object, tracked, around, origin, .. } = self.looked;
        let happening = Happening {
            id: None,
            event_type,
            object_type,
            lane,
            time: Some(self.place.at),
            test: around.test,
            content: Content {
                subject: subject.cloned(),
                object: object.cloned(),
                focus: self.place.focus.clone(),
                occasion: Occasion::of(self.ready.trigger.id),
                ..Content::of(to_raw_value(said).map_err(|error| refusal::internal(&error))?)
            },
            report: tracked.and_then(|_| report_key(self.looked.change.resource)),
            sequence: tracked.map_or(0, |of| of.sequence),
            replaces,
            cause: around.cause,
            about: None,
        };
        let id = self.intake.ports.ids.next(self.intake.ports.clock.now());
        Ok(Derived { id, happening, origin: *origin })
    }
}
