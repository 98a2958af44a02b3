//! `carehook source`: FHIR servers, looked at before they are connected.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use clap::{Args, Subcommand};
use fhir::capability::{self, Advice, Way};
use http::{HeaderValue, Request, header};
use http_body_util::Full;
use model::json;
use serde_json::Value;

use super::out::{self, Shape};
use super::{End, Misuse, block_on};
use crate::client::Line;

/// Look at FHIR servers before you connect them.
#[derive(Subcommand)]
pub(crate) enum Source {
    /// Read what a FHIR server says of itself, and how to read it best
    Probe(Probe),
}

impl Source {
    pub(crate) fn run(self) -> anyhow::Result<End> {
        match self {
            Source::Probe(probe) => block_on(probe.run()),
        }
    }
}

/// Read what a FHIR server says of itself, and how to read it best.
#[derive(Args)]
pub(crate) struct Probe {
    /// The base URL of its REST interface
    url: String,
    /// A bearer token, if it shows nothing to strangers
    #[arg(long, env = "CAREHOOK_SOURCE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    #[command(flatten)]
    shape: Shape,
}

impl Probe {
    async fn run(self) -> anyhow::Result<End> {
        let line = Line::to(&self.url).map_err(|error| Misuse::error(error.to_string()))?;
        let statement = self.ask(&line).await?;
        let advice = capability::read(&statement)
            .map_err(|fault| anyhow::anyhow!("what it answers is no CapabilityStatement: {fault}"))?;
        let (text, value) = (said(&advice), serde_json::to_value(&advice)?);
        self.shape.print(|| text, || value)?;
        if advice.way == Way::None {
            out::note("hint: let it send, by HL7 v2 or to the FHIR door: docs/how-to/connect-an-hl7-feed.md");
        } else {
            out::note("hint: docs/how-to/read-from-a-fhir-server.md says how to set it up");
        }
        Ok(End::well_if(advice.way != Way::None))
    }

    async fn ask(&self, line: &Line) -> anyhow::Result<Value> {
        let mut request =
            Request::get(line.path("/metadata")).header(header::ACCEPT, "application/fhir+json");
        if let Some(token) = &self.token {
            let mut proof = HeaderValue::try_from(format!("Bearer {token}"))
                .map_err(|_| Misuse::error("the token cannot stand in a header"))?;
            proof.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, proof);
        }
        let answer = line.send(request.body(Full::new(Bytes::new()))?, PATIENCE).await;
        let answer = answer.with_context(|| format!("cannot ask {}", line.host()))?;
        anyhow::ensure!(answer.status().is_success(), "{} answered {}", line.host(), answer.status());
        let text = json::check(answer.body())
            .map_err(|flaw| anyhow::anyhow!("what it answers is not JSON: {flaw}"))?;
        Ok(serde_json::from_str(text)?)
    }
}

fn said(advice: &Advice) -> String {
    let way = match advice.way {
        Way::Subscription => "let it notify: it has topic-based subscriptions",
        Way::Polling => "poll it: changes can be searched for by time",
        Way::PollingWoken => "poll it; its subscriptions can wake the polling, they do not say what changed",
        Way::None => "neither subscriptions nor searches by time",
    };
    let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let mut lines = vec![
        format!("server        {}", advice.software.as_deref().unwrap_or("unnamed")),
        format!("fhirVersion   {}", advice.fhir_version),
        format!("way           {way}"),
        format!("topics        {}", list(&advice.topics)),
        format!("searches      {}", list(&advice.pollable)),
        format!("every         {}", advice.every),
        format!("sign-in       {}", if advice.smart { "SMART Backend Services" } else { "not stated" }),
    ];
    if !advice.not_pollable.is_empty() {
        lines.push(format!("not by time   {}", list(&advice.not_pollable)));
    }
    lines.join("\n")
}

const PATIENCE: Duration = Duration::from_secs(30);
