//! The server as a process: started, waited for, asked to end, killed.

use std::fs::{File, OpenOptions};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http;
use crate::command::Run;

const READY_WITHIN: Duration = Duration::from_secs(30);
const ENDED_WITHIN: Duration = Duration::from_secs(40);
const GLANCE: Duration = Duration::from_millis(50);

/// Where a node keeps its things.
pub(crate) struct Place {
    pub(crate) binary: PathBuf,
    pub(crate) home: PathBuf,
    pub(crate) http: SocketAddr,
}

/// A running server. Dropped, it is killed: no test leaves a process behind.
pub(crate) struct Node {
    child: Child,
}

impl Place {
    /// An empty home, and a port that is free now.
    pub(crate) fn new(binary: &Path, home: &Path) -> Result<Place> {
        if home.exists() {
            std::fs::remove_dir_all(home)?;
        }
        std::fs::create_dir_all(home)?;
        let http = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        Ok(Place { binary: binary.to_owned(), home: home.to_owned(), http })
    }

    pub(crate) fn carehook(&self, arguments: &[&str]) -> Run {
        Run::new(&self.binary.to_string_lossy(), arguments).within(&self.home)
    }

    /// Starts the server and waits until it may take traffic.
    pub(crate) fn serve(&self) -> Result<Node> {
        let http = self.http.to_string();
        let arguments = [
            "serve",
            "--dev",
            "--data",
            "data",
            "--http",
            &http,
            "--key-file",
            "master.key",
            "--admin-key-file",
        ];
        let log = self.log()?;
        let mut command = self.carehook(&[arguments.as_slice(), &["admin.key"]].concat()).into_command();
        let child = command.stdout(log.try_clone()?).stderr(log).stdin(Stdio::null()).spawn()?;
        let mut node = Node { child };
        let until = Instant::now() + READY_WITHIN;
        loop {
            if http::call(self.http, "GET /readyz", "", None).is_ok_and(|answer| answer.status == 200) {
                return Ok(node);
            }
            if let Some(status) = node.child.try_wait()? {
                bail!(
                    "the server ended with {status}; its log is {}",
                    self.home.join("server.log").display()
                );
            }
            if Instant::now() > until {
                bail!("not ready within 30 s; the log is {}", self.home.join("server.log").display());
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn log(&self) -> Result<File> {
        Ok(OpenOptions::new().create(true).append(true).open(self.home.join("server.log"))?)
    }
}

impl Node {
    /// As a power cut would: no signal that the process could see.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and returns how it did.
    pub(crate) fn end(mut self) -> Result<ExitStatus> {
        Run::new("kill", &["-TERM", &self.child.id().to_string()]).read()?;
        let until = Instant::now() + ENDED_WITHIN;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(GLANCE);
        }
        None.context("the server still runs 40 s after SIGTERM")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.child.kill().and_then(|()| self.child.wait()).is_err() {
            eprintln!("process {} could not be ended", self.child.id());
        }
    }
}
