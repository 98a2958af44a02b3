//! Whether a call is genuine: Standard Webhooks 1.0.0 from the receiver's side.

use std::time::Duration;

use delivery::Signer;
use http::HeaderMap;
use model::{Signing, SigningKey, Timestamp};

/// Knows the secret of a webhook and tells genuine calls from others.
pub struct Verifier(Signer);

/// Why a call is not genuine. Nothing of it is told to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header is missing or cannot be read.
    #[error("there is no readable header {0}")]
    Header(&'static str),
    /// It was signed too long ago, or in the future.
    #[error("the timestamp is more than 5 minutes off")]
    Time,
    /// It was signed by somebody else, or changed on its way.
    #[error("no signature fits")]
    Signature,
}

impl Verifier {
    /// Verifies under a shared secret.
    ///
    /// # Errors
    /// The key cannot be used, or is one that verifies with its public half.
    pub fn new(key: SigningKey) -> anyhow::Result<Self> {
        anyhow::ensure!(
            matches!(key, SigningKey::HmacSha256 { .. }),
            "the receiver verifies hmac-sha256 only"
        );
        Ok(Verifier(Signer::new(&Signing { keys: vec![key] })?))
    }

    /// The `webhook-id` of a call, if it is genuine at `now`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check<'a>(&self, headers: &'a HeaderMap, body: &[u8], now: Timestamp) -> Result<&'a str, Refusal> {
        let header = |name: &'static str| {
            let text = headers.get(name).and_then(|value| value.to_str().ok());
            text.filter(|text| !text.is_empty()).ok_or(Refusal::Header(name))
        };
        let (id, given) = (header("webhook-id")?, header("webhook-signature")?);
        let seconds = header("webhook-timestamp")?.parse::<i64>().ok();
        let seconds = seconds.and_then(|seconds| seconds.checked_mul(1_000));
        let signed = Timestamp::from_millis(seconds.ok_or(Refusal::Header("webhook-timestamp"))?);
        if now.since(signed) > TOLERANCE || signed.since(now) > TOLERANCE {
            return Err(Refusal::Time);
        }
        let expected = self.0.sign(id, signed, body).ok_or(Refusal::Signature)?;
        // Every entry is compared, and each in full.
        let fits = given
            .split(' ')
            .fold(false, |fits, entry| fits | is_equal(entry.as_bytes(), expected.as_bytes()));
        if fits { Ok(id) } else { Err(Refusal::Signature) }
    }
}

// As long for the first byte that differs as for the last.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let difference = one.iter().zip(other).fold(0, |seen, (a, b)| std::hint::black_box(seen | (a ^ b)));
    one.len() == other.len() && difference == 0
}

const TOLERANCE: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use model::Secret;

    use super::*;

    // The vector of the official libraries, so that signing and verifying cannot be wrong together.
    const SECRET: &str = "C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
    const GOLDEN: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
    const SIGNED: i64 = 1_649_367_553;

    fn verifier() -> Verifier {
        Verifier::new(SigningKey::HmacSha256 { secret: Secret::new(SECRET.to_owned()), until: None }).unwrap()
    }

    fn headers(signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", HeaderValue::from_static("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"));
        headers.insert("webhook-timestamp", HeaderValue::from(SIGNED));
        headers.insert("webhook-signature", HeaderValue::from_str(signature).unwrap());
        headers
    }

    #[track_caller]
    fn check(signature: &str, body: &[u8], late: i64, expected: Result<(), Refusal>) {
        let now = Timestamp::from_millis((SIGNED + late) * 1_000);
        let headers = headers(signature);
        assert_eq!(verifier().check(&headers, body, now).map(|_| ()), expected);
    }

    #[test]
    fn only_what_was_signed_in_time_and_is_whole_is_genuine() {
        check(GOLDEN, BODY, 0, Ok(()));
        check(&format!("v1,AAAA v1a,BBBB {GOLDEN}"), BODY, 0, Ok(()));
        check(GOLDEN, BODY, 300, Ok(()));
        check(GOLDEN, BODY, -300, Ok(()));
        check(GOLDEN, BODY, 301, Err(Refusal::Time));
        check(GOLDEN, BODY, -301, Err(Refusal::Time));
        check(GOLDEN, b"{}", 0, Err(Refusal::Signature));
        check("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkx=", BODY, 0, Err(Refusal::Signature));
        check("v1,", BODY, 0, Err(Refusal::Signature));
        check("", BODY, 0, Err(Refusal::Header("webhook-signature")));
    }

    #[test]
    fn what_lacks_a_header_is_not_genuine() {
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            let mut headers = headers(GOLDEN);
            headers.remove(name);
            let now = Timestamp::from_millis(SIGNED * 1_000);
            assert_eq!(verifier().check(&headers, BODY, now), Err(Refusal::Header(name)));
        }
    }
}
