//! What a caller gives to a preset, checked against what the preset asks for.

use model::{Kind, PresetSettings, Problem, Secret};
use presets::Library;
use serde_json::{Map, Value, json};

use crate::strict::invalid;

/// The settings of a preset: what is given, over what is kept.
pub(super) fn accept(
    wish: Option<Map<String, Value>>,
    kept: Option<PresetSettings>,
    (kind, library): (&Kind, &Library),
) -> Result<Option<PresetSettings>, Problem> {
    let Kind::Preset(name) = kind else {
        return match wish {
            Some(members) if !members.is_empty() => {
                Err(invalid("/preset", "Only an integration whose kind is a preset has settings of one."))
            }
            Some(_) | None => Ok(None),
        };
    };
    let Some(preset) = library.find(name) else {
        return Err(
            invalid("/kind", "There is no preset of this name.").fix("GET /admin/presets lists them.")
        );
    };
    // Write-only members that are left out keep their value.
    let secrets = kept.map(|kept| kept.secrets).unwrap_or_default();
    let mut given = PresetSettings { secrets, ..PresetSettings::default() };
    for (member, value) in wish.unwrap_or_default() {
        if member == KEYS {
            continue;
        }
        let is_secret = preset.fields.iter().any(|field| field.secret && field.name == member);
        match (is_secret, value) {
            (_, Value::Null) => drop(given.secrets.remove(&member)),
            (true, value) => drop(given.secrets.insert(member.clone(), keys(&member, value)?)),
            (false, Value::String(text)) => drop(given.fields.insert(member, text)),
            (false, _) => return Err(invalid(format!("/preset/{member}"), "It is a string.")),
        }
    }
    preset.accept(&given).map_err(|fault| {
        let titles: Vec<&str> = preset.fields.iter().map(|field| field.name.as_str()).collect();
        invalid(format!("/preset/{}", fault.field), fault.why).fix(format!(
            "{} asks for: {}.",
            preset.title,
            titles.join(", ")
        ))
    })?;
    Ok(Some(given))
}

fn keys(member: &str, value: Value) -> Result<Vec<Secret<String>>, Problem> {
    let shape = || invalid(format!("/preset/{member}"), "A key, or a list of keys with the newest first.");
    let keys = if let Value::Array(keys) = value { keys } else { vec![value] };
    let key = |key: Value| key.as_str().map(|key| Secret::new(key.to_owned())).ok_or_else(shape);
    keys.into_iter().map(key).collect()
}

/// What everybody may see of settings: the fields, and how many keys there are of each secret.
pub(super) fn shown(given: &PresetSettings) -> Value {
    let mut members: Map<String, Value> =
        given.fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let keys: Map<String, Value> =
        given.secrets.iter().map(|(name, keys)| (name.clone(), json!(keys.len()))).collect();
    members.insert(KEYS.to_owned(), Value::Object(keys));
    Value::Object(members)
}

/// Where calls come in, below the server's own address.
pub(super) fn address(integration: model::IntegrationId, given: &PresetSettings) -> String {
    let secret = if given.secrets.contains_key("secretPath") { "/{secretPath}" } else { "" };
    format!("/ingest/{integration}/hook{secret}")
}

const KEYS: &str = "keys";
