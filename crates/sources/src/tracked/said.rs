//! What is said of a resource, and the event that tells of it.

use matching::raise::{Interaction, Raised};
use model::{Content, Focus, Object, ObjectKey, Problem, Subject};
use privacy::OrganisationKeys;
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::Around;
use super::known::Known;
use crate::draft::Happening;
use crate::refusal;

/// A resource that a message or a call speaks of.
pub(crate) struct Spoken {
    pub(crate) object: Object,
    pub(crate) subject: Option<Subject>,
    /// The namespace of its number without the subject, where the number counts within one subject.
    pub(crate) local_to: Option<String>,
    /// The id of the Patient that `subject` was read from, where nothing else tells who it is.
    pub(crate) points_to: Option<String>,
    pub(crate) interaction: Interaction,
    pub(crate) body: Body,
}

impl Spoken {
    /// What the object is known by. A number that counts within one subject is known by the
    /// subject's key, so that it is found when the subject has other identifiers by a merge.
    pub(super) fn key(&self, keys: &OrganisationKeys) -> ObjectKey {
        match (&self.subject, &self.local_to) {
            (Some(subject), Some(namespace)) => {
                keys.object_of(keys.subject(subject), namespace, &self.object.id)
            }
            _ => keys.object(&self.object),
        }
    }
}

/// What is said of a resource.
pub(crate) enum Body {
    /// What a v2 message says: parts, over what was known.
    Parts(fhir::v2::Resource),
    /// The whole resource.
    Whole(Value),
}

impl Body {
    pub(super) fn over(&self, previous: Option<&Value>) -> Value {
        match self {
            Body::Parts(resource) => resource.over(previous),
            Body::Whole(resource) => resource.clone(),
        }
    }
}

/// An event about what is spoken of.
pub(super) fn happening(
    event: Raised,
    of: &Known,
    one: &Spoken,
    around: &Around<'_>,
) -> Result<Happening, Problem> {
    let state = of.state.as_ref();
    let data = to_raw_value(&event.data).map_err(|error| refusal::internal(&error))?;
    let focus = focus(of.resource.as_ref().or(of.gone.as_ref()), one)?;
    Ok(Happening {
        id: None,
        event_type: event.event_type,
        object_type: event.object_type,
        lane: event.lane,
        time: event.time.or(around.time),
        test: around.test,
        content: Content {
            subject: event.subject.or_else(|| one.subject.clone()),
            object: event.object.or_else(|| Some(one.object.clone())),
            focus: Some(focus),
            ..Content::of(data)
        },
        report: event.report,
        sequence: state.map_or(0, |state| state.version),
        replaces: None,
        cause: around.cause,
        about: None,
    })
}

/// The resource as it is now, with an id; of a deleted one, as it was last, or what is left of it.
pub(crate) fn focus(present: Option<&Value>, one: &Spoken) -> Result<Focus, Problem> {
    let mut resource = match (present, &one.body) {
        (Some(resource), _) => resource.clone(),
        (None, Body::Whole(resource)) => resource.clone(),
        (None, Body::Parts(resource)) => resource.over(None),
    };
    let subject = one.subject.as_ref().map(|subject| (subject.system.as_str(), subject.id.as_str()));
    fhir::address::address(&mut resource, (&one.object.system, &one.object.id), subject);
    let resource = to_raw_value(&resource).map_err(|error| refusal::internal(&error))?;
    Ok(Focus { interaction: one.interaction, resource })
}
