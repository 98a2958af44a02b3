//! What a caller may say about an integration, and the integration that becomes of it.

use ipnet::IpNet;
use model::{
    Environment, FhirVersion, Fields, Integration, IntegrationId, Kind, Mllp, OrganisationId, PlainHttp,
    Poll, PresetSettings, Problem, Region, Span, Timestamp,
};
use presets::Library;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::mllp::InClear;
use super::{fields, given, mllp, networks, poll};
use crate::Options;
use crate::strict::{invalid, missing};
use crate::webhooks::name;

/// The settings of an integration.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = IntegrationSettings)]
pub(crate) struct Wish {
    #[serde(default, rename = "id")]
    #[schema(read_only, value_type = Option<String>)]
    _id: IgnoredAny,
    #[serde(default, rename = "eventTypes")]
    #[schema(read_only, value_type = Option<Vec<String>>)]
    _event_types: IgnoredAny,
    #[serde(default, rename = "objectTypes")]
    #[schema(read_only, value_type = Option<Vec<String>>)]
    _object_types: IgnoredAny,
    #[serde(default, rename = "polled")]
    #[schema(read_only, value_type = Option<Vec<serde_json::Value>>)]
    _polled: IgnoredAny,
    #[serde(default, rename = "address")]
    #[schema(read_only, value_type = Option<String>)]
    _address: IgnoredAny,
    #[serde(default, rename = "createdAt")]
    #[schema(read_only, value_type = Option<String>)]
    _created_at: IgnoredAny,

    /// Its name, as people know it. Required.
    name: Option<String>,
    /// What it speaks: `hl7v2`, `fhir`, `events`, or the name of a preset. Required.
    kind: Option<String>,
    /// `live` or `test`; by default live.
    #[schema(value_type = Option<String>)]
    environment: Option<Environment>,
    /// Where its data may be: `us`, `eu` or `uk`.
    #[schema(value_type = Option<String>)]
    region: Option<Region>,
    /// The IANA time zone of its local times; required for `hl7v2`.
    #[schema(example = "Europe/London")]
    time_zone: Option<String>,
    /// `4.0.1`, `4.3.0` or `5.0.0`.
    #[schema(value_type = Option<String>)]
    fhir_version: Option<FhirVersion>,
    /// Its MLLP port, of `hl7v2` only.
    mllp: Option<mllp::Wish>,
    /// How its FHIR server is read, of `fhir` only.
    #[schema(value_type = Option<poll::Wish>)]
    poll: Option<Value>,
    /// What its preset asks for, by the names of its fields. Secrets are write-only: left out, they stay; a list
    /// holds several keys, the newest first.
    #[schema(value_type = Option<serde_json::Value>)]
    preset: Option<Map<String, Value>>,
    /// Networks that may send; empty means anybody with a key.
    #[schema(value_type = Option<Vec<String>>)]
    allow: Option<Vec<IpNet>>,
    /// What is taken of what it sends; left out: what there was, by default everything.
    fields: Option<fields::Wish>,
    /// After how long without an event it counts as silent, 1 minute to 90 days; left out, as its past tells.
    #[schema(value_type = Option<String>, example = "2h")]
    silent_after: Option<Span>,
    /// Whether its FHIR Subscriptions in error become active again by themselves, once their receiver takes a
    /// handshake; left out: what there was, by default only their client wakes them.
    auto_recover: Option<bool>,
}

/// What an integration is besides its settings.
pub(super) struct Base {
    pub(super) id: IntegrationId,
    pub(super) organisation_id: OrganisationId,
    pub(super) created_at: Timestamp,
    pub(super) now: Timestamp,
    /// What its port was before.
    pub(super) mllp: Option<Mllp>,
    /// What the preset was given before.
    pub(super) preset: Option<PresetSettings>,
    /// How its server was read before.
    pub(super) poll: Option<Box<Poll>>,
    /// What was taken before.
    pub(super) fields: Option<Box<Fields>>,
    /// Whether Subscriptions recovered by themselves before.
    pub(super) auto_recover: bool,
}

