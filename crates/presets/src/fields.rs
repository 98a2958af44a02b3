//! What a preset asks an operator for, and what was given.

use model::{PresetSettings, limits};

/// One thing that a preset asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the integration's `preset`.
    pub name: String,
    /// What people call it, at the vendor too.
    pub title: String,
    /// Where it is found.
    pub hint: String,
    /// Whether it is write-only and may be given several times, the newest first.
    pub secret: bool,
    /// Whether nothing can be proven without it.
    pub required: bool,
}

/// What is wrong with what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Given {
    /// The name of the field.
    pub field: String,
    /// What is wrong; never the value.
    pub why: &'static str,
}

/// What an operator gave, for looking up.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'a>(pub(crate) &'a PresetSettings);

impl<'a> Settings<'a> {
    /// A field that was given.
    pub(crate) fn field(self, name: &str) -> Option<&'a str> {
        self.0.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The keys of a secret, the newest first. An empty one is none: fail closed.
    pub(crate) fn secrets(self, name: &str) -> impl Iterator<Item = &'a str> {
        let given = self.0.secrets.get(name).into_iter().flatten();
        given.map(|secret| secret.expose().as_str()).filter(|secret| !secret.is_empty())
    }
}

/// Checks what was given against what is asked for.
pub(crate) fn check(asked: &[Field], given: &PresetSettings) -> Result<(), Given> {
    let fault = |field: &str, why| Err(Given { field: field.to_owned(), why });
    let asks =
        |name: &str, secret: bool| asked.iter().any(|field| field.name == name && field.secret == secret);
    if let Some(name) = given.fields.keys().find(|name| !asks(name, false)) {
        return fault(name, "The preset asks for no such member.");
    }
    if let Some(name) = given.secrets.keys().find(|name| !asks(name, true)) {
        return fault(name, "The preset asks for no such member.");
    }
    for Field { name, secret, required, .. } in asked {
        let values: Vec<&str> = match secret {
            true => given.secrets.get(name).into_iter().flatten().map(|one| one.expose().as_str()).collect(),
            false => given.fields.get(name).map(String::as_str).into_iter().collect(),
        };
        if *required && values.is_empty() {
            return fault(name, "The preset needs it: without it nothing can be proven.");
        }
        if values.len() > limits::PRESET_KEYS {
            return fault(name, "At most 3 keys at a time.");
        }
        if values.iter().any(|value| value.trim().is_empty()) {
            return fault(name, "It must not be empty: an empty key proves nothing.");
        }
        if values.iter().any(|value| value.len() > limits::PRESET_FIELD_BYTES) {
            return fault(name, "It is longer than any vendor's.");
        }
        let shaped = match name.as_str() {
            "publicUrl" => values.iter().all(|url| is_web_address(url)),
            "secretPath" => values.iter().all(|path| is_secret_path(path)),
            _ => true,
        };
        if !shaped && name == "publicUrl" {
            return fault(
                name,
                "It is the whole URL that was entered at the vendor, with https:// in front.",
            );
        }
        if !shaped {
            return fault(
                name,
                "It has 22 to 128 letters, digits, - and _: long enough that nobody guesses it.",
            );
        }
    }
    Ok(())
}

fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

fn is_secret_path(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (22..=128).contains(&text.len()) && text.bytes().all(plain)
}
