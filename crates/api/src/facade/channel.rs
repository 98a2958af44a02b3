//! How the client wants to be told: what of it can be done.

use fhir::subscription::Channel;
use http::{HeaderName, HeaderValue};
use model::{
    Auth, FhirVersion, HookUrl, PayloadContent, PlainHttp, Profile, Region, Secret, Span, Webhook, limits,
};

use super::outcome::Outcome;
use super::shown::MASKED;
use super::visit::Visit;
use crate::Options;
use crate::address;

/// The kind of channel; one that is not served is refused (guide 1.1.0 @60).
pub(super) fn kind(channel: &Channel) -> Result<model::Channel, Outcome> {
    let served = [model::Channel::RestHook, model::Channel::Websocket];
    let found = served.into_iter().find(|served| served.code() == channel.kind);
    let why = "the channel is not one of those served: rest-hook, websocket";
    found.ok_or_else(|| Outcome::refused("not-supported", CHANNEL, why))
}

/// Where messages go: to the client, or to the place where it listens.
pub(super) fn url(
    (kind, channel): (model::Channel, &Channel),
    visit: &Visit,
    options: &Options,
) -> Result<HookUrl, Outcome> {
    match kind {
        model::Channel::RestHook => endpoint(channel, options),
        model::Channel::Websocket => socket(channel, visit),
    }
}

/// Our own address, where the client opens its socket: no endpoint and no headers of its own.
fn socket(channel: &Channel, visit: &Visit) -> Result<HookUrl, Outcome> {
    let (refuse, why) =
        (|at, why: &str| Err(Outcome::refused("not-supported", at, why)), "has no use with a websocket");
    if channel.endpoint.is_some() {
        return refuse(ENDPOINT, why);
    }
    if !channel.headers.is_empty() {
        return refuse(HEADER, why);
    }
    let own = address::read(&format!("{}/ws", visit.base), ENDPOINT, PlainHttp::Allowed);
    own.map(|(url, _)| url).map_err(|problem| Outcome::from(problem).at(ENDPOINT))
}

/// How many messages may be under way at once: to a socket one after the other, so that they keep their order.
pub(super) fn in_flight(kind: model::Channel, present: Option<&Webhook>) -> u16 {
    let kept = present.filter(|one| one.is_listening() == (kind == model::Channel::Websocket));
    match kind {
        model::Channel::RestHook => kept.map_or(IN_FLIGHT, |one| one.max_in_flight),
        model::Channel::Websocket => 1,
    }
}

/// The address (guide 1.1.0 @32: never without TLS, but for local trials).
fn endpoint(channel: &Channel, options: &Options) -> Result<HookUrl, Outcome> {
    let at = ENDPOINT;
    let text = channel.endpoint.as_deref().ok_or_else(|| Outcome::refused("required", at, "is missing"))?;
    let plain = if options.dev { PlainHttp::Allowed } else { PlainHttp::Refused };
    let (url, changes) = address::read(text, at, plain).map_err(|problem| Outcome::from(problem).at(at))?;
    if changes.is_empty() {
        Ok(url)
    } else {
        Err(Outcome::refused("value", at, "has space or control characters in it"))
    }
}

/// The MIME type, kept word for word; a version of FHIR in it must be ours (guide 1.1.0 @36, @90).
pub(super) fn payload(channel: &Channel, version: FhirVersion) -> Result<String, Outcome> {
    let refuse = |why: &str| Err(Outcome::refused("not-supported", PAYLOAD, why));
    let mut parts = channel.payload.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(kind.as_str(), "application/fhir+json" | "application/json") {
        return refuse("is not application/fhir+json, the only format that is sent");
    }
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "fhirversion" if value != number(version) => {
                return refuse(&format!(
                    "asks for another version of FHIR than {}, which is spoken here",
                    number(version)
                ));
            }
            "charset" if !value.eq_ignore_ascii_case("utf-8") => {
                return refuse("asks for another charset than UTF-8");
            }
            "fhirversion" | "charset" => {}
            _ => return refuse("has a parameter that is not known"),
        }
    }
    if HeaderValue::from_str(&channel.payload).is_err() {
        return refuse("cannot stand in a header");
    }
    Ok(channel.payload.clone())
}

