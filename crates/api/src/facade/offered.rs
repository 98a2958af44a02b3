//! The topics of an integration: those whose events it can raise, so that no Subscription waits for nothing.

use matching::{Topic, Topics};
use model::Pattern;

use super::visit::Visit;
use crate::Api;
use crate::integrations::Offer;

impl Api {
    /// The topics that may be named at the facade of an integration.
    pub(super) fn offered(&self, visit: &Visit) -> Topics {
        Topics::embedded().of(|topic| !self.raised(visit, topic).is_empty())
    }

    /// The event types of a topic that the integration raises.
    pub(super) fn raised(&self, visit: &Visit, topic: &Topic) -> Vec<Pattern> {
        let compiled = self.settings.now();
        let around = (&*compiled, visit.integration.organisation_id);
        let offer = Offer::of(&visit.integration.kind, &self.presets, around);
        let is_raised = |pattern: &&Pattern| offer.types().any(|info| pattern.matches(info.name.as_str()));
        topic.events.iter().filter(is_raised).cloned().collect()
    }
}
