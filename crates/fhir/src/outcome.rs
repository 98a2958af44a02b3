//! `OperationOutcome`: what a FHIR client is told when something is wrong.

use serde_json::{Value, json};

/// How bad an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The request was refused.
    Error,
    /// It was taken, with something to know.
    Warning,
    /// It was taken.
    Information,
}

/// An `OperationOutcome` with one issue.
///
/// `code` is an issue type of FHIR such as `invalid`, `required` or `not-supported`;
/// `expression` is the place, where one is known. No content goes in here.
#[must_use]
pub fn operation_outcome(
    severity: Severity,
    code: &str,
    diagnostics: &str,
    expression: Option<&str>,
) -> Value {
    let severity = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    };
    let mut issue = json!({ "severity": severity, "code": code, "diagnostics": diagnostics });
    if let Some(expression) = expression {
        issue["expression"] = json!([expression]);
    }
    json!({ "resourceType": "OperationOutcome", "issue": [issue] })
}
