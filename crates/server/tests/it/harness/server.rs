//! The binary as a child: started, killed, stopped, started again on the same data.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::{Api, Home, Patience, free_port, until};

/// A server and its home. It dies with this value.
pub(crate) struct Server {
    child: Option<Child>,
    http: SocketAddr,
    start: Start,
    // Last: the folder goes after the child that writes to it.
    pub(crate) home: Home,
}

/// How a server is started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Start {
    /// Words before the binary: a tracer and its options.
    pub(crate) under: Vec<OsString>,
    /// Configuration by environment, as `CAREHOOK__SECTION__KEY`.
    pub(crate) settings: Vec<(&'static str, &'static str)>,
    /// Without `--dev`, as in production.
    pub(crate) strict: bool,
}

impl Server {
    /// A new server with an empty store, ready.
    pub(crate) fn start() -> Server {
        Server::start_with(Home::new(), Start::default())
    }

    /// A server in a home that may hold data, ready.
    pub(crate) fn start_with(home: Home, start: Start) -> Server {
        let mut server = Server::at(home, start);
        server.spawn();
        server.until_ready();
        server
    }

    /// A server that does not run yet.
    pub(crate) fn at(home: Home, start: Start) -> Server {
        Server { child: None, http: free_port(), start, home }
    }

    /// Starts the process and returns at once.
    pub(crate) fn spawn(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let log = OpenOptions::new().create(true).append(true).open(self.home.log()).unwrap();
        let binary = OsString::from(env!("CARGO_BIN_EXE_carehook"));
        let words: Vec<OsString> = self.start.under.iter().cloned().chain([binary]).collect();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg("serve").arg("--http").arg(self.http.to_string());
        command.args((!self.start.strict).then_some("--dev"));
        command.arg("--data").arg(self.home.data());
        command.arg("--key-file").arg(self.home.key_file());
        command.arg("--admin-key-file").arg(self.home.admin_key_file());
        command.envs(self.start.settings.iter().copied()).current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.child =
            Some(command.spawn().unwrap_or_else(|error| panic!("cannot start {:?}: {error}", words[0])));
    }

    /// Waits until `/readyz` says so.
    #[track_caller]
    pub(crate) fn until_ready(&mut self) {
        let patience = Patience::long();
        while let Err(state) = self.readiness() {
            let ended = self.ended();
            let tail = || self.home.log_tail();
            assert!(ended.is_none(), "the server ended with {ended:?} before it was ready:\n{}", tail());
            assert!(patience.breathe(), "the server does not become ready: {state}\n{}", tail());
        }
    }

    /// Waits until `/readyz` says so, or the process has ended.
    pub(crate) fn until_ready_or_ended(&mut self) {
        until("the server is ready or has ended", || match (self.readiness(), self.ended()) {
            (Ok(()), _) | (_, Some(_)) => Ok(()),
            (Err(state), None) => Err(state),
        });
    }

    fn readiness(&self) -> Result<(), String> {
        let anybody = Api::new(self.http, "");
        match anybody.try_call("GET", "/readyz", None) {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(String::from_utf8_lossy(&answer.body).into_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut().and_then(|child| child.try_wait().unwrap())
    }

    /// Kills it at once, as `kill -9` and a power switch do.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that has died by itself cannot be killed, and need not be.
            child.kill().ok();
            child.wait().unwrap();
        }
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        let asked = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
        assert!(asked.success(), "the child is there");
        until("the server has stopped", || child.try_wait().unwrap().ok_or("running"))
    }

    /// Waits until it has ended by itself.
    pub(crate) fn until_ended(&mut self) -> ExitStatus {
        let status = until("the server has ended", || self.ended().ok_or("running"));
        self.child = None;
        status
    }

    /// Sets a part of its configuration for its next start.
    pub(crate) fn set(&mut self, name: &'static str, value: &'static str) {
        self.start.settings.retain(|(known, _)| *known != name);
        self.start.settings.push((name, value));
    }

    /// Starts it with or without `--dev` from its next start on.
    pub(crate) fn be_strict(&mut self, strict: bool) {
        self.start.strict = strict;
    }

    /// Starts it again on its data, with nothing in front of the binary.
    #[track_caller]
    pub(crate) fn restart(&mut self) {
        self.kill();
        self.start.under.clear();
        self.spawn();
        self.until_ready();
    }

    /// The memory that it holds, in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let id = self.child.as_ref().expect("it runs").id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux tells");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it holds memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
    }

    /// Calls with the key of the first admin.
    pub(crate) fn api(&self) -> Api {
        let key =
            std::fs::read_to_string(self.home.admin_key_file()).expect("written before the server is ready");
        Api::new(self.http, key.trim())
    }
}

/// Runs a command of the binary against the server of an api; what it prints.
#[track_caller]
pub(crate) fn run(api: &Api, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_carehook"));
    command.args(words).env("CAREHOOK_URL", format!("http://{}", api.address)).env("CAREHOOK_KEY", api.key());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the end of its log:\n{}", self.home.log_tail());
        }
    }
}
