//! A small hospital for the tests of this crate.

use std::sync::Arc;

use model::{
    Auth, Config, Event, EventType, Format, HookState, HookUrl, Id, IntegrationId, Lane, Ordering,
    OrganisationId, Profile, Purpose, RecipientClass, Signing, Sources, Timestamp, Tls, TlsVersion,
    Versioned, Webhook, WebhookId,
};

use crate::Catalogue;

pub(crate) fn organisation(number: u128) -> OrganisationId {
    OrganisationId::from_raw(number)
}

pub(crate) fn integration(number: u128) -> IntegrationId {
    IntegrationId::from_raw(number)
}

pub(crate) fn webhook(number: u128, types: &[&str]) -> Webhook {
    Webhook {
        id: WebhookId::from_raw(number),
        integration_id: integration(1),
        organisation_id: organisation(1),
        name: format!("destination {number}"),
        url: serde_json::from_value::<HookUrl>("https://receiver.example/hook".into()).unwrap(),
        sources: Sources::Own,
        event_types: types.iter().map(|text| text.parse().unwrap()).collect(),
        object_types: Vec::new(),
        object_ids: Vec::new(),
        filter: None,
        format: Format::Native,
        profile: Profile::Reference,
        justification: None,
        purpose: Purpose::Treat,
        recipient_class: RecipientClass::Provider,
        lane: None,
        ordering: Ordering::None,
        accept_test: false,
        auth: Auth::None,
        tls: Tls { min_version: TlsVersion::V1_2, ca: None },
        signing: Signing { keys: Vec::new() },
        retry: None,
        timeout: None,
        rate_limit: None,
        max_in_flight: 16,
        state: HookState::Active,
        subscription: None,
        template: None,
        proven: None,
        created_at: Timestamp::from_millis(0),
    }
}

pub(crate) fn config(webhooks: impl IntoIterator<Item = Webhook>) -> Config {
    let mut config = Config::default();
    for doc in webhooks {
        config.webhooks.insert(doc.id, Arc::new(Versioned { version: 1, doc }));
    }
    config
}

pub(crate) fn event(event_type: &str) -> Event {
    let info = Catalogue::embedded().find(event_type).unwrap();
    Event {
        id: Id::from_raw(1),
        organisation: organisation(1),
        integration: integration(1),
        event_type: EventType::from(event_type),
        object_type: info.object_type.clone(),
        lane: Lane::Urgent,
        time: Timestamp::from_millis(0),
        received: Timestamp::from_millis(0),
        test: false,
        subject: None,
        object: None,
        message: None,
        sequence: 0,
        replaces: None,
        caused_by: None,
        hops: 0,
    }
}
