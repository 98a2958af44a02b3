//! What one decision costs: `cargo run --release --package fhirpath --example speed`.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for the person in front of the terminal"
)]

use std::hint::black_box;

use fhirpath::{Context, Expression};
use serde_json::json;

const ROUNDS: u32 = 20_000;

const EXPRESSIONS: [&str; 7] = [
    "status = 'final'",
    "value.value > 6.0",
    "value > 6.0 'mmol/L'",
    "value > 6000 'umol/L'",
    "%previous.status != 'final' and %current.status = 'final'",
    "code.coding.where(system = %loinc and code = '2823-3').exists() and value > 6.0 'mmol/L'",
    "interpretation.coding.code in ('HH' | 'LL' | 'AA')",
];

#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn main() {
    let resource = json!({
        "resourceType": "Observation", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "valueQuantity": {"value": 6.8, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
        "interpretation": [{"coding": [{"code": "HH"}]}]
    });
    let previous = json!({"resourceType": "Observation", "status": "preliminary"});
    for text in EXPRESSIONS {
        let expression = Expression::compile(text).expect("the expressions above are valid");
        let context = Context::of(&resource).previous(Some(&previous));
        let decide = || black_box(expression.decide(black_box(&context)).is_ok());
        let warm = (0..100).filter(|_| decide()).count();
        let start = std::time::Instant::now();
        let decided = (0..ROUNDS).filter(|_| decide()).count();
        let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
        assert_eq!((warm, decided), (100, ROUNDS as usize), "every question is answered");
        println!("{each:>8.2} µs  {text}");
    }
}
