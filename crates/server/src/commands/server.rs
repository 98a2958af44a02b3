//! Which running server is meant, and which of its integrations.

use clap::Args;
use model::Secret;
use serde_json::Value;

use super::Misuse;
use crate::client::Client;

/// A running server and the key for it.
#[derive(Args)]
pub(super) struct Server {
    /// The address of the server
    #[arg(long, value_name = "URL", env = "CAREHOOK_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// An API key; better set as `CAREHOOK_KEY`, since others on this machine see command lines
    #[arg(long, value_name = "KEY", env = "CAREHOOK_KEY", hide_env_values = true, default_value = "")]
    key: String,
}

impl Server {
    /// A client for it.
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        if self.key.is_empty() {
            return Err(Misuse::error(NO_KEY));
        }
        Ok(Client::new(&self.url, Secret::new(self.key.clone()))?)
    }
}

/// An integration, as far as commands care.
#[derive(Debug, Clone)]
pub(super) struct Integration {
    pub(super) id: String,
    name: String,
    kind: String,
    event_types: Vec<String>,
}

impl Integration {
    /// The integration that was named, or the only one there is that fits.
    pub(super) async fn choose(
        client: &Client,
        named: Option<&str>,
        fits: impl Fn(&Integration) -> bool,
    ) -> anyhow::Result<Integration> {
        if let Some(id) = named {
            let found = client.get(&format!("/admin/integration/{}", plain(id)?)).await?;
            return Ok(Integration::read(&found));
        }
        let listed = client.get("/admin/integration?limit=250").await?;
        let all = listed["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut fitting: Vec<_> = all.iter().map(Integration::read).filter(fits).collect();
        match (fitting.pop(), fitting.as_slice()) {
            (Some(only), []) => Ok(only),
            (None, _) => Err(Misuse::error(NONE_FITS)),
            (Some(last), others) => Err(Misuse::error(ambiguous(&last, others))),
        }
    }

    /// Whether it raises events of this type.
    pub(super) fn raises(&self, event_type: &str) -> bool {
        self.event_types.iter().any(|raised| raised == event_type)
    }

    /// Whether events are sent to it as JSON.
    pub(super) fn is_for_events(&self) -> bool {
        self.kind == "events"
    }

    fn read(found: &Value) -> Integration {
        let text = |member: &str| found[member].as_str().unwrap_or_default().to_owned();
        let types = found["eventTypes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let event_types = types.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Integration { id: text("id"), name: text("name"), kind: text("kind"), event_types }
    }
}

/// An id as it may stand in a path.
pub(super) fn plain(id: &str) -> anyhow::Result<&str> {
    let is_plain = !id.is_empty() && id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_plain { Ok(id) } else { Err(Misuse::error(format!("`{id}` is not an id"))) }
}

fn ambiguous(last: &Integration, others: &[Integration]) -> String {
    let line = |found: &Integration| format!("  {}  {:<7} {}", found.id, found.kind, found.name);
    let lines: Vec<String> = others.iter().chain([last]).map(line).collect();
    format!("several integrations fit:\n{}\nhint: choose one with --integration ID", lines.join("\n"))
}

const NO_KEY: &str = "no API key is given\n\
    hint: set CAREHOOK_KEY; make a key with `carehook key create` while no server runs, or POST /admin/keys";
const NONE_FITS: &str = "no integration fits\n\
    hint: make one with POST /admin/integration and the body {\"name\":\"Trial\",\"kind\":\"events\"}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_does_not_get_into_a_path() {
        assert!(plain("evt_01arz3ndektsv4rrffq69g5fav").is_ok());
        for id in ["", "evt_1/replay", "..", "evt_1?x=1", "evt 1"] {
            assert!(plain(id).is_err(), "{id}");
        }
    }
}
