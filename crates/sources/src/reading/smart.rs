//! SMART Backend Services: a token for an assertion that we sign (SMART App Launch 2.2, "Backend Services").

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use model::{AssertionAlgorithm, Secret, Timestamp, limits};
use privacy::assertion;
use serde::Deserialize;
use serde_json::json;

use super::fault::Fault;

/// Who we are to a server, and how we prove it.
pub(super) struct Client<'a> {
    pub(super) client_id: &'a str,
    /// The token endpoint: whom the assertion is for.
    pub(super) audience: &'a str,
    pub(super) scope: &'a str,
    pub(super) key_id: &'a str,
    pub(super) algorithm: AssertionAlgorithm,
    pub(super) private_key: &'a str,
}

/// A token and until when it can be used.
pub(super) struct Token {
    pub(super) text: Secret<String>,
    pub(super) until: Timestamp,
}

impl Client<'_> {
    /// The form that asks for a token.
    pub(super) fn request(&self, now: Timestamp) -> Result<Bytes, Fault> {
        let assertion = self.assertion(now)?;
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", self.scope),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        let pairs = form.map(|(name, value)| format!("{name}={}", encoded(value)));
        Ok(Bytes::from(pairs.join("&")))
    }

    fn assertion(&self, now: Timestamp) -> Result<String, Fault> {
        let mut nonce = [0_u8; 16];
        rand::fill(&mut nonce).map_err(|_| Fault::SignIn("no randomness"))?;
        let issued = now.seconds();
        let head = json!({ "alg": self.algorithm.name(), "kid": self.key_id, "typ": "JWT" });
        let claims = json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience,
            "iat": issued,
            "exp": issued + limits::ASSERTION.as_secs().cast_signed(),
            "jti": URL_SAFE_NO_PAD.encode(nonce),
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(head), part(claims));
        let signature = assertion::sign(self.algorithm, self.private_key, signed.as_bytes());
        let signature = signature.map_err(|_| Fault::SignIn("the key cannot sign"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Reads the answer of a token endpoint (RFC 6749 §5.1).
pub(super) fn token(body: &[u8], now: Timestamp) -> Result<Token, Fault> {
    #[derive(Deserialize)]
    struct Answer {
        access_token: Secret<String>,
        token_type: String,
        expires_in: Option<u64>,
    }
    let answer: Answer =
        serde_json::from_slice(body).map_err(|_| Fault::SignIn("the token cannot be read"))?;
    let is_plain = answer.access_token.expose().bytes().all(|byte| byte.is_ascii_graphic());
    if !answer.token_type.eq_ignore_ascii_case("bearer") || !is_plain {
        return Err(Fault::SignIn("the token is not a bearer token"));
    }
    // SMART asks for at most five minutes; renewed when four fifths are over.
    let lasts = std::time::Duration::from_secs(answer.expires_in.unwrap_or(300).min(86_400));
    Ok(Token { text: answer.access_token, until: now + lasts * 4 / 5 })
}

/// A value of a form.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte))
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_used_until_four_fifths_of_its_time_are_over() {
        let now = Timestamp::from_millis(0);
        let read = |text: &str| token(text.as_bytes(), now).ok();
        let good =
            read(r#"{"access_token":"a.b","token_type":"Bearer","expires_in":300,"scope":"x"}"#).unwrap();
        assert_eq!((good.text.expose().as_str(), good.until.seconds()), ("a.b", 240));
        assert_eq!(read(r#"{"access_token":"a","token_type":"bearer"}"#).unwrap().until.seconds(), 240);
        for bad in [
            r#"{"access_token":"a\r\nx: y","token_type":"bearer"}"#,
            r#"{"access_token":"a","token_type":"mac"}"#,
            r#"{"token_type":"bearer"}"#,
            "",
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_value_of_a_form_can_hold_anything() {
        assert_eq!(encoded("system/*.rs ä&="), "system%2F%2A.rs%20%C3%A4%26%3D");
    }
}
