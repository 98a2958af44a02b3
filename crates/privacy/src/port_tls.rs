//! Certificates at a port of ours: what it shows, and whose it takes.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{MllpTls, Timestamp, TlsVersion, limits};
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, RootCertStore};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// What an integration says of TLS at its port, read and ready for use.
#[derive(Debug)]
pub struct PortTls {
    /// What the port shows, and the key that proves it.
    pub identity: Arc<CertifiedKey>,
    /// When the first certificate of it ends.
    pub until: Timestamp,
    /// The lowest version spoken.
    pub min_version: TlsVersion,
    /// Whose certificates are taken; none if none is asked for.
    callers: Option<Callers>,
}

#[derive(Debug)]
struct Callers {
    verifier: Arc<dyn ClientCertVerifier>,
    listed: Vec<Listed>,
}

/// One entry of the list of peers.
#[derive(Debug, PartialEq, Eq)]
enum Listed {
    /// SHA-256 of the public key.
    Key([u8; 32]),
    /// A name in the certificate, in lower case.
    Name(String),
}

/// What cannot be used of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The chain.
    #[error("It holds no certificate as PEM, or one that cannot be read.")]
    Certificate,
    /// The key.
    #[error("It is no private key as PEM (PKCS #8, PKCS #1 or SEC 1) that TLS can use.")]
    PrivateKey,
    /// Chain and key.
    #[error("It is not the key of the first certificate.")]
    Mismatch,
    /// The authorities.
    #[error("It holds no certificate of an authority as PEM, or one that cannot be read.")]
    ClientCa,
    /// The list of peers.
    #[error(
        "A name, or sha256/ and the base64 of the SHA-256 of a public key; at most 64, and only with clientCa."
    )]
    Clients,
}

impl Unusable {
    /// The member of the settings.
    #[must_use]
    pub fn member(self) -> &'static str {
        match self {
            Unusable::Certificate => "certificate",
            Unusable::PrivateKey | Unusable::Mismatch => "privateKey",
            Unusable::ClientCa => "clientCa",
            Unusable::Clients => "clients",
        }
    }
}

/// Why a peer's certificate is not taken, the most telling last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Stranger {
    /// There is none.
    #[error("The peer shows no certificate.")]
    Unshown,
    /// It does not lead to an authority of the integration, or is not one for clients.
    #[error("The certificate of the peer is not one that an authority in clientCa gave to a client.")]
    Untrusted,
    /// It has ended, or not begun.
    #[error("The certificate of the peer has ended, or has not begun.")]
    Ended,
    /// The integration does not list it.
    #[error("The certificate of the peer is not listed in clients: {0}.")]
    Unlisted(String),
}

impl PortTls {
    /// Reads the settings.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn read(tls: &MllpTls) -> Result<Self, Unusable> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let identity = identity(tls, &provider)?;
        let until = identity.cert.first().and_then(|own| end(own)).ok_or(Unusable::Certificate)?;
        let listed: Option<Vec<Listed>> = tls.clients.iter().map(|text| Listed::read(text)).collect();
        let listed = listed.ok_or(Unusable::Clients)?;
        let callers = match &tls.client_ca {
            None if listed.is_empty() => None,
            None => return Err(Unusable::Clients),
            Some(pem) => Some(Callers { verifier: verifier(pem, provider)?, listed }),
        };
        if tls.clients.len() > limits::MLLP_CLIENTS {
            return Err(Unusable::Clients);
        }
        Ok(PortTls { identity: Arc::new(identity), until, min_version: tls.min_version, callers })
    }

    /// Whether a peer has to show a certificate.
    #[must_use]
    pub fn asks_for_certificates(&self) -> bool {
        self.callers.is_some()
    }

    /// What certificates of peers are verified by, if they are.
    #[must_use]
    pub fn verifier(&self) -> Option<&Arc<dyn ClientCertVerifier>> {
        self.callers.as_ref().map(|callers| &callers.verifier)
    }

    /// Whether its certificate is good for the name that a peer calls it by.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let Some(own) = self.identity.cert.first() else { return false };
        let (Ok(own), Ok(name)) = (ParsedCertificate::try_from(own), ServerName::try_from(name)) else {
            return false;
        };
        rustls::client::verify_server_name(&own, &name).is_ok()
    }

    /// Judges the certificates that a peer showed, its own first.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn judge(&self, chain: &[CertificateDer<'_>], now: UnixTime) -> Result<(), Stranger> {
        let Some(callers) = &self.callers else { return Ok(()) };
        let (own, between) = chain.split_first().ok_or(Stranger::Unshown)?;
        callers.verifier.verify_client_cert(own, between, now).map_err(|fault| refusal(&fault))?;
        if callers.listed.is_empty() {
            return Ok(());
        }
        let (key, names) = facts(own).ok_or(Stranger::Untrusted)?;
        let is_listed = callers.listed.iter().any(|listed| match listed {
            Listed::Key(wanted) => *wanted == key,
            Listed::Name(wanted) => names.contains(wanted),
        });
        if is_listed { Ok(()) } else { Err(Stranger::Unlisted(format!("{PIN}{}", STANDARD.encode(key)))) }
    }
}

