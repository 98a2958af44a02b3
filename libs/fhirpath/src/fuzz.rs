//! Entry points for fuzzers; `cargo test` replays the corpora.
//!
//! Each takes any bytes and panics when a promise of this crate is broken.

use serde_json::Value;

use crate::{Context, Decision, Expression, Limits};

/// Whatever the text, it is compiled or refused at a place within it; then it can be asked, also of nothing.
pub fn compile(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Expression::compile(text) {
        Ok(expression) => ask(&expression, &Value::Null),
        Err(error) => {
            assert!(error.position <= text.len() && text.is_char_boundary(error.position));
            assert!(!error.what.is_empty() && !error.fix.is_empty());
        }
    }
}

/// The first line is an expression, the rest JSON: it is decided within the limits, twice the same.
pub fn evaluate(bytes: &[u8]) {
    let Some((text, json)) = std::str::from_utf8(bytes).ok().and_then(|text| text.split_once('\n')) else {
        return;
    };
    let (Ok(expression), Ok(json)) = (Expression::compile(text), serde_json::from_str(json)) else { return };
    ask(&expression, &json);
}

fn ask(expression: &Expression, json: &Value) {
    let limits = Limits { steps: 20_000, ..Limits::default() };
    let context = Context::of(json).previous(Some(json)).at("2024-02-29T12:00:00.000Z").limits(limits);
    let decision = expression.decide(&context);
    assert_eq!(decision, expression.decide(&context), "the same question has the same answer");
    assert_eq!(decision, expression.explain(&context).decision, "asking why changes nothing");
    if let (Ok(Decision::Yes | Decision::No), Ok(found)) = (decision, expression.evaluate(&context)) {
        assert!(found.doubt().is_none() && found.items().len() == 1);
    }
    let lints = expression.lint("Observation");
    assert!(lints.iter().all(|lint| !lint.what.is_empty() && !lint.fix.is_empty()));
    assert!(expression.paths().all(|path| !path.is_empty()));
}
