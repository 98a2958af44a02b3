use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::harness::{Hit, Hook, Setting, critical};

fn signatures(hit: &Hit) -> Vec<&str> {
    hit.header("webhook-signature").split(' ').collect()
}

/// The new secret of a rotation.
fn rotate(hook: &Hook, overlap: &str) -> String {
    let rotated = hook.ask("rotate-secret", &json!({ "overlap": overlap }), 200);
    rotated["signing"]["secret"].as_str().expect("a rotation tells the new secret").to_owned()
}

#[test]
fn during_a_rotation_the_old_and_the_new_secret_both_verify() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    let new = rotate(&hook, "24h");
    assert_ne!(new, hook.secret);
    story.accept(&integration, &critical("a", "1001"));
    let hit = story.receiver.wait_for(1).remove(0);
    assert_eq!(signatures(&hit).len(), 2);
    assert!(hit.is_signed_by(&hook.secret) && hit.is_signed_by(&new));
    let newest_first = Hit { headers: only_first_signature(&hit), ..hit.clone() };
    assert!(newest_first.is_signed_by(&new));
    assert!(!hook.read().to_string().contains("whsec_"), "secrets are told once");
}

fn only_first_signature(hit: &Hit) -> Vec<(String, String)> {
    let first = signatures(hit)[0].to_owned();
    let keep = |(name, value): &(String, String)| {
        (name.clone(), if name == "webhook-signature" { first.clone() } else { value.clone() })
    };
    hit.headers.iter().map(keep).collect()
}

#[test]
fn without_an_overlap_only_the_new_secret_signs() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    let new = rotate(&hook, "0s");
    story.accept(&integration, &critical("a", "1001"));
    let hit = story.receiver.wait_for(1).remove(0);
    assert_eq!(signatures(&hit).len(), 1);
    assert!(hit.is_signed_by(&new) && !hit.is_signed_by(&hook.secret));
}

#[test]
fn a_changed_byte_is_seen() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({}));
    story.accept(&integration, &critical("a", "1001"));
    let hit = story.receiver.wait_for(1).remove(0);
    assert!(hit.is_signed_by(&hook.secret));
    let mut body = hit.clone();
    body.body[10] ^= 1;
    assert!(!body.is_signed_by(&hook.secret));
    let mut time = hit;
    let stamp = time.headers.iter_mut().find(|(name, _)| name == "webhook-timestamp").unwrap();
    stamp.1.push('0');
    assert!(!time.is_signed_by(&hook.secret));
}

#[test]
fn a_receiver_may_verify_with_a_public_key_instead() {
    let story = Setting::new();
    let integration = story.events();
    let hook = story.hook(&integration, &json!({ "signing": { "kind": "ed25519" } }));
    let public = hook.read()["signing"]["publicKey"].as_str().unwrap().to_owned();
    let public = BASE64_STANDARD.decode(public.strip_prefix("whpk_").unwrap()).unwrap();
    story.accept(&integration, &critical("a", "1001"));
    let hit = story.receiver.wait_for(1).remove(0);
    let signature = signatures(&hit).into_iter().find_map(|text| text.strip_prefix("v1a,")).unwrap();
    let signature = BASE64_STANDARD.decode(signature).unwrap();
    let signed =
        [hit.id().as_bytes(), b".", hit.header("webhook-timestamp").as_bytes(), b".", &hit.body].concat();
    let key = UnparsedPublicKey::new(&ED25519, &public);
    key.verify(&signed, &signature).unwrap();
    assert!(key.verify(&signed[1..], &signature).is_err());
}

#[test]
fn a_secret_that_moves_here_with_its_webhook_signs() {
    let story = Setting::new();
    let integration = story.events();
    let own = format!("whsec_{}", BASE64_STANDARD.encode([7; 32]));
    story.hook(&integration, &json!({ "signing": { "kind": "hmac-sha256", "secret": own } }));
    story.accept(&integration, &critical("a", "1001"));
    assert!(story.receiver.wait_for(1)[0].is_signed_by(&own));
}
