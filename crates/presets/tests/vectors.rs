//! Every preset against calls of its vendor: taken as they are, refused in every way in which they could be forged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderMap, HeaderName, HeaderValue};
use matching::{Catalogue, check_data};
use model::{PresetSettings, Secret, Timestamp};
use presets::{Call, Library, Named, Preset, Welcome};
use serde::Deserialize;
use serde_json::value::to_raw_value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vector: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    preset: String,
    #[serde(default)]
    path: Option<String>,
    /// Whether the proof leaves the body open.
    #[serde(default)]
    body_is_free: bool,
    body: String,
    /// The types that it becomes.
    reads: Option<Vec<String>>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    given: BTreeMap<String, String>,
}

/// 2026-01-01T00:00:00Z
const NOW: i64 = 1_767_225_600_000;

/// A call that can be changed before it is made.
#[derive(Clone)]
struct Draft {
    headers: HeaderMap,
    body: Vec<u8>,
    path: Option<String>,
    now: i64,
    given: PresetSettings,
}

impl Draft {
    fn of(vector: &Vector, preset: &Preset) -> Draft {
        let headers = vector.headers.iter().map(|(name, value)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        });
        let mut given = PresetSettings::default();
        for (name, value) in &vector.given {
            if preset.fields.iter().any(|field| field.secret && field.name == *name) {
                given.secrets.insert(name.clone(), vec![Secret::new(value.clone())]);
            } else {
                given.fields.insert(name.clone(), value.clone());
            }
        }
        let body = vector.body.clone().into_bytes();
        Draft { headers: headers.collect(), body, path: vector.path.clone(), now: NOW, given }
    }

    fn call(&self) -> Call<'_> {
        Call {
            method: "POST",
            path: "/ingest/int_0/hook",
            query: "",
            secret_path: self.path.as_deref(),
            headers: &self.headers,
            body: &self.body,
            now: Timestamp::from_millis(self.now),
        }
    }

    #[track_caller]
    fn is_refused(&self, preset: &Preset, why: &str) {
        let proven = preset.prove(&self.call(), &self.given);
        assert!(proven.is_err(), "{} takes a call {why}", preset.name);
    }
}

fn vectors() -> Vec<Vector> {
    let file: File = toml::from_str(include_str!("../../../presets/vectors/calls.toml")).unwrap();
    file.vector
}

#[test]
fn every_preset_takes_what_its_vendor_sends_and_nothing_that_was_changed() {
    let library = Library::embedded();
    let mut tried = BTreeSet::new();
    for vector in vectors() {
        let preset = library.find(&vector.preset).unwrap_or_else(|| panic!("no preset {}", vector.preset));
        let draft = Draft::of(&vector, preset);
        assert_eq!(preset.accept(&draft.given), Ok(()), "{}", preset.name);
        assert_eq!(preset.welcome(&draft.call(), &draft.given), Ok(Welcome::GoOn), "{}", preset.name);
        assert_eq!(preset.prove(&draft.call(), &draft.given), Ok(Welcome::GoOn), "{}", preset.name);
        refuses_forgeries(preset, &vector, &draft);
        takes_every_key_of_a_rotation(preset, &draft);
        if let Some(types) = &vector.reads {
            assert_eq!(&reads(preset, &draft), types, "{}: {}", preset.name, vector.body);
        }
        tried.insert(preset.name.clone());
    }
    let untried: Vec<&str> =
        library.all().map(|preset| preset.name.as_str()).filter(|name| !tried.contains(*name)).collect();
    assert!(untried.is_empty(), "presets without a call: {untried:?}");
}

