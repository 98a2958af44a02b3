//! TLS at a port (IHE ATNA): what is spoken there now, and what a peer showed.
//!
//! Several integrations may share a port. Each has its own certificate, chosen by the
//! name that the peer calls, and its own peers: a handshake succeeds with a certificate
//! that one of them takes, and a message reaches only those that take it.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use model::{Clock, Code, Integration, IntegrationId, Problem, TlsVersion, Versioned};
use privacy::port_tls::{PortTls, Stranger};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert, ServerConnection};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{
    AlertDescription, CertificateError, DigitallySignedStruct, DistinguishedName, OtherError, ServerConfig,
    SignatureScheme, SupportedProtocolVersion,
};
use rustls_pki_types::{CertificateDer, UnixTime};

/// An integration and its version: while they stay, so does what was made of them.
type Stand = (IntegrationId, u64);

/// What is spoken at a port.
pub(super) enum Spoken {
    Plain,
    Tls(Arc<ServerConfig>),
    /// TLS is asked for and cannot be spoken: nobody is served in clear instead.
    Nothing,
}

/// TLS of one port, made ready once for each change of its integrations.
#[derive(Default)]
pub(super) struct Security(Mutex<Option<(Vec<Stand>, Arc<ServerConfig>)>>);

impl Security {
    /// What is spoken with these integrations, the oldest first.
    ///
    /// TLS as soon as one of them asks for it.
    pub(super) fn now(&self, of_port: &[Arc<Versioned<Integration>>], clock: &Arc<dyn Clock>) -> Spoken {
        let secured = || of_port.iter().filter_map(|known| Some((known, known.mllp.as_ref()?.tls.as_ref()?)));
        let stand: Vec<Stand> = secured().map(|(known, _)| (known.id, known.version)).collect();
        if stand.is_empty() {
            return Spoken::Plain;
        }
        let mut ready = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((made_of, config)) = &*ready
            && *made_of == stand
        {
            return Spoken::Tls(config.clone());
        }
        let terms: Vec<PortTls> = secured()
            .filter_map(|(known, tls)| match PortTls::read(tls) {
                Ok(terms) => Some(terms),
                Err(fault) => {
                    tracing::error!(integration.id = %known.id, %fault, "TLS of an MLLP port cannot be used");
                    None
                }
            })
            .collect();
        let Some(config) = config(terms, clock.clone()) else { return Spoken::Nothing };
        *ready = Some((stand, config.clone()));
        Spoken::Tls(config)
    }
}

/// None of what nobody can speak.
fn config(terms: Vec<PortTls>, clock: Arc<dyn Clock>) -> Option<Arc<ServerConfig>> {
    let lowest = terms.iter().map(|terms| terms.min_version).min()?;
    let versions: &[&SupportedProtocolVersion] =
        if lowest == TlsVersion::V1_3 { &[&TLS13] } else { &[&TLS13, &TLS12] };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_details(provider, Arc::new(OurTime(clock)));
    let builder = builder.with_protocol_versions(versions).ok()?;
    let shared = Arc::new(Shared::of(terms));
    let builder = if shared.hints.is_empty() {
        builder.with_no_client_auth()
    } else {
        builder.with_client_cert_verifier(shared.clone())
    };
    let mut config = builder.with_cert_resolver(shared);
    // A resumed session skips the check of the peer's certificate.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Some(Arc::new(config))
}

/// What the integrations of a port say, together.
#[derive(Debug)]
struct Shared {
    terms: Vec<PortTls>,
    hints: Vec<DistinguishedName>,
}

impl Shared {
    fn of(terms: Vec<PortTls>) -> Self {
        let verifiers = terms.iter().filter_map(PortTls::verifier);
        let hints = verifiers.flat_map(|verifier| verifier.root_hint_subjects().to_vec()).collect();
        Shared { terms, hints }
    }

    /// Signatures are verified the same way by all.
    fn any_verifier(&self) -> Result<&Arc<dyn ClientCertVerifier>, rustls::Error> {
        let missing = || rustls::Error::General("no integration asks for certificates".to_owned());
        self.terms.iter().find_map(PortTls::verifier).ok_or_else(missing)
    }
}

impl ResolvesServerCert for Shared {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // Many engines call an address and no name. Nobody who came later takes over a name.
        let named = hello.server_name().and_then(|name| self.terms.iter().find(|terms| terms.is_named(name)));
        named.or_else(|| self.terms.first()).map(|terms| terms.identity.clone())
    }
}

