//! Which webhooks want an event: the configuration, indexed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use fhir::v2::Local;
use model::{
    ApiKey, Audience, ClauseResult, Config, Content, DecisionReason, Event, EventType, Integration,
    IntegrationId, KeyId, Lane, OrganisationId, SiteMap, Sources, Versioned, Webhook, WebhookId, limits,
};

use crate::conditions::Heard;
use crate::filter::{Asked, Filters};
use crate::own::{self, OwnTypes};
use crate::subscribed::{Resource, holds, is_feed, is_live};
use crate::templates::Templates;
use crate::trigger::Triggers;
use crate::{Conditions, Template, Unshaped};

/// A configuration with its index. Replaced as a whole, never changed.
#[derive(Debug, Default)]
pub struct Compiled {
    /// The configuration.
    pub config: Config,
    organisations: HashMap<OrganisationId, Organisation>,
    filters: Filters,
    sites: HashMap<IntegrationId, Arc<Local>>,
    pub(crate) own_types: OwnTypes,
    /// The triggers of the configuration, ready.
    pub triggers: Triggers,
    /// What Subscriptions ask of resources.
    conditions: HashMap<WebhookId, Conditions>,
    /// The integrations of which somebody is told every change.
    feeds: HashSet<IntegrationId>,
    templates: Templates,
}

/// What is known of an event besides its row.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// What the event says, for filters.
    pub content: Option<&'a Content>,
    /// The identifier of the object, in clear.
    pub object_id: Option<&'a str>,
    /// The webhook whose delivery brought the event about (C8).
    pub origin: Option<WebhookId>,
    /// The webhook that an operational event is about.
    pub about_webhook: Option<WebhookId>,
}

/// What one webhook makes of an event.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The webhook.
    pub webhook: Arc<Versioned<Webhook>>,
    /// Whether it gets the event, and if not, why.
    pub reason: DecisionReason,
    /// The lane of the delivery: the event's, raised by the webhook's (N7).
    pub lane: Lane,
}

