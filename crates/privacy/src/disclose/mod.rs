//! The door out to machines: how much of an event a webhook may see, and in what form.
//!
//! `known` says what one recipient may come to know; the other files write it down.

mod known; // What one recipient may know.
mod extent; // The same in words.
mod native; // Our own JSON.
mod cloud; // CloudEvents.
mod notice; // FHIR notifications.
mod raw; // What was received.
mod kept; // Bodies at rest.

use bytes::Bytes;
use model::{
    Content, Environment, Event, FhirVersion, Format, Integration, Media, Personal, Profile, TemplateVersion,
    Webhook,
};

use crate::OrganisationKeys;
use known::Known;

pub use extent::{Extent, extent};
pub use raw::Original;

/// An event as it rests with us, before anybody is told of it.
#[derive(Clone, Copy)]
pub struct Told<'a> {
    /// What may be known without opening anything.
    pub event: &'a Event,
    /// What it says.
    pub content: &'a Personal<Content>,
    /// Where it came from.
    pub origin: Origin,
    /// What was received, for a webhook that wants that ([`needs_original`]).
    pub original: Option<&'a Personal<Original>>,
    /// Its place among what the webhook is told: rising, and without gaps only for a Subscription.
    pub number: u64,
}

/// What an integration says of its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Whether they are about real people.
    pub environment: Environment,
    /// The FHIR version of their resources.
    pub fhir_version: FhirVersion,
}

impl Origin {
    /// What it says; of one that is gone, the strictest.
    #[must_use]
    pub fn of(integration: Option<&Integration>) -> Self {
        Origin {
            environment: integration.map_or(Environment::Live, |found| found.environment),
            fhir_version: integration.and_then(Integration::resource_version).unwrap_or(FhirVersion::R4),
        }
    }
}

/// The body of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosed {
    /// Its bytes.
    pub body: Bytes,
    /// What they are.
    pub media: Media,
    /// The template that shaped them, if one did.
    pub template: Option<TemplateVersion>,
}

impl Disclosed {
    /// A body that no template shaped.
    #[must_use]
    pub fn plain(body: Bytes, media: Media) -> Self {
        Disclosed { body, media, template: None }
    }
}

/// Whether a webhook is told of an event by what was received: then that must be at hand.
#[must_use]
pub fn needs_original(webhook: &Webhook) -> bool {
    webhook.format == Format::Raw && webhook.profile == Profile::Full
}

/// The body of a delivery of an event to `webhook`.
///
/// The same arguments give the same bytes. Pseudonyms are the recipient's own,
/// so the body of one webhook must never be sent to another.
#[must_use]
pub fn disclose(webhook: &Webhook, told: &Told<'_>, keys: &OrganisationKeys) -> Disclosed {
    told.content.look(|content| {
        let known = Known { webhook, told, content, keys };
        let (body, media) = match webhook.format {
            Format::Native => (native::body(&known), Media::Json),
            Format::Cloudevents => (cloud::body(&known), Media::CloudEvents),
            Format::FhirR4 => (notice::body(FhirVersion::R4, &known), Media::FhirR4),
            Format::FhirR4b => (notice::body(FhirVersion::R4B, &known), Media::FhirR4B),
            Format::FhirR5 => (notice::body(FhirVersion::R5, &known), Media::FhirR5),
            Format::Raw => return raw::body(&known),
        };
        Disclosed::plain(body, media)
    })
}

/// An event as a notification of this version tells it to `webhook`.
pub(crate) fn event_of(
    version: FhirVersion,
    webhook: &Webhook,
    told: &Told<'_>,
    keys: &OrganisationKeys,
) -> fhir::notification::Event {
    told.content.look(|content| notice::told(version, &Known { webhook, told, content, keys }))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
