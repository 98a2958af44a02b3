//! The MLLP port of an integration: what a caller may say of it, and what is answered.

use ipnet::IpNet;
use model::{Code, Kind, Mllp, MllpTls, Problem, Secret, Timestamp, TlsVersion, limits};
use privacy::port_tls::{self, PortTls};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::networks;
use crate::strict::{invalid, missing};
use crate::why;

/// An MLLP port.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MllpSettings)]
pub(super) struct Wish {
    /// The address to listen on.
    #[schema(value_type = String, example = "127.0.0.1:2575")]
    listen: std::net::SocketAddr,
    /// Networks that may connect; empty means anybody who reaches the address.
    #[schema(value_type = Option<Vec<String>>)]
    allow: Option<Vec<IpNet>>,
    /// How the port speaks TLS; left out or empty: it does not. All integrations of a port do, or none.
    tls: Option<TlsWish>,
    /// Why messages may come in clear from other machines; kept in the audit log. Required, but with `--dev`, for a
    /// port without TLS that other machines reach. No identifiers of people.
    justification: Option<String>,
    /// MSH-3 that chooses this integration on a shared port.
    sending_application: Option<String>,
    /// MSH-4 that chooses this integration on a shared port.
    sending_facility: Option<String>,
}

/// TLS of an MLLP port.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = MllpTlsSettings)]
struct TlsWish {
    #[serde(default, rename = "notAfter")]
    #[schema(read_only, value_type = Option<String>)]
    _not_after: IgnoredAny,
    /// What the port shows, as PEM: its own certificate first, then those in between. Required.
    certificate: Option<String>,
    /// The key of the first certificate, as PEM; write-only: left out, it stays.
    #[schema(value_type = Option<String>)]
    private_key: Option<Secret<String>>,
    /// Authorities, as PEM: with them, a sender has to show a certificate that one of them gave to it.
    client_ca: Option<String>,
    /// Whose certificates are taken: a DNS name, a URI or a common name that stands in it, or `sha256/` and the
    /// base64 of the SHA-256 of its public key. Empty: all that `clientCa` gave.
    clients: Option<Vec<String>>,
    /// The lowest version spoken, `1.2` or `1.3`; by default 1.2.
    #[schema(value_type = Option<String>)]
    min_version: Option<TlsVersion>,
}

impl Wish {
    /// The port, over what is kept of its secrets.
    pub(super) fn accept(
        self,
        kind: &Kind,
        (kept, now): (Option<&MllpTls>, Timestamp),
        in_clear: InClear,
    ) -> Result<Mllp, Problem> {
        if *kind != Kind::Hl7v2 {
            return Err(invalid("/mllp", "Only an integration of the kind hl7v2 has an MLLP port."));
        }
        let tls = self.tls.filter(TlsWish::is_given);
        let mllp = Mllp {
            listen: self.listen,
            allow: networks::accept(self.allow, "/mllp/allow")?,
            sending_application: part(self.sending_application, "/mllp/sendingApplication")?,
            sending_facility: part(self.sending_facility, "/mllp/sendingFacility")?,
            tls: tls.map(|tls| tls.accept(kept, now)).transpose()?.map(Box::new),
            justification: why::justification(self.justification, "/mllp/justification")?,
        };
        if in_clear == InClear::Justified && mllp.is_in_clear() && mllp.justification.is_none() {
            let why = "The port is reached by other machines and speaks no TLS: messages about people come in clear.";
            let fix =
                "Give mllp.tls, listen on 127.0.0.1, or say in mllp.justification who allowed it and why.";
            return Err(Problem::new(Code::JustificationRequired, why).at("/mllp/justification").fix(fix));
        }
        Ok(mllp)
    }
}

/// Whether a port may speak in clear with other machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InClear {
    /// With a justification.
    Justified,
    /// Without more ado, for trials.
    Free,
}

