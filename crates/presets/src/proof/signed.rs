//! A signature over a template: HMAC, Ed25519, ECDSA.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::{hmac, signature};

use super::{TimeRule, Unproven, check_time, same};
use crate::call::Call;
use crate::encoding::Encoding;
use crate::shape::{Carried, Shape};
use crate::template::{Scope, Template, Variable};

/// What is signed, how, and where the signature stands.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) algorithm: Algorithm,
    /// In lower case; with `*` at its end, any header that begins so.
    pub(crate) header: String,
    /// The setting that may name another header.
    pub(crate) header_from: Option<String>,
    pub(crate) shape: Shape,
    pub(crate) encoding: Encoding,
    pub(crate) signed: Template,
    pub(crate) key: Key,
    pub(crate) digest: Option<BodyDigest>,
}

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    HmacSha1,
    HmacSha256,
    HmacSha512,
    Ed25519,
    EcdsaP256,
}

/// How a key is made from what the operator gave.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) template: Template,
    /// What may stand before it, such as `whsec_`.
    pub(crate) prefix: String,
    pub(crate) encoding: Encoding,
}

/// A digest of the body in a header that is signed instead of the body.
#[derive(Debug, Clone)]
pub(crate) struct BodyDigest {
    pub(crate) header: String,
    pub(crate) prefix: String,
}

impl Signed {
    pub(super) fn check(&self, scope: Scope<'_>, time: Option<&TimeRule>) -> Result<(), Unproven> {
        let values = self.values(&scope)?;
        let mut carried: Vec<Carried<'_>> = values.iter().map(|value| self.shape.take(value)).collect();
        carried.retain(|carried| !carried.signatures.is_empty());
        if carried.is_empty() {
            return Err(Unproven::Shape(self.header.clone()));
        }
        if let Some(digest) = &self.digest {
            digest.check(scope.call)?;
        }
        for Carried { signatures, ts } in &carried {
            let named = match time.and_then(|rule| rule.from.as_ref()) {
                Some(from) => from.text(&scope)?,
                None => ts.map(str::to_owned),
            };
            let scope = Scope { ts: named.as_deref(), ..scope };
            if self.proves(&scope, signatures)? {
                return check_signed_time(time, &scope);
            }
        }
        Err(Unproven::Mismatch(self.header.clone()))
    }

    fn values<'c>(&self, scope: &Scope<'c>) -> Result<Vec<&'c str>, Unproven> {
        let call = scope.call;
        let named = self.header_from.as_deref().and_then(|name| scope.settings.field(name));
        let header = named.map_or_else(|| self.header.clone(), str::to_ascii_lowercase);
        let missing = || Unproven::Missing(header.clone());
        let Some(prefix) = header.strip_suffix('*') else {
            return Ok(vec![call.header(&header)?.ok_or_else(missing)?]);
        };
        let names = call.headers.keys().filter(|name| name.as_str().starts_with(prefix)).take(HEADERS);
        let values: Vec<&str> =
            names.filter_map(|name| call.header(name.as_str()).transpose()).collect::<Result<_, _>>()?;
        if values.is_empty() { Err(missing()) } else { Ok(values) }
    }

    /// Whether the time that the rule reads is a part of what is signed.
    pub(crate) fn covers_time(&self, time: Option<&TimeRule>) -> bool {
        let from = time.and_then(|rule| rule.from.as_ref());
        let is_signed = |wanted: &Variable| {
            let is_in_body = matches!(wanted, Variable::Json(_) | Variable::Root(_));
            self.signed.variables().any(|known| known == wanted || (is_in_body && *known == Variable::Body))
        };
        match from {
            Some(from) => {
                self.signed.variables().any(|known| *known == Variable::Ts) || from.variables().all(is_signed)
            }
            None => self.signed.variables().any(|known| *known == Variable::Ts),
        }
    }

    fn proves(&self, scope: &Scope<'_>, signatures: &[&str]) -> Result<bool, Unproven> {
        let message = self.signed.bytes(scope)?.ok_or(Unproven::Incomplete)?;
        let keys = self.key.all(scope)?;
        let signatures: Vec<Vec<u8>> =
            signatures.iter().filter_map(|text| self.encoding.decode(text)).collect();
        Ok(keys
            .iter()
            .any(|key| signatures.iter().any(|given| self.algorithm.verifies(key, &message, given))))
    }

    pub(super) fn headers(&self) -> Vec<String> {
        let digest = self.digest.iter().map(|digest| digest.header.clone());
        std::iter::once(self.header.clone()).chain(digest).collect()
    }
}

