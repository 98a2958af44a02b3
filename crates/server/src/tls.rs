//! Certificates of our own port, read again when their files change.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::Tls;

/// Ends TLS of incoming connections.
#[derive(Clone)]
pub(crate) struct Acceptor(Arc<Files>);

struct Files {
    tls: Tls,
    present: Mutex<(Vec<Option<SystemTime>>, Arc<ServerConfig>)>,
}

impl Acceptor {
    /// Reads the files.
    pub(crate) fn open(tls: &Tls) -> anyhow::Result<Self> {
        let present = Mutex::new((changed(tls), Arc::new(read(tls)?)));
        Ok(Acceptor(Arc::new(Files { tls: tls.clone(), present })))
    }

    /// One handshake, with the certificate as it lies on disk now.
    pub(crate) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        TlsAcceptor::from(self.config()).accept(stream).await
    }

    fn config(&self) -> Arc<ServerConfig> {
        let mut present = self.0.present.lock().unwrap_or_else(PoisonError::into_inner);
        let now = changed(&self.0.tls);
        if present.0 != now {
            match read(&self.0.tls) {
                Ok(config) => *present = (now, Arc::new(config)),
                // A half-written file: the old certificate goes on until the new one can be read.
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "the new certificate cannot be used")
                }
            }
        }
        present.1.clone()
    }
}

fn changed(tls: &Tls) -> Vec<Option<SystemTime>> {
    let files = [Some(&tls.cert), Some(&tls.key), tls.client_ca.as_ref()];
    let modified = |path: &PathBuf| std::fs::metadata(path).and_then(|facts| facts.modified()).ok();
    files.into_iter().flatten().map(modified).collect()
}

fn read(tls: &Tls) -> anyhow::Result<ServerConfig> {
    let chain = certificates(&tls.cert)?;
    let key = PrivateKeyDer::from_pem_file(&tls.key)
        .with_context(|| format!("cannot read the private key {}", tls.key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let builder = match &tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = rustls::RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate)?;
            }
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build()?)
        }
    };
    let mut config =
        builder.with_single_cert(chain, key).context("certificate and key do not fit together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    let found = read().with_context(|| format!("cannot read the certificates {}", path.display()))?;
    anyhow::ensure!(!found.is_empty(), "{} holds no certificate", path.display());
    Ok(found)
}
