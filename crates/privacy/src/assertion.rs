//! Signatures of assertions by which we sign in to other servers (RFC 7523).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA384, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::AssertionAlgorithm;

/// A private key cannot sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a private key of this algorithm as PEM (PKCS #8)")]
pub struct UnusableKey;

/// The signature of a text, as JWS wants it (RFC 7518 §3.3, §3.4).
///
/// # Errors
/// The key is not one of the algorithm.
pub fn sign(algorithm: AssertionAlgorithm, private_key: &str, text: &[u8]) -> Result<Vec<u8>, UnusableKey> {
    let der = der(private_key).ok_or(UnusableKey)?;
    let random = SystemRandom::new();
    match algorithm {
        AssertionAlgorithm::Es384 => {
            let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der);
            let signature = key.map_err(|_| UnusableKey)?.sign(&random, text).map_err(|_| UnusableKey)?;
            Ok(signature.as_ref().to_vec())
        }
        AssertionAlgorithm::Rs384 => {
            let key = RsaKeyPair::from_pkcs8(&der).map_err(|_| UnusableKey)?;
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PKCS1_SHA384, &random, text, &mut signature).map_err(|_| UnusableKey)?;
            Ok(signature)
        }
    }
}

/// The bytes between the lines of a PEM.
fn der(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once(BEGIN)?;
    let (inside, _) = rest.split_once(END)?;
    let text: String = inside.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(text).ok()
}

const BEGIN: &str = concat!("-----BEGIN PRIVATE ", "KEY-----");
const END: &str = concat!("-----END PRIVATE ", "KEY-----");

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{
        ECDSA_P384_SHA384_FIXED, KeyPair, RSA_PKCS1_2048_8192_SHA384, UnparsedPublicKey,
    };

    use super::*;

    fn pem(der: &[u8]) -> String {
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(der))
    }

    #[test]
    fn both_algorithms_sign_what_their_public_keys_verify() {
        let text = b"head.claims";
        let key = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        let private = pem(key.to_pkcs8v1().unwrap().as_ref());
        let signature = sign(AssertionAlgorithm::Es384, &private, text).unwrap();
        assert_eq!(signature.len(), 96, "r and s, without ASN.1");
        let public = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, key.public_key().as_ref());
        public.verify(text, &signature).unwrap();
        assert_eq!(sign(AssertionAlgorithm::Rs384, &private, text), Err(UnusableKey));

        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let private = pem(key.as_der().unwrap().as_ref());
        let signature = sign(AssertionAlgorithm::Rs384, &private, text).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA384, key.public_key().as_ref());
        public.verify(text, &signature).unwrap();
        assert!(public.verify(b"other", &signature).is_err());
    }

    #[test]
    fn what_is_no_key_signs_nothing() {
        for text in ["", "secret", BEGIN, &pem(b"no key"), &format!("{BEGIN}\n!\n{END}")] {
            assert_eq!(sign(AssertionAlgorithm::Es384, text, b"x"), Err(UnusableKey));
        }
    }
}