/// A version of FHIR as MIME types name it.
pub(super) const fn number(version: FhirVersion) -> &'static str {
    match version {
        FhirVersion::R4 => "4.0",
        FhirVersion::R4B => "4.3",
        FhirVersion::R5 => "5.0",
    }
}

/// How much the webhook may see for a level of content: `empty` is `ping`, `id-only` is
/// `reference`, `full-resource` is `full` with all its conditions.
pub(super) fn profile(
    channel: &Channel,
    url: &HookUrl,
    (visit, options, reason): (&Visit, &Options, Option<&str>),
) -> Result<Profile, Outcome> {
    match channel.content {
        PayloadContent::Empty => return Ok(Profile::Ping),
        PayloadContent::IdOnly => return Ok(Profile::Reference),
        PayloadContent::FullResource => {}
    }
    let refuse = |issue, why: &str| Err(Outcome::refused(issue, PAYLOAD, why));
    if !visit.caller.0.may_see_resources() {
        return refuse("forbidden", "full-resource needs a key with the scope subscription:full-resource");
    }
    if reason.is_none_or(|reason| reason.trim().is_empty()) {
        return Err(Outcome::refused(
            "required",
            "Subscription.reason",
            "must say why the receiver needs whole resources",
        ));
    }
    let source = visit.integration.resource_version();
    if source.is_some_and(|own| !own.fits(visit.version())) {
        return refuse(
            "not-supported",
            "resources are not converted between R4 and R5, and the source has the other",
        );
    }
    if options.dev {
        return Ok(Profile::Full);
    }
    if !url.is_tls() {
        return refuse("security", "full-resource is never sent without TLS");
    }
    // Safety rule C6: `eu` asks for encryption or mutual TLS, which do not exist yet.
    if visit.integration.region == Region::Eu {
        return refuse(
            "not-supported",
            "full-resource in the region eu needs encryption or mutual TLS, which this version does not have",
        );
    }
    Ok(Profile::Full)
}

/// The headers; one that is shown masked keeps the value it had.
pub(super) fn headers(channel: &Channel, present: Option<&Auth>) -> Result<Auth, Outcome> {
    if channel.headers.is_empty() {
        return Ok(Auth::None);
    }
    let kept: &[(String, Secret<String>)] = match present {
        Some(Auth::Headers { headers }) => headers,
        Some(Auth::None | Auth::Bearer { .. } | Auth::Basic { .. }) | None => &[],
    };
    let header = |(name, value): &(String, String)| {
        let known = kept.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = match known.filter(|_| value == MASKED) {
            Some((_, secret)) => secret.clone(),
            None => Secret::new(value.clone()),
        };
        let fits =
            HeaderName::try_from(name.as_str()).is_ok() && HeaderValue::from_str(value.expose()).is_ok();
        if fits {
            Ok((name.clone(), value))
        } else {
            Err(Outcome::refused("value", HEADER, "cannot be sent as a header"))
        }
    };
    Ok(Auth::Headers { headers: channel.headers.iter().map(header).collect::<Result<_, _>>()? })
}

/// How long an attempt may take: 1 to 60 s (guide 1.1.0 @97).
pub(super) fn timeout(channel: &Channel) -> Result<Option<Span>, Outcome> {
    match channel.timeout {
        None | Some(0) => Ok(None),
        Some(seconds @ 1..=60) => Ok(Some(Span::secs(seconds.into()))),
        Some(_) => Err(Outcome::refused("not-supported", CHANNEL, "an attempt may take at most 60 seconds")),
    }
}

/// The longest silence (guide 1.1.0 @93).
pub(super) fn heartbeat(channel: &Channel) -> Result<Option<Span>, Outcome> {
    let least = limits::HEARTBEAT_LEAST.as_secs();
    match channel.heartbeat {
        None | Some(0) => Ok(None),
        Some(seconds) if u64::from(seconds) >= least => Ok(Some(Span::secs(seconds.into()))),
        Some(_) => {
            let why = format!("heartbeats come every {least} seconds at most");
            Err(Outcome::refused("not-supported", CHANNEL, why))
        }
    }
}

const IN_FLIGHT: u16 = 16;
const CHANNEL: &str = "Subscription.channel";
const PAYLOAD: &str = "Subscription.channel.payload";
pub(super) const ENDPOINT: &str = "Subscription.channel.endpoint";
pub(super) const HEADER: &str = "Subscription.channel.header";