impl Listed {
    fn read(text: &str) -> Option<Self> {
        if let Some(pin) = text.strip_prefix(PIN) {
            return STANDARD.decode(pin).ok()?.try_into().ok().map(Listed::Key);
        }
        let fits = (1..=NAME_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
        fits.then(|| Listed::Name(text.to_lowercase()))
    }
}

/// When the first certificate of a chain ends.
#[must_use]
pub fn ends(chain: &str) -> Option<Timestamp> {
    end(&CertificateDer::from_pem_slice(chain.as_bytes()).ok()?)
}

fn end(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, read) = X509Certificate::from_der(certificate).ok()?;
    Some(Timestamp::from_millis(read.validity().not_after.timestamp().saturating_mul(1_000)))
}

fn identity(tls: &MllpTls, provider: &CryptoProvider) -> Result<CertifiedKey, Unusable> {
    let chain = certificates(&tls.certificate).ok_or(Unusable::Certificate)?;
    let own = chain.first().ok_or(Unusable::Certificate)?;
    ParsedCertificate::try_from(own).map_err(|_| Unusable::Certificate)?;
    let key = PrivateKeyDer::from_pem_slice(tls.private_key.expose().as_bytes());
    let key = key.map_err(|_| Unusable::PrivateKey)?;
    CertifiedKey::from_der(chain, key, provider).map_err(|fault| {
        let is_another = matches!(fault, rustls::Error::InconsistentKeys(_));
        if is_another { Unusable::Mismatch } else { Unusable::PrivateKey }
    })
}

fn verifier(pem: &str, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, Unusable> {
    let mut roots = RootCertStore::empty();
    for root in certificates(pem).ok_or(Unusable::ClientCa)? {
        roots.add(root).map_err(|_| Unusable::ClientCa)?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    builder.build().map_err(|_| Unusable::ClientCa)
}

fn certificates(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    read.ok().filter(|read| !read.is_empty())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enums of rustls are not exhaustive")]
fn refusal(fault: &rustls::Error) -> Stranger {
    match fault {
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => Stranger::Ended,
        _ => Stranger::Untrusted,
    }
}

/// The SHA-256 of the public key, and every name in lower case.
///
/// Devices older than the subject alternative name have a common name only.
fn facts(certificate: &CertificateDer<'_>) -> Option<([u8; 32], Vec<String>)> {
    let (_, read) = X509Certificate::from_der(certificate).ok()?;
    let key = digest(&SHA256, read.public_key().raw).as_ref().try_into().ok()?;
    let common = read.subject().iter_common_name().filter_map(|name| name.as_str().ok());
    let alternative = read.subject_alternative_name().ok()?;
    let others = alternative.iter().flat_map(|names| &names.value.general_names).filter_map(|name| {
        if let GeneralName::DNSName(text) | GeneralName::URI(text) = name { Some(*text) } else { None }
    });
    Some((key, common.chain(others).map(str::to_lowercase).collect()))
}

const PIN: &str = "sha256/";
const NAME_BYTES: usize = 1_024;

#[cfg(test)]
#[path = "port_tls_tests.rs"]
mod tests;
