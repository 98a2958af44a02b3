//! The official Standard Webhooks libraries verify a real delivery.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{path, script};
use crate::harness::{Hit, Setting, critical};

/// What `xtask/conformance` reads: a delivery as it was received.
fn recorded(hit: &Hit, secret: &str) -> Value {
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), json!(hit.header(name)))).collect();
    json!({ "secret": secret, "headers": headers, "body": String::from_utf8(hit.body.clone()).unwrap() })
}

/// Deliveries of three kinds of webhooks with the secrets that must verify them.
fn deliveries() -> Vec<Value> {
    let story = Setting::new();
    let integration = story.events();
    let plain = story.hook(&integration, &json!({ "url": story.receiver.url("/plain") }));
    let rotated =
        story.hook(&integration, &json!({ "url": story.receiver.url("/rotated"), "profile": "reference" }));
    let told = rotated.ask("rotate-secret", &json!({ "overlap": "24h" }), 200);
    let newest = told["signing"]["secret"].as_str().unwrap();
    let mut event = critical("a", "1001");
    event["data"]["note"] = json!("Ünïcode, \"quotes\" and \u{1F9EA}");
    story.accept(&integration, &event);
    let hits = story.receiver.wait_for(2);
    let at = |path: &str| hits.iter().find(|hit| hit.path() == path).unwrap();
    vec![
        recorded(at("/plain"), &plain.secret),
        recorded(at("/rotated"), &rotated.secret),
        recorded(at("/rotated"), newest),
    ]
}

/// Asks a library; an error is what it says against the delivery.
pub(super) fn asks(command: &mut Command, delivery: &Value) -> Result<(), String> {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(delivery.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(told) }
}

fn judge(library: impl Fn() -> Command) {
    for delivery in deliveries() {
        assert_eq!(asks(&mut library(), &delivery), Ok(()), "the library refuses {delivery}");
        let mut changed = delivery.clone();
        let body = changed["body"].as_str().unwrap().replacen("critical", "harmless", 1);
        changed["body"] = json!(body);
        assert!(asks(&mut library(), &changed).is_err(), "a library that takes everything proves nothing");
        let mut stranger = delivery;
        stranger["secret"] = json!("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert!(asks(&mut library(), &stranger).is_err(), "nor does one that takes every secret");
    }
}

#[test]
fn the_official_python_library_verifies_our_signatures() {
    let python = path("CAREHOOK_TEST_PYTHON");
    judge(|| {
        let mut command = Command::new(&python);
        command.arg(script("verify.py"));
        command
    });
}

#[test]
fn the_official_javascript_library_verifies_our_signatures() {
    let (node, modules) = (path("CAREHOOK_TEST_NODE"), path("CAREHOOK_TEST_NODE_MODULES"));
    judge(|| {
        let mut command = Command::new(&node);
        command.arg(script("verify.cjs")).env("NODE_PATH", &modules);
        command
    });
}
