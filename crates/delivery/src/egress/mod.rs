//! Where calls may go: the one guard for everything that connects out.
//!
//! A call passes through these files in this order. A name is resolved once,
//! *all* its addresses are judged by a positive rule, and exactly a judged
//! address is dialled; after the connect the peer is compared once more.

mod name; // What a host name may be.
mod resolve; // From a name to addresses.
mod networks; // Which addresses are public at all.
mod policy; // Which addresses may be called here.
mod advice; // What a refusal says.
mod connect; // Dialling exactly what was judged.
mod tls; // Who answers.
mod certificates; // Until when they can prove it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use model::{Category, HookUrl, Timestamp, Tls, limits};
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;
use url::Host;

pub use connect::{Dialer, Ends, Stream, SystemDialer};
pub use networks::is_public;
pub use policy::{Loopback, Network, NotANetwork, Options, Policy, Refusal};
pub use resolve::{Resolver, SystemResolver};
pub use tls::TlsFault;

use resolve::Names;

/// The guard. Deliveries, test calls and everything else that connects out go through it.
pub struct Egress {
    policy: Policy,
    names: Names,
    dialer: Arc<dyn Dialer>,
    profiles: tls::Profiles,
    certificates: certificates::Certificates,
}

/// Where a connection leads, and how its other end proves itself.
#[derive(Clone)]
pub struct Target {
    /// The host as it was parsed, never its text.
    pub host: Host<String>,
    /// The port.
    pub port: u16,
    /// How TLS is spoken; none for plain HTTP.
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

/// A connection was refused, or did not come about.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Policy does not let it out.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The name has no address.
    #[error("the name cannot be resolved")]
    Unresolvable(#[source] io::Error),
    /// No address answers.
    #[error("no connection comes about")]
    Unreachable(#[source] io::Error),
    /// The other end does not prove who it is.
    #[error("the TLS handshake fails")]
    Tls(#[source] io::Error),
}

impl Error {
    /// The category of an attempt that ended so.
    #[must_use]
    pub fn category(&self) -> Category {
        match self {
            Error::Refused(_) => Category::NetworkBlocked,
            Error::Unresolvable(_) => Category::Dns,
            Error::Unreachable(fault) if fault.kind() == io::ErrorKind::TimedOut => Category::ConnectTimeout,
            Error::Unreachable(_) => Category::ConnectRefused,
            Error::Tls(fault) => tls::category(fault),
        }
    }
}

impl Egress {
    /// A guard with this policy over these names and this network.
    #[must_use]
    pub fn new(policy: Policy, resolver: Arc<dyn Resolver>, dialer: Arc<dyn Dialer>) -> Self {
        let (profiles, certificates) = (tls::Profiles::default(), certificates::Certificates::default());
        Egress { policy, names: Names::new(resolver), dialer, profiles, certificates }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Where a URL leads under a webhook's TLS settings.
    ///
    /// # Errors
    /// The certificates to trust cannot be read.
    pub fn target(&self, url: &HookUrl, tls: &Tls) -> Result<Target, TlsFault> {
        let tls = url.is_tls().then(|| self.profiles.config(tls, tls::Inside::Http)).transpose()?;
        Ok(Target { host: url.host().to_owned(), port: url.port(), tls })
    }

    /// How TLS is spoken around a protocol that has no name in ALPN.
    ///
    /// # Errors
    /// The certificates to trust cannot be read.
    pub fn bare_tls(&self, tls: &Tls) -> Result<Arc<rustls::ClientConfig>, TlsFault> {
        self.profiles.config(tls, tls::Inside::Other)
    }

    /// Resolves a target and judges every address it has: one that may not be
    /// called refuses them all.
    ///
    /// # Errors
    /// The target may not be called, or has no address.
    pub async fn vet(&self, target: &Target) -> Result<Vec<SocketAddr>, Error> {
        let (standing, found) = match &target.host {
            Host::Ipv4(ip) => (name::Standing::Literal, vec![IpAddr::V4(*ip)]),
            Host::Ipv6(ip) => (name::Standing::Literal, vec![IpAddr::V6(*ip)]),
            Host::Domain(text) => {
                let name = name::Name::read(text)?;
                self.policy.judge_name(&name)?;
                let found = self.names.resolve(name.as_str()).await.map_err(Error::Unresolvable)?;
                (name.standing(), found.to_vec())
            }
        };
        let addresses: Vec<_> = found.into_iter().map(|ip| SocketAddr::new(ip, target.port)).collect();
        for address in &addresses {
            self.policy.judge(*address, standing)?;
        }
        Ok(addresses)
    }

    /// Whether an address that was vetted before may still be called.
    #[must_use]
    pub fn still_allows(&self, target: &Target, address: SocketAddr) -> bool {
        let standing = match &target.host {
            Host::Domain(text) => name::Name::read(text).map(|name| name.standing()),
            Host::Ipv4(_) | Host::Ipv6(_) => Ok(name::Standing::Literal),
        };
        standing.is_ok_and(|standing| self.policy.judge(address, standing).is_ok())
    }

    /// Connects to the first of the vetted addresses that answers, and to no other.
    ///
    /// # Errors
    /// None answers, or the peer is not the one that was dialled.
    pub async fn dial(&self, vetted: &[SocketAddr]) -> Result<(Box<dyn Stream>, SocketAddr), Error> {
        let capped = vetted.get(..limits::ADDRESSES_DIALLED).unwrap_or(vetted);
        let (stream, address) = connect::race(&*self.dialer, capped).await.map_err(Error::Unreachable)?;
        let ends = stream.ends().map_err(Error::Unreachable)?;
        self.policy.judge_peer(ends, address)?;
        Ok((stream, address))
    }

    /// When the certificate ends that a host showed last; none before the first handshake.
    #[must_use]
    pub fn certificate_until(&self, host: &Host<String>, port: u16) -> Option<Timestamp> {
        self.certificates.until(host, port)
    }

    /// Speaks TLS over a connection to the target.
    ///
    /// # Errors
    /// The other end does not prove that it is the target.
    pub async fn secure<S: Stream>(
        &self,
        stream: S,
        target: &Target,
        config: &Arc<rustls::ClientConfig>,
    ) -> Result<tokio_rustls::client::TlsStream<S>, Error> {
        let unnamed = |_| Error::Tls(io::Error::from(io::ErrorKind::InvalidInput));
        let name = match &target.host {
            Host::Domain(text) => {
                ServerName::try_from(text.trim_end_matches('.').to_owned()).map_err(unnamed)?
            }
            Host::Ipv4(ip) => ServerName::IpAddress(IpAddr::V4(*ip).into()),
            Host::Ipv6(ip) => ServerName::IpAddress(IpAddr::V6(*ip).into()),
        };
        let secured =
            TlsConnector::from(Arc::clone(config)).connect(name, stream).await.map_err(Error::Tls)?;
        if let Some([own, ..]) = secured.get_ref().1.peer_certificates() {
            self.certificates.shown(&target.host, target.port, own);
        }
        Ok(secured)
    }
}
