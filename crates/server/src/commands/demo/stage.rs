//! What a demo configures, through the HTTP surface like anybody else.
//!
//! The integrations are of the environment `test`, so that nothing here can be
//! taken for real (T1); their webhooks accept test events.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::home::free;
use crate::client::Client;

/// What was configured.
pub(super) struct Stage {
    /// A hospital that speaks HL7 v2.
    pub(super) hospital: Hook,
    /// A server that speaks FHIR.
    pub(super) fhir: Hook,
    /// Somebody who sends events as JSON.
    pub(super) events: Hook,
    /// Where the hospital's MLLP port is.
    pub(super) mllp: String,
}

/// An integration and the webhook on it.
pub(super) struct Hook {
    pub(super) name: &'static str,
    pub(super) integration: String,
    pub(super) webhook: String,
}

impl Stage {
    /// Configures the server; what an earlier demo left in the same data is used again.
    pub(super) async fn set(client: &Client, url: &str, secret: &str) -> anyhow::Result<Stage> {
        let crew = Crew { client, url, secret, present: client.get("/admin/integration?limit=250").await? };
        let (hospital, made) = crew.hook(HOSPITAL, "hl7v2").await?;
        let (fhir, _) = crew.hook("Synthetic FHIR", "fhir").await?;
        let (events, _) = crew.hook("Synthetic events", "events").await?;
        let mllp = made["mllp"]["listen"].as_str().context("the integration has no MLLP port")?.to_owned();
        Ok(Stage { hospital, fhir, events, mllp })
    }

    /// Everything there is.
    pub(super) fn hooks(&self) -> [&Hook; 3] {
        [&self.hospital, &self.fhir, &self.events]
    }
}

struct Crew<'a> {
    client: &'a Client,
    url: &'a str,
    secret: &'a str,
    present: Value,
}

impl Crew<'_> {
    async fn hook(&self, name: &'static str, kind: &str) -> anyhow::Result<(Hook, Value)> {
        let known =
            self.present["data"].as_array().and_then(|all| all.iter().find(|found| found["name"] == name));
        let made = match known {
            Some(known) => known.clone(),
            None => self.client.post("/admin/integration", &integration(name, kind)?).await?,
        };
        let integration = id(&made)?;
        let path = format!("/admin/integration/{integration}/webhooks");
        self.clear(&path).await?;
        let webhook = id(&self.client.post(&path, &self.webhook()).await?)?;
        Ok((Hook { name, integration, webhook }, made))
    }

    // The receiver of an earlier demo is gone.
    async fn clear(&self, path: &str) -> anyhow::Result<()> {
        let listed = self.client.get(path).await?;
        let old = listed.as_array().map(Vec::as_slice).unwrap_or_default();
        for webhook in old.iter().filter(|webhook| webhook["name"] == RECEIVER) {
            self.client.delete(&format!("{path}/{}", id(webhook)?)).await?;
        }
        Ok(())
    }

    fn webhook(&self) -> Value {
        json!({
            "name": RECEIVER,
            "url": self.url,
            "eventTypes": ["*"],
            "profile": "full",
            "justification": "a demonstration with synthetic patients",
            "acceptTest": true,
            "signing": { "kind": "hmac-sha256", "secret": self.secret },
        })
    }
}

fn integration(name: &str, kind: &str) -> anyhow::Result<Value> {
    let mut wish = json!({ "name": name, "kind": kind, "environment": "test", "timeZone": "UTC" });
    if name == HOSPITAL {
        wish["mllp"] = json!({ "listen": free(MLLP)? });
    }
    Ok(wish)
}

fn id(made: &Value) -> anyhow::Result<String> {
    Ok(made["id"].as_str().context("the answer has no id")?.to_owned())
}

const HOSPITAL: &str = "Synthetic Hospital";
const RECEIVER: &str = "Demo receiver";
const MLLP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 2575);