/// What the audit log keeps of a port that speaks in clear with other machines: why.
pub(super) fn detail(mllp: Option<&Mllp>) -> Option<String> {
    let mllp = mllp.filter(|mllp| mllp.is_in_clear())?;
    Some(format!("mllp in clear: {}", mllp.justification.as_deref().unwrap_or("not justified")))
}

impl TlsWish {
    /// `{}` says nothing.
    fn is_given(&self) -> bool {
        let TlsWish { certificate, private_key, client_ca, clients, min_version, .. } = self;
        let has_text = certificate.is_some() || private_key.is_some() || client_ca.is_some();
        has_text || clients.is_some() || min_version.is_some()
    }

    fn accept(self, kept: Option<&MllpTls>, now: Timestamp) -> Result<MllpTls, Problem> {
        let certificate = pem(self.certificate, "certificate")?.ok_or_else(|| missing(&at("certificate")))?;
        let given = self.private_key.or_else(|| kept.map(|kept| kept.private_key.clone()));
        let private_key = given.ok_or_else(|| missing(&at("privateKey")))?;
        if private_key.expose().len() > limits::PEM_BYTES {
            return Err(too_long("privateKey"));
        }
        let tls = MllpTls {
            certificate,
            private_key,
            client_ca: pem(self.client_ca, "clientCa")?,
            clients: self.clients.unwrap_or_default(),
            min_version: self.min_version.unwrap_or(TlsVersion::V1_2),
        };
        let read = PortTls::read(&tls).map_err(|fault| invalid(at(fault.member()), fault.to_string()))?;
        let is_new = kept.is_none_or(|kept| kept.certificate != tls.certificate);
        if is_new && read.until <= now {
            return Err(invalid(at("certificate"), format!("It ended at {}.", read.until)));
        }
        Ok(tls)
    }
}

fn pem(text: Option<String>, member: &str) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if text.len() > limits::PEM_BYTES => Err(too_long(member)),
        fitting => Ok(fitting),
    }
}

fn too_long(member: &str) -> Problem {
    invalid(at(member), format!("At most {} bytes.", limits::PEM_BYTES))
}

fn at(member: &str) -> String {
    format!("/mllp/tls/{member}")
}

fn part(text: Option<String>, place: &str) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if text.is_empty() || text.len() > 227 || text.chars().any(char::is_control) => {
            // HL7 v2.5.1 §2.A.33 HD: 227 characters at most.
            Err(invalid(place, "1 to 227 characters, none of them control characters."))
        }
        fitting => Ok(fitting),
    }
}

/// An MLLP port, without its key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Mllp)]
pub(super) struct Shown {
    #[schema(value_type = String)]
    listen: std::net::SocketAddr,
    #[schema(value_type = Vec<String>)]
    allow: Vec<IpNet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sending_application: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sending_facility: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<ShownTls>,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<String>,
}

/// TLS of an MLLP port, without its key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MllpTls)]
struct ShownTls {
    certificate: String,
    /// When the first certificate ends.
    #[schema(value_type = Option<String>)]
    not_after: Option<Timestamp>,
    client_ca: Option<String>,
    clients: Vec<String>,
    #[schema(value_type = String)]
    min_version: TlsVersion,
}

