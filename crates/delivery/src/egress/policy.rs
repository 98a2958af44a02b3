//! Which addresses may be called here: public ones, and what the operator opened.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use arc_swap::ArcSwap;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::connect::Ends;
use super::name::{Name, Standing};
use super::networks::{is_never_called, is_public};

/// What the operator says about calls outward.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Options {
    /// Private networks that may be called, such as `10.2.0.0/16` (any port that
    /// HTTP may use) or `10.2.0.0/16:443,9000` (these ports only). Default: none.
    pub allow: Vec<Network>,
    /// Ports of other protocols that may be called on public addresses, such as 9000. Default: none.
    pub ports: Vec<u16>,
    /// Addresses of this machine that calls come from. Default: the routing decides.
    pub source_addresses: Vec<IpAddr>,
}

/// Whether this machine itself may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loopback {
    /// It may: `--dev`.
    Allowed,
    /// It may not.
    Refused,
}

/// The judge of addresses.
pub struct Policy {
    options: Options,
    loopback: Loopback,
    own: ArcSwap<Vec<SocketAddr>>,
}

/// Why an address may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not on the public network, and the operator did not open it.
    #[error("{0} is not on the public network and not among the networks that were opened")]
    PrivateAddress(IpAddr),
    /// It hands out credentials, or is not one receiver.
    #[error("{0} is never called")]
    NeverCalled(IpAddr),
    /// Carehook itself listens there.
    #[error("Carehook itself listens on {0}")]
    OwnAddress(SocketAddr),
    /// The port belongs to another protocol.
    #[error("port {0} belongs to another protocol and is not among the ports that were opened")]
    Port(u16),
    /// The name has a meaning inside a network only, and nothing there was opened.
    #[error("the name belongs to an inner network that was not opened")]
    InternalName,
    /// The name is kept for documentation, and nothing was opened where it could mean something.
    #[error("names below .example are for documentation and lead nowhere")]
    NameOfDocumentation,
    /// No resolver would know it.
    #[error("the host is not a well-formed name")]
    MalformedName,
    /// The connection leads elsewhere than was judged.
    #[error("the connection leads to {0}, which was not dialled")]
    OtherPeer(SocketAddr),
}

impl Policy {
    /// A judge with these options.
    #[must_use]
    pub fn new(options: Options, loopback: Loopback) -> Self {
        Policy { options, loopback, own: ArcSwap::default() }
    }

    /// A judge for one host that the server's own configuration names, such as
    /// a mail server: it may stand on this machine or on a private network, at
    /// this port. What hands out credentials stays closed.
    #[must_use]
    pub fn for_operator(port: u16) -> Self {
        let open = |network: &&str| format!("{network}:{port}").parse::<Network>().ok();
        let allow = PRIVATE.iter().filter_map(open).collect();
        let options = Options { allow, ports: vec![port], source_addresses: Vec::new() };
        Policy::new(options, Loopback::Allowed)
    }

    /// Tells which addresses we listen on, so that no call comes back to us.
    /// An unspecified address means its port on every address of this machine.
    pub fn listen_on(&self, own: Vec<SocketAddr>) {
        self.own.store(own.into());
    }

    /// What the operator said.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Whether a URL with this address and port may be called.
    #[must_use]
    pub fn allows_literal(&self, ip: IpAddr, port: u16) -> bool {
        self.judge(SocketAddr::new(ip, port), Standing::Literal).is_ok()
    }

    /// Judges a name before it is looked up.
    pub(super) fn judge_name(&self, name: &Name<'_>) -> Result<(), Refusal> {
        let may_be_opened =
            !self.options.allow.is_empty() || (self.loopback == Loopback::Allowed && name.is_localhost());
        match name.standing() {
            Standing::Internal if may_be_opened => Ok(()),
            Standing::Internal if name.is_of_documentation() => Err(Refusal::NameOfDocumentation),
            Standing::Internal => Err(Refusal::InternalName),
            Standing::Public | Standing::Literal => Ok(()),
        }
    }

