//! What one run needs: integrations and webhooks on the server, sinks here.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::api::Api;
use crate::door::Door;
use crate::event::{Event, Kind};
use crate::hl7::{ABNORMAL_EVERY, CRITICAL_EVERY};
use crate::ledger::Ledger;
use crate::sender::Target;
use crate::sink::{Pace, Receiver, Signing, Sink, Telling};

/// Integrations with their webhooks, and who receives what is sent to them.
pub(crate) struct Stage {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) pace: Arc<Pace>,
    pub(crate) target: Arc<Target>,
    paths: Vec<String>,
    _sinks: Vec<Sink>,
}

/// The shape of a stage. Event N goes to integration N modulo their number.
pub(crate) struct Plan {
    pub(crate) kind: Kind,
    pub(crate) events: usize,
    pub(crate) integrations: usize,
    /// The webhooks of each integration, every one with its own receiver.
    pub(crate) webhooks: Vec<Wanted>,
    pub(crate) pace: u64,
    pub(crate) timeout: &'static str,
    pub(crate) max_in_flight: usize,
}

/// What a webhook is told of.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) event_type: &'static str,
    pub(crate) profile: &'static str,
    /// Every so many of what is sent raise an event of the type.
    pub(crate) every: usize,
}

impl Wanted {
    pub(crate) const fn full(event_type: &'static str, every: usize) -> Self {
        Self { event_type, profile: "full", every }
    }
}

impl Plan {
    /// One integration with prompt receivers of all that is sent.
    pub(crate) fn prompt(kind: Kind, events: usize, fan_out: usize) -> Self {
        Self::to_prompt(kind, events, vec![Wanted::full(kind.event_type(), 1); fan_out])
    }

    /// Reports of a laboratory to those who may see them, those who are called, and those who may not know more
    /// than that there is something.
    pub(crate) fn reports(events: usize) -> Self {
        let available = Wanted::full(Kind::Reports.event_type(), 1);
        let webhooks = vec![
            available,
            Wanted::full("lab.result.abnormal", ABNORMAL_EVERY),
            Wanted::full("lab.result.critical", CRITICAL_EVERY),
            Wanted { profile: "reference", ..available },
            Wanted { profile: "ping", ..available },
        ];
        Self::to_prompt(Kind::Reports, events, webhooks)
    }

    fn to_prompt(kind: Kind, events: usize, webhooks: Vec<Wanted>) -> Self {
        let (pace, timeout, max_in_flight) = (Pace::PROMPT, "15s", 64);
        Self { kind, events, integrations: 1, webhooks, pace, timeout, max_in_flight }
    }

    /// How the receiver of a webhook knows what it was told of.
    fn telling(&self, webhook: Wanted) -> Telling {
        match webhook.profile {
            "full" if self.webhooks.iter().all(|other| other.profile == "full") => Telling::Mark,
            "full" => Telling::MarkForOthers,
            _ => Telling::Nothing,
        }
    }
}

impl Stage {
    /// Builds the stage, lets `play` use it and takes it down, also after a failure.
    pub(crate) async fn with<T>(
        api: &Api,
        plan: &Plan,
        play: impl AsyncFnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        let mut paths = Vec::new();
        let played = match Self::raise(api, plan, &mut paths).await {
            Ok(stage) => play(&stage).await,
            Err(error) => Err(error),
        };
        let struck = strike(api, &paths).await;
        let value = played?;
        struck.map(|()| value)
    }

    /// The generator and one sink, without a server between them.
    pub(crate) async fn raw(events: usize) -> Result<Self> {
        let ledger = Arc::new(Ledger::new(events, vec![1]));
        let pace = Arc::new(Pace::new(Pace::PROMPT));
        let sink = Sink::open(Receiver {
            ledger: ledger.clone(),
            column: 0,
            pace: pace.clone(),
            signing: Signing::Absent,
            telling: Telling::Mark,
        })
        .await?;
        let length = Event::new(Kind::Routine, ledger.nonce()).bytes_len();
        let head = format!("POST / HTTP/1.1\r\nhost: sink\r\ncontent-length: {length}\r\n\r\n");
        let door = Door::Http { heads: vec![head], accepted: 200 };
        let target = Target { address: sink.address(), door, kind: Kind::Routine };
        Ok(Self { ledger, pace, target: Arc::new(target), paths: Vec::new(), _sinks: vec![sink] })
    }

    /// Notes in `paths` what it makes, so that a half-built stage can be taken down.
    async fn raise(api: &Api, plan: &Plan, paths: &mut Vec<String>) -> Result<Self> {
        let every = plan.webhooks.iter().map(|webhook| webhook.every).collect();
        let ledger = Arc::new(Ledger::new(plan.events, every));
        let pace = Arc::new(Pace::new(plan.pace));
        let port = (plan.kind == Kind::Reports).then(free_port).transpose()?;
        let (mut sinks, mut ids) = (Vec::new(), Vec::new());
        for _ in 0..plan.integrations {
            let integration = api.create("/admin/integration", &integration(port)).await?;
            let path = format!("/admin/integration/{integration}");
            paths.push(path.clone());
            for (column, wanted) in plan.webhooks.iter().copied().enumerate() {
                let (ledger, pace, telling) = (ledger.clone(), pace.clone(), plan.telling(wanted));
                let receiver = Receiver { ledger, column, pace, signing: Signing::Expected, telling };
                let sink = Sink::open(receiver).await?;
                let webhook = api.create(&format!("{path}/webhooks"), &webhook(plan, wanted, &sink)).await?;
                paths.push(format!("{path}/webhooks/{webhook}"));
                sinks.push(sink);
            }
            ids.push(integration);
        }
        let target = match port {
            Some(address) => Target { address, door: Door::Mllp, kind: plan.kind },
            None => {
                let length = Event::new(plan.kind, ledger.nonce()).bytes_len();
                let head = |id: &String| api.head("POST", &format!("/ingest/{id}/events"), length);
                let door = Door::Http { heads: ids.iter().map(head).collect(), accepted: 202 };
                Target { address: api.address(), door, kind: plan.kind }
            }
        };
        Ok(Self { ledger, pace, target: Arc::new(target), paths: paths.clone(), _sinks: sinks })
    }

    /// How many integrations and webhooks the server holds for this stage.
    pub(crate) fn size(&self) -> usize {
        self.paths.len()
    }
}

/// Webhooks go before the integration they belong to.
async fn strike(api: &Api, paths: &[String]) -> Result<()> {
    for path in paths.iter().rev() {
        api.delete(path).await.context("failed to clean up")?;
    }
    Ok(())
}

/// With a port it speaks HL7 v2, else JSON.
fn integration(port: Option<SocketAddr>) -> Value {
    let kind = if port.is_some() { "hl7v2" } else { "events" };
    let mllp = port.map(|listen| json!({ "listen": listen.to_string() }));
    json!({
        "name": "bench", "kind": kind, "mllp": mllp, "environment": "live", "region": "us", "timeZone": "UTC",
    })
}

fn webhook(plan: &Plan, wanted: Wanted, sink: &Sink) -> Value {
    json!({
        "name": "bench",
        "url": format!("http://{}/deliveries", sink.address()),
        "eventTypes": [wanted.event_type],
        "profile": wanted.profile,
        "justification": "benchmark",
        "timeout": plan.timeout,
        "maxInFlight": plan.max_in_flight,
    })
}

/// A port of loopback that nobody has just now: the server is to open it, so it is given back.
fn free_port() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    listener.local_addr().context("no port is free")
}