impl Shown {
    pub(super) fn of(mllp: &Mllp) -> Self {
        Shown {
            listen: mllp.listen,
            allow: mllp.allow.clone(),
            sending_application: mllp.sending_application.clone(),
            sending_facility: mllp.sending_facility.clone(),
            justification: mllp.justification.clone(),
            tls: mllp.tls.as_deref().map(|tls| ShownTls {
                certificate: tls.certificate.clone(),
                not_after: port_tls::ends(&tls.certificate),
                client_ca: tls.client_ca.clone(),
                clients: tls.clients.clone(),
                min_version: tls.min_version,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn signed(until: i32) -> (String, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["hub.test".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(until, 2, 3);
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    fn accept(tls: Value, kept: Option<&MllpTls>) -> Result<Mllp, Problem> {
        let wish = json!({ "listen": "127.0.0.1:2575", "tls": tls });
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        crate::strict::read_value::<Wish>(wish)?.accept(&Kind::Hl7v2, (kept, now), InClear::Justified)
    }

    #[test]
    fn s4_a_port_that_speaks_in_clear_with_other_machines_needs_a_justification() {
        let accept = |listen: &str, why: Value, in_clear| {
            let wish = json!({ "listen": listen, "justification": why });
            let now = "2026-01-01T00:00:00Z".parse().unwrap();
            crate::strict::read_value::<Wish>(wish).unwrap().accept(&Kind::Hl7v2, (None, now), in_clear)
        };
        for near in ["127.0.0.1:2575", "127.8.0.1:2575", "[::1]:2575", "[::ffff:127.0.0.1]:2575"] {
            assert!(accept(near, Value::Null, InClear::Justified).is_ok(), "{near}");
        }
        for far in ["0.0.0.0:2575", "[::]:2575", "10.0.0.7:2575", "[fe80::1]:2575"] {
            for nothing in [Value::Null, json!(" ")] {
                let problem = accept(far, nothing, InClear::Justified).unwrap_err();
                assert_eq!(problem.code, Code::JustificationRequired, "{far}");
                assert_eq!(problem.field.as_deref(), Some("/mllp/justification"));
                assert!(problem.fix.unwrap().contains("mllp.tls"), "{far}");
            }
            let made = accept(far, json!("a VPN of our own, ticket 7"), InClear::Justified).unwrap();
            assert_eq!(detail(Some(&made)).unwrap(), "mllp in clear: a VPN of our own, ticket 7");
            assert!(accept(far, Value::Null, InClear::Free).is_ok(), "{far}");
        }
    }

    #[test]
    fn a_key_that_is_left_out_stays_and_is_never_answered() {
        let (certificate, key) = signed(2031);
        let made = accept(json!({ "certificate": certificate, "privateKey": key }), None).unwrap();
        let kept = made.tls.as_deref().unwrap();
        let shown = serde_json::to_value(Shown::of(&made)).unwrap();
        assert!(!shown.to_string().contains("PRIVATE"), "{shown}");
        let tls = &shown["tls"];
        assert_eq!(
            (&tls["notAfter"], &tls["minVersion"]),
            (&json!("2031-02-03T00:00:00.000Z"), &json!("1.2"))
        );
        let again = accept(tls.clone(), Some(kept)).unwrap();
        assert_eq!(again, made, "what was answered can be sent back");
        assert_eq!(accept(json!({}), Some(kept)).unwrap().tls, None, "nothing said is no TLS");
        assert_eq!(accept(Value::Null, Some(kept)).unwrap().tls, None);
    }

    #[test]
    fn each_fault_names_its_member() {
        let (certificate, key) = signed(2031);
        let (over, its_key) = signed(2025);
        let long = "x".repeat(limits::PEM_BYTES + 1);
        for (tls, member) in [
            (json!({ "minVersion": "1.3" }), "certificate"),
            (json!({ "certificate": "x", "privateKey": key }), "certificate"),
            (json!({ "certificate": long, "privateKey": key }), "certificate"),
            (json!({ "certificate": over, "privateKey": its_key }), "certificate"),
            (json!({ "certificate": certificate }), "privateKey"),
            (json!({ "certificate": certificate, "privateKey": its_key }), "privateKey"),
            (json!({ "certificate": certificate, "privateKey": key, "clientCa": "x" }), "clientCa"),
            (json!({ "certificate": certificate, "privateKey": key, "clients": ["a"] }), "clients"),
        ] {
            let problem = accept(tls, None).unwrap_err();
            assert_eq!(problem.field, Some(at(member)), "{}", problem.detail);
            assert!(!problem.detail.contains("PRIVATE"));
        }
    }
}
