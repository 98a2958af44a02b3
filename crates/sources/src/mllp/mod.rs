//! MLLP ports: opened with their integrations, shared where several name the same address.

mod peer; // Who calls, and for whom.
mod crowd; // How many at once.
mod connection; // One connection, message by message.
mod tls; // Who is who, where a port speaks TLS.
mod secured; // A handshake before the first message.
#[cfg(test)]
mod tests; // What a peer must not be able to do.
#[cfg(test)]
mod secured_tests; // What it must not be able to do where TLS is spoken.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use model::{CannotBind, Code, Integration, IntegrationId, Listeners, Problem, Versioned, limits};
use observe::{Stop, tasks};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::intake::Intake;
use connection::{Connection, Over};
use crowd::Crowd;
use peer::Peer;
use tls::{Security, Spoken};

/// Every MLLP port of the node.
pub struct Mllp {
    intake: Arc<Intake>,
    open: Mutex<HashMap<SocketAddr, Port>>,
    /// Connections of all ports together.
    crowd: Arc<Crowd>,
    stop: Stop,
}

/// One open port.
struct Port {
    stop: Stop,
    /// Lives once in here and once in each connection.
    peers: Arc<()>,
    /// Whether the configuration has named it yet: before that it is not closed for want of a user.
    configured: bool,
}

impl Mllp {
    /// Opens what is configured now and follows the configuration from then on.
    ///
    /// A port that cannot be opened is reported in the log; the others are.
    pub async fn start(intake: Arc<Intake>, stop: Stop) -> Arc<Self> {
        let crowd = Crowd::new(limits::MLLP_CONNECTIONS, limits::MLLP_CONNECTIONS_OF_A_PEER);
        let mllp = Arc::new(Mllp { intake, open: Mutex::default(), crowd, stop });
        let compiled = mllp.intake.ports.settings.now();
        for integration in compiled.config.integrations.values() {
            if let Err(error) = mllp.open(integration).await {
                tracing::error!(integration.id = %integration.id, %error, "an MLLP port stays closed");
            }
        }
        tasks::spawn("mllp-ports", mllp.clone().follow());
        mllp
    }

    /// The addresses that are open.
    pub async fn addresses(&self) -> Vec<SocketAddr> {
        self.open.lock().await.keys().copied().collect()
    }

    async fn follow(self: Arc<Self>) {
        let mut changes = self.intake.ports.settings.watch();
        loop {
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = self.stop.stopped() => return,
            }
            self.close_unused().await;
        }
    }

    async fn close_unused(&self) {
        let compiled = self.intake.ports.settings.now();
        let mut open = self.open.lock().await;
        for (address, port) in &mut *open {
            let wanted = compiled.config.integrations.values().any(|known| listens_on(known, *address));
            if port.configured && !wanted {
                port.stop.stop();
            }
            port.configured |= wanted;
        }
        open.retain(|_, port| !port.stop.is_stopped());
    }
}

#[async_trait]
impl Listeners for Mllp {
    async fn open(&self, integration: &Integration) -> Result<(), CannotBind> {
        let Some(mllp) = &integration.mllp else { return Ok(()) };
        let address = mllp.listen;
        self.agrees(integration, address)?;
        let mut open = self.open.lock().await;
        if open.contains_key(&address) {
            return Ok(());
        }
        let cannot = |error: std::io::Error| CannotBind { address, reason: error.to_string() };
        let listener = TcpListener::bind(address).await.map_err(cannot)?;
        let stop = self.stop.part();
        let peers = Arc::new(());
        open.insert(address, Port { stop: stop.clone(), peers: peers.clone(), configured: false });
        let (intake, crowd, peers) = (self.intake.clone(), self.crowd.clone(), Arc::downgrade(&peers));
        let accepting = Accepting { intake, crowd, peers, address, stop, security: Security::default() };
        tasks::spawn("mllp-port", accepting.run(listener));
        Ok(())
    }

    async fn close(&self, _: IntegrationId) {
        self.close_unused().await;
    }

    async fn connections(&self, address: SocketAddr) -> Option<usize> {
        self.open.lock().await.get(&address).map(|port| Arc::strong_count(&port.peers) - 1)
    }
}

impl Mllp {
    /// A port speaks TLS with everybody or with nobody.
    fn agrees(&self, integration: &Integration, address: SocketAddr) -> Result<(), CannotBind> {
        let compiled = self.intake.ports.settings.now();
        let mut others = compiled.config.integrations.values().filter(|known| known.id != integration.id);
        if others.any(|known| listens_on(known, address) && speaks_tls(known) != speaks_tls(integration)) {
            let reason = "of the integrations there some would speak TLS and some not".to_owned();
            return Err(CannotBind { address, reason });
        }
        Ok(())
    }
}

fn speaks_tls(integration: &Integration) -> bool {
    integration.mllp.as_ref().is_some_and(|mllp| mllp.tls.is_some())
}

fn listens_on(integration: &Versioned<Integration>, address: SocketAddr) -> bool {
    integration.mllp.as_ref().is_some_and(|mllp| mllp.listen == address)
}

/// The accept loop of one port.
struct Accepting {
    intake: Arc<Intake>,
    crowd: Arc<Crowd>,
    peers: Weak<()>,
    address: SocketAddr,
    stop: Stop,
    security: Security,
}

impl Accepting {
    async fn run(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stop.stopped() => return,
            };
            match accepted {
                Ok((stream, peer)) => self.meet(stream, peer.ip().to_canonical()),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept an MLLP connection");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }

    /// Serves a peer, if it is on a list and there is room. Of others not a byte is read.
    fn meet(&self, stream: TcpStream, address: IpAddr) {
        let peer = Peer { intake: self.intake.clone(), port: self.address, address, papers: None };
        let metrics = &self.intake.ports.metrics;
        if !peer.may_connect() {
            drop(stream);
            let problem = Problem::from(Code::PeerNotAllowed);
            metrics.mllp_closed(problem.code.name());
            tasks::spawn("mllp-stranger", async move { peer.turn_away(&problem).await });
            return;
        }
        let Some(place) = self.crowd.admit(address) else {
            metrics.mllp_closed("full");
            return;
        };
        let spoken = self.security.now(&peer.of_port(), &self.intake.ports.clock);
        let counted = (metrics.mllp_connected(), self.peers.upgrade());
        let metrics = metrics.clone();
        let connection = Connection { peer, place, stop: self.stop.clone() };
        tasks::spawn("mllp", async move {
            let over = match spoken {
                Spoken::Plain => connection.serve(stream).await,
                Spoken::Tls(config) => connection.serve_secured(stream, config).await,
                Spoken::Nothing => Over::NoHandshake,
            };
            if let Some(reason) = over.name() {
                metrics.mllp_closed(reason);
            }
            drop(counted);
        });
    }
}

const BREATH: Duration = Duration::from_millis(50);
