//! The server as the kernel sees it: CPU, memory, end and start.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// The process of the server under test.
pub(crate) struct Process {
    pid: u32,
    /// Present once the benchmark has started the server itself.
    child: Option<Child>,
}

impl Process {
    pub(crate) fn attach(pid: u32) -> Result<Self> {
        let process = Self { pid, child: None };
        process.cpu().with_context(|| format!("no process {pid} to measure"))?;
        Ok(process)
    }

    /// CPU time of all its threads so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = self.read("stat")?;
        // The name in parentheses may hold anything; utime and stime are fields 14 and 15.
        let fields = stat.rsplit_once(')').map(|(_name, rest)| rest).unwrap_or_default().split_whitespace();
        let ticks = fields.skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>();
        Ok(Duration::from_millis(ticks.context("unreadable CPU time")? * TICK_MILLIS))
    }

    /// The most memory it held since its start or [`Process::forget_peak`], in bytes.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().context("unreadable VmHWM")?;
        Ok(kibibytes * 1024)
    }

    /// Starts the peak anew; where that is not allowed, the peak is that since the start.
    pub(crate) fn forget_peak(&self) -> bool {
        // proc(5): writing 5 to clear_refs resets the peak resident set size.
        fs::write(format!("/proc/{}/clear_refs", self.pid), "5").is_ok()
    }

    /// Ends it with `SIGKILL` and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(child) = &mut self.child {
            child.kill().context("failed to kill the server")?;
            child.wait().context("failed to wait for the server")?;
            return Ok(());
        }
        let killed = Command::new("kill").args(["-KILL", &self.pid.to_string()]).status();
        ensure!(killed.context("failed to run kill")?.success(), "failed to kill process {}", self.pid);
        while self.is_running() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Starts the server again; its output goes nowhere.
    pub(crate) fn start(&mut self, command: &[String]) -> Result<()> {
        let (program, arguments) = command.split_first().context("the start command is empty")?;
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("failed to start {program}"))?;
        self.pid = child.id();
        self.child = Some(child);
        Ok(())
    }

    /// A zombie runs no more: whoever started it has yet to collect it.
    fn is_running(&self) -> bool {
        let state =
            self.read("stat").ok().and_then(|stat| Some(stat.rsplit_once(") ")?.1.starts_with(['Z', 'X'])));
        state == Some(false)
    }

    fn read(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.pid);
        fs::read_to_string(&path).with_context(|| format!("failed to read {path}"))
    }
}

/// How many files and sockets this process may have open.
pub(crate) fn files_max() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    soft.unwrap_or(FILES_MAX_DEFAULT)
}

/// Linux tells user space 100 ticks a second, whatever the kernel's own clock.
const TICK_MILLIS: u64 = 10;
const FILES_MAX_DEFAULT: usize = 1024;

#[cfg(test)]
mod tests {
    use super::{Process, files_max};

    #[test]
    fn this_very_process_has_cpu_time_memory_and_files() {
        let process = Process::attach(std::process::id()).unwrap();
        assert!(process.peak_memory().unwrap() > 1024 * 1024);
        assert!(process.is_running() && files_max() > 3);
    }

    #[tokio::test]
    async fn a_killed_process_is_gone() {
        let mut process = Process { pid: 0, child: None };
        process.start(&["sleep".to_owned(), "600".to_owned()]).unwrap();
        process.kill().await.unwrap();
        assert!(!process.is_running());
    }
}
