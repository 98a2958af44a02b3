//! `carehook fhirpath`: an expression tried on a file, for whoever writes one.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use fhirpath::{ClauseOutcome, Collection, Context, Decision, Expression, Limits, Trace};
use model::{Clock as _, SystemClock};
use serde_json::{Value, json};

use super::out::{self, Shape};
use super::{End, Misuse};

/// Evaluate a FHIRPath expression on a FHIR resource or any other JSON.
///
/// Prints what it gives, one item in a line, and on standard error what is odd
/// about the expression. Ends with exit code 1 if it cannot be evaluated, or if
/// the data leaves open what it gives.
#[derive(Debug, Args)]
pub(crate) struct Fhirpath {
    /// The expression, such as "value > 6.0 'mmol/L'"
    expression: String,
    /// The JSON; standard input if left out
    file: Option<PathBuf>,
    /// What `%previous` is: the version before, as JSON
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// Tell what each clause came to, with the values it read
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    shape: Shape,
}

/// A bundle of a hospital's day may take a while; the server allows a thousandth of it.
const LIMITS: Limits = Limits {
    steps: 200_000_000,
    items: 10_000_000,
    text_bytes: 64 << 20,
    depth: 128,
    time: Duration::from_secs(600),
};

impl Fhirpath {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        let expression =
            Expression::compile(&self.expression).map_err(|error| Misuse::error(error.to_string()))?;
        let current = read(self.file.as_deref())?;
        let previous = self.previous.as_deref().map(|path| read(Some(path))).transpose()?;
        let now = SystemClock.now().to_string();
        let context = Context::of(&current).previous(previous.as_ref()).at(&now).limits(LIMITS);
        let kind = current.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        let lints = expression.lint(kind);
        let trace = self.trace.then(|| expression.explain_with_values(&context));
        let found = expression.evaluate(&context);
        let decision = expression.decide(&context);
        let json = || {
            let items = found.as_ref().map_or(Value::Null, |found| {
                found.items().iter().map(|item| item.to_json().into_owned()).collect()
            });
            let lints: Vec<Value> = lints
                .iter()
                .map(|lint| json!({"line": lint.line, "column": lint.column, "what": lint.what, "fix": lint.fix}))
                .collect();
            json!({
                "items": items,
                "decision": decided(decision.as_ref().ok()),
                "error": found.as_ref().err().map(ToString::to_string),
                "paths": expression.paths().collect::<Vec<_>>(),
                "lints": lints,
                "trace": trace.as_ref().map(clauses),
            })
        };
        self.shape.print(|| text(found.as_ref().ok()), json)?;
        for lint in &lints {
            out::note(&format!(
                "hint: line {}, column {}: {}; {}",
                lint.line, lint.column, lint.what, lint.fix
            ));
        }
        if let Some(trace) = &trace {
            told(trace);
        }
        Ok(end(&found, &self.expression))
    }
}

fn read(path: Option<&Path>) -> anyhow::Result<Value> {
    let (name, bytes) = match path {
        Some(path) => (path.display().to_string(), std::fs::read(path)),
        None => {
            let mut bytes = Vec::new();
            ("standard input".to_owned(), std::io::stdin().read_to_end(&mut bytes).map(|_| bytes))
        }
    };
    let bytes = bytes.with_context(|| format!("cannot read {name}"))?;
    serde_json::from_slice(&bytes).map_err(|error| Misuse::error(format!("{name} is not JSON: {error}")))
}

/// What is open or wrong, told; and how the command ends.
fn end(found: &Result<Collection<'_>, fhirpath::EvaluationError>, text: &str) -> End {
    let trouble = match found {
        Err(error) => format!("error: `{}`: {}", error.clause.of(text), error.kind),
        Ok(found) => match found.doubt() {
            Some(reason) => format!("undecided: `{}`: {reason}", reason.clause.of(text)),
            None => return End::Well,
        },
    };
    out::note(&trouble);
    End::Badly
}

fn text(found: Option<&Collection<'_>>) -> String {
    let items = found.map_or(&[][..], Collection::items);
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn decided(decision: Option<&Decision>) -> Value {
    match decision {
        None => Value::Null,
        Some(Decision::Yes) => json!("yes"),
        Some(Decision::No) => json!("no"),
        Some(Decision::Empty) => json!("empty"),
        Some(Decision::Indeterminate(reason)) => json!({"indeterminate": reason.kind.code()}),
    }
}

fn clauses(trace: &Trace) -> Value {
    let one = |clause: &fhirpath::Clause| {
        json!({
            "clause": clause.text, "depth": clause.depth, "outcome": outcome(&clause.outcome),
            "decided": clause.decided, "value": clause.value,
        })
    };
    trace.clauses.iter().map(one).collect()
}

fn outcome(outcome: &ClauseOutcome) -> String {
    match outcome {
        ClauseOutcome::Decided(Decision::Yes) => "yes".to_owned(),
        ClauseOutcome::Decided(Decision::No) => "no".to_owned(),
        ClauseOutcome::Decided(Decision::Empty) => "empty".to_owned(),
        ClauseOutcome::Decided(Decision::Indeterminate(reason)) => format!("undecided, {reason}"),
        ClauseOutcome::Value => "value".to_owned(),
        ClauseOutcome::Items => "several items".to_owned(),
        ClauseOutcome::Failed(kind) => format!("failed, {kind}"),
    }
}

fn told(trace: &Trace) {
    for clause in &trace.clauses {
        let (mark, indent) = (if clause.decided { '>' } else { ' ' }, "  ".repeat(clause.depth));
        let value = clause.value.as_ref().map_or(String::new(), |value| format!(" = {value}"));
        let is_value = clause.outcome == ClauseOutcome::Value;
        let what = if is_value { value } else { format!(": {}", outcome(&clause.outcome)) };
        out::note(&format!("{mark} {indent}{}{what}", clause.text));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_reference_names_every_function() {
        let page = include_str!("../../../../docs/reference/fhirpath.md");
        let missing: Vec<_> =
            fhirpath::functions().filter(|name| !page.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_reference_names_every_reason() {
        let page = include_str!("../../../../docs/reference/fhirpath.md");
        let codes = fhirpath::ReasonKind::ALL.map(fhirpath::ReasonKind::code);
        let missing: Vec<_> = codes.iter().filter(|code| !page.contains(&format!("| `{code}` |"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
