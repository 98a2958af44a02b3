//! A preset as it is used.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::PresetSettings;
use serde_json::Value;

use crate::call::Call;
use crate::document::{Auth, Document, FieldEntry, Hash, Other, SignedEntry, Time};
use crate::fields::{self, Field, Given, Settings};
use crate::handshake::{Handshake, Reply, Welcome};
use crate::proof::{
    Algorithm, Basic, BodyDigest, Jwt, Key, MessageSignature, Proof, SECRET_PATH, SharedSecret, Signed,
    TimeRule, Unproven, check_path,
};
use crate::reading::{Item, Pick, Reading, Unread};
use crate::shape::Shape;
use crate::template::{Template, Variable};

/// How one third party's webhooks are proven and read.
#[derive(Debug)]
pub struct Preset {
    /// Its name: the `kind` of an integration.
    pub name: String,
    /// What people call the third party.
    pub title: String,
    /// What it is: `surveys`, `shop`, `records` …
    pub category: String,
    /// What it can do.
    pub about: String,
    /// What it cannot do.
    pub cannot: Vec<String>,
    /// Object types that it has and tells by no webhook, with the event type that fetching would raise.
    pub polled: BTreeMap<String, String>,
    /// The how-to page.
    pub docs: String,
    /// Whether calls carry ids only.
    pub thin: bool,
    /// What it asks an operator for.
    pub fields: Vec<Field>,
    /// Where it comes from.
    pub origin: Origin,
    methods: Vec<String>,
    proof: Proof,
    time: Option<TimeRule>,
    handshakes: Vec<Handshake>,
    ack: Reply,
    pub(crate) reading: Reading,
}

/// Where a preset comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From this version.
    Embedded,
    /// From the operator's directory.
    Operator,
}

impl Preset {
    pub(crate) fn read(name: &str, origin: Origin, document: &Document) -> Result<Preset, String> {
        if !is_name(name) {
            return Err("a name has 2 to 40 lower case letters, digits and -, and is none of ours".to_owned());
        }
        let fields = asked(&document.field, matches!(document.auth, Auth::SecretPath {}));
        let is_secret = |name: &str| fields.iter().any(|field| field.secret && field.name == name);
        let preset = Preset {
            name: name.to_owned(),
            title: document.title.clone(),
            category: document.category.clone(),
            about: document.about.clone(),
            cannot: document.cannot.clone(),
            polled: document.polled.clone(),
            docs: document.docs.clone(),
            thin: document.thin,
            origin,
            methods: document.methods.clone(),
            proof: proof(&document.auth, &is_secret)?,
            time: document.time.as_ref().map(|time| time_rule(time, &is_secret)).transpose()?,
            handshakes: document.handshake.clone(),
            ack: Reply { status: document.ack.status, kind: "text/plain", body: document.ack.body.clone() },
            reading: Reading::of(name, document, &is_secret)?,
            fields,
        };
        preset.check()?;
        Ok(preset)
    }

    /// Checks what an operator gave.
    ///
    /// # Errors
    /// The first member that is missing, unknown or unusable.
    pub fn accept(&self, given: &PresetSettings) -> Result<(), Given> {
        fields::check(&self.fields, given)?;
        let Proof::Signed(signed) = &self.proof else { return Ok(()) };
        let Some(secret) = signed.key.secret() else { return Ok(()) };
        let headers = http::HeaderMap::new();
        let call = Call::nothing(&headers);
        let keys = signed.key.all(&crate::template::Scope::of(&call, Settings(given))).unwrap_or_default();
        if keys.len() == given.secrets.get(secret).map_or(0, Vec::len) {
            return Ok(());
        }
        Err(Given {
            field: secret.to_owned(),
            why: "It is not of the encoding that the vendor uses for keys.",
        })
    }

    /// Whether calls of a method come by this preset.
    #[must_use]
    pub fn takes(&self, method: &str) -> bool {
        self.methods.iter().any(|known| known == method)
            || self.handshakes.iter().any(|handshake| handshake.method() == Some(method))
    }

    /// Answers what a vendor asks before it proves anything.
    ///
    /// # Errors
    /// The secret part of the path, or the token of the question, is another one.
    pub fn welcome(&self, call: &Call<'_>, given: &PresetSettings) -> Result<Welcome, Unproven> {
        let given = Settings(given);
        check_path(call, given, matches!(self.proof, Proof::SecretPath))?;
        let headers = self.proof.headers();
        for handshake in &self.handshakes {
            if let Some(reply) = handshake.before_proof(call, given, &headers)? {
                return Ok(Welcome::Answer(reply));
            }
        }
        Ok(Welcome::GoOn)
    }

