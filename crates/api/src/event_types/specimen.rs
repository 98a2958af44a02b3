//! A webhook that nobody has, to show what one would get.

use model::{
    Auth, Format, HookState, IntegrationId, Ordering, OrganisationId, Profile, Purpose, RecipientClass,
    Signing, Sources, Timestamp, Tls, TlsVersion, Webhook,
};

/// A webhook of the organisation at an address that is reserved for examples.
pub(crate) fn specimen(
    (organisation_id, integration_id): (OrganisationId, IntegrationId),
    (format, profile): (Format, Profile),
    now: Timestamp,
) -> Webhook {
    let (url, _) = model::HookUrl::read("https://receiver.example/hooks", model::PlainHttp::Refused)
        .expect("the address is well-formed");
    Webhook {
        id: model::Id::from_raw(0),
        integration_id,
        organisation_id,
        name: "Specimen".to_owned(),
        url,
        sources: Sources::Own,
        event_types: Vec::new(),
        object_types: Vec::new(),
        object_ids: Vec::new(),
        filter: None,
        format,
        profile,
        justification: None,
        purpose: Purpose::Treat,
        recipient_class: RecipientClass::Provider,
        lane: None,
        ordering: Ordering::None,
        accept_test: true,
        auth: Auth::None,
        tls: Tls { min_version: TlsVersion::V1_2, ca: None },
        signing: Signing { keys: vec![privacy::secrets::new_hmac_secret()] },
        retry: None,
        timeout: None,
        rate_limit: None,
        max_in_flight: 1,
        state: HookState::Active,
        subscription: None,
        template: None,
        proven: None,
        created_at: now,
    }
}