impl Compiled {
    /// Indexes a configuration.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Compiled::after(config, &Compiled::default())
    }

    /// Indexes a configuration; what is in it as it was before is taken over.
    #[must_use]
    pub fn after(config: Config, before: &Compiled) -> Self {
        let mut organisations: HashMap<OrganisationId, Organisation> = HashMap::new();
        for webhook in config.webhooks.values() {
            organisations.entry(webhook.organisation_id).or_default().webhooks.push(Arc::clone(webhook));
        }
        let (own_types, filters) = (own::index(&config), Filters::of(&config));
        let triggers = Triggers::of(&config, &before.triggers);
        let templates = Templates::of(&config, &before.templates);
        let subscribed =
            |webhook: &Arc<Versioned<Webhook>>| Some((webhook.id, Conditions::of(webhook, &config)?));
        let conditions = config.webhooks.values().filter_map(subscribed).collect();
        let feeds = config.webhooks.values().filter(|webhook| is_feed(webhook));
        let feeds = feeds.map(|webhook| webhook.integration_id).collect();
        // What is saved was checked; a later version that is stricter maps by the standard tables alone.
        let compile = |map: &Versioned<SiteMap>| Local::compile(&map.tables).ok().map(Arc::new);
        let sites = config.site_maps.iter().filter_map(|(id, map)| Some((*id, compile(map)?)));
        let sites = sites.collect();
        Compiled { config, organisations, filters, sites, own_types, triggers, conditions, feeds, templates }
    }

    /// The template of a webhook, if it has one.
    ///
    /// # Errors
    /// It was saved by a version that understood it, and this one does not.
    pub fn template(&self, webhook: &Versioned<Webhook>) -> Result<Option<Arc<Template>>, Unshaped> {
        self.templates.find(webhook)
    }

    /// What the codes of an integration mean, and how its messages differ (P4).
    #[must_use]
    pub fn site(&self, integration: IntegrationId) -> Option<&Arc<Local>> {
        self.sites.get(&integration)
    }

    /// An integration with the version of its tables; 0 where it has none.
    #[must_use]
    pub fn tables_of(&self, integration: IntegrationId) -> (IntegrationId, u64) {
        (integration, self.config.site_maps.get(&integration).map_or(0, |map| map.version))
    }

    /// Whether somebody is told of every change of an integration's resources.
    #[must_use]
    pub fn has_feed(&self, integration: IntegrationId) -> bool {
        self.feeds.contains(&integration)
    }

    /// The webhooks that get an event, and those that nearly did: their type
    /// matched and something else refused it.
    ///
    /// A webhook that hears only its own integration is no near miss for the
    /// events of another; [`Compiled::explain`] tells those. All matches come,
    /// near misses up to 64.
    #[must_use]
    pub fn decide(&self, event: &Event, about: Facts<'_>) -> Vec<Verdict> {
        let Some(organisation) = self.organisations.get(&event.organisation) else { return Vec::new() };
        let wanted = organisation.wanted(&event.event_type);
        let own = wanted.own.get(&event.integration).map(Vec::as_slice).unwrap_or_default();
        let mut verdicts = Vec::with_capacity(own.len() + wanted.wide.len());
        let mut near_misses = 0;
        let asked = (Asked::new(event, about.content), Resource::of(about.content));
        for webhook in own.iter().chain(&wanted.wide) {
            let reason = self.judge(webhook, (event, about), (&asked.0, &asked.1));
            near_misses += usize::from(reason != DecisionReason::Matched);
            if reason == DecisionReason::Matched || near_misses <= limits::NEAR_MISSES {
                verdicts.push(Verdict::of(webhook, reason, event.lane));
            }
        }
        verdicts
    }

    /// Makes verdicts those of an audience: who is named gets the event whatever
    /// types it wants, unless the event is about itself.
    pub fn address(
        &self,
        event: &Event,
        (about, audience): (Facts<'_>, &Audience),
        verdicts: &mut Vec<Verdict>,
    ) {
        let named = audience.named();
        if matches!(audience, Audience::Only(_)) {
            verdicts.clear();
        }
        verdicts.retain(|verdict| !named.contains(&verdict.webhook.id));
        let known = named.iter().filter_map(|id| self.webhook(event.organisation, *id));
        verdicts.extend(known.map(|webhook| {
            let is_itself = about.about_webhook == Some(webhook.id);
            let reason = if is_itself { DecisionReason::Own } else { DecisionReason::Matched };
            Verdict::of(webhook, reason, event.lane)
        }));
    }

    /// What one webhook makes of an event; nothing when its types do not match.
    #[must_use]
    pub fn explain(&self, event: &Event, about: Facts<'_>, webhook: WebhookId) -> Option<Verdict> {
        let webhook = self.webhook(event.organisation, webhook)?;
        let is_wanted = wants(webhook, &event.event_type);
        let asked = (Asked::new(event, about.content), Resource::of(about.content));
        is_wanted.then(|| {
            let reason = self.judge(webhook, (event, about), (&asked.0, &asked.1));
            Verdict::of(webhook, reason, event.lane)
        })
    }

    /// What a webhook asks of an event beyond its type, clause by clause, each with what it comes to: the
    /// conditions of a Subscription by their names, and the clauses of a filter as they are written.
    #[must_use]
    pub fn clauses_of(
        &self,
        webhook: WebhookId,
        event: &Event,
        content: &Content,
    ) -> Vec<(String, ClauseResult)> {
        let (resource, content) = (Resource::of(Some(content)), Some(content));
        let conditions = self.conditions.get(&webhook);
        let heard = Heard { event, content, resource: resource.value() };
        let mut told = conditions.map(|conditions| conditions.clauses(heard)).unwrap_or_default();
        told.extend(self.filters.clauses(webhook, &Asked::new(event, content)));
        told
    }

    /// What a webhook whose types match makes of an event; its filter is asked last.
    fn judge(
        &self,
        webhook: &Webhook,
        (event, about): (&Event, Facts<'_>),
        (asked, resource): (&Asked<'_>, &Resource<'_>),
    ) -> DecisionReason {
        let reason = judge(webhook, event, about);
        if reason != DecisionReason::Matched {
            return reason;
        }
        match () {
            () if !is_live(webhook, event, &self.config) => DecisionReason::Inactive,
            () if !holds(self.conditions.get(&webhook.id), resource, (event, about.content)) => {
                DecisionReason::Filtered
            }
            () => self.filters.judge(webhook.id, asked),
        }
    }

    /// An API key by its id.
    #[must_use]
    pub fn key(&self, id: KeyId) -> Option<&Arc<Versioned<ApiKey>>> {
        self.config.keys.get(&id)
    }

    /// An integration, if it belongs to the organisation.
    #[must_use]
    pub fn integration(
        &self,
        organisation: OrganisationId,
        id: IntegrationId,
    ) -> Option<&Arc<Versioned<Integration>>> {
        self.config.integrations.get(&id).filter(|found| found.organisation_id == organisation)
    }

    /// A webhook, if it belongs to the organisation.
    #[must_use]
    pub fn webhook(&self, organisation: OrganisationId, id: WebhookId) -> Option<&Arc<Versioned<Webhook>>> {
        self.config.webhooks.get(&id).filter(|found| found.organisation_id == organisation)
    }

    /// The webhooks that hang under an integration, by id.
    pub fn webhooks_of(&self, integration: IntegrationId) -> impl Iterator<Item = &Arc<Versioned<Webhook>>> {
        self.config.webhooks.values().filter(move |webhook| webhook.integration_id == integration)
    }
}

impl Verdict {
    /// What a webhook makes of an event of a lane.
    #[must_use]
    pub fn of(webhook: &Arc<Versioned<Webhook>>, reason: DecisionReason, lane: Lane) -> Self {
        Verdict { webhook: Arc::clone(webhook), reason, lane: lane.raised_by(webhook.lane) }
    }
}

/// One organisation's webhooks: nothing here ever sees another's.
#[derive(Debug, Default)]
struct Organisation {
    webhooks: Vec<Arc<Versioned<Webhook>>>,
    by_type: ArcSwap<HashMap<EventType, Arc<Wanted>>>,
}

/// The webhooks whose patterns match one event type.
#[derive(Debug, Default)]
struct Wanted {
    own: HashMap<IntegrationId, Vec<Arc<Versioned<Webhook>>>>,
    wide: Vec<Arc<Versioned<Webhook>>>,
}

impl Organisation {
    fn wanted(&self, event_type: &EventType) -> Arc<Wanted> {
        if let Some(known) = self.by_type.load().get(event_type) {
            return Arc::clone(known);
        }
        let found = Arc::new(self.search(event_type));
        self.by_type.rcu(|known| {
            let room = known.len() < limits::TYPES_REMEMBERED;
            let mut next = if room { HashMap::clone(known) } else { HashMap::new() };
            next.insert(event_type.clone(), Arc::clone(&found));
            next
        });
        found
    }

    fn search(&self, event_type: &EventType) -> Wanted {
        let mut wanted = Wanted::default();
        for webhook in self.webhooks.iter().filter(|webhook| wants(webhook, event_type)) {
            let place = match webhook.sources {
                Sources::Own => wanted.own.entry(webhook.integration_id).or_default(),
                Sources::All | Sources::Listed(_) => &mut wanted.wide,
            };
            place.push(Arc::clone(webhook));
        }
        wanted
    }
}

fn wants(webhook: &Webhook, event_type: &EventType) -> bool {
    webhook.event_types.iter().any(|pattern| pattern.matches(event_type.as_str()))
}

/// What a webhook whose types match makes of an event, but for its filter.
fn judge(webhook: &Webhook, event: &Event, about: Facts<'_>) -> DecisionReason {
    let is_heard = match &webhook.sources {
        Sources::Own => webhook.integration_id == event.integration,
        Sources::All => true,
        Sources::Listed(listed) => listed.contains(&event.integration),
    };
    let object_type = event.object_type.as_str();
    let is_type_wanted =
        webhook.object_types.is_empty() || webhook.object_types.iter().any(|t| t == object_type);
    let is_object_wanted = webhook.object_ids.is_empty()
        || about.object_id.is_some_and(|id| webhook.object_ids.iter().any(|wanted| wanted == id));
    match () {
        () if about.about_webhook == Some(webhook.id) => DecisionReason::Own,
        () if !is_heard => DecisionReason::OtherSource,
        () if !is_type_wanted => DecisionReason::OtherObjectType,
        () if !is_object_wanted => DecisionReason::OtherObject,
        () if event.test && !webhook.accept_test => DecisionReason::TestRefused,
        () if event.hops >= limits::HOPS || about.origin == Some(webhook.id) => DecisionReason::Echo,
        () => DecisionReason::Matched,
    }
}

#[cfg(test)]
#[path = "compiled_tests.rs"]
mod tests;