    /// Checks that a call is the vendor's, and answers those that are no events.
    ///
    /// # Errors
    /// It is not, or that cannot be told.
    pub fn prove(&self, call: &Call<'_>, given: &PresetSettings) -> Result<Welcome, Unproven> {
        let given = Settings(given);
        check_path(call, given, matches!(self.proof, Proof::SecretPath))?;
        self.proof.check(call, given, self.time.as_ref())?;
        let answer = self.handshakes.iter().find_map(|handshake| handshake.after_proof(call, given));
        Ok(answer.map_or(Welcome::GoOn, Welcome::Answer))
    }

    /// What it takes of calls for events of a type.
    #[must_use]
    pub fn picks(&self, event_type: &str) -> Vec<Pick> {
        self.reading.picks(event_type)
    }

    /// What it takes for events of a type, each with what a body that was kept says there; `told` is what the
    /// event tells of a pick.
    #[must_use]
    pub fn said(
        &self,
        event_type: &str,
        kept: &[u8],
        told: impl Fn(&Pick) -> Option<Value>,
    ) -> Vec<(Pick, Option<String>)> {
        let body = self.reading.body(kept);
        let picks = self.reading.picks(event_type).into_iter();
        let said = |pick: &Pick| self.reading.said(body.as_ref()?, pick, told(pick).as_ref());
        picks.map(|pick| (said(&pick), pick)).map(|(said, pick)| (pick, said)).collect()
    }

    /// Reads what a proven call says.
    ///
    /// # Errors
    /// It says nothing that the preset knows.
    pub fn read_items(&self, call: &Call<'_>, given: &PresetSettings) -> Result<Vec<Item>, Unread> {
        self.reading.read(call, Settings(given))
    }

    /// What the vendor expects for a call that was taken.
    #[must_use]
    pub fn ack(&self) -> &Reply {
        &self.ack
    }

    /// Whether the sender is proven and the body is not.
    #[must_use]
    pub fn is_sender_check_only(&self) -> bool {
        self.proof.is_sender_only()
    }

    /// The headers without which nothing is proven, in lower case.
    #[must_use]
    pub fn proof_headers(&self) -> Vec<String> {
        self.proof.headers()
    }

    /// The event types of its map.
    #[must_use]
    pub fn event_types(&self) -> BTreeSet<&str> {
        self.reading.event_types()
    }

    /// Whether any type of the catalogue may come by it.
    #[must_use]
    pub fn offers_all(&self) -> bool {
        self.reading.other == Other::Same
    }

    /// Whether types that are not mapped pass through, and as what.
    #[must_use]
    pub fn passthrough(&self) -> Option<String> {
        let passes = self.reading.other != Other::Quarantine;
        passes.then(|| format!("x.{}.*", self.name.replace('-', "_")))
    }

