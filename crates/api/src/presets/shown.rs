//! A preset as it is shown: what it can, what it cannot, and what it asks for.

use matching::Compiled;
use model::{Kind, OrganisationId};
use presets::{Library, Origin, Preset};
use serde::Serialize;
use utoipa::ToSchema;

use crate::integrations::Offer;

/// A third party that can be connected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Preset)]
pub(crate) struct Shown {
    /// The `kind` of its integrations.
    name: String,
    title: String,
    /// `surveys`, `scheduling`, `forms`, `records`, `prescribing`, `payments`, `shop`, `leads`, `messaging` or `generic`.
    category: String,
    /// What it can do.
    about: String,
    /// What it cannot do.
    cannot: Vec<String>,
    /// Whether its calls carry ids only.
    thin: bool,
    /// Whether only the sender is proven: whoever is in between could change the body. Add an allow-list.
    sender_check_only: bool,
    /// What the `preset` of an integration holds.
    fields: Vec<Field>,
    /// The event types that it raises; one that ends with `.*` stands for types that pass through.
    event_types: Vec<String>,
    /// The object types of these.
    object_types: Vec<String>,
    /// The handshakes of the vendor that are answered.
    handshakes: Vec<&'static str>,
    /// What to enter at the vendor, behind the public address of this server.
    address: &'static str,
    /// The how-to page.
    docs: String,
    /// `embedded`, or `operator` for one of the operator's own files.
    origin: &'static str,
}

/// One thing that a preset asks for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PresetField)]
struct Field {
    name: String,
    /// What people call it, at the vendor too.
    title: String,
    /// Where it is found.
    hint: String,
    /// Write-only; a list holds several keys, the newest first.
    secret: bool,
    required: bool,
}

impl Shown {
    /// What there is to see of a preset.
    pub(super) fn of(preset: &Preset, library: &Library, around: (&Compiled, OrganisationId)) -> Self {
        let kind = Kind::from(preset.name.as_str());
        let offer = Offer::of(&kind, library, around);
        let path_proves = preset.fields.iter().any(|field| field.name == "secretPath" && field.required);
        let field = |field: &presets::Field| Field {
            name: field.name.clone(),
            title: field.title.clone(),
            hint: field.hint.clone(),
            secret: field.secret,
            required: field.required,
        };
        Shown {
            name: preset.name.clone(),
            title: preset.title.clone(),
            category: preset.category.clone(),
            about: preset.about.clone(),
            cannot: preset.cannot.clone(),
            thin: preset.thin,
            sender_check_only: preset.is_sender_check_only(),
            fields: preset.fields.iter().map(field).collect(),
            event_types: offer.names(),
            object_types: offer.object_types().into_iter().map(str::to_owned).collect(),
            handshakes: preset.handshakes(),
            address: match path_proves {
                true => "/ingest/{integrationId}/hook/{secretPath}",
                false => "/ingest/{integrationId}/hook",
            },
            docs: format!("docs/how-to/{}.md", preset.docs),
            origin: match preset.origin {
                Origin::Embedded => "embedded",
                Origin::Operator => "operator",
            },
        }
    }
}
