//! TLS outside HTTP, by files that the person at the command line names.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use delivery::egress::Egress;
use model::{Tls, TlsVersion};
use rustls::ClientConfig;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Whom a connection trusts, and what it shows.
pub struct Secured {
    ca: Option<String>,
    own: Option<Arc<SingleCertAndKey>>,
}

impl Secured {
    /// Reads the files: authorities to trust instead of the machine's, and what we show with its key.
    ///
    /// # Errors
    /// One cannot be read, or certificate and key do not fit together.
    pub fn read(ca: Option<&Path>, own: Option<(&Path, &Path)>) -> anyhow::Result<Self> {
        let text = |path: &Path| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        };
        let ca = ca.map(text).transpose()?;
        let own = own.map(|(chain, key)| identity(chain, key)).transpose()?;
        Ok(Secured { ca, own: own.map(Arc::new) })
    }

    /// How TLS is spoken.
    ///
    /// # Errors
    /// The authorities cannot be read.
    pub(super) fn config(&self, egress: &Egress) -> anyhow::Result<Arc<ClientConfig>> {
        let tls = Tls { min_version: TlsVersion::V1_2, ca: self.ca.clone() };
        let mut config = ClientConfig::clone(&*egress.bare_tls(&tls)?);
        if let Some(own) = &self.own {
            config.client_auth_cert_resolver = own.clone();
        }
        Ok(Arc::new(config))
    }
}

fn identity(chain: &Path, key: &Path) -> anyhow::Result<SingleCertAndKey> {
    let certificates = || CertificateDer::pem_file_iter(chain)?.collect::<Result<Vec<_>, _>>();
    let certificates =
        certificates().with_context(|| format!("cannot read the certificates {}", chain.display()))?;
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read the private key {}", key.display()))?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let own = CertifiedKey::from_der(certificates, key, &provider);
    Ok(SingleCertAndKey::from(own.context("certificate and key do not fit together")?))
}
