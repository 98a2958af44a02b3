//! What vendors ask before they send, and the calls in between that are no events.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use http::{HeaderMap, HeaderName, HeaderValue};
use model::{PresetSettings, Secret, Timestamp};
use presets::{Call, Library, Preset, Unproven, Welcome};

const KEY: &str = "whkit-test-secret-0123456789abcdef";

fn given(secrets: &[(&str, &str)]) -> PresetSettings {
    let secret = |(name, value): &(&str, &str)| ((*name).to_owned(), vec![Secret::new((*value).to_owned())]);
    PresetSettings { secrets: secrets.iter().map(secret).collect(), ..PresetSettings::default() }
}

/// What a preset answers to a call, proven or not.
fn answer(
    preset: &Preset,
    (method, query, body): (&str, &str, &str),
    headers: &[(&str, &str)],
    given: &PresetSettings,
) -> Result<Option<String>, Unproven> {
    let header = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
    };
    let headers: HeaderMap = headers.iter().map(header).collect();
    let call = Call {
        method,
        path: "/ingest/int_0/hook",
        query,
        secret_path: None,
        headers: &headers,
        body: body.as_bytes(),
        now: Timestamp::from_millis(1_767_225_600_000),
    };
    assert!(preset.takes(method), "{} takes {method}", preset.name);
    let welcome = match preset.welcome(&call, given)? {
        Welcome::GoOn => preset.prove(&call, given)?,
        answered => answered,
    };
    Ok(match welcome {
        Welcome::Answer(reply) => Some(reply.body),
        Welcome::GoOn => None,
    })
}

#[test]
fn every_question_of_a_vendor_is_answered_and_none_of_a_stranger() {
    let library = Library::embedded();
    let of = |name: &str| library.find(name).unwrap();
    let said = |text: &str| Ok(Some(text.to_owned()));
    let key = given(&[("secret", KEY)]);

    assert_eq!(answer(of("surveymonkey"), ("HEAD", "", ""), &[], &key), said(""));
    let woo = of("woocommerce");
    assert_eq!(answer(woo, ("POST", "", "webhook_id=12"), &[], &key), said(""));
    for forged in ["webhook_id=12&a=b", "webhook_id=x", "webhook_id=", "other=12", r#"{"id":1}"#] {
        assert!(answer(woo, ("POST", "", forged), &[], &key).is_err(), "{forged} is no ping");
    }

    let challenge = r#"{"secret_token":"6cc0efc19191515cf9cecd261f43677acf21c5c1caa6f261054aac54ba69110d"}"#;
    assert_eq!(answer(of("drchrono"), ("GET", "msg=hello", ""), &[], &key), said(challenge));
    let ping = [("X-drchrono-signature", KEY), ("X-drchrono-event", "PING")];
    assert_eq!(answer(of("drchrono"), ("POST", "", "{}"), &ping, &key), said(""));

    let redox = of("redox");
    let asked = format!(r#"{{"verification-token":"{KEY}","challenge":"abc-1"}}"#);
    assert_eq!(answer(redox, ("POST", "", &asked), &[], &key), said("abc-1"));
    let asked = format!("verification-token={KEY}&challenge=abc-2");
    assert_eq!(answer(redox, ("GET", &asked, ""), &[], &key), said("abc-2"));
    assert!(answer(redox, ("GET", "verification-token=x&challenge=abc", ""), &[], &key).is_err());
    assert!(answer(redox, ("GET", "challenge=abc", ""), &[], &given(&[("secret", "")])).is_err());

    let meta = given(&[("secret", KEY), ("verifyToken", "verify-me-0001")]);
    let asked = "hub.mode=subscribe&hub.verify_token=verify-me-0001&hub.challenge=1158201444";
    assert_eq!(answer(of("meta-lead-ads"), ("GET", asked, ""), &[], &meta), said("1158201444"));
    let asked = "hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1";
    assert!(answer(of("meta-lead-ads"), ("GET", asked, ""), &[], &meta).is_err());

    // HMAC-SHA256 of the body, made by another program.
    let ping = "e7d2a4f8";
    let body = r#"{"ping":"abc","meta":{"type":"ping"}}"#;
    assert!(answer(of("metriport"), ("POST", "", body), &[("x-metriport-signature", ping)], &key).is_err());
    let signature = "bd19bad0c464556dec315b381d197a7e8055a303f95a5e38d5ca571b73e9af42";
    let pong = r#"{"pong":"abc"}"#;
    assert_eq!(
        answer(of("metriport"), ("POST", "", body), &[("x-metriport-signature", signature)], &key),
        said(pong)
    );

    let bearer = format!("Bearer {KEY}");
    let bearer = [("authorization", bearer.as_str())];
    let r4 = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Parameters","parameter":[{"name":"type","valueCode":"handshake"}]}}]}"#;
    let r5 = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"heartbeat"}}]}"#;
    let event = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"SubscriptionStatus","type":"event-notification"}}]}"#;
    for (body, answered) in [(r4, said("")), (r5, said("")), (event, Ok(None))] {
        assert_eq!(answer(of("fhir-backport"), ("POST", "", body), &bearer, &key), answered, "{body}");
    }
}

