//! HTTP Message Signatures (RFC 9421) with HMAC-SHA256 and `Content-Digest`, as far as they are in use.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use model::Timestamp;

use super::signed::Algorithm;
use super::{Unproven, check_time, same};
use crate::call::Call;
use crate::encoding::Encoding;
use crate::fields::Settings;

/// Which key, and how old a signature may be.
#[derive(Debug, Clone)]
pub(crate) struct MessageSignature {
    /// The name of the secret.
    pub(crate) secret: String,
    pub(crate) tolerance: Duration,
}

/// The headers that carry the proof.
pub(super) const HEADERS: [&str; 3] = ["signature", "signature-input", "content-digest"];

impl MessageSignature {
    pub(super) fn check(&self, call: &Call<'_>, given: Settings<'_>) -> Result<(), Unproven> {
        let [signature, input, content] = HEADERS.map(|name| {
            call.header(name)?.ok_or_else(|| Unproven::Missing(name.to_owned())).map(|value| (name, value))
        });
        let ((signature_name, signature), (input_name, input), (_, content)) = (signature?, input?, content?);
        let input = Input::read(input).ok_or_else(|| Unproven::Shape(input_name.to_owned()))?;
        // What is not covered proves nothing: the body and where it was sent have to be.
        if ![r#""@method""#, r#""@path""#, r#""content-digest""#]
            .iter()
            .all(|must| input.components.contains(must))
        {
            return Err(Unproven::Incomplete);
        }
        let given_signature = value_of(signature, input.label)
            .and_then(|text| text.strip_prefix(':')?.strip_suffix(':'))
            .and_then(|text| Encoding::Base64.decode(text))
            .ok_or_else(|| Unproven::Shape(signature_name.to_owned()))?;
        let base = input.base(call, given)?;
        let mut keys = given.secrets(&self.secret).peekable();
        if keys.peek().is_none() {
            return Err(Unproven::NoKey(self.secret.clone()));
        }
        let verifies =
            |key: &str| Algorithm::HmacSha256.verifies(key.as_bytes(), base.as_bytes(), &given_signature);
        if !keys.any(verifies) {
            return Err(Unproven::Mismatch(signature_name.to_owned()));
        }
        check_digest(content, call.body)?;
        let made = input.created.ok_or(Unproven::NoTime)?;
        check_time(Timestamp::from_millis(made.saturating_mul(1_000)), call.now, self.tolerance)
    }
}

/// `sig1=("@method" "@path");created=1;keyid="x"`, taken apart.
struct Input<'a> {
    label: &'a str,
    /// With their quotes.
    components: Vec<&'a str>,
    /// Components and parameters as they stand: they are signed too.
    parameters: &'a str,
    created: Option<i64>,
}

impl<'a> Input<'a> {
    fn read(value: &'a str) -> Option<Self> {
        let (label, parameters) = value.trim().split_once('=')?;
        let (components, rest) = parameters.strip_prefix('(')?.split_once(')')?;
        // One signature only: which of several is meant would be a guess.
        if rest.contains('(') || !rest.split(';').all(|part| part.is_empty() || part.contains('=')) {
            return None;
        }
        let components: Vec<&str> = components.split_ascii_whitespace().collect();
        let created = rest.split(';').find_map(|part| part.trim().strip_prefix("created=")?.parse().ok());
        Some(Input { label, components, parameters, created })
    }

    /// RFC 9421 §2.5: each component on a line, then the parameters.
    fn base(&self, call: &Call<'_>, given: Settings<'_>) -> Result<String, Unproven> {
        let public = given.field("publicUrl").and_then(|url| url::Url::parse(url).ok());
        let mut base = String::new();
        for component in &self.components {
            let name = component.trim_matches('"');
            let value = match name {
                "@method" => call.method.to_owned(),
                "@path" => public.as_ref().map_or(call.path, |url| url.path()).to_owned(),
                "@query" => format!("?{}", call.query),
                "@authority" => {
                    let authority = public.as_ref().map(|url| url.authority().to_owned());
                    authority.or(call.header("host")?.map(str::to_owned)).ok_or(Unproven::Incomplete)?
                }
                "@target-uri" => given.field("publicUrl").ok_or(Unproven::Incomplete)?.to_owned(),
                _ if name.starts_with('@') => return Err(Unproven::Incomplete),
                _ => call.header(name)?.ok_or_else(|| Unproven::Missing(name.to_owned()))?.trim().to_owned(),
            };
            base.push_str(&format!("{component}: {value}\n"));
        }
        base.push_str(&format!("\"@signature-params\": {}", self.parameters));
        Ok(base)
    }
}

fn value_of<'a>(dictionary: &'a str, label: &str) -> Option<&'a str> {
    dictionary.split(',').find_map(|member| member.trim().strip_prefix(label)?.strip_prefix('='))
}

fn check_digest(header: &str, body: &[u8]) -> Result<(), Unproven> {
    let given = value_of(header, "sha-256").and_then(|text| text.strip_prefix(':')?.strip_suffix(':'));
    let given = given.and_then(|text| Encoding::Base64.decode(text));
    let is_same = given.is_some_and(|given| same(&given, digest(&SHA256, body).as_ref()));
    if is_same { Ok(()) } else { Err(Unproven::Digest("content-digest".to_owned())) }
}
