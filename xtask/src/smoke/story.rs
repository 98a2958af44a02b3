//! What a new user does on the first day, and what must hold when the power goes in between.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::http;
use super::node::{Node, Place};
use super::receiver::{Arrived, Receiver};
use crate::command::Run;

const DELIVERED_WITHIN: Duration = Duration::from_secs(20);

type Act = fn(&mut Story) -> Result<String>;

/// The steps, each relying on those above it.
pub(crate) const STORY: &[(&str, Act)] = &[
    ("the binary says its version", says_its_version),
    ("a new master key is for its owner only", makes_a_key),
    ("serve refuses to start without a master key", refuses_without_a_key),
    ("the server becomes ready", starts),
    ("an integration and a webhook are made", is_configured),
    ("an event is accepted and matches one webhook", accepts_an_event),
    ("the receiver gets it, signed", delivers),
    ("a call without a key is refused", refuses_strangers),
    ("what was acknowledged is there after a kill", survives_a_kill),
    ("SIGTERM ends the server with exit code 0", ends_when_asked),
    ("the audit chain verifies", audit_verifies),
];

/// What the story knows so far.
pub(crate) struct Story {
    place: Place,
    receiver: Receiver,
    node: Option<Node>,
    admin_key: String,
    integration: String,
    secret: String,
    event: String,
    arrived: Option<Arrived>,
}

impl Story {
    pub(crate) fn new(binary: &Path, home: &Path) -> Result<Story> {
        Ok(Story {
            place: Place::new(binary, home)?,
            receiver: Receiver::start()?,
            node: None,
            admin_key: String::new(),
            integration: String::new(),
            secret: String::new(),
            event: String::new(),
            arrived: None,
        })
    }

    /// The first delivery as the scripts in `xtask/conformance` read it.
    pub(crate) fn signed_delivery(&self) -> Result<String> {
        let arrived = self.arrived.as_ref().context("nothing was delivered")?;
        let headers = &arrived.headers;
        Ok(json!({ "secret": self.secret, "headers": headers, "body": arrived.body }).to_string())
    }

    fn post(&self, path: &str, body: &Value, status: u16) -> Result<Value> {
        http::expect(self.place.http, &format!("POST {path}"), &self.admin_key, Some(body), status)
    }

    /// Sends one event and returns its id.
    fn send(&self, reference: &str) -> Result<String> {
        let event = json!({
            "type": "prescription.created",
            "subject": { "type": "patient", "id": "SMOKE-1" },
            "data": { "rxRef": reference }
        });
        let answer = self.post(&format!("/ingest/{}/events", self.integration), &event, 202)?;
        ensure!(answer["matched"] == 1, "the event matched {} webhooks instead of 1", answer["matched"]);
        text(&answer, "id")
    }
}

fn says_its_version(story: &mut Story) -> Result<String> {
    Ok(story.place.carehook(&["--version"]).read()?.trim().to_owned())
}

fn makes_a_key(story: &mut Story) -> Result<String> {
    use std::os::unix::fs::PermissionsExt;

    story.place.carehook(&["keygen", "master.key"]).read()?;
    let mode = std::fs::metadata(story.place.home.join("master.key"))?.permissions().mode() & 0o777;
    ensure!(mode == 0o600, "the key file has mode {mode:o}");
    Ok(String::new())
}

fn refuses_without_a_key(story: &mut Story) -> Result<String> {
    let binary = story.place.binary.to_string_lossy().into_owned();
    let serve = ["20", &binary, "serve", "--data", "none", "--http", "127.0.0.1:0"];
    let Err(refused) = Run::new("timeout", &serve).within(&story.place.home).read() else {
        bail!("it started and ended well");
    };
    // timeout(1) exits with 124 when the program outlived its time.
    ensure!(!refused.to_string().contains("exit status: 124"), "it started and stayed");
    Ok(String::new())
}

fn starts(story: &mut Story) -> Result<String> {
    story.node = Some(story.place.serve()?);
    story.admin_key = std::fs::read_to_string(story.place.home.join("admin.key"))?.trim().to_owned();
    Ok(format!("on {}", story.place.http))
}

fn is_configured(story: &mut Story) -> Result<String> {
    let integration = json!({ "name": "Smoke", "kind": "events", "environment": "live" });
    story.integration = text(&story.post("/admin/integration", &integration, 201)?, "id")?;
    let url = format!("http://{}/hook", story.receiver.address);
    let webhook = json!({ "name": "Receiver", "url": url, "eventTypes": ["prescription.created"] });
    let webhook = story.post(&format!("/admin/integration/{}/webhooks", story.integration), &webhook, 201)?;
    story.secret = text(&webhook["signing"], "secret")?;
    ensure!(story.secret.starts_with("whsec_"), "the signing secret has another shape");
    Ok(String::new())
}

fn accepts_an_event(story: &mut Story) -> Result<String> {
    story.event = story.send("RX-1")?;
    Ok(story.event.clone())
}

fn delivers(story: &mut Story) -> Result<String> {
    let arrived = story.receiver.wait_for(&story.event, DELIVERED_WITHIN)?;
    let header = |name: &str| arrived.headers.get(name).with_context(|| format!("there is no header {name}"));
    let id = header("webhook-id")?.clone();
    header("webhook-timestamp")?.parse::<u64>().context("webhook-timestamp is not a number")?;
    ensure!(header("webhook-signature")?.starts_with("v1,"), "the signature has another shape");
    ensure!(!arrived.body.contains("SMOKE-1"), "the profile `reference` disclosed an identifier");
    story.arrived = Some(arrived);
    Ok(id)
}

fn refuses_strangers(story: &mut Story) -> Result<String> {
    http::expect(story.place.http, "GET /admin/integration", "no-such-key", None, 401)?;
    Ok(String::new())
}

fn survives_a_kill(story: &mut Story) -> Result<String> {
    let second = story.send("RX-2")?;
    story.node.take().context("the server runs")?.kill()?;
    story.node = Some(story.place.serve()?);
    for event in [&story.event, &second] {
        http::expect(story.place.http, &format!("GET /admin/events/{event}"), &story.admin_key, None, 200)?;
    }
    story.receiver.wait_for(&second, DELIVERED_WITHIN)?;
    Ok(String::new())
}

fn ends_when_asked(story: &mut Story) -> Result<String> {
    let status = story.node.take().context("the server runs")?.end()?;
    if !status.success() {
        bail!("it ended with {status}");
    }
    Ok(String::new())
}

fn audit_verifies(story: &mut Story) -> Result<String> {
    let said =
        story.place.carehook(&["audit", "verify", "--data", "data", "--key-file", "master.key"]).read()?;
    Ok(said.lines().next().unwrap_or_default().to_owned())
}

fn text(value: &Value, member: &str) -> Result<String> {
    let found = value[member].as_str().with_context(|| format!("the answer has no {member}"))?;
    Ok(found.to_owned())
}
