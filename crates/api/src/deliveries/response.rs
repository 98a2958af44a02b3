//! What receivers answered: its shape for whoever may look, its content for whoever says why.

use model::{Answer, AttemptId, Id, Personal};
use privacy::{AuditReceipt, RecordKind};
use serde::Serialize;
use serde_json::{Map, Value};
use store::DeliveryRow;
use utoipa::ToSchema;

use crate::Api;
use crate::refused::{Refused, Result};

/// What a receiver answered to a call.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AttemptResponse)]
pub(crate) struct Response {
    /// The attempt.
    attempt_id: String,
    /// Its headers; what could be a credential is masked for good.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    headers: Map<String, Value>,
    /// The first 4 KiB of its body.
    body: String,
}

/// An answer that is kept, and the attempt that it is to.
pub(super) type Reply = (AttemptId, Personal<Answer>);

impl Response {
    /// The answer for whoever may look: how long its body is, and headers that say nothing of people.
    pub(super) fn masked((attempt, answer): &Reply) -> Self {
        let value = |(name, value): &(String, String)| {
            let shown = if PLAIN.contains(&name.as_str()) { value.as_str() } else { MASK };
            (name.clone(), Value::from(shown))
        };
        answer.look(|answer| Response {
            attempt_id: attempt.to_string(),
            headers: answer.headers.iter().map(value).collect(),
            body: if answer.body.is_empty() { String::new() } else { MASK.to_owned() },
        })
    }

    /// The answer as it came.
    pub(super) fn revealed((attempt, answer): &Reply, receipt: &AuditReceipt) -> Self {
        let Answer { headers, body } = privacy::reveal(answer, receipt);
        let headers = headers.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        Response { attempt_id: attempt.to_string(), headers, body }
    }
}

impl Api {
    /// The answers of a delivery that are kept and can be read, oldest first.
    pub(super) async fn replies(&self, row: &DeliveryRow) -> Result<Vec<Reply>> {
        let kept = self.store.replies_of(row.id).await?;
        let Some(found) = self.store.find_event(row.event).await?.filter(|_| !kept.is_empty()) else {
            return Ok(Vec::new());
        };
        let (organisation, subject) = (found.event.organisation, found.event.subject);
        let mut replies = Vec::with_capacity(kept.len());
        for reply in kept {
            let key = self.keyring.for_opening(organisation, subject, &reply.sealed).await;
            // Its day or its person was erased.
            let Some(key) = key.map_err(|error| Refused::internal(&error))? else { continue };
            let bytes = key.open(RecordKind::Excerpt, reply.attempt.row(), &reply.sealed);
            let bytes = bytes.map_err(|error| Refused::internal(&error))?;
            let answer = serde_json::from_slice(&bytes).map_err(|error| Refused::internal(&error))?;
            replies.push((reply.attempt, Personal::new(answer)));
        }
        Ok(replies)
    }
}

/// Headers whose values are about the answer and about nobody.
const PLAIN: [&str; 10] = [
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "date",
    "server",
    "connection",
    "cache-control",
    "retry-after",
    "allow",
];
const MASK: &str = "(masked)";
