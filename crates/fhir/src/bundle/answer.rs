//! The Bundle that answers a Bundle.

use serde_json::{Value, json};

use super::Kind;
use crate::outcome::{Severity, operation_outcome};

/// What became of one entry.
#[derive(Debug, Clone)]
pub enum Answer {
    /// It is new; where it is.
    Created(String),
    /// It was known before, or is a version of something.
    Updated,
    /// It is gone.
    Deleted,
    /// It was refused; why.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The issue type of FHIR.
        code: &'static str,
        /// What is wrong; never content.
        why: String,
    },
}

/// The response Bundle for entries answered in order; of a batch, where no kind is told.
#[must_use]
pub fn respond(kind: Option<Kind>, answers: &[Answer]) -> Value {
    let is_transaction = kind == Some(Kind::Transaction);
    let response_type = if is_transaction { "transaction-response" } else { "batch-response" };
    let entries: Vec<Value> = answers.iter().map(|answer| json!({ "response": response(answer) })).collect();
    let mut bundle = json!({ "resourceType": "Bundle", "type": response_type });
    // FHIR has no empty lists.
    if !entries.is_empty() {
        bundle["entry"] = entries.into();
    }
    bundle
}

fn response(answer: &Answer) -> Value {
    match answer {
        Answer::Created(location) => json!({ "status": "201 Created", "location": location }),
        Answer::Updated => json!({ "status": "200 OK" }),
        Answer::Deleted => json!({ "status": "204 No Content" }),
        Answer::Refused { status, code, why } => {
            json!({ "status": status.to_string(), "outcome": operation_outcome(Severity::Error, code, why, None) })
        }
    }
}
