//! The FHIR server as a child on loopback.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use crate::harness::{Api, Home, free_port, until};

/// A server with an empty database. It dies with this value.
pub(crate) struct LiveServer {
    child: Child,
    address: SocketAddr,
    _home: Home,
}

impl LiveServer {
    /// The server whose binary `CAREHOOK_FHIR_SERVER` names; none where it names none.
    pub(crate) fn start(known_as: &str) -> Option<LiveServer> {
        let binary: OsString = std::env::var_os("CAREHOOK_FHIR_SERVER")?;
        let (home, address) = (Home::new(), free_port());
        let mut command = Command::new(&binary);
        command.arg("--host").arg(address.ip().to_string()).arg("--port").arg(address.port().to_string());
        command.arg("--database-url").arg(":memory:").arg("--log-level").arg("warn");
        command.env("HFS_BASE_URL", known_as).env("HFS_SUBSCRIPTIONS_ENABLED", "true");
        command.current_dir(home.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {binary:?}: {error}"));
        let server = LiveServer { child, address, _home: home };
        until("the FHIR server is ready", || match server.api().try_call("GET", "/metadata", None) {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(answer.status.to_string()),
            Err(error) => Err(error.to_string()),
        });
        Some(server)
    }

    /// Calls to it.
    pub(crate) fn api(&self) -> Api {
        Api::new(self.address, "")
    }
}

impl Drop for LiveServer {
    fn drop(&mut self) {
        // One that has died by itself cannot be killed, and need not be.
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}