impl ClientCertVerifier for Shared {
    fn client_auth_mandatory(&self) -> bool {
        self.terms.iter().all(PortTls::asks_for_certificates)
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        own: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let chain: Vec<CertificateDer<'_>> = std::iter::once(own).chain(between).cloned().collect();
        let mut strangers = Vec::new();
        for terms in &self.terms {
            match terms.judge(&chain, now) {
                Ok(()) => return Ok(ClientCertVerified::assertion()),
                Err(stranger) => strangers.push(stranger),
            }
        }
        let stranger = strangers.into_iter().max().unwrap_or(Stranger::Unshown);
        Err(CertificateError::Other(OtherError(Arc::new(stranger))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.any_verifier()?.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, rustls::Error> {
        self.any_verifier()?.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.any_verifier().map(|verifier| verifier.supported_verify_schemes()).unwrap_or_default()
    }
}

/// What a peer showed in its handshake.
pub(super) struct Papers {
    chain: Vec<CertificateDer<'static>>,
    version: TlsVersion,
    /// What each version of each integration made of it: a chain is not verified for every message.
    judged: Mutex<HashMap<IntegrationId, (u64, Option<Problem>)>>,
}

impl Papers {
    pub(super) fn of(session: &ServerConnection) -> Self {
        let chain = session.peer_certificates().map(<[_]>::to_vec).unwrap_or_default();
        let is_newest = session.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
        let version = if is_newest { TlsVersion::V1_3 } else { TlsVersion::V1_2 };
        Papers {
            chain: chain.into_iter().map(CertificateDer::into_owned).collect(),
            version,
            judged: Mutex::default(),
        }
    }

    /// Why an integration does not take the peer; none if it does.
    pub(super) fn bar(&self, integration: &Versioned<Integration>, clock: &dyn Clock) -> Option<Problem> {
        let tls = integration.mllp.as_ref()?.tls.as_ref()?;
        let mut judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((version, problem)) = judged.get(&integration.id)
            && *version == integration.version
        {
            return problem.clone();
        }
        let problem = if self.version < tls.min_version {
            Some(Problem::new(Code::TlsFailed, OLD))
        } else {
            match PortTls::read(tls) {
                Ok(terms) => terms.judge(&self.chain, unix(clock)).err().as_ref().map(stranger),
                Err(fault) => Some(Problem::new(Code::TlsFailed, fault.to_string())),
            }
        };
        judged.insert(integration.id, (integration.version, problem.clone()));
        problem
    }
}

/// What a failed handshake means; none where the peer left without a word, as scanners and health checks do.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enums of rustls are not exhaustive")]
pub(super) fn fault(error: &io::Error) -> Option<Problem> {
    let fault = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let failed = |why: &str| Some(Problem::new(Code::TlsFailed, why));
    match fault {
        rustls::Error::NoCertificatesPresented => Some(stranger(&Stranger::Unshown)),
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => {
            Some(stranger(inner.downcast_ref::<Stranger>().unwrap_or(&Stranger::Untrusted)))
        }
        rustls::Error::InvalidCertificate(_) => Some(stranger(&Stranger::Untrusted)),
        rustls::Error::InvalidMessage(_) | rustls::Error::InappropriateMessage { .. } => {
            failed("The peer does not speak TLS.")
        }
        rustls::Error::PeerIncompatible(_) => failed(OLD),
        rustls::Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::UnsupportedCertificate,
        ) => failed("The peer does not trust the certificate of the port."),
        rustls::Error::AlertReceived(_) => failed("The peer ended the handshake."),
        _ => failed("The handshake failed."),
    }
}

fn stranger(stranger: &Stranger) -> Problem {
    Problem::new(Code::CertificateNotAllowed, stranger.to_string())
}

/// Certificates end by the clock of the server.
struct OurTime(Arc<dyn Clock>);

impl std::fmt::Debug for OurTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OurTime")
    }
}

impl TimeProvider for OurTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix(&*self.0))
    }
}

fn unix(clock: &dyn Clock) -> UnixTime {
    let millis = u64::try_from(clock.now().millis()).unwrap_or_default();
    UnixTime::since_unix_epoch(std::time::Duration::from_millis(millis))
}

const OLD: &str = "The peer speaks no version of TLS, or no cipher, that the integration takes.";
