//! What one recipient may come to know of an event.

use model::{Content, Event, Object, Profile, Subject, Webhook};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Told;
use crate::OrganisationKeys;

/// An event before one recipient, whose profile every method keeps.
pub(super) struct Known<'a> {
    pub(super) webhook: &'a Webhook,
    pub(super) told: &'a Told<'a>,
    pub(super) content: &'a Content,
    pub(super) keys: &'a OrganisationKeys,
}

/// Outside: whether the profile has the member at all. Inside: `null` if the event has none.
pub(super) type Shown<T> = Option<Option<T>>;

/// Who an event is about.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum About<'a> {
    Named {
        #[serde(rename = "type")]
        kind: &'a str,
        system: &'a str,
        id: &'a str,
    },
    Pseudonym {
        #[serde(rename = "type")]
        kind: &'a str,
        pseudonym: String,
        // Always `null` until recipients can register ids of their own (C4).
        #[serde(rename = "recipientId")]
        recipient_id: Option<&'a str>,
    },
}

/// What an event is about.
#[derive(Serialize)]
pub(super) struct Thing<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) pseudonym: Option<String>,
}

impl<'a> Known<'a> {
    pub(super) fn event(&self) -> &'a Event {
        self.told.event
    }

    pub(super) fn profile(&self) -> Profile {
        self.webhook.profile
    }

    pub(super) fn subject(&self) -> Shown<About<'a>> {
        let about = |subject: &'a Subject| match self.profile() {
            Profile::Full => About::Named { kind: &subject.kind, system: &subject.system, id: &subject.id },
            Profile::Ping | Profile::Reference => About::Pseudonym {
                kind: &subject.kind,
                pseudonym: self.pseudonym_of(subject),
                recipient_id: None,
            },
        };
        self.beyond_ping(self.content.subject.as_ref().map(about))
    }

    pub(super) fn object(&self) -> Shown<Thing<'a>> {
        let kind = self.event().object_type.as_str();
        let pseudonym = self.content.object.as_ref().map(|object| self.pseudonym_of_object(object));
        self.beyond_ping(Some(Thing { kind, pseudonym }))
    }

    pub(super) fn data(&self) -> Option<&'a RawValue> {
        (self.profile() == Profile::Full).then_some(&*self.content.data)
    }

    pub(super) fn pseudonym_of(&self, subject: &Subject) -> String {
        self.keys.pseudonym(self.webhook.id, &subject.kind, &subject.system, &subject.id)
    }

    pub(super) fn pseudonym_of_object(&self, object: &Object) -> String {
        let kind = self.event().object_type.as_str();
        self.keys.pseudonym(self.webhook.id, kind, &object.system, &object.id)
    }

    fn beyond_ping<T>(&self, shown: Option<T>) -> Shown<T> {
        (self.profile() > Profile::Ping).then_some(shown)
    }
}
