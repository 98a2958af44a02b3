//! Sample events for test sends, as the webhook would get them.

use std::sync::Arc;

use async_trait::async_trait;
use delivery::{NoSample, Samples};
use matching::{Specimen, Template, Unshaped};
use model::{
    Content, Environment, Event, EventType, FhirVersion, Ids, Integration, Personal, Subject, Timestamp,
    Webhook,
};
use privacy::{Disclosed, Keyring, Origin, Told};
use settings::Settings;

/// The samples of the catalogue, about a person who does not exist.
pub(crate) struct CatalogueSamples {
    pub(crate) settings: Arc<Settings>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) ids: Arc<Ids>,
}

#[async_trait]
impl Samples for CatalogueSamples {
    async fn body(
        &self,
        webhook: &Webhook,
        event_type: &EventType,
        now: Timestamp,
    ) -> Result<Disclosed, NoSample> {
        let none = || NoSample::Unknown(event_type.clone());
        let compiled = self.settings.now();
        let info = compiled.find_type(webhook.organisation_id, event_type.as_str()).ok_or_else(none)?;
        let keys = self.keyring.organisation(webhook.organisation_id).await.map_err(|_| none())?;
        let subject = Subject {
            kind: "patient".to_owned(),
            system: "urn:carehook:sample".to_owned(),
            id: "SAMPLE-1".to_owned(),
        };
        let event = Event {
            id: self.ids.next(now),
            organisation: webhook.organisation_id,
            integration: webhook.integration_id,
            event_type: event_type.clone(),
            object_type: info.object_type.clone(),
            lane: info.lane,
            time: now,
            received: now,
            test: true,
            subject: Some(keys.subject(&subject)),
            object: None,
            message: None,
            sequence: 0,
            replaces: None,
            caused_by: None,
            hops: 0,
        };
        let data = info.sample.clone();
        let source = compiled.config.integrations.get(&webhook.integration_id).map(|found| &found.doc);
        let specimen = specimen(webhook, source, event_type);
        let content = Content {
            subject: Some(subject),
            focus: specimen.map(|(_, specimen)| specimen.focus()),
            ..Content::of(data)
        };
        let content = Personal::new(content);
        let own = Origin { environment: Environment::Test, ..Origin::of(source) };
        let origin =
            Origin { fhir_version: specimen.map_or(own.fhir_version, |(version, _)| version), ..own };
        let told = Told { event: &event, content: &content, origin, original: None, number: 1 };
        let template = webhook.template.as_deref().map(|json| Template::read(json, webhook.profile));
        let template = template.transpose().map_err(Unshaped::from)?;
        Ok(settings::tell(webhook, template.as_ref(), &told, &keys)?)
    }
}

/// The resource that the event would be about, in the version of the webhook's format. What a source sends as
/// events, or in a third party's own form, has none.
fn specimen(
    webhook: &Webhook,
    source: Option<&Integration>,
    event_type: &EventType,
) -> Option<(FhirVersion, &'static Specimen)> {
    let has_resources = source.is_none_or(|source| source.resource_version().is_some());
    let version = webhook.format.fhir_version().filter(|_| has_resources)?;
    Some((version, Specimen::find(event_type.as_str(), version)?))
}
