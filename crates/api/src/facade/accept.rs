//! From a wish to a webhook that can be called, or an outcome that names the element.

use fhir::subscription::{Wish, place_of_filter};
use matching::{Adjusted, Conditions, Topic, adjust};
use model::{
    Auth, Environment, FhirVersion, Format, HookState, HookUrl, Ordering, PauseReason, Profile, Purpose,
    RecipientClass, Signing, Sources, Subscription, SubscriptionError, SubscriptionStatus, Timestamp, Tls,
    TlsVersion, Webhook, WebhookId, limits,
};

use super::channel;
use super::outcome::Outcome;
use super::visit::Visit;
use crate::Api;
use crate::webhooks::receiver;

/// What a Subscription is besides what is asked for.
pub(super) struct Base<'a> {
    /// The id of its webhook.
    pub(super) webhook: WebhookId,
    /// Its id at the facade.
    pub(super) id: String,
    /// What there is, on a change.
    pub(super) present: Option<&'a Webhook>,
}

/// Accepts a wish, and judges where its address leads.
pub(super) async fn accept(api: &Api, visit: &Visit, wish: Wish, base: Base<'_>) -> Result<Webhook, Outcome> {
    let webhook = api.subscribed(visit, wish, base)?;
    if webhook.is_listening() {
        // Nothing is called: its address is our own.
        return Ok(webhook);
    }
    receiver::check(&webhook, &api.options).map_err(|problem| Outcome::from(problem).at(channel::HEADER))?;
    api.rehearse.judge(&webhook).await.map_err(|problem| {
        let is_of_headers = problem.field.as_deref().is_some_and(|at| at.starts_with("/auth"));
        let at = if is_of_headers { channel::HEADER } else { channel::ENDPOINT };
        Outcome::from(problem).at(at)
    })?;
    Ok(webhook)
}

impl Api {
    fn subscribed(&self, visit: &Visit, wish: Wish, base: Base<'_>) -> Result<Webhook, Outcome> {
        let (now, present) = (self.clock.now(), base.present);
        let status = status(wish.status, present.is_some())?;
        let topic = self.offered(visit).find(&wish.topic).cloned().ok_or_else(unknown_topic)?;
        let Adjusted { filters, changes } = fitted(visit, &topic, &wish.filters)?;
        let (status, error) = match changes.is_empty() || status == SubscriptionStatus::Off {
            true => (status, None),
            // The client sees what is left of its filters, and accepts that by asking again (US Core).
            false => (SubscriptionStatus::Error, Some(SubscriptionError::Adjusted)),
        };
        let kind = channel::kind(&wish.channel)?;
        let url = channel::url((kind, &wish.channel), visit, &self.options)?;
        let profile = channel::profile(&wish.channel, &url, (visit, &self.options, wish.reason.as_deref()))?;
        let former = present.and_then(|present| present.subscription.as_deref());
        let facet = Subscription {
            id: base.id,
            base: visit.base.clone(),
            owner: former.map_or(visit.caller.0.key, |former| former.owner),
            topic: wish.topic,
            channel: kind,
            filters,
            content: wish.channel.content,
            payload: channel::payload(&wish.channel, visit.version())?,
            heartbeat: channel::heartbeat(&wish.channel)?,
            max_count: wish.channel.max_count,
            end: end(wish.end, now)?,
            status,
            error,
            adjusted: changes,
            reason: wish.reason.clone(),
            contact: wish.contact,
        };
        // An admin may have let it see more than its level of content asks for.
        let is_same = former.is_some_and(|former| former.content == facet.content);
        let raised = present.filter(|_| is_same).map_or(profile, |present| present.profile.max(profile));
        let unlike = present.cloned().unwrap_or_else(|| fresh(visit, (base.webhook, url.clone()), now));
        Ok(Webhook {
            name: format!("FHIR Subscription {}", facet.id),
            auth: channel::headers(&wish.channel, present.map(|present| &present.auth))?,
            timeout: channel::timeout(&wish.channel)?,
            event_types: self.raised(visit, &topic),
            justification: wish.reason,
            state: HookState::Paused { since: now, reason: PauseReason::Subscription },
            subscription: Some(Box::new(facet)),
            profile: raised,
            max_in_flight: channel::in_flight(kind, present),
            url,
            ..unlike
        })
    }
}

/// A webhook of the integration that is asked for the first time.
fn fresh(visit: &Visit, (id, url): (WebhookId, HookUrl), now: Timestamp) -> Webhook {
    Webhook {
        id,
        integration_id: visit.integration.id,
        organisation_id: visit.integration.organisation_id,
        name: String::new(),
        url,
        sources: Sources::Own,
        event_types: Vec::new(),
        object_types: Vec::new(),
        object_ids: Vec::new(),
        filter: None,
        format: format(visit.version()),
        profile: Profile::Ping,
        justification: None,
        purpose: Purpose::Treat,
        recipient_class: RecipientClass::Provider,
        lane: None,
        ordering: Ordering::None,
        // A test integration has nothing but test events (T1).
        accept_test: visit.integration.environment == Environment::Test,
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

fn format(version: FhirVersion) -> Format {
    match version {
        FhirVersion::R4 => Format::FhirR4,
        FhirVersion::R4B => Format::FhirR4b,
        FhirVersion::R5 => Format::FhirR5,
    }
}

/// A client asks for a Subscription or ends it; that it is active or broken, the server says.
fn status(asked: SubscriptionStatus, is_known: bool) -> Result<SubscriptionStatus, Outcome> {
    let at = "Subscription.status";
    match asked {
        SubscriptionStatus::Requested | SubscriptionStatus::Off => Ok(asked),
        // What was read as active and is written back asks for a handshake again.
        SubscriptionStatus::Active if is_known => Ok(SubscriptionStatus::Requested),
        SubscriptionStatus::Active | SubscriptionStatus::Error => Err(Outcome::refused(
            "business-rule",
            at,
            "is for the server to say; ask for requested, or set off",
        )),
    }
}

fn end(end: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, Outcome> {
    match end {
        Some(end) if end <= now => Err(Outcome::refused("business-rule", "Subscription.end", "has passed")),
        end => Ok(end),
    }
}

/// Filters that can be served: those that are asked for or, where the topic's rules ask for that, what is left
/// of them; else a refusal with the place.
fn fitted(visit: &Visit, topic: &Topic, filters: &[String]) -> Result<Adjusted, Outcome> {
    let place = |place| place_of_filter(visit.version(), place);
    if filters.len() > limits::SUBSCRIPTION_FILTERS {
        let why = format!("there are more than {} filters", limits::SUBSCRIPTION_FILTERS);
        return Err(Outcome::refused("too-costly", &place(limits::SUBSCRIPTION_FILTERS), why));
    }
    let fitted = match topic.is_feed() {
        true => adjust(topic, filters, &visit.base),
        false => Ok(Adjusted { filters: filters.to_vec(), changes: Vec::new() }),
    };
    let read =
        fitted.and_then(|fitted| Conditions::read(topic, &fitted.filters, &visit.base).map(|_| fitted));
    read.map_err(|unfit| Outcome::refused("not-supported", &place(unfit.place), unfit.why))
}

fn unknown_topic() -> Outcome {
    let why = "is not a topic of this server; metadata lists those there are";
    Outcome::refused("not-supported", "Subscription.criteria", why)
}
