//! `carehook bench`: figures of a running server.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use bench::{Options, Report, Scenario};
use clap::Args;

use super::{End, Misuse, block_on, out};

/// Measure a running server.
///
/// The server must run on this machine and with --dev. Makes integrations and
/// webhooks named `bench` and removes them. Ends with exit code 1 if an
/// acknowledged event was lost, came unsigned or told more than it may.
#[derive(Args)]
pub(crate) struct Bench {
    /// The address of the server
    #[arg(long, value_name = "URL", env = "CAREHOOK_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// An API key of the role admin; better set as `CAREHOOK_KEY`
    #[arg(long, value_name = "KEY", env = "CAREHOOK_KEY", hide_env_values = true, default_value = "")]
    key: String,
    /// What to measure: throughput, fanout, latency, hl7, critical, backlog, restart
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    scenarios: Vec<Scenario>,
    #[command(flatten)]
    size: Size,
    /// The server's process: its CPU and memory are measured
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// How `restart` starts the server again, in one word each
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true, value_terminator = ";")]
    start_command: Option<Vec<String>>,
    /// The server's data directory: the disk under it is measured
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Also writes the whole report to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Also writes a page with plots to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// How much is measured; what is left out is as large as the published figures need.
#[derive(Debug, Args)]
struct Size {
    /// Runs of each scenario; the report shows their medians
    #[arg(long, value_name = "N")]
    repeat: Option<usize>,
    /// Senders with one connection each
    #[arg(long, value_name = "N")]
    senders: Option<usize>,
    /// Events of one closed-loop run
    #[arg(long, value_name = "N")]
    events: Option<usize>,
    /// Events per second of `latency`
    #[arg(long, value_name = "N")]
    rate: Option<u32>,
    /// Events of one `latency` run
    #[arg(long, value_name = "N")]
    paced_events: Option<usize>,
    /// Reports of one `hl7` run
    #[arg(long, value_name = "N")]
    hl7_messages: Option<usize>,
    /// Connections that send them
    #[arg(long, value_name = "N")]
    hl7_connections: Option<usize>,
    /// Routine events queued before the first critical one
    #[arg(long, value_name = "N")]
    routine_queued: Option<usize>,
    /// Receivers of those, which answer after two seconds
    #[arg(long, value_name = "N")]
    slow_receivers: Option<usize>,
    /// Critical events per second
    #[arg(long, value_name = "N")]
    critical_rate: Option<u32>,
    /// Critical events of one run
    #[arg(long, value_name = "N")]
    critical_events: Option<usize>,
    /// Deliveries queued by `backlog` and `restart`
    #[arg(long, value_name = "N")]
    queued: Option<usize>,
    /// Receivers of those, which never answer
    #[arg(long, value_name = "N")]
    stalled_receivers: Option<usize>,
    /// Seconds that `backlog` watches the server
    #[arg(long, value_name = "SECONDS")]
    hold: Option<u64>,
    /// Seconds without an arrival after which the rest counts as lost
    #[arg(long, value_name = "SECONDS")]
    patience: Option<u64>,
}

impl Bench {
    pub(crate) fn run(mut self) -> anyhow::Result<End> {
        if self.key.is_empty() {
            return Err(Misuse::error(
                "no API key is given\nhint: set CAREHOOK_KEY to a key of the role admin",
            ));
        }
        let (json, html) = (self.json.take(), self.html.take());
        let options = self.options();
        block_on(async move {
            let report = Box::pin(bench::run(options)).await?;
            out::data(&report.to_text())?;
            write(json, || report.to_json())?;
            write(html, || report.to_html())?;
            Ok(End::well_if(Report::is_clean(&report)))
        })
    }

    fn options(self) -> Options {
        let usual = Options::default();
        let size = self.size;
        Options {
            url: self.url,
            key: self.key,
            scenarios: if self.scenarios.is_empty() { usual.scenarios } else { self.scenarios },
            repeat: size.repeat.unwrap_or(usual.repeat),
            senders: size.senders.unwrap_or(usual.senders),
            events: size.events.unwrap_or(usual.events),
            rate: size.rate.unwrap_or(usual.rate),
            paced_events: size.paced_events.unwrap_or(usual.paced_events),
            hl7_messages: size.hl7_messages.unwrap_or(usual.hl7_messages),
            hl7_connections: size.hl7_connections.unwrap_or(usual.hl7_connections),
            routine_queued: size.routine_queued.unwrap_or(usual.routine_queued),
            slow_receivers: size.slow_receivers.unwrap_or(usual.slow_receivers),
            critical_rate: size.critical_rate.unwrap_or(usual.critical_rate),
            critical_events: size.critical_events.unwrap_or(usual.critical_events),
            queued: size.queued.unwrap_or(usual.queued),
            stalled_receivers: size.stalled_receivers.unwrap_or(usual.stalled_receivers),
            hold: size.hold.map_or(usual.hold, Duration::from_secs),
            patience: size.patience.map_or(usual.patience, Duration::from_secs),
            server_pid: self.server_pid,
            start_command: self.start_command,
            data_dir: self.data,
            progress: Some(out::note),
        }
    }
}

fn write(file: Option<PathBuf>, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let Some(file) = file else { return Ok(()) };
    std::fs::write(&file, text()).with_context(|| format!("cannot write {}", file.display()))
}
