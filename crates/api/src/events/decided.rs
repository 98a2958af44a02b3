//! Which webhooks wanted an event and which did not, clause by clause.

use model::{Content, Decision, DecisionReason, Personal};
use serde::Serialize;
use store::EventRow;
use utoipa::ToSchema;

use super::content;
use crate::Api;
use crate::refused::Result;
use crate::triggers::Clause;

/// What was decided about one webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventDecision)]
pub(super) struct Decided {
    webhook_id: String,
    /// Null once the webhook is gone.
    webhook_name: Option<String>,
    /// The integration that the webhook belongs to; null once the webhook is gone.
    integration_id: Option<String>,
    matched: bool,
    #[schema(value_type = String)]
    reason: DecisionReason,
    delivery_id: Option<String>,
    /// What its filter, or its Subscription, asked of the event, each with what it came to. The parameters of
    /// a Subscription are told by their names. None where it was not asked, or the content is gone.
    clauses: Vec<Clause>,
    /// Whether the webhook was changed since: its clauses are not those of then and are left out.
    changed_since: bool,
}

impl Api {
    /// What was decided about each webhook.
    pub(super) async fn decided(&self, row: &EventRow) -> Result<Vec<Decided>> {
        let content = match row.decisions.iter().any(asks) {
            true => self.content_of(row).await?,
            false => None,
        };
        Ok(row.decisions.iter().map(|decision| self.of_decision(row, decision, content.as_ref())).collect())
    }

    /// What an event says, while it is kept.
    pub(super) async fn content_of(&self, row: &EventRow) -> Result<Option<Personal<Content>>> {
        let stored = self.store.events(&[row.event.id]).await?.into_iter().flatten().next();
        match stored.and_then(|stored| stored.body) {
            Some(sealed) => content::open(self, &row.event, &sealed).await,
            None => Ok(None),
        }
    }

    fn of_decision(
        &self,
        row: &EventRow,
        decision: &Decision,
        content: Option<&Personal<Content>>,
    ) -> Decided {
        let (now, event) = (self.settings.now(), &row.event);
        let webhook = now.webhook(event.organisation, decision.webhook);
        // A filter that was written later would answer whatever it asks of what is stored.
        let changed_since = asks(decision) && webhook.is_some_and(|found| found.version > row.config_version);
        let content = content.filter(|_| asks(decision) && webhook.is_some() && !changed_since);
        let clauses =
            content.map(|content| content.look(|content| now.clauses_of(decision.webhook, event, content)));
        let clauses = clauses.unwrap_or_default().into_iter();
        Decided {
            webhook_id: decision.webhook.to_string(),
            webhook_name: webhook.map(|found| found.name.clone()),
            integration_id: webhook.map(|found| found.integration_id.to_string()),
            matched: decision.delivery.is_some(),
            reason: decision.reason,
            delivery_id: decision.delivery.map(|id| id.to_string()),
            clauses: clauses.map(|(text, result)| Clause { text, result }).collect(),
            changed_since,
        }
    }
}

/// Whether it came to the filter: other reasons are found before it is asked.
fn asks(decision: &Decision) -> bool {
    use DecisionReason::{Filtered, Matched, Undecided};
    matches!(decision.reason, Matched | Filtered | Undecided)
}