fn check_signed_time(time: Option<&TimeRule>, scope: &Scope<'_>) -> Result<(), Unproven> {
    let Some(TimeRule { unit, tolerance: Some(tolerance), .. }) = time else { return Ok(()) };
    let at = scope.ts.and_then(|text| unit.read(text)).ok_or(Unproven::NoTime)?;
    check_time(at, scope.call.now, *tolerance)
}

impl Key {
    /// Every key that the settings give, usable ones only.
    pub(crate) fn all(&self, scope: &Scope<'_>) -> Result<Vec<Vec<u8>>, Unproven> {
        let name = self.secret().unwrap_or("key");
        let mut keys = Vec::new();
        match self.secret() {
            Some(secret) => {
                for secret in scope.settings.secrets(secret) {
                    keys.extend(self.one(&Scope { secret: Some(secret), ..*scope })?);
                }
            }
            None => keys.extend(self.one(scope)?),
        }
        if keys.is_empty() { Err(Unproven::NoKey(name.to_owned())) } else { Ok(keys) }
    }

    /// The name of the secret that is in it.
    pub(crate) fn secret(&self) -> Option<&str> {
        self.template.variables().find_map(|variable| {
            if let Variable::Secret(name) = variable { Some(name.as_str()) } else { None }
        })
    }

    /// The names of the other fields that are in it.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.template.variables().filter_map(|variable| {
            if let Variable::Field(name) = variable { Some(name.as_str()) } else { None }
        })
    }

    fn one(&self, scope: &Scope<'_>) -> Result<Option<Vec<u8>>, Unproven> {
        let Some(text) = self.template.text(scope)? else { return Ok(None) };
        let text = text.strip_prefix(&*self.prefix).unwrap_or(&text);
        Ok(self.encoding.decode(text).filter(|key| !key.is_empty()))
    }
}

impl BodyDigest {
    fn check(&self, call: &Call<'_>) -> Result<(), Unproven> {
        let value = call.header(&self.header)?.ok_or_else(|| Unproven::Missing(self.header.clone()))?;
        let given = value.strip_prefix(&*self.prefix).and_then(|text| Encoding::Base64.decode(text));
        let is_same = given.is_some_and(|given| same(&given, digest(&SHA256, call.body).as_ref()));
        if is_same { Ok(()) } else { Err(Unproven::Digest(self.header.clone())) }
    }
}

impl Algorithm {
    /// Whether this is the signature of a message; in constant time.
    pub(crate) fn verifies(self, key: &[u8], message: &[u8], given: &[u8]) -> bool {
        let mac = |algorithm| hmac::verify(&hmac::Key::new(algorithm, key), message, given).is_ok();
        match self {
            // SHA-1 only because vendors still sign with it; as an HMAC it is not broken.
            Algorithm::HmacSha1 => mac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
            Algorithm::HmacSha256 => mac(hmac::HMAC_SHA256),
            Algorithm::HmacSha512 => mac(hmac::HMAC_SHA512),
            Algorithm::Ed25519 => {
                signature::UnparsedPublicKey::new(&signature::ED25519, key).verify(message, given).is_ok()
            }
            Algorithm::EcdsaP256 => {
                let point = point(key);
                let public = signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, point);
                public.verify(message, given).is_ok()
            }
        }
    }
}

// RFC 5480: a P-256 SubjectPublicKeyInfo is 26 bytes that are always the same, then the point.
fn point(key: &[u8]) -> &[u8] {
    match key.split_at_checked(26) {
        Some((_, point)) if point.len() == 65 => point,
        Some(_) | None => key,
    }
}

/// Headers of one signature that are looked at.
const HEADERS: usize = 16;
