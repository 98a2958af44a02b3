//! New deliveries of events that came in before: with an id and a body of their own, by today's settings.

use audit::Action;
use matching::{Facts, Verdict};
use model::{Code, DecisionReason, DeliveryId, DeliveryState, Problem, WebhookId};
use store::{Addition, Batch, DeliveryRow, EventRow, NewDelivery};

use crate::Api;
use crate::caller::Caller;
use crate::events::content;
use crate::refused::{Refused, Result};
use crate::strict::invalid;

impl Api {
    /// Owes an event anew to whoever gets it by today's settings or got it before, or only to `only`.
    pub(crate) async fn replay_fresh(
        &self,
        caller: &Caller,
        row: &EventRow,
        only: Option<WebhookId>,
    ) -> Result<Vec<DeliveryId>> {
        let mut verdicts = self.decide_again(row).await?;
        if let Some(webhook) = only {
            verdicts.retain(|verdict| verdict.webhook.id == webhook);
            admitted(&verdicts)?;
        }
        verdicts.retain(|verdict| verdict.reason == DecisionReason::Matched);
        let mut dead = Vec::new();
        for decision in &row.decisions {
            let again = verdicts.iter().any(|verdict| verdict.webhook.id == decision.webhook);
            let Some(delivery) = decision.delivery.filter(|_| again) else { continue };
            dead.extend(self.store.find_delivery(delivery).await?.filter(is_dead).map(|row| row.id));
        }
        self.owe_anew(caller, row, (&verdicts, dead)).await
    }

    /// Makes a new delivery in the place of one that ended, or beside it.
    pub(crate) async fn retry_fresh(&self, caller: &Caller, row: &DeliveryRow) -> Result<DeliveryId> {
        let compiled = self.settings.now();
        let webhook = compiled.webhook(row.organisation, row.webhook).ok_or_else(gone)?;
        let event = self.store.find_event(row.event).await?.ok_or_else(no_longer_kept)?;
        let verdict = Verdict::of(webhook, DecisionReason::Replayed, event.event.lane);
        let dead = if is_dead(row) { vec![row.id] } else { Vec::new() };
        let made = self.owe_anew(caller, &event, (&[verdict], dead)).await?;
        made.into_iter().next().ok_or_else(no_longer_kept)
    }

    async fn decide_again(&self, row: &EventRow) -> Result<Vec<Verdict>> {
        let found = self.store.events(&[row.event.id]).await?.pop().flatten();
        let sealed = found.and_then(|found| found.body).ok_or_else(no_longer_kept)?;
        let content = content::open(self, &row.event, &sealed).await?.ok_or_else(no_longer_kept)?;
        let compiled = self.settings.now();
        Ok(content.look(|content| {
            let object_id = content.object.as_ref().map(|object| object.id.as_str());
            let about = Facts { content: Some(content), object_id, ..Facts::default() };
            compiled.decide_again(&row.event, &row.decisions, about)
        }))
    }

    async fn owe_anew(
        &self,
        caller: &Caller,
        row: &EventRow,
        (verdicts, instead_of): (&[Verdict], Vec<DeliveryId>),
    ) -> Result<Vec<DeliveryId>> {
        let (event, at) = (&row.event, self.clock.now());
        let keys = self.keyring.organisation(event.organisation).await.map_err(|e| Refused::internal(&e))?;
        let followed = settings::followed(&*self.store, event).await?;
        let owed = verdicts.iter().map(|verdict| NewDelivery {
            follows: followed.get(&verdict.webhook.id).copied(),
            ..settings::owed(self.ids.next(at), verdict, event, &keys)
        });
        let deliveries: Vec<_> = owed.collect();
        let made = deliveries.iter().map(|delivery| delivery.id).collect();
        let entry = self.entry(caller, Action::Redrive, event.id, &format!("{} fresh", deliveries.len()));
        let added = vec![Addition { event: event.id, at, deliveries, instead_of }];
        let batch = Batch { added, audit: vec![entry], ..Batch::default() };
        if self.store.commit(batch).await?.refused.is_empty() { Ok(made) } else { Err(no_longer_kept()) }
    }
}

fn is_dead(row: &DeliveryRow) -> bool {
    row.state == DeliveryState::DeadLettered
}

/// Refuses a webhook that does not get the event, and says why.
fn admitted(verdicts: &[Verdict]) -> Result<(), Problem> {
    let why = match verdicts.first().map(|verdict| verdict.reason) {
        Some(DecisionReason::Matched) => return Ok(()),
        Some(reason) => serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned)),
        None => None,
    };
    let why = why.map_or_else(String::new, |name| format!(": {name}"));
    Err(invalid("/webhookId", format!("The webhook does not get this event{why}."))
        .fix("GET /admin/events/{id} tells the decisions; change what the webhook wants first."))
}

fn gone() -> Refused {
    let why = "The webhook of the delivery is gone.";
    Problem::new(Code::WrongState, why).fix("Replay the event: the webhooks of today decide.").into()
}

fn no_longer_kept() -> Refused {
    let why = "What the event says is no longer kept, or it has as many deliveries as one may have.";
    Problem::new(Code::WrongState, why).fix("Have the source send it again.").into()
}
