//! What one run needs: integrations and webhooks on the server, sinks here.

use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::json;

use crate::api::Api;
use crate::event::{Event, Kind};
use crate::ledger::Ledger;
use crate::sender::Target;
use crate::sink::{Pace, Receiver, Signing, Sink};

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
    /// Webhooks of each integration, every one with its own receiver.
    pub(crate) fan_out: usize,
    pub(crate) pace: u64,
    pub(crate) timeout: &'static str,
    pub(crate) max_in_flight: usize,
}

impl Plan {
    /// One integration with prompt receivers.
    pub(crate) fn prompt(kind: Kind, events: usize, fan_out: usize) -> Self {
        Self { kind, events, integrations: 1, fan_out, pace: Pace::PROMPT, timeout: "15s", max_in_flight: 64 }
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
        let ledger = Arc::new(Ledger::new(events, 1));
        let pace = Arc::new(Pace::new(Pace::PROMPT));
        let receiver =
            Receiver { ledger: ledger.clone(), column: 0, pace: pace.clone(), signing: Signing::Absent };
        let sink = Sink::open(receiver).await?;
        let length = Event::new(Kind::Routine, ledger.nonce()).bytes_len();
        let head = format!("POST / HTTP/1.1\r\nhost: sink\r\ncontent-length: {length}\r\n\r\n");
        let target =
            Target { address: sink.address(), heads: vec![head], kind: Kind::Routine, accepted: 200 };
        Ok(Self { ledger, pace, target: Arc::new(target), paths: Vec::new(), _sinks: vec![sink] })
    }

    /// Notes in `paths` what it makes, so that a half-built stage can be taken down.
    async fn raise(api: &Api, plan: &Plan, paths: &mut Vec<String>) -> Result<Self> {
        let ledger = Arc::new(Ledger::new(plan.events, plan.fan_out));
        let pace = Arc::new(Pace::new(plan.pace));
        let length = Event::new(plan.kind, ledger.nonce()).bytes_len();
        let (mut sinks, mut heads) = (Vec::new(), Vec::new());
        for _ in 0..plan.integrations {
            let integration = api.create("/admin/integration", &integration()).await?;
            let path = format!("/admin/integration/{integration}");
            paths.push(path.clone());
            for column in 0..plan.fan_out {
                let (ledger, pace) = (ledger.clone(), pace.clone());
                let sink = Sink::open(Receiver { ledger, column, pace, signing: Signing::Expected }).await?;
                let webhook = api.create(&format!("{path}/webhooks"), &webhook(plan, &sink)).await?;
                paths.push(format!("{path}/webhooks/{webhook}"));
                sinks.push(sink);
            }
            heads.push(api.head("POST", &format!("/ingest/{integration}/events"), length));
        }
        let target = Target { address: api.address(), heads, kind: plan.kind, accepted: 202 };
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

fn integration() -> serde_json::Value {
    json!({ "name": "bench", "kind": "events", "environment": "live", "region": "us", "timeZone": "UTC" })
}

fn webhook(plan: &Plan, sink: &Sink) -> serde_json::Value {
    json!({
        "name": "bench",
        "url": format!("http://{}/deliveries", sink.address()),
        "eventTypes": [plan.kind.event_type()],
        "profile": "full",
        "justification": "benchmark",
        "timeout": plan.timeout,
        "maxInFlight": plan.max_in_flight,
    })
}
