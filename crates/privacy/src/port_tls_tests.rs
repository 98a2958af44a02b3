use model::Secret;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType,
    date_time_ymd,
};

use super::*;

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

struct Signed {
    pem: String,
    der: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    fn sign(&self, change: impl FnOnce(&mut CertificateParams)) -> Signed {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["Engine.North.test".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Signed { pem: certificate.pem(), der: certificate.der().clone(), key }
    }
}

fn settings(identity: &Signed) -> MllpTls {
    MllpTls {
        certificate: identity.pem.clone(),
        private_key: Secret::new(identity.key.serialize_pem()),
        client_ca: None,
        clients: Vec::new(),
        min_version: TlsVersion::V1_2,
    }
}

fn now() -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(1_800_000_000))
}

fn taking(authority: &Authority, clients: &[&str]) -> PortTls {
    let own = authority.sign(|_| {});
    let clients = clients.iter().map(|text| (*text).to_owned()).collect();
    PortTls::read(&MllpTls { client_ca: Some(authority.pem.clone()), clients, ..settings(&own) }).unwrap()
}

#[test]
fn what_cannot_be_used_names_its_member() {
    let authority = Authority::new();
    let own = authority.sign(|params| params.not_after = date_time_ymd(2031, 2, 3));
    let good = settings(&own);
    let read = PortTls::read(&good).unwrap();
    assert_eq!(read.until, "2031-02-03T00:00:00Z".parse().unwrap());
    assert_eq!(ends(&good.certificate), Some(read.until));
    assert!(read.is_named("engine.north.test") && !read.is_named("engine.south.test"));
    assert!(!read.asks_for_certificates());
    let ca = Some(authority.pem.clone());
    let other = Secret::new(authority.sign(|_| {}).key.serialize_pem());
    let no_key = || Secret::new("no key".to_owned());
    for (change, fault) in [
        (MllpTls { certificate: "x".to_owned(), ..good.clone() }, Unusable::Certificate),
        (MllpTls { private_key: no_key(), ..good.clone() }, Unusable::PrivateKey),
        (MllpTls { private_key: other, ..good.clone() }, Unusable::Mismatch),
        (MllpTls { client_ca: Some(String::new()), ..good.clone() }, Unusable::ClientCa),
        (MllpTls { clients: vec!["a".to_owned()], ..good.clone() }, Unusable::Clients),
        (
            MllpTls { client_ca: ca.clone(), clients: vec!["sha256/AAAA".to_owned()], ..good.clone() },
            Unusable::Clients,
        ),
        (MllpTls { client_ca: ca, clients: vec!["a".to_owned(); 65], ..good }, Unusable::Clients),
    ] {
        assert_eq!(PortTls::read(&change).unwrap_err(), fault);
    }
}

#[test]
fn a_peer_is_taken_by_its_authority_and_by_name_or_key_where_they_are_listed() {
    let authority = Authority::new();
    let peer = authority.sign(|_| {});
    let device = authority.sign(|params| {
        params.subject_alt_names = Vec::new();
        params.distinguished_name.push(DnType::CommonName, "Analyser 7");
    });
    let by_uri = authority
        .sign(|params| params.subject_alt_names = vec![SanType::URI("urn:site:7".try_into().unwrap())]);
    let (pin, _) = facts(&peer.der).unwrap();
    let pin = format!("sha256/{}", STANDARD.encode(pin));
    for (listed, certificate, is_taken) in [
        (&[][..], &peer, true),
        (&["engine.north.test"], &peer, true),
        (&["other", &pin], &peer, true),
        (&["analyser 7"], &device, true),
        (&["URN:site:7"], &by_uri, true),
        (&["engine.south.test"], &peer, false),
        (&[&pin], &device, false),
    ] {
        let judged = taking(&authority, listed).judge(std::slice::from_ref(&certificate.der), now());
        assert_eq!(judged.is_ok(), is_taken, "{listed:?} {judged:?}");
    }
    let unlisted = taking(&authority, &["other"]).judge(&[peer.der], now());
    assert_eq!(unlisted, Err(Stranger::Unlisted(pin)), "what to list it by is said");
}

#[test]
fn hostile_22_of_strangers_it_is_said_why() {
    let (authority, other) = (Authority::new(), Authority::new());
    let port = taking(&authority, &[]);
    let judge = |signed: Signed| port.judge(&[signed.der], now()).unwrap_err();
    assert_eq!(port.judge(&[], now()), Err(Stranger::Unshown));
    assert_eq!(judge(other.sign(|_| {})), Stranger::Untrusted);
    let for_servers = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    assert_eq!(judge(authority.sign(for_servers)), Stranger::Untrusted);
    let ended = |params: &mut CertificateParams| {
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    };
    assert_eq!(judge(authority.sign(ended)), Stranger::Ended);
    let plain = PortTls::read(&settings(&authority.sign(|_| {}))).unwrap();
    assert_eq!(plain.judge(&[], now()), Ok(()), "where none is asked for, none is missed");
}
