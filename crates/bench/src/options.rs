use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;

/// What to measure, and against which running server.
///
/// The server must accept `http://` destinations on loopback (`serve --dev`).
/// The key needs the role `admin`. It is never part of a report.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// Where the server listens: `http://host:port`.
    pub url: String,
    /// An API key of the server, role `admin`.
    #[serde(skip)]
    pub key: String,
    /// What to run, in this order. The raw limit is measured first in any case.
    pub scenarios: Vec<Scenario>,
    /// Runs of each scenario; the report shows their medians.
    pub repeat: usize,
    /// Senders with one keep-alive connection each.
    pub senders: usize,
    /// Events of one closed-loop run; `fanout` sends half as many.
    pub events: usize,
    /// Events per second of `latency`.
    pub rate: u32,
    /// Events of one `latency` run.
    pub paced_events: usize,
    /// Reports of one `hl7` run.
    pub hl7_messages: usize,
    /// Connections of the laboratories that send them.
    pub hl7_connections: usize,
    /// Routine events queued before the first critical one, one delivery each.
    pub routine_queued: usize,
    /// Receivers of those, which answer after two seconds.
    pub slow_receivers: usize,
    /// Critical events per second of `critical`.
    pub critical_rate: u32,
    /// Critical events of one run.
    pub critical_events: usize,
    /// Deliveries queued by `backlog` and `restart`.
    pub queued: usize,
    /// Receivers of those, which read and never answer.
    pub stalled_receivers: usize,
    /// How long `backlog` watches the server after the last acknowledgement.
    pub hold: Duration,
    /// How long nothing may arrive before the rest counts as lost.
    pub patience: Duration,
    /// The process of the server: CPU and memory are read from `/proc`.
    pub server_pid: Option<u32>,
    /// Starts the server again after `restart` has killed it; program first.
    pub start_command: Option<Vec<String>>,
    /// Where the server keeps its data; fdatasync is measured there.
    pub data_dir: Option<PathBuf>,
    /// Hears one line per step.
    #[serde(skip)]
    pub progress: Option<fn(&str)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8080".to_owned(),
            key: String::new(),
            scenarios: vec![
                Scenario::Throughput,
                Scenario::Fanout,
                Scenario::Latency,
                Scenario::Hl7,
                Scenario::Critical,
            ],
            repeat: 3,
            senders: 64,
            events: 200_000,
            rate: 500,
            paced_events: 15_000,
            hl7_messages: 20_000,
            hl7_connections: 16,
            routine_queued: 100_000,
            slow_receivers: 10,
            critical_rate: 20,
            critical_events: 1_000,
            queued: 200_000,
            stalled_receivers: 200,
            // Longer than the default time limit of an attempt, so that time-outs and retries are in the peak.
            hold: Duration::from_secs(20),
            patience: Duration::from_secs(30),
            server_pid: None,
            start_command: None,
            data_dir: None,
            progress: None,
        }
    }
}

/// One question put to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Scenario {
    /// The same bodies straight from the generator to the sink.
    Raw,
    /// Closed loop, one destination.
    Throughput,
    /// Closed loop, five destinations.
    Fanout,
    /// Open loop: acknowledgement, and send to arrival.
    Latency,
    /// Reports of laboratories by HL7 v2, to webhooks that may know more or less of them.
    Hl7,
    /// Critical events behind a routine queue to slow receivers.
    Critical,
    /// Memory with many deliveries queued to stalled receivers. Needs the server's process.
    Backlog,
    /// `SIGKILL` with many deliveries queued. Needs the server's process and a command to start it.
    Restart,
}

impl Scenario {
    /// All scenarios, in the order in which they disturb each other least.
    pub const ALL: [Self; 8] = [
        Self::Raw,
        Self::Throughput,
        Self::Fanout,
        Self::Latency,
        Self::Hl7,
        Self::Critical,
        Self::Backlog,
        Self::Restart,
    ];

    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Throughput => "throughput",
            Self::Fanout => "fanout",
            Self::Latency => "latency",
            Self::Hl7 => "hl7",
            Self::Critical => "critical",
            Self::Backlog => "backlog",
            Self::Restart => "restart",
        }
    }
}

impl FromStr for Scenario {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|scenario| scenario.name() == text);
        known.ok_or_else(|| anyhow::anyhow!("no scenario `{text}`: {}", Self::ALL.map(Self::name).join(", ")))
    }
}
