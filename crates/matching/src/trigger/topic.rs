//! A trigger as a topic: what FHIR Subscriptions may name, filter and read of it.

use model::{Config, Integration, Kind, Memory, Pattern, Trigger, TriggerId, Versioned, Webhook};

use super::bound;
use crate::topics::Published;
use crate::{Conditions, Topic, TopicResource};

/// Whether the texts of conditions are shown: they may name people, so only to whoever may look at triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// They are.
    Shown,
    /// A threshold is shown, which names nobody, and no other text.
    Hidden,
}

/// The canonical URL of the topic of a trigger. It names the installation's trigger and nothing else.
#[must_use]
pub fn canonical(id: TriggerId) -> String {
    format!("{CANONICAL}{id}")
}

/// The topics of the triggers that look at an integration's changes.
#[must_use]
pub fn of_integration(config: &Config, integration: &Integration, texts: Texts) -> Vec<Topic> {
    let looks = config.triggers.values().filter(|trigger| looks_at(trigger, integration));
    looks.map(|trigger| topic(trigger, texts)).collect()
}

/// The topic of a canonical URL, if it is that of a trigger that looks at the integration's changes.
#[must_use]
pub fn find(config: &Config, integration: &Integration, canonical: &str) -> Option<Topic> {
    let id: TriggerId = canonical.split('|').next()?.strip_prefix(CANONICAL)?.parse().ok()?;
    let trigger = config.triggers.get(&id).filter(|trigger| looks_at(trigger, integration))?;
    Some(topic(trigger, Texts::Shown))
}

/// The FHIR Subscriptions to the topic of a trigger that would hear nothing more of it, once it is `after`
/// or, with none, gone. One that is off hears nothing anyway.
#[must_use]
pub fn left_behind<'a>(
    config: &'a Config,
    id: TriggerId,
    after: Option<&Versioned<Trigger>>,
) -> Vec<&'a Webhook> {
    let url = canonical(id);
    let hears = |webhook: &Webhook| {
        let subscription = webhook.subscription.as_deref()?;
        let trigger = after?;
        let integration = config.integrations.get(&webhook.integration_id)?;
        let is_raised = |pattern: &Pattern| pattern.matches(trigger.event_type.as_str());
        let is_meant = looks_at(trigger, integration) && webhook.event_types.iter().any(is_raised);
        let topic = topic(trigger, Texts::Shown);
        let reads = || Conditions::read(&topic, &subscription.filters, &subscription.base).is_ok();
        (is_meant && reads()).then_some(())
    };
    let is_own = |webhook: &&Webhook| {
        let named = |one: &model::Subscription| one.topic.split('|').next() == Some(&url);
        let subscription = webhook.subscription.as_deref();
        subscription.is_some_and(|one| named(one) && one.status != model::SubscriptionStatus::Off)
    };
    let all = config.webhooks.values().map(|webhook| &webhook.doc);
    all.filter(is_own).filter(|webhook| hears(webhook).is_none()).collect()
}

/// Whether a trigger over changes can ever fire for an integration: it is active, meant for it, and the
/// integration brings the resources, and for v2 events the messages, that it looks at. One over events has
/// no resource that a Subscription could tell of.
fn looks_at(trigger: &Trigger, integration: &Integration) -> bool {
    trigger.active
        && trigger.sight.resource_type().is_some()
        && brings(&integration.kind, trigger)
        && trigger.organisation_id == integration.organisation_id
        && trigger.integration_id.is_none_or(|meant| meant == integration.id)
}

/// Whether integrations of a kind bring what a trigger over changes looks at: resources and, for v2 events, messages.
#[must_use]
pub fn brings(kind: &Kind, trigger: &Trigger) -> bool {
    match kind {
        Kind::Hl7v2 => true,
        Kind::Fhir => trigger.criteria.event_codes.is_empty(),
        Kind::Events | Kind::Preset(_) => false,
    }
}

/// The topic of a trigger.
#[must_use]
pub fn topic(trigger: &Versioned<Trigger>, texts: Texts) -> Topic {
    let criteria = &trigger.criteria;
    let bound = criteria.threshold.as_ref().map(bound::expression);
    let text = criteria.fhir_path.clone().filter(|_| texts == Texts::Shown);
    let about = |kind: &str| TopicResource {
        kind: kind.to_owned(),
        interactions: trigger.interactions.iter().map(|one| one.code().to_owned()).collect(),
        fhirpath: bound.clone().or_else(|| text.clone()),
        query: criteria.query.clone().filter(|_| texts == Texts::Shown),
        filters: filters(trigger, kind),
        include: Vec::new(),
    };
    Topic {
        url: canonical(trigger.id),
        also: Vec::new(),
        title: trigger.name.clone(),
        description: description(trigger),
        events: vec![
            Pattern::Exact(trigger.event_type.to_string()),
            Pattern::Exact(super::INDETERMINATE.to_owned()),
        ],
        needs: Vec::new(),
        codes: Vec::new(),
        resources: trigger.sight.resource_type().map(about).into_iter().collect(),
        version: trigger.version.to_string(),
        trigger: Some(Published {
            id: trigger.id,
            made: trigger.created_at,
            event_codes: criteria.event_codes.clone(),
        }),
    }
}

/// What a Subscription may be narrowed by: whose it is, and what tells things of the type apart. What
/// did not come has no resource, so nothing narrows it.
fn filters(trigger: &Trigger, resource_type: &str) -> Vec<String> {
    if matches!(trigger.memory, Memory::Absence { .. }) {
        return Vec::new();
    }
    let known: Vec<&str> = fhir::search::parameters(resource_type).collect();
    let offered = FILTERS.iter().filter(|name| known.contains(name));
    offered.map(|name| (*name).to_owned()).collect()
}

fn description(trigger: &Trigger) -> String {
    format!("Raises {}. A secondary notification, not a primary alarm.", trigger.event_type)
}

const CANONICAL: &str = "urn:carehook:SubscriptionTopic:";
const FILTERS: [&str; 11] = [
    "patient",
    "subject",
    "encounter",
    "category",
    "class",
    "code",
    "type",
    "status",
    "value-quantity",
    "date",
    "_id",
];