    /// Judges one address.
    pub(super) fn judge(&self, address: SocketAddr, standing: Standing) -> Result<(), Refusal> {
        let ip = address.ip();
        if is_never_called(ip) {
            return Err(Refusal::NeverCalled(ip));
        }
        if self.is_own(address) {
            return Err(Refusal::OwnAddress(address));
        }
        if self.loopback == Loopback::Allowed && ip.is_loopback() {
            return Ok(());
        }
        let opened = || self.options.allow.iter().filter(|network| network.net.contains(&ip));
        if opened().any(|network| network.ports.contains(&address.port())) {
            return Ok(());
        }
        let is_open = opened().any(|network| network.ports.is_empty());
        if !is_open && standing == Standing::Internal {
            return Err(Refusal::InternalName);
        }
        if !is_open && !is_public(ip) {
            return Err(Refusal::PrivateAddress(ip));
        }
        self.judge_port(address.port())
    }

    fn judge_port(&self, port: u16) -> Result<(), Refusal> {
        let is_opened = OTHER_PROTOCOLS.binary_search(&port).is_err() || self.options.ports.contains(&port);
        is_opened.then_some(()).ok_or(Refusal::Port(port))
    }

    /// Judges a connection once more by its two ends.
    pub(super) fn judge_peer(&self, ends: Ends, dialled: SocketAddr) -> Result<(), Refusal> {
        if (ends.peer.ip(), ends.peer.port()) != (dialled.ip(), dialled.port()) {
            return Err(Refusal::OtherPeer(ends.peer));
        }
        // A connection to one of our own addresses begins at that address.
        let comes_back = ends.local.ip() == dialled.ip() && self.is_own_port(dialled.port());
        if comes_back { Err(Refusal::OwnAddress(dialled)) } else { Ok(()) }
    }

    fn is_own(&self, address: SocketAddr) -> bool {
        let own = self.own.load();
        own.contains(&address) || (address.ip().is_loopback() && self.is_own_port(address.port()))
    }

    /// Whether we listen on a port of every address.
    fn is_own_port(&self, port: u16) -> bool {
        self.own.load().iter().any(|own| own.ip().is_unspecified() && own.port() == port)
    }
}

/// A network that the operator opened, all of it or some ports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    net: IpNet,
    ports: Vec<u16>,
}

impl From<IpNet> for Network {
    fn from(net: IpNet) -> Self {
        Network { net, ports: Vec::new() }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    /// Reads `10.2.0.0/16`, `fd00:1::/32`, or either with `:443,8443` behind it.
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (ip, rest) = text.split_once('/').ok_or(NotANetwork)?;
        let (length, ports) =
            rest.split_once(':').map_or((rest, None), |(length, ports)| (length, Some(ports)));
        let ip = ip.parse().map_err(|_| NotANetwork)?;
        let net = IpNet::new(ip, length.parse().map_err(|_| NotANetwork)?).map_err(|_| NotANetwork)?;
        let ports = ports.into_iter().flat_map(|ports| ports.split(','));
        let ports =
            ports.map(|port| port.trim().parse().map_err(|_| NotANetwork)).collect::<Result<_, _>>()?;
        Ok(Network { net: net.trunc(), ports })
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;

    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> String {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.net)?;
        for (index, port) in self.ports.iter().enumerate() {
            write!(f, "{}{port}", if index == 0 { ':' } else { ',' })?;
        }
        Ok(())
    }
}

/// The text is not a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a network of the form 10.2.0.0/16 or 10.2.0.0/16:443,8443")]
pub struct NotANetwork;

// RFC 1918, RFC 6598 and RFC 4193.
const PRIVATE: [&str; 5] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

// Ports where something other than HTTP usually listens, in order: the "bad
// ports" of the Fetch standard, then databases, queues and machine control.
const OTHER_PROTOCOLS: [u16; 120] = [
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
    109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 138, 139, 143, 161, 162, 179, 389, 427, 445, 465, 500,
    502, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 623, 636, 873, 989, 990,
    993, 995, 1080, 1099, 1194, 1433, 1434, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2379, 2380,
    2575, 3268, 3306, 3389, 3659, 4045, 4190, 4369, 5060, 5061, 5432, 5671, 5672, 5900, 5984, 5985, 5986,
    6000, 6379, 6443, 6566, 6667, 6679, 6697, 7000, 7001, 9000, 9042, 9092, 9200, 9300, 10250, 11211, 27017,
];

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
