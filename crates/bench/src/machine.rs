use std::fs;

use serde::Serialize;

/// Where the figures were measured.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    /// Cores that the generator, the sink and the server share.
    pub cores: usize,
    /// The processor's name.
    pub processor: String,
    /// Main memory, in MiB.
    pub memory_mib: u64,
    /// The release of the kernel.
    pub kernel: String,
    /// The disk under the data directory, where one was named.
    pub disk: Option<Disk>,
}

/// The cost of making 4 KiB durable, medians.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Disk {
    /// fdatasync after an append, in milliseconds.
    pub fdatasync_append_ms: f64,
    /// fdatasync after an overwrite, in milliseconds.
    pub fdatasync_overwrite_ms: f64,
}

impl Machine {
    /// This machine, without its disk.
    pub(crate) fn here() -> Self {
        let kibibytes: u64 =
            labelled("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0);
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: labelled("/proc/cpuinfo", "model name"),
            memory_mib: kibibytes / 1024,
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            disk: None,
        }
    }
}

fn labelled(path: &str, label: &str) -> String {
    let text = read(path);
    let value = text.lines().filter_map(|line| line.split_once(':')).find(|(found, _)| found.trim() == label);
    value.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}

/// What this system does not tell stays empty in the report.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}