impl Wish {
    /// The integration, or the member that is wrong.
    pub(super) fn accept(
        self,
        base: Base,
        options: &Options,
        library: &Library,
    ) -> Result<Integration, Problem> {
        let kind = kind(self.kind.as_deref(), library)?;
        let poll = poll(self.poll, (&kind, base.poll.as_deref()), options)?;
        let kept = base.mllp.as_ref().and_then(|mllp| mllp.tls.as_deref());
        let in_clear = if options.dev { InClear::Free } else { InClear::Justified };
        let mllp = self.mllp.map(|mllp| mllp.accept(&kind, (kept, base.now), in_clear)).transpose()?;
        let preset = given::accept(self.preset, base.preset, (&kind, library))?;
        let party = if let Kind::Preset(name) = &kind { library.find(name) } else { None };
        let party = party.zip(preset.as_ref());
        let fields = fields::accept(self.fields, base.fields, (&kind, party))?;
        Ok(Integration {
            id: base.id,
            organisation_id: base.organisation_id,
            name: name(self.name)?,
            preset,
            environment: self.environment.unwrap_or(Environment::Live),
            region: self.region.unwrap_or(options.region),
            time_zone: time_zone(self.time_zone, &kind, options)?,
            fhir_version: self.fhir_version.unwrap_or(FhirVersion::R4),
            mllp,
            poll: poll.map(Box::new),
            allow: networks::accept(self.allow, "/allow")?,
            silent_after: silence(self.silent_after)?,
            fields,
            auto_recover: self.auto_recover.unwrap_or(base.auto_recover),
            created_at: base.created_at,
            kind,
        })
    }
}

/// `null` and `{}` say that no server is read.
fn poll(
    wish: Option<Value>,
    (kind, kept): (&Kind, Option<&Poll>),
    options: &Options,
) -> Result<Option<Poll>, Problem> {
    let Some(wish) = wish.filter(|wish| is_given(Some(wish))) else { return Ok(None) };
    let plain = if options.dev { PlainHttp::Allowed } else { PlainHttp::Refused };
    let below = |problem: Problem| match problem.field.clone() {
        Some(field) if !field.starts_with("/poll") => problem.at(format!("/poll{field}")),
        _ => problem,
    };
    let wish: poll::Wish = crate::strict::read_value(wish).map_err(below)?;
    wish.accept(kind, kept, plain).map(Some)
}

fn kind(name: Option<&str>, library: &Library) -> Result<Kind, Problem> {
    let kind = Kind::from(name.ok_or_else(|| missing("/kind"))?);
    match &kind {
        Kind::Preset(name) if library.find(name).is_none() => {
            let why = "Not hl7v2, fhir or events, and there is no preset of this name.";
            Err(invalid("/kind", why).fix("GET /admin/presets lists the presets."))
        }
        Kind::Preset(_) | Kind::Hl7v2 | Kind::Fhir | Kind::Events => Ok(kind),
    }
}

fn time_zone(wish: Option<String>, kind: &Kind, options: &Options) -> Result<String, Problem> {
    let name = match (wish.or_else(|| options.time_zone.clone()), kind) {
        (Some(name), _) => name,
        (None, Kind::Fhir | Kind::Events | Kind::Preset(_)) => return Ok("UTC".to_owned()),
        (None, Kind::Hl7v2) => {
            let fix = "Name the time zone of its local times, such as Europe/London.";
            return Err(missing("/timeZone").fix(fix));
        }
    };
    match jiff::tz::TimeZone::get(&name) {
        Ok(zone) => Ok(zone.iana_name().map_or(name, str::to_owned)),
        Err(_) => Err(invalid("/timeZone", "Not an IANA time zone such as Europe/London.")),
    }
}

fn silence(wish: Option<Span>) -> Result<Option<Span>, Problem> {
    match wish {
        Some(span) if !(Span::secs(60)..=Span::secs(90 * 86_400)).contains(&span) => {
            Err(invalid("/silentAfter", "A silence is 1 minute to 90 days."))
        }
        fitting => Ok(fitting),
    }
}

/// `null` and `{}` say nothing.
fn is_given(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null() && value.as_object().is_none_or(|members| !members.is_empty()))
}

#[cfg(test)]
mod tests {
    use model::{Code, Id};
    use serde_json::json;

    use super::*;

