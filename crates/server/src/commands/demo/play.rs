//! Journeys, sent as a hospital would: messages over MLLP, resources to the FHIR door.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use http::Method;
use patients::Step;
use serde_json::Value;

use super::super::mllp::Wire;
use super::stage::Stage;
use crate::client::Client;

/// Sends steps, one after the other.
pub(super) struct Player<'a> {
    client: &'a Client,
    stage: &'a Stage,
    pace: Duration,
    wire: Option<Wire>,
    critical: usize,
}

impl<'a> Player<'a> {
    pub(super) fn new(client: &'a Client, stage: &'a Stage, pace: Duration) -> Self {
        Player { client, stage, pace, wire: None, critical: 0 }
    }

    /// How many critical results were sent over MLLP.
    pub(super) fn critical(&self) -> usize {
        self.critical
    }

    /// Sends one step and pauses.
    pub(super) async fn send(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Hl7(message) => self.message(&message).await.context("a message was not taken")?,
            Step::Fhir(resource) => self.resource(&resource).await.context("a resource was not taken")?,
        }
        tokio::time::sleep(self.pace).await;
        Ok(())
    }

    async fn message(&mut self, message: &[u8]) -> anyhow::Result<()> {
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => Wire::open(&self.stage.mllp, None).await?,
        };
        let answer = wire.send(message).await?;
        ensure!(answer.is_good(), "{}: {}", answer.code, answer.faults.join("; "));
        self.wire = Some(wire);
        let is_critical =
            |line: &&[u8]| line.starts_with(b"OBX|") && flags(line).any(|flag| CRITICAL.contains(&flag));
        self.critical += message.split(|byte| *byte == b'\r').filter(is_critical).count();
        Ok(())
    }

    async fn resource(&self, resource: &Value) -> anyhow::Result<()> {
        let part = |member: &str| resource[member].as_str().with_context(|| format!("it has no {member}"));
        let (kind, id) = (part("resourceType")?, part("id")?);
        let path = format!("/ingest/{}/fhir/{kind}/{id}", self.stage.fhir.integration);
        self.client.call(Method::PUT, &path, Some(resource)).await?;
        Ok(())
    }
}

// OBX-8.
fn flags(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b'|').nth(8).into_iter().flat_map(|field| field.split(|byte| *byte == b'~'))
}

const CRITICAL: [&[u8]; 2] = [b"HH", b"LL"];
