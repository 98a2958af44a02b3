//! Peers of a port with TLS: who is taken, who is not, and what is told of it.
//!
//! Numbers in names, such as `hostile_22`, are those of the list of hostile input.

use std::time::Duration;

use hl7v2::mllp::frame;
use model::{Change, Code, Integration, Listeners as _};
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use store::{Kept, Read as _, Rejection, RejectionFilter};
use tokio::io::{AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::tests::{PORT, World, admission, hear};
use super::*;

/// Who signs certificates of a port and of its peers.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

struct Signed {
    der: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Authority { issuer: Issuer::new(params, key), certificate }
    }

    fn sign(&self, name: &str) -> Signed {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Signed { der: certificate.der().clone(), pem: certificate.pem(), key }
    }

    /// TLS of a port that shows `own` and takes these peers.
    fn port(&self, own: &Signed, clients: &[&str]) -> Value {
        json!({ "certificate": own.pem, "privateKey": own.key.serialize_pem(), "minVersion": "1.2",
            "clientCa": self.certificate.pem(), "clients": clients })
    }

    /// What a peer speaks that trusts this authority and shows `own`.
    fn peer(&self, own: Option<&Signed>, versions: &[&'static SupportedProtocolVersion]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        let builder = builder.with_root_certificates(roots);
        let config = match own {
            None => builder.with_no_client_auth(),
            Some(own) => {
                let key = PrivateKeyDer::Pkcs8(own.key.serialize_der().into());
                builder.with_client_auth_cert(vec![own.der.clone()], key).unwrap()
            }
        };
        TlsConnector::from(Arc::new(config))
    }
}

/// A world whose port speaks TLS.
struct Secured {
    world: World,
    security: Arc<Security>,
}

impl Secured {
    async fn new(tls: Value) -> Self {
        let secured = Secured { world: World::new().await, security: Arc::default() };
        secured.set(tls).await;
        secured
    }

    async fn set(&self, tls: Value) {
        let mut doc = Integration::clone(&self.world.integration);
        doc.mllp.as_mut().unwrap().tls = serde_json::from_value(tls).unwrap();
        self.put(doc).await;
    }

    async fn put(&self, doc: Integration) {
        let change = vec![Change::PutIntegration(doc)];
        self.world.intake.ports.settings.change(change, Vec::new()).await.unwrap();
    }

    /// Another facility at the same port.
    async fn neighbour(&self, facility: &str, tls: Value) -> IntegrationId {
        let mut doc = Integration::clone(&self.world.integration);
        doc.id = self.world.intake.ports.ids.next(self.world.intake.ports.clock.now());
        let mllp = doc.mllp.as_mut().unwrap();
        mllp.sending_facility = Some(facility.to_owned());
        mllp.tls = serde_json::from_value(tls).unwrap();
        let id = doc.id;
        self.put(doc).await;
        id
    }

    fn dial(&self) -> (DuplexStream, JoinHandle<Over>) {
        let (ours, theirs) = duplex(1 << 16);
        let connection = self.world.connection();
        let spoken = self.security.now(&connection.peer.of_port(), &self.world.intake.ports.clock);
        let serving = async move {
            match spoken {
                Spoken::Plain => connection.serve(theirs).await,
                Spoken::Tls(config) => connection.serve_secured(theirs, config).await,
                Spoken::Nothing => Over::NoHandshake,
            }
        };
        (ours, tasks::spawn("mllp", serving))
    }

    async fn call(&self, peer: TlsConnector) -> (std::io::Result<TlsStream<DuplexStream>>, JoinHandle<Over>) {
        let (ours, over) = self.dial();
        (peer.connect("hub.test".try_into().unwrap(), ours).await, over)
    }

    async fn rejected(&self) -> Vec<Rejection> {
        let kept = self.world.store.list_rejections(RejectionFilter::default(), None, 250).await.unwrap();
        assert!(kept.rows.iter().all(|row| row.kept == Kept::Nothing), "{kept:?}");
        kept.rows
    }
}

static BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];