fn refuses_forgeries(preset: &Preset, vector: &Vector, draft: &Draft) {
    if !vector.body_is_free {
        let mut tampered = draft.clone();
        *tampered.body.last_mut().unwrap() ^= 1;
        tampered.is_refused(preset, "with another body");
    }
    assert_eq!(preset.is_sender_check_only(), vector.body_is_free, "{} says what it proves", preset.name);
    for header in preset.proof_headers() {
        let names = draft.headers.keys().map(|name| name.as_str().to_owned());
        let present: Vec<String> =
            names.filter(|name| name.starts_with(header.trim_end_matches('*'))).collect();
        let (mut without, mut twice) = (draft.clone(), draft.clone());
        for name in present {
            let value = without.headers.remove(&name).unwrap();
            twice.headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
        }
        if preset.name != "generic-hmac" || !vector.given.contains_key("header") {
            without.is_refused(preset, "without its proof");
            twice.is_refused(preset, "with its proof twice");
        }
    }
    for name in draft.given.secrets.keys() {
        let mut other = draft.clone();
        let key = "whsec_c29tZSBvdGhlciBrZXksIGxvbmcgZW5vdWdo";
        other.given.secrets.insert(name.clone(), vec![Secret::new(key.to_owned())]);
        let is_proof = preset.fields.iter().any(|field| field.name == *name && field.required);
        // A token of a handshake proves no event.
        if (is_proof && name != "verifyToken") || name == "secretPath" {
            other.is_refused(preset, "under another key");
            let mut empty = draft.clone();
            empty.given.secrets.insert(name.clone(), vec![Secret::new(String::new())]);
            assert!(preset.accept(&empty.given).is_err(), "{} is saved with an empty {name}", preset.name);
            // A path that is empty is none: then the signature alone decides.
            empty.is_refused(preset, "with an empty key");
        }
    }
    if let Some(key) = draft.given.fields.get("publicKey") {
        let mut other = draft.clone();
        other.given.fields.insert("publicKey".to_owned(), key.replace(['B', 'E'], "C"));
        other.is_refused(preset, "under another public key");
    }
    let mut late = draft.clone();
    late.now += 3_600_000;
    let mut early = draft.clone();
    early.now -= 3_600_000;
    if TIMED.contains(&&*preset.name) {
        late.is_refused(preset, "that is an hour old");
        early.is_refused(preset, "of the next hour");
    } else {
        assert!(
            preset.prove(&late.call(), &late.given).is_ok(),
            "{} sells no protection it has not",
            preset.name
        );
    }
}

/// Vendors that sign a time.
const TIMED: [&str; 15] = [
    "calendly",
    "healthgorilla",
    "healthie",
    "hero-health",
    "hubspot",
    "medblocks",
    "particle",
    "sendgrid",
    "standard-webhooks",
    "standard-webhooks-ed25519",
    "stripe",
    "svix",
    "terra",
    "vonage",
    "zocdoc",
];

fn takes_every_key_of_a_rotation(preset: &Preset, draft: &Draft) {
    for name in draft.given.secrets.keys() {
        let mut rotated = draft.clone();
        let keys = rotated.given.secrets.get_mut(name).unwrap();
        keys.insert(0, Secret::new("whsec_bmV4dCBrZXksIG5vdCB5ZXQgaW4gdXNlIDEyMw==".to_owned()));
        assert!(preset.prove(&rotated.call(), &rotated.given).is_ok(), "{} rotates {name}", preset.name);
    }
}

/// The types that a call becomes; each must be one of ours, with data that its type accepts.
fn reads(preset: &Preset, draft: &Draft) -> Vec<String> {
    let items = preset.read_items(&draft.call(), &draft.given).unwrap();
    let mut types = Vec::new();
    for said in items.into_iter().flat_map(|item| item.said) {
        let name = match said.event_type {
            Named::Ours(name) | Named::Passthrough(name) => name,
            Named::SameOr { native, passthrough } => {
                if Catalogue::embedded().find(&native).is_some() {
                    native
                } else {
                    passthrough
                }
            }
        };
        let info = Catalogue::embedded().find(&name).unwrap_or_else(|| panic!("{name} is no type of ours"));
        assert_eq!(check_data(info, &to_raw_value(&said.data).unwrap()), Ok(()), "{} {name}", preset.name);
        types.push(name);
    }
    types
}

#[test]
fn every_type_of_a_map_is_one_of_the_catalogue() {
    for preset in Library::embedded().all() {
        for name in preset.event_types() {
            assert!(Catalogue::embedded().find(name).is_some(), "{}: {name}", preset.name);
        }
        let page = format!("{}/../../docs/how-to/{}.md", env!("CARGO_MANIFEST_DIR"), preset.docs);
        assert!(
            std::path::Path::new(&page).exists(),
            "{} names a page that is not there: {page}",
            preset.name
        );
    }
}

#[test]
fn what_a_shop_sold_leaves_the_stock_by_the_letter() {
    let library = Library::embedded();
    let preset = library.find("woocommerce").unwrap();
    let vector = vectors().into_iter().find(|known| known.body.contains("SKU-1")).unwrap();
    let draft = Draft::of(&vector, preset);
    let items = preset.read_items(&draft.call(), &draft.given).unwrap();
    assert_eq!(items[0].id.as_deref(), Some("order.created/727/2026-01-01T00:00:00"));
    let data: Vec<String> = items[0].said.iter().skip(1).map(|said| said.data.to_string()).collect();
    let expected =
        [r#"{"orderRef":"727","sku":"SKU-1","delta":-2}"#, r#"{"orderRef":"727","sku":"94","delta":-1}"#];
    assert_eq!(data, expected);
}
