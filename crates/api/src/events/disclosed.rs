//! What the recipients of an event are told of it, and what is left out.

use std::collections::BTreeSet;

use model::{Category, DeliveryState, Profile, Purpose, Webhook};
use privacy::Extent;
use serde::Serialize;
use store::DeliveryRow;
use utoipa::ToSchema;

use crate::Api;

/// How much of an event a webhook is told, by its settings as they are now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventDisclosure)]
pub(crate) struct Disclosure {
    webhook_id: String,
    #[schema(value_type = String)]
    profile: Profile,
    /// Why data is used, by the codes of HL7 v3 `ActReason`.
    #[schema(value_type = String)]
    purpose: Purpose,
    /// Why the webhook may see people, where its settings say so.
    justification: Option<String>,
    /// The parts that are told as they are: of `subject`, `object`, `data`.
    named: &'static [&'static str],
    /// The parts that are told by the recipient's own pseudonym.
    pseudonymous: &'static [&'static str],
    /// The parts that the profile leaves out.
    left_out: &'static [&'static str],
    /// Whether a template shapes the body; it can leave out more.
    shaped: bool,
    /// Whether a delivery to it was withheld, since the right to it was gone.
    withheld: bool,
}

impl Api {
    /// What each webhook of these deliveries is told; nothing of one that is gone.
    pub(super) fn disclosures(&self, deliveries: &[DeliveryRow]) -> Vec<Disclosure> {
        let now = self.settings.now();
        let webhooks: BTreeSet<_> = deliveries.iter().map(|row| (row.organisation, row.webhook)).collect();
        let told = webhooks.into_iter().filter_map(|(organisation, id)| now.webhook(organisation, id));
        told.map(|webhook| Disclosure::of(webhook, deliveries)).collect()
    }
}

impl Disclosure {
    fn of(webhook: &Webhook, deliveries: &[DeliveryRow]) -> Self {
        let Extent { named, pseudonymous, left_out } = privacy::extent(webhook);
        let is_withheld = |row: &DeliveryRow| {
            row.state == DeliveryState::Withheld || row.error == Some(Category::PolicyWithheld)
        };
        Disclosure {
            webhook_id: webhook.id.to_string(),
            profile: webhook.profile,
            purpose: webhook.purpose,
            justification: webhook.justification.clone(),
            named,
            pseudonymous,
            left_out,
            shaped: webhook.template.is_some(),
            withheld: deliveries.iter().any(|row| row.webhook == webhook.id && is_withheld(row)),
        }
    }
}
