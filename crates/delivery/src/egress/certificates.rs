//! Until when the certificates that receivers showed are good.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use model::{Timestamp, limits};
use rustls_pki_types::CertificateDer;
use url::Host;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The end of the certificate that each host and port showed last.
#[derive(Default)]
pub(super) struct Certificates(Mutex<HashMap<(String, u16), Timestamp>>);

impl Certificates {
    /// A host showed its certificate in a handshake that succeeded.
    pub(super) fn shown(&self, host: &Host<String>, port: u16, certificate: &CertificateDer<'_>) {
        let Some(until) = end(certificate) else { return };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (host.to_string(), port);
        if known.len() < limits::ALERT_TARGETS || known.contains_key(&place) {
            known.insert(place, until);
        }
    }

    /// When it ends.
    pub(super) fn until(&self, host: &Host<String>, port: u16) -> Option<Timestamp> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(host.to_string(), port)).copied()
    }
}

fn end(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, read) = X509Certificate::from_der(certificate).ok()?;
    let seconds = read.validity().not_after.timestamp();
    Some(Timestamp::from_millis(seconds.saturating_mul(1_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_known_once_it_was_shown() {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["a.test".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(2031, 2, 3);
        let certificate = params.self_signed(&key).unwrap();
        let (known, host) = (Certificates::default(), Host::Domain("a.test".to_owned()));
        assert_eq!(known.until(&host, 443), None);
        known.shown(&host, 443, certificate.der());
        assert_eq!(known.until(&host, 443), Some("2031-02-03T00:00:00Z".parse().unwrap()));
        assert_eq!(known.until(&host, 8443), None);
        known.shown(&host, 443, &CertificateDer::from(vec![1, 2, 3]));
        assert!(known.until(&host, 443).is_some(), "what cannot be read changes nothing");
    }
}