#[test]
fn what_an_operator_gives_is_checked_before_it_is_saved() {
    let library = Library::embedded();
    let fault = |preset: &str, settings: PresetSettings| {
        library.find(preset).unwrap().accept(&settings).err().map(|fault| fault.field)
    };
    let secret = |value: &str| given(&[("secret", value)]);
    assert_eq!(fault("photon", PresetSettings::default()).as_deref(), Some("secret"));
    assert_eq!(fault("photon", secret(" ")).as_deref(), Some("secret"), "an empty key signs for everybody");
    assert_eq!(fault("surveymonkey", secret(KEY)).as_deref(), Some("clientId"));
    assert_eq!(fault("standard-webhooks", secret("whsec_not base64!")).as_deref(), Some("secret"));
    assert_eq!(fault("photon", given(&[("secret", KEY), ("other", "x")])).as_deref(), Some("other"));
    assert_eq!(
        fault("photon", given(&[("secret", KEY), ("secretPath", "short")])).as_deref(),
        Some("secretPath")
    );
    let mut square = secret(KEY);
    square.fields.insert("publicUrl".to_owned(), "hooks.example.org".to_owned());
    assert_eq!(fault("square", square).as_deref(), Some("publicUrl"));
    assert_eq!(fault("photon", secret(KEY)), None);
}

#[test]
fn a_preset_that_would_protect_from_nothing_is_not_loaded() {
    let load = |lines: &str| {
        let text = format!(
            "[preset.own-shop]\ntitle = \"x\"\ncategory = \"shop\"\nabout = \"x\"\ndocs = \"x\"\n{lines}\n\
             type = \"{{json:/type}}\"\n\
             [[preset.own-shop.field]]\nname = \"secret\"\ntitle = \"x\"\nsecret = true\nrequired = true\n"
        );
        Library::with(&[("own.toml".to_owned(), text)]).map(|library| library.find("own-shop").is_some())
    };
    let hmac =
        "auth.kind = \"hmac\"\nauth.hash = \"sha256\"\nauth.encoding = \"hex\"\nauth.header = \"X-S\"\n";
    assert_eq!(load(hmac), Ok(true), "a new third party is a file");
    for (lines, word) in [
        ("time.from = \"{header:x-time}\"\ntime.tolerance = 300", "not signed"),
        ("auth.key = \"fixed\"", "operator"),
        (
            "handshake = [{ kind = \"hmac-challenge\", query = \"msg\", member = \"m\", secret = \"secret\" }]",
            "hmac-challenge",
        ),
        ("auth.key_prefx = \"x\"", "key_prefx"),
        ("auth.parse = [\"v1=\"]", "neither"),
        ("id = \"{secret}\"", "secret into an event"),
        ("object = \"{json:id}\"", "no variable"),
    ] {
        let faulty = load(&format!("{hmac}{lines}")).unwrap_err();
        assert!(faulty.why.contains(word), "{lines}: {faulty}");
    }
    assert!(load("auth.kind = \"none\"").is_err(), "there is no preset without a proof");
}
