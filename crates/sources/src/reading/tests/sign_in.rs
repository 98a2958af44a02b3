//! SMART Backend Services, and the simpler ways to sign in.

use std::time::Duration;

use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::ehr::{World, page};

fn key() -> (EcdsaKeyPair, String) {
    let key = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let name = "PRIVATE KEY";
    let text = STANDARD.encode(key.to_pkcs8v1().unwrap());
    (key, format!("-----BEGIN {name}-----\n{text}\n-----END {name}-----\n"))
}

fn smart(private_key: &str) -> Value {
    json!({"auth": {
        "kind": "smart-backend", "clientId": "carehook", "tokenUrl": "https://auth.example/token", "scope": "system/*.rs",
        "keyId": "k1", "algorithm": "ES384", "privateKey": private_key
    }})
}

fn granted(token: &str) -> Value {
    json!({"access_token": token, "token_type": "bearer", "expires_in": 300})
}

#[tokio::test]
async fn a_signed_assertion_brings_a_token_that_is_used_while_it_lasts() {
    let (key, private_key) = key();
    let world = World::reading(smart(&private_key)).await;
    let mut reader = world.reader();
    world.ehr.says(granted("t-1"));
    world.ehr.says(page(&[], None));
    world.ehr.says(page(&[], None));
    reader.round().await.unwrap();
    reader.round().await.unwrap();
    let asked = world.ehr.asked();
    assert_eq!(asked.len(), 3, "one token for both");
    assert_eq!(asked[0].url, "https://auth.example/token");
    assert_eq!(asked[2].authorization.as_deref(), Some("Bearer t-1"));

    let form = asked[0].form.as_deref().unwrap();
    assert!(form.starts_with(
        "grant_type=client_credentials&scope=system%2F%2A.rs&client_assertion_type=urn%3Aietf%3A"
    ));
    let assertion = form.rsplit_once("client_assertion=").unwrap().1;
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, key.public_key().as_ref());
    public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
    let read =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let (head, claims) = signed.split_once('.').map(|(head, claims)| (read(head), read(claims))).unwrap();
    assert_eq!(head, json!({"alg": "ES384", "kid": "k1", "typ": "JWT"}));
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&json!("carehook"), &json!("carehook"), &json!("https://auth.example/token"))
    );
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 240);

    world.clock.advance(Duration::from_secs(241));
    world.ehr.says(granted("t-2"));
    world.ehr.says(page(&[], None));
    reader.round().await.unwrap();
    assert_eq!(world.ehr.asked()[1].authorization.as_deref(), Some("Bearer t-2"));
}

#[tokio::test]
async fn a_token_that_is_no_longer_taken_is_renewed_once() {
    let (_, private_key) = key();
    let world = World::reading(smart(&private_key)).await;
    let mut reader = world.reader();
    world.ehr.says(granted("t-1"));
    world.ehr.replies(401, None, String::new());
    world.ehr.says(granted("t-2"));
    world.ehr.replies(401, None, String::new());
    assert_eq!(reader.round().await.unwrap_err().code(), "http_401_403");
    assert_eq!(world.ehr.asked().len(), 4);
    world.ehr.replies(400, None, json!({"error": "invalid_client"}).to_string());
    assert_eq!(reader.round().await.unwrap_err().code(), "sign_in");
}

#[tokio::test]
async fn bearer_and_basic_say_what_they_were_given() {
    for (auth, header) in [
        (json!({"kind": "bearer", "token": "abc"}), "Bearer abc"),
        (json!({"kind": "basic", "username": "u", "password": "p"}), "Basic dTpw"),
    ] {
        let world = World::reading(json!({ "auth": auth })).await;
        world.ehr.says(page(&[], None));
        world.reader().round().await.unwrap();
        assert_eq!(world.ehr.asked()[0].authorization.as_deref(), Some(header));
    }
}
