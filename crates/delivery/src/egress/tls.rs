//! Who answers: TLS configurations by profile, and what a failed handshake means.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use model::{Category, Tls, TlsVersion, limits};
use rustls::client::Resumption;
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

/// The certificates to trust cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// The PEM holds no certificate, or one that cannot be read.
    #[error("the certificates to trust cannot be read")]
    Unreadable,
    /// The cryptography library refuses the settings.
    #[error("the TLS settings cannot be used")]
    Unusable,
}

/// One configuration per profile. A resumed session skips the check of the
/// certificate, so profiles never share a session store, and a changed profile
/// starts with an empty one.
#[derive(Default)]
pub(super) struct Profiles {
    known: Mutex<HashMap<Profile, Weak<ClientConfig>>>,
    machine: OnceLock<Arc<RootCertStore>>,
}

/// What is spoken inside TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Inside {
    /// HTTP/2 or HTTP/1.1, as ALPN settles it.
    Http,
    /// A protocol that has no name in ALPN.
    Other,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Profile {
    inside: Inside,
    is_v1_3_only: bool,
    ca: Option<String>,
}

impl Profiles {
    pub(super) fn config(&self, tls: &Tls, inside: Inside) -> Result<Arc<ClientConfig>, TlsFault> {
        let profile =
            Profile { inside, is_v1_3_only: tls.min_version == TlsVersion::V1_3, ca: tls.ca.clone() };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = known.get(&profile).and_then(Weak::upgrade) {
            return Ok(config);
        }
        known.retain(|_, config| config.strong_count() > 0);
        let roots = match &profile.ca {
            Some(pem) => Arc::new(own_roots(pem)?),
            None => Arc::clone(self.machine.get_or_init(|| Arc::new(machine_roots()))),
        };
        let config = Arc::new(build(&profile, roots)?);
        known.insert(profile, Arc::downgrade(&config));
        Ok(config)
    }
}

fn build(profile: &Profile, roots: Arc<RootCertStore>) -> Result<ClientConfig, TlsFault> {
    let versions: &[&SupportedProtocolVersion] =
        if profile.is_v1_3_only { &[&TLS13] } else { &[&TLS13, &TLS12] };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|_| TlsFault::Unusable)?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    if profile.inside == Inside::Http {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    config.resumption = Resumption::in_memory_sessions(limits::TLS_SESSIONS);
    Ok(config)
}

fn own_roots(pem: &str) -> Result<RootCertStore, TlsFault> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| TlsFault::Unreadable)?;
        roots.add(certificate).map_err(|_| TlsFault::Unreadable)?;
    }
    if roots.is_empty() { Err(TlsFault::Unreadable) } else { Ok(roots) }
}

fn machine_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// What a failed handshake means, by the type of the fault.
pub(super) fn category(fault: &io::Error) -> Category {
    let tls = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match tls {
        Some(rustls::Error::InvalidCertificate(fault)) => certificate_category(fault),
        _ => Category::TlsHandshake,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum of rustls is not exhaustive")]
fn certificate_category(fault: &CertificateError) -> Category {
    match fault {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Category::TlsExpired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Category::TlsName
        }
        _ => Category::TlsUntrusted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(min_version: TlsVersion, ca: Option<&str>) -> Tls {
        Tls { min_version, ca: ca.map(str::to_owned) }
    }

    fn ca() -> String {
        rcgen::generate_simple_self_signed(["a.test".to_owned()]).unwrap().cert.pem()
    }

    #[test]
    fn the_same_profile_is_one_configuration_and_another_is_another() {
        let profiles = Profiles::default();
        let pem = ca();
        let one = profiles.config(&tls(TlsVersion::V1_2, Some(&pem)), Inside::Http).unwrap();
        let same = profiles.config(&tls(TlsVersion::V1_2, Some(&pem)), Inside::Http).unwrap();
        let other = profiles.config(&tls(TlsVersion::V1_2, Some(&ca())), Inside::Http).unwrap();
        let newer = profiles.config(&tls(TlsVersion::V1_3, Some(&pem)), Inside::Http).unwrap();
        assert!(Arc::ptr_eq(&one, &same));
        assert!(!Arc::ptr_eq(&one, &other) && !Arc::ptr_eq(&one, &newer));
    }

    #[test]
    fn certificates_that_cannot_be_read_are_refused() {
        let profiles = Profiles::default();
        for pem in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert_eq!(
                profiles.config(&tls(TlsVersion::V1_2, Some(pem)), Inside::Http).err(),
                Some(TlsFault::Unreadable)
            );
        }
    }
}
