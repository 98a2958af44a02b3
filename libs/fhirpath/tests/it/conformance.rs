//! Judged by an engine that shares nothing with this one: the same generated questions, the same answers.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fhirpath::{Context, Expression, Item};
use serde_json::{Value, json};

use crate::questions::Questions;

const QUESTIONS: usize = 3000;

#[test]
fn generated_questions_have_the_answers_of_fhirpath_js() {
    let seed = seed();
    println!("repeat with CAREHOOK_SEED={seed} cargo test --package fhirpath conformance");
    let resources = [patient(), observation()];
    let mut questions = Questions::new(seed);
    let asked: Vec<(String, usize)> =
        (0..QUESTIONS).map(|place| (questions.next_for(place % 2), place % 2)).collect();
    let theirs = answers(&resources, &asked);
    let mut differences = Vec::new();
    let mut told = 0;
    for ((text, resource), theirs) in asked.iter().zip(&theirs) {
        let ours = ours(text, &resources[*resource]);
        told += usize::from(theirs.as_array().is_some_and(|items| !items.is_empty()));
        if !is_same(ours.as_deref(), theirs) {
            differences.push(format!("{text}\n    ours {ours:?}\n    theirs {theirs}"));
        }
    }
    assert!(told > QUESTIONS / 2, "most questions have an answer: {told}");
    let shown: Vec<_> = differences.iter().take(20).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} of {QUESTIONS} differ\n{}", differences.len(), shown.join("\n"));
}

fn ours(text: &str, resource: &Value) -> Option<Vec<Value>> {
    let expression = Expression::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let found = expression.evaluate(&Context::of(resource)).ok()?;
    let plain = |item: &Item<'_>| match item {
        Item::Boolean(value) => json!(value),
        Item::Integer(_) | Item::Decimal(_) => serde_json::from_str(&item.to_string()).unwrap(),
        Item::Node(node) => node.json().clone(),
        Item::Text(_)
        | Item::Date(_)
        | Item::DateTime(_)
        | Item::Time(_)
        | Item::Quantity(_)
        | Item::Type(_) => json!(item.to_string()),
    };
    Some(found.items().iter().map(plain).collect())
}

/// Numbers are floats over there, so they agree as far as those do.
fn is_same(ours: Option<&[Value]>, theirs: &Value) -> bool {
    let (Some(ours), Some(theirs)) = (ours, theirs.as_array()) else {
        return ours.is_none() && theirs.is_null();
    };
    let one = |(ours, theirs): (&Value, &Value)| match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) => (ours - theirs).abs() <= 1e-7 * ours.abs().max(1.0),
        _ => ours == theirs,
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(one)
}

fn answers(resources: &[Value], asked: &[(String, usize)]) -> Vec<Value> {
    let questions: Vec<Value> =
        asked.iter().map(|(text, resource)| json!({"expression": text, "resource": resource})).collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../xtask/conformance/fhirpath.cjs");
    let mut command = Command::new(path("CAREHOOK_TEST_NODE"));
    command.arg(script).env("NODE_PATH", path("CAREHOOK_TEST_NODE_MODULES"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let input = json!({"resources": resources, "questions": questions}).to_string();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "fhirpath.js answers");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the runner says where it has installed the libraries")]
fn path(name: &str) -> PathBuf {
    let found = std::env::var(name);
    let hint = "is not set: `cargo xtask test` installs the other engine. \
                To run the rest without it: cargo test --package fhirpath -- --skip conformance::";
    found.map_or_else(|_| panic!("{name} {hint}"), PathBuf::from)
}

#[expect(clippy::disallowed_methods, reason = "a failed run is repeated by its seed")]
fn seed() -> u64 {
    let given = std::env::var("CAREHOOK_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(1, |since| since.as_nanos() as u64)
    })
}

fn patient() -> Value {
    json!({
        "resourceType": "Patient", "id": "p1", "active": true, "gender": "female",
        "birthDate": "1974-12-25", "deceasedBoolean": false, "multipleBirthInteger": 2,
        "name": [
            {"use": "official", "family": "Chalmers", "given": ["Ann", "Jane"]},
            {"use": "usual", "given": ["Jim"]},
            {"use": "maiden", "family": "Windsor", "given": ["Ann"], "period": {"end": "2002"}}
        ],
        "telecom": [
            {"system": "phone", "value": "555-1234", "use": "work", "rank": 1},
            {"system": "email", "value": "a@example.org", "use": "home", "rank": 2}
        ],
        "address": [{"city": "Ghent", "line": ["1 Street", "2nd floor"], "period": {"start": "1974-12-25"}}]
    })
}

fn observation() -> Value {
    json!({
        "resourceType": "Observation", "id": "o1", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "Potassium"},
        "effectiveDateTime": "2024-02-29T10:30:00Z", "issued": "2024-02-29T11:00:00.000+01:00",
        "valueQuantity": {"value": 6.5, "unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"},
        "referenceRange": [{
            "low": {"value": 3.5, "system": "http://unitsofmeasure.org", "code": "mmol/L"},
            "high": {"value": 5100, "system": "http://unitsofmeasure.org", "code": "umol/L"}
        }],
        "component": [
            {"code": {"text": "a"}, "valueInteger": 7}, {"code": {"text": "b"}, "valueString": "pos"},
            {"code": {"text": "c"}, "valueBoolean": true}
        ]
    })
}
