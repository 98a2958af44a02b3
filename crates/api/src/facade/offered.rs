//! The topics of an integration: those whose events it can raise, so that no Subscription waits for nothing.

use std::sync::Arc;

use matching::trigger::topic::{self, Texts};
use matching::{Codes, Topic, Topics};
use model::{Code, Config, Kind, Pattern, Webhook};

use super::visit::Visit;
use crate::Api;
use crate::integrations::Offer;

impl Api {
    /// The topics that may be named at the facade of an integration, those of its triggers included.
    pub(super) fn offered(&self, visit: &Visit) -> Topics {
        let texts = if visit.sees_all() { Texts::Shown } else { Texts::Hidden };
        let compiled = self.settings.now();
        let own = topic::of_integration(&compiled.config, &visit.integration, texts);
        let is_raised = |topic: &&Arc<Topic>| !self.raised(visit, topic).is_empty();
        let ours =
            Topics::embedded().all().filter(is_raised).map(|topic| known(&visit.integration.kind, topic));
        Topics::default().with(ours.chain(own))
    }

    /// The event types of a topic that the integration raises.
    pub(super) fn raised(&self, visit: &Visit, topic: &Topic) -> Vec<Pattern> {
        if topic.trigger.is_some() {
            return topic.events.clone();
        }
        let brings_resources = matches!(visit.integration.kind, Kind::Fhir | Kind::Hl7v2);
        if topic.is_feed() && !brings_resources {
            return Vec::new();
        }
        let compiled = self.settings.now();
        let around = (&*compiled, visit.integration.organisation_id);
        let offer = Offer::of(&visit.integration.kind, &self.presets, around);
        // What passes through is raised wherever resources come from, and named by a feed only.
        let passes = |pattern: &Pattern| matches!(pattern, Pattern::Exact(name) if name.starts_with("x."));
        let is_raised = |pattern: &&Pattern| {
            passes(pattern) || offer.types().any(|info| pattern.matches(info.name.as_str()))
        };
        topic.events.iter().filter(is_raised).cloned().collect()
    }
}

/// A topic with the codes that changes of such an integration can have: v2 events come with messages only.
fn known(kind: &Kind, topic: &Topic) -> Topic {
    let mut topic = topic.clone();
    topic.codes.retain(|codes| *codes != Codes::V2 || *kind == Kind::Hl7v2);
    topic
}

/// Whether the topic of a Subscription is still there when it is written down: its trigger may have gone
/// since it was looked at.
pub(super) fn is_there(config: &Config, webhook: &Webhook) -> Result<(), Code> {
    let Some(subscription) = webhook.subscription.as_deref() else { return Ok(()) };
    let integration = config.integrations.get(&webhook.integration_id).ok_or(Code::NotFound)?;
    let is_ours = Topics::embedded().find(&subscription.topic).is_some();
    let is_known = is_ours || topic::find(config, integration, &subscription.topic).is_some();
    is_known.then_some(()).ok_or(Code::Conflict)
}