#[tokio::test(start_paused = true)]
async fn a_message_over_tls_is_taken_and_acknowledged() {
    let authority = Authority::new();
    let (own, peer) = (authority.sign("hub.test"), authority.sign("engine.north.test"));
    let port = Secured::new(authority.port(&own, &["engine.north.test"])).await;
    for (number, versions) in [BOTH, &[&TLS12]].into_iter().enumerate() {
        let (line, over) = port.call(authority.peer(Some(&peer), versions)).await;
        let mut line = line.unwrap();
        line.write_all(&frame(&admission(&number.to_string()))).await.unwrap();
        assert_eq!(hear(&mut line).await, format!("MSA|AA|{number}"));
        line.shutdown().await.unwrap();
        assert_eq!(over.await.unwrap(), Over::Left);
    }
    assert!(port.rejected().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn hostile_21_plain_hl7_to_a_port_with_tls_is_sent_away_and_told() {
    let authority = Authority::new();
    let port = Secured::new(authority.port(&authority.sign("hub.test"), &[])).await;
    for stranger in [&frame(&admission("1"))[..], b"GET / HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n"] {
        let (mut line, over) = port.dial();
        line.write_all(stranger).await.unwrap();
        assert_eq!(over.await.unwrap(), Over::Barred(Code::TlsFailed));
    }
    let kept = port.rejected().await;
    assert_eq!((kept.len(), kept[0].reason.as_str()), (3, "The peer does not speak TLS."));
    assert_eq!(port.world.events().await, 0);
}

#[tokio::test(start_paused = true)]
async fn hostile_22_a_certificate_of_somebody_else_is_refused_with_its_reason() {
    let (authority, other) = (Authority::new(), Authority::new());
    let own = authority.sign("hub.test");
    let port = Secured::new(authority.port(&own, &["engine.north.test"])).await;
    for (shown, reason) in [
        (None, "shows no certificate"),
        (Some(other.sign("engine.north.test")), "not one that an authority"),
        (Some(authority.sign("engine.south.test")), "not listed in clients: sha256/"),
    ] {
        let (line, over) = port.call(authority.peer(shown.as_ref(), &[&TLS12])).await;
        assert!(line.is_err());
        assert_eq!(over.await.unwrap(), Over::Barred(Code::CertificateNotAllowed));
        let kept = port.rejected().await;
        assert!(kept[0].reason.contains(reason), "{}", kept[0].reason);
        assert_eq!(kept[0].code, Code::CertificateNotAllowed);
    }
}

#[tokio::test(start_paused = true)]
async fn hostile_22_on_a_shared_port_a_certificate_sends_for_its_own_facility_only() {
    let (north, south) = (Authority::new(), Authority::new());
    let own = north.sign("hub.test");
    let port = Secured::new(north.port(&own, &[])).await;
    let neighbour = port.neighbour("SOUTH", south.port(&south.sign("south.test"), &[])).await;
    // The neighbour's certificate, and a message that names nobody but the first.
    let stranger = south.sign("engine.south.test");
    let (line, _over) = port.call(north.peer(Some(&stranger), BOTH)).await;
    let mut line = line.unwrap();
    line.write_all(&frame(&admission("1"))).await.unwrap();
    assert_eq!(hear(&mut line).await, "MSA|AR|1");
    let kept = port.rejected().await;
    assert_eq!((kept.len(), kept[0].code), (1, Code::CertificateNotAllowed));
    assert_eq!(kept[0].integration, port.world.integration.id);
    assert_ne!(kept[0].integration, neighbour);
    let named = String::from_utf8(admission("2")).unwrap().replace("|ADT|NORTH|", "|ADT|SOUTH|");
    line.write_all(&frame(named.as_bytes())).await.unwrap();
    assert_eq!(hear(&mut line).await, "MSA|AA|2");
    assert_eq!(port.world.events().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_version_below_the_lowest_is_refused() {
    let authority = Authority::new();
    let mut tls = authority.port(&authority.sign("hub.test"), &[]);
    tls["minVersion"] = json!("1.3");
    let port = Secured::new(tls).await;
    let (line, over) = port.call(authority.peer(Some(&authority.sign("a.test")), &[&TLS12])).await;
    assert!(line.is_err());
    assert_eq!(over.await.unwrap(), Over::Barred(Code::TlsFailed));
}

#[tokio::test(start_paused = true)]
async fn hostile_16_a_handshake_that_does_not_end_is_given_up() {
    let authority = Authority::new();
    let port = Secured::new(authority.port(&authority.sign("hub.test"), &[])).await;
    let (mut line, over) = port.dial();
    let began = Instant::now();
    line.write_all(&[0x16, 3, 1, 1, 0, 1]).await.unwrap();
    while line.write_all(&[0]).await.is_ok() {
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    assert_eq!(over.await.unwrap(), Over::NoHandshake);
    assert!(began.elapsed() <= limits::MLLP_HANDSHAKE + Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_renewed_certificate_is_shown_at_once_and_connections_stay() {
    let authority = Authority::new();
    let (old, new, peer) = (authority.sign("hub.test"), authority.sign("hub.test"), authority.sign("a.test"));
    let port = Secured::new(authority.port(&old, &["a.test"])).await;
    let (line, _over) = port.call(authority.peer(Some(&peer), BOTH)).await;
    let mut before = line.unwrap();
    port.set(authority.port(&new, &["a.test"])).await;
    let (line, _over) = port.call(authority.peer(Some(&peer), BOTH)).await;
    let mut after = line.unwrap();
    let shown = |line: &TlsStream<DuplexStream>| line.get_ref().1.peer_certificates().unwrap()[0].clone();
    assert_eq!((shown(&before), shown(&after)), (old.der, new.der));
    for (number, line) in [&mut before, &mut after].into_iter().enumerate() {
        line.write_all(&frame(&admission(&number.to_string()))).await.unwrap();
        assert_eq!(hear(line).await, format!("MSA|AA|{number}"));
    }
}

#[tokio::test(start_paused = true)]
async fn who_came_before_a_stricter_rule_is_read_no_further() {
    let authority = Authority::new();
    let (own, peer) = (authority.sign("hub.test"), authority.sign("a.test"));
    let port = Secured::new(Value::Null).await;
    let (mut plain, over_plain) = port.dial();
    port.set(authority.port(&own, &["a.test"])).await;
    let (line, over) = port.call(authority.peer(Some(&peer), BOTH)).await;
    let mut line = line.unwrap();
    plain.write_all(&frame(&admission("1"))).await.unwrap();
    assert_eq!(over_plain.await.unwrap(), Over::Barred(Code::TlsFailed), "it came in clear");
    port.set(authority.port(&own, &["b.test"])).await;
    line.write_all(&frame(&admission("2"))).await.unwrap();
    assert_eq!(over.await.unwrap(), Over::Barred(Code::CertificateNotAllowed), "it is listed no more");
    assert_eq!(port.world.events().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_port_speaks_tls_with_everybody_or_with_nobody() {
    let authority = Authority::new();
    let port = Secured::new(authority.port(&authority.sign("hub.test"), &[])).await;
    let world = &port.world;
    let (intake, crowd) = (world.intake.clone(), world.crowd.clone());
    let mllp = Mllp { intake, open: Mutex::default(), crowd, stop: Stop::new() };
    let mut plain = Integration::clone(&world.integration);
    plain.id = world.intake.ports.ids.next(world.intake.ports.clock.now());
    let refused = mllp.open(&plain).await.unwrap_err();
    assert_eq!(refused.address, PORT.parse().unwrap());
}
