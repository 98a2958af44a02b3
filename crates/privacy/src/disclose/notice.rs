//! Notification Bundles of FHIR: `empty` for the profile `ping`, `id-only` for
//! `reference`, `full-resource` for `full`.
//!
//! The resource is the one that raised the event, as it was then. An event that
//! none raised is told as a `Basic` resource, and so is what our data says of it.

use bytes::Bytes;
use fhir::basic::{self, Saying};
use fhir::bundle::Interaction;
use fhir::feed;
use fhir::notification::{self, Coding, Entry, Kind, Notification, Status};
use model::{FhirVersion, Focus, Id, Interaction as Done, Profile};
use serde_json::{Value, json};

use super::known::Known;
use crate::{Moment, Subscriber};

pub(super) fn body(version: FhirVersion, known: &Known<'_>) -> Bytes {
    let event = known.event();
    let (number, kind) = (known.told.number, Kind::EventNotification);
    let (id, at, test) = (event.id.raw(), event.received, event.test);
    let notification = match Subscriber::of(known.webhook) {
        Some(subscriber) => {
            let moment = Moment { kind, id, count: number, at, test };
            subscriber.notification(moment, vec![told(version, known)])
        }
        None => Notification {
            version,
            kind,
            content: content(known.profile()),
            id,
            subscription: format!("{}/Subscription/{}", base(known), fhir_id(&known.webhook.id.to_string())),
            status: Status::Active,
            topic: Some(format!("urn:carehook:topic:{}", event.event_type)),
            events_since_start: number,
            events: vec![told(version, known)],
            errors: Vec::new(),
            timestamp: at,
            test,
        },
    };
    notification::bundle(&notification).into()
}

fn content(profile: Profile) -> notification::Content {
    match profile {
        Profile::Ping => notification::Content::Empty,
        Profile::Reference => notification::Content::IdOnly,
        Profile::Full => notification::Content::FullResource,
    }
}

/// The event as a notification tells it.
pub(super) fn told(version: FhirVersion, known: &Known<'_>) -> notification::Event {
    notification::Event {
        number: known.told.number,
        timestamp: Some(known.event().time),
        focus: Some(focus(version, known)),
        context: patient(known).into_iter().collect(),
        triggers: triggers(known),
    }
}

/// What the change was, for a subscriber of a feed; to whom nothing is named, only that there was one.
fn triggers(known: &Known<'_>) -> Vec<Coding> {
    let is_feed = |one: &model::Subscription| one.topic.split('|').next() == Some(feed::TOPIC);
    let change = known.content.occasion.change.as_ref();
    match change.filter(|_| known.webhook.subscription.as_deref().is_some_and(is_feed)) {
        None => Vec::new(),
        Some(_) if known.profile() == Profile::Ping => feed::codes([], None),
        Some(change) => {
            let types = change.types.iter().map(model::EventType::as_str);
            feed::codes(types, change.event_code.as_deref())
        }
    }
}

/// What the event is about, under the name by which the recipient may know it.
fn focus(version: FhirVersion, known: &Known<'_>) -> Entry {
    let raised = known.content.focus.as_ref().and_then(read);
    let is_full = known.profile() == Profile::Full;
    let Some((done, resource)) = raised else { return basic(known) };
    let resource_type = resource["resourceType"].as_str().unwrap_or_default().to_owned();
    let own = || resource["id"].as_str().unwrap_or_default().to_owned();
    let id = if is_full { own() } else { stand_in(known, &resource_type) };
    let interaction = match done {
        Done::Create => Interaction::Create,
        Done::Update => Interaction::Update,
        Done::Delete => Interaction::Delete,
    };
    // R5 changed what it says where; a resource of another version would only look right.
    let is_fitting = known.told.origin.fhir_version.fits(version) && done != Done::Delete;
    let shown = (is_full && is_fitting).then_some(resource);
    entry(known, (resource_type, id), interaction, shown)
}

fn read(focus: &Focus) -> Option<(Done, Value)> {
    Some((focus.interaction, serde_json::from_str(focus.resource.get()).ok()?))
}

/// An event that no resource raised.
fn basic(known: &Known<'_>) -> Entry {
    let event = known.event();
    let id = match &known.content.object {
        Some(object) => fhir_id(&known.pseudonym_of_object(object)),
        None => fhir_id(&event.id.to_string()),
    };
    let subject = known.content.subject.as_ref().map(|subject| {
        let mut reference = json!({ "identifier": { "system": subject.system, "value": subject.id } });
        if subject.kind == "patient" {
            reference["type"] = "Patient".into();
        }
        reference
    });
    let resource = known.data().map(|data| {
        let data = serde_json::from_str(data.get()).unwrap_or_default();
        basic::resource(&Saying { id: &id, event_type: event.event_type.as_str(), subject, data: &data })
    });
    entry(known, ("Basic".to_owned(), id), Interaction::Create, resource)
}

/// The patient that the event is about: by a stand-in, or by the source's own id where the
/// recipient may know it and asked to be told by a Subscription.
fn patient(known: &Known<'_>) -> Option<Entry> {
    let subject = known.content.subject.as_ref().filter(|subject| subject.kind == "patient")?;
    let raised = known.content.focus.as_ref().and_then(read);
    if raised.as_ref().is_some_and(|(_, it)| is_patient(it)) {
        return None;
    }
    let id = match known.profile() {
        Profile::Ping => return None,
        Profile::Reference => fhir_id(&known.pseudonym_of(subject)),
        // A whole resource says itself who it is about; a client of FHIR looks for it here too.
        Profile::Full => {
            known.webhook.subscription.as_ref()?;
            fhir::address::patient_of(&raised?.1)?
        }
    };
    Some(entry(known, ("Patient".to_owned(), id), Interaction::Read, None))
}

fn is_patient(resource: &Value) -> bool {
    resource["resourceType"] == "Patient"
}

/// The id by which the recipient knows a resource: of a patient the same as everywhere else.
fn stand_in(known: &Known<'_>, resource_type: &str) -> String {
    let content = known.content;
    let patient = content.subject.as_ref().filter(|_| resource_type == "Patient");
    let object = || content.object.as_ref().map(|object| known.pseudonym_of_object(object));
    let name = patient.map(|subject| known.pseudonym_of(subject)).or_else(object);
    fhir_id(&name.unwrap_or_else(|| known.event().id.to_string()))
}

fn entry(
    known: &Known<'_>,
    (resource_type, id): (String, String),
    interaction: Interaction,
    resource: Option<Value>,
) -> Entry {
    let full_url = format!("{}/{resource_type}/{id}", base(known));
    Entry { full_url, resource_type, id, interaction, resource }
}

/// Where resources are: below the facade of a Subscription, else nowhere that answers, but told apart by source.
fn base(known: &Known<'_>) -> String {
    match &known.webhook.subscription {
        Some(subscription) => subscription.base.clone(),
        None => format!("urn:carehook:{}", known.event().integration),
    }
}

/// FHIR knows no `_` in ids.
fn fhir_id(id: &str) -> String {
    id.replace('_', "-")
}