    /// The names of the handshakes that it speaks.
    #[must_use]
    pub fn handshakes(&self) -> Vec<&'static str> {
        self.handshakes.iter().map(Handshake::name).collect()
    }

    /// The headers that reading looks at, in lower case: they are kept with what is quarantined.
    #[must_use]
    pub fn reading_headers(&self) -> BTreeSet<String> {
        let proof = self.proof.headers();
        self.reading.headers().filter(|name| !proof.contains(name)).collect()
    }

    /// What the parts of a preset must be to each other.
    fn check(&self) -> Result<(), String> {
        let has_time = if let Proof::Signed(signed) = &self.proof {
            signed.shape.has_time() || self.time.as_ref().is_some_and(|time| time.from.is_some())
        } else {
            true
        };
        if self.time.is_some() && !has_time {
            return Err("time: nothing says where the time stands".to_owned());
        }
        if let (Proof::Signed(signed), Some(TimeRule { tolerance: Some(_), .. })) = (&self.proof, &self.time)
            && !signed.covers_time(self.time.as_ref())
        {
            return Err("time: a tolerance for a time that is not signed protects from nothing".to_owned());
        }
        // It signs whatever it is asked to: with the key of a signature that would be a forger's tool.
        let answers_any =
            self.handshakes.iter().any(|known| matches!(known, Handshake::HmacChallenge { .. }));
        if answers_any && !matches!(self.proof, Proof::SharedSecret(_)) {
            return Err("handshake: hmac-challenge only goes with a shared secret".to_owned());
        }
        for handshake in &self.handshakes {
            if let Handshake::EventPing { from, .. } = handshake {
                Template::read(from, &|_| false).map_err(|why| format!("handshake: {why}"))?;
            }
        }
        let is_asked = |name: &str| self.fields.iter().any(|field| field.required && field.name == name);
        if let Proof::Signed(signed) = &self.proof
            && let Some(name) = signed.key.fields().find(|name| !is_asked(name))
        {
            return Err(format!("auth.key: {name} is no required field"));
        }
        for name in self.proof.secrets() {
            if !self.fields.iter().any(|field| field.secret && field.required && field.name == name) {
                return Err(format!("auth: {name} is no required secret among the fields"));
            }
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_ours = matches!(name, "hl7v2" | "fhir" | "events" | "own");
    (2..=40).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-') && !is_ours
}

fn asked(entries: &[FieldEntry], path_proves: bool) -> Vec<Field> {
    let mut fields: Vec<Field> = entries
        .iter()
        .map(|FieldEntry { name, title, hint, secret, required }| Field {
            name: name.clone(),
            title: title.clone(),
            hint: hint.clone(),
            secret: *secret,
            required: *required,
        })
        .collect();
    fields.push(Field {
        name: SECRET_PATH.to_owned(),
        title: "Secret part of the address".to_owned(),
        hint: "22 or more random letters and digits behind /hook/, known to the vendor only.".to_owned(),
        secret: true,
        required: path_proves,
    });
    fields
}

fn time_rule(time: &Time, is_secret: &dyn Fn(&str) -> bool) -> Result<TimeRule, String> {
    let from = time.from.as_deref().map(|from| Template::read(from, is_secret)).transpose()?;
    Ok(TimeRule { from, unit: time.unit, tolerance: time.tolerance.map(Duration::from_secs) })
}

fn proof(auth: &Auth, is_secret: &dyn Fn(&str) -> bool) -> Result<Proof, String> {
    Ok(match auth {
        Auth::Hmac(entry) => {
            let algorithm = match entry.hash.ok_or("auth.hash: sha1, sha256 or sha512")? {
                Hash::Sha1 => Algorithm::HmacSha1,
                Hash::Sha256 => Algorithm::HmacSha256,
                Hash::Sha512 => Algorithm::HmacSha512,
            };
            signed(algorithm, entry, is_secret)?
        }
        Auth::Ed25519(entry) | Auth::EcdsaP256(entry) if entry.hash.is_some() => {
            return Err("auth.hash: only an HMAC has one".to_owned());
        }
        Auth::Ed25519(entry) => signed(Algorithm::Ed25519, entry, is_secret)?,
        Auth::EcdsaP256(entry) => signed(Algorithm::EcdsaP256, entry, is_secret)?,
        Auth::SharedSecret { header, prefix, secret } => Proof::SharedSecret(SharedSecret {
            header: header.to_ascii_lowercase(),
            prefix: prefix.clone(),
            secret: secret.clone(),
        }),
        Auth::Basic { username, password } => {
            Proof::Basic(Basic { username: username.clone(), password: password.clone() })
        }
        Auth::JwtHs256 { secret, body_hash, tolerance } => Proof::Jwt(Jwt {
            secret: secret.clone(),
            body_hash: body_hash.clone(),
            tolerance: Duration::from_secs(*tolerance),
        }),
        Auth::HttpMessageSignature { secret, tolerance } => Proof::MessageSignature(MessageSignature {
            secret: secret.clone(),
            tolerance: Duration::from_secs(*tolerance),
        }),
        Auth::SecretPath {} => Proof::SecretPath,
    })
}

fn signed(
    algorithm: Algorithm,
    entry: &SignedEntry,
    is_secret: &dyn Fn(&str) -> bool,
) -> Result<Proof, String> {
    let template = Template::read(&entry.key, is_secret)?;
    if !template.variables().any(|known| matches!(known, Variable::Secret(_) | Variable::Field(_))) {
        return Err("auth.key: a key is made from what the operator gives".to_owned());
    }
    let signed = Template::read(&entry.signed, is_secret)?;
    if signed.variables().any(|known| matches!(known, Variable::Secret(_))) {
        return Err("auth.signed: a secret is a key, not a message".to_owned());
    }
    let digest = entry.digest_header.as_ref().map(|header| BodyDigest {
        header: header.to_ascii_lowercase(),
        prefix: entry.digest_prefix.clone(),
    });
    Ok(Proof::Signed(Box::new(Signed {
        algorithm,
        header: entry.header.to_ascii_lowercase(),
        header_from: entry.header_from.clone(),
        shape: Shape::read(entry.split.as_deref(), &entry.parse)?,
        encoding: entry.encoding,
        signed,
        key: Key { template, prefix: entry.key_prefix.clone(), encoding: entry.key_encoding },
        digest,
    })))
}
