//! What all scenarios share.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::api::Api;
use crate::options::{Options, Scenario};
use crate::process::Process;

/// The server that is measured, and how.
pub(crate) struct Bench {
    pub(crate) options: Options,
    pub(crate) api: Api,
    pub(crate) server: Option<Process>,
    /// Deliveries per second without a server.
    pub(crate) raw: Option<f64>,
}

impl Bench {
    pub(crate) async fn new(options: Options) -> Result<Self> {
        let api = Api::connect(&options.url, &options.key).await?;
        ensure!(api.is_ready().await, "no server is ready at {}", options.url);
        let server = options.server_pid.map(Process::attach).transpose()?;
        Ok(Self { options, api, server, raw: None })
    }

    /// What `scenario` needs and does not have.
    pub(crate) fn lacks(&self, scenario: Scenario) -> Option<&'static str> {
        let without_process = self.server.is_none();
        let without_start = self.options.start_command.is_none();
        match scenario {
            Scenario::Backlog | Scenario::Restart if without_process => {
                Some("the server's process id is not given")
            }
            Scenario::Restart if without_start => Some("the command that starts the server is not given"),
            Scenario::Raw
            | Scenario::Throughput
            | Scenario::Fanout
            | Scenario::Latency
            | Scenario::Hl7
            | Scenario::Critical
            | Scenario::Backlog
            | Scenario::Restart => None,
        }
    }

    pub(crate) fn say(&self, line: &str) {
        if let Some(progress) = self.options.progress {
            progress(line);
        }
    }

    /// CPU time of the server so far, where its process is known.
    pub(crate) fn cpu(&self) -> Result<Option<Duration>> {
        self.server.as_ref().map(Process::cpu).transpose()
    }
}