    fn accept(wish: Value) -> Result<Integration, Problem> {
        let base = Base {
            id: Id::from_raw(1),
            organisation_id: Id::from_raw(2),
            created_at: Timestamp::from_millis(0),
            now: Timestamp::from_millis(0),
            mllp: None,
            preset: None,
            poll: None,
            fields: None,
            auto_recover: false,
        };
        crate::strict::read_value::<Wish>(wish)?.accept(base, &Options::default(), &Library::embedded())
    }

    #[track_caller]
    fn refused(wish: Value, code: Code, field: &str) {
        let problem = accept(wish).unwrap_err();
        assert_eq!((problem.code, problem.field.as_deref()), (code, Some(field)), "{}", problem.detail);
    }

    #[test]
    fn little_needs_to_be_said() {
        let made = accept(json!({ "name": " EHR ", "kind": "events" })).unwrap();
        assert_eq!(
            (made.name.as_str(), made.environment, made.time_zone.as_str(), made.auto_recover),
            ("EHR", Environment::Live, "UTC", false)
        );
        let port = json!({ "listen": "127.0.0.1:2575", "allow": ["10.0.0.0/8"], "tls": {} });
        let wish =
            json!({ "name": "Lab", "kind": "hl7v2", "timeZone": "europe/london", "mllp": port, "poll": {} });
        let made = accept(wish).unwrap();
        assert_eq!(made.time_zone, "Europe/London");
        assert_eq!(made.mllp.unwrap().listen.port(), 2575);
    }

    #[test]
    fn each_fault_names_its_member() {
        let with = |more: Value| {
            let mut wish = json!({ "name": "Lab", "kind": "hl7v2", "timeZone": "UTC" });
            wish.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            wish
        };
        refused(json!({ "kind": "events" }), Code::InvalidField, "/name");
        refused(json!({ "name": "x" }), Code::InvalidField, "/kind");
        refused(json!({ "name": "x", "kind": "hl7v2" }), Code::InvalidField, "/timeZone");
        refused(with(json!({ "kind": "surveyape" })), Code::InvalidField, "/kind");
        refused(with(json!({ "kind": "surveymonkey" })), Code::InvalidField, "/preset/clientId");
        refused(with(json!({ "timeZone": "Mars/Olympus" })), Code::InvalidField, "/timeZone");
        refused(with(json!({ "timezone": "UTC" })), Code::UnknownField, "/timezone");
        refused(with(json!({ "poll": { "every": "2m" } })), Code::InvalidField, "/poll");
        refused(with(json!({ "poll": { "evry": "2m" } })), Code::UnknownField, "/poll/evry");
        refused(with(json!({ "preset": { "secret": "x" } })), Code::InvalidField, "/preset");
        let photon = |preset: Value| json!({ "name": "x", "kind": "photon", "preset": preset });
        refused(photon(json!({ "secret": "" })), Code::InvalidField, "/preset/secret");
        refused(photon(json!({ "secret": 5 })), Code::InvalidField, "/preset/secret");
        refused(photon(json!({ "secret": "s", "token": "x" })), Code::InvalidField, "/preset/token");
        refused(with(json!({ "region": "mars" })), Code::InvalidField, "/region");
        refused(with(json!({ "allow": ["10.0.0.0/8", "10.0.0.300"] })), Code::InvalidField, "/allow/1");
        refused(with(json!({ "silentAfter": "1s" })), Code::InvalidField, "/silentAfter");
        refused(
            with(json!({ "fields": { "drop": ["NK1", "MSH-3"] } })),
            Code::InvalidField,
            "/fields/drop/1",
        );
        refused(with(json!({ "fields": { "accept": ["Patient"] } })), Code::InvalidField, "/fields/accept/0");
        refused(with(json!({ "mllp": {} })), Code::InvalidField, "/mllp/listen");
        let tls = json!({ "listen": "127.0.0.1:1", "tls": { "cert": "x" } });
        refused(with(json!({ "mllp": tls })), Code::UnknownField, "/mllp/tls/cert");
        let port = json!({ "listen": "127.0.0.1:1" });
        refused(with(json!({ "kind": "fhir", "mllp": port })), Code::InvalidField, "/mllp");
    }
}
