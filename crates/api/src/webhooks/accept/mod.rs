//! From what was asked for to a webhook that can be called, or a problem that names the member.
//!
//! `mod` holds the settings that stand alone; beside it are the event types
//! (`types`), the shape of the body (`format`, `template`), how we identify ourselves (`auth`), the keys that sign
//! (`signing`) and what this version cannot do yet (`refuse`).

mod auth; // Credentials.
mod filter; // What an event must be like.
mod format; // The shape of the body.
pub(crate) mod receiver; // What a receiver must ask of us.
mod refuse; // Not yet.
pub(crate) mod signing; // Keys that sign.
mod subscribed; // What only the client of a Subscription changes.
mod template; // The receiver's own shape.
mod types; // Event types and object types.

use matching::{Compiled, Filter};
use model::{
    Code, HookState, HookUrl, Integration, Lane, Ordering, PauseReason, PlainHttp, Principal, Problem,
    Profile, Purpose, RateLimit, RecipientClass, Region, Retry, Right, Schedule, Signing, Sources, Span,
    Timestamp, Tls, TlsVersion, UrlChange, Webhook, WebhookId, limits,
};

use super::wish::{TlsWish, Wish};
use crate::Options;
use crate::address;
use crate::strict::{invalid, missing};
use crate::why;

/// What a wish is judged by.
pub(crate) struct Desk<'a> {
    /// The present configuration.
    pub(crate) compiled: &'a Compiled,
    /// Third parties, for what their integrations raise.
    pub(crate) presets: &'a presets::Library,
    /// Where the webhook hangs.
    pub(crate) integration: &'a Integration,
    /// Who asks.
    pub(crate) caller: &'a Principal,
    /// How the installation is run.
    pub(crate) options: &'a Options,
    /// When.
    pub(crate) now: Timestamp,
}

/// What a webhook is besides its settings.
pub(crate) struct Base<'a> {
    /// Its id.
    pub(crate) id: WebhookId,
    /// The keys that sign.
    pub(crate) signing: Signing,
    /// What there is, on a change.
    pub(crate) present: Option<&'a Webhook>,
}

/// Accepts a wish as a webhook; tells what sanitising took out of its URL.
pub(crate) fn accept(
    wish: Wish,
    base: Base<'_>,
    desk: &Desk<'_>,
) -> Result<(Webhook, Vec<UrlChange>), Problem> {
    let wish = subscribed::spare(wish, base.present);
    refuse::refuse(&wish)?;
    let (url, changes) = url(wish.url.as_deref(), desk)?;
    let sources = sources(wish.sources, &base, desk)?;
    let profile = profile(wish.profile.as_deref(), &url, desk)?;
    let filter = filter::accept(wish.filter)?;
    let present = base.present;
    let format = format::accept(wish.format.as_deref(), (profile, &sources), desk)?;
    let webhook = Webhook {
        id: base.id,
        integration_id: desk.integration.id,
        organisation_id: desk.integration.organisation_id,
        name: name(wish.name)?,
        event_types: types::wanted(wish.event_types, &sources, desk)?,
        object_types: types::objects(wish.object_types.unwrap_or_default(), &sources, desk)?,
        object_ids: object_ids(wish.object_ids.unwrap_or_default())?,
        format,
        template: template::accept(wish.template, (format, profile))?,
        profile,
        justification: justification(wish.justification, profile, filter.as_ref())?,
        filter: filter.map(|filter| filter.text().to_owned()),
        purpose: purpose(wish.purpose.as_deref())?,
        recipient_class: recipient_class(wish.recipient_class.as_deref())?,
        lane: lane(wish.lane, &base, desk)?,
        ordering: wish.ordering.unwrap_or(Ordering::None),
        accept_test: wish.accept_test.unwrap_or(false),
        auth: auth::accept(wish.auth, base.present.map(|present| &present.auth))?,
        tls: tls(wish.tls.unwrap_or_default())?,
        retry: retry(wish.retry, desk)?,
        timeout: timeout(wish.timeout, &base)?,
        rate_limit: rate_limit(wish.rate_limit)?,
        max_in_flight: max_in_flight(wish.max_in_flight)?,
        state: state(wish.active, &base, desk.now),
        proven: base.present.and_then(|present| present.proven.clone()),
        subscription: None,
        created_at: base.present.map_or(desk.now, |present| present.created_at),
        signing: base.signing,
        sources,
        url,
    };
    let webhook = subscribed::keep(webhook, present)?;
    receiver::check(&webhook, desk.options)?;
    Ok((webhook.standing(desk.options.proof(), desk.now), changes))
}

/// How long an attempt takes at most where nothing is said.
pub(crate) const DEFAULT_TIMEOUT: Span = Span::secs(15);
const DEFAULT_IN_FLIGHT: u32 = 16;
const OBJECT_IDS: usize = 1_000;
const NAME_CHARS: usize = 200;
const CA_BYTES: usize = 64 << 10;

/// A name that people can read.
pub(crate) fn name(name: Option<String>) -> Result<String, Problem> {
    let name = name.ok_or_else(|| missing("/name"))?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(invalid(
            "/name",
            format!("A name has 1 to {NAME_CHARS} characters, none of them control characters."),
        ));
    }
    Ok(name.to_owned())
}

fn url(text: Option<&str>, desk: &Desk<'_>) -> Result<(HookUrl, Vec<UrlChange>), Problem> {
    let text = text.ok_or_else(|| missing("/url"))?;
    let plain_http = if desk.options.dev { PlainHttp::Allowed } else { PlainHttp::Refused };
    address::read(text, "/url", plain_http)
}

fn sources(wish: Option<Sources>, base: &Base<'_>, desk: &Desk<'_>) -> Result<Sources, Problem> {
    let wish = wish.unwrap_or(Sources::Own);
    let unchanged = base.present.is_some_and(|present| present.sources == wish);
    match &wish {
        Sources::Own => {}
        Sources::All if unchanged || desk.caller.may(Right::Administer) => {}
        Sources::All => {
            let why = "Only an admin may let a webhook hear every integration.";
            return Err(Problem::new(Code::Forbidden, why).at("/sources"));
        }
        Sources::Listed(ids) if ids.is_empty() => {
            return Err(invalid("/sources", "A list of sources names at least one integration."));
        }
        Sources::Listed(ids) => {
            let known = |id| desk.compiled.integration(desk.caller.organisation, id).is_some();
            if let Some(place) = ids.iter().position(|id| !known(*id)) {
                return Err(invalid(format!("/sources/{place}"), "There is no such integration."));
            }
        }
    }
    Ok(wish)
}

fn profile(wish: Option<&str>, url: &HookUrl, desk: &Desk<'_>) -> Result<Profile, Problem> {
    let profile = match wish.unwrap_or("reference") {
        "ping" => Profile::Ping,
        "reference" => Profile::Reference,
        "full" => Profile::Full,
        other => return Err(refuse::profile(other)),
    };
    if profile < Profile::Full || desk.options.dev {
        return Ok(profile);
    }
    if !url.is_tls() {
        return Err(invalid("/profile", "The profile full needs an https:// address."));
    }
    // Safety rule C6: `eu` asks for encryption or mutual TLS, which do not exist yet.
    if desk.integration.region == Region::Eu {
        return Err(crate::strict::not_supported(
            "/profile",
            "In the region eu the profile full needs encryption or mutual TLS, which this version does not have.",
        ));
    }
    Ok(profile)
}

fn justification(
    wish: Option<String>,
    profile: Profile,
    filter: Option<&Filter>,
) -> Result<Option<String>, Problem> {
    let text = why::justification(wish, "/justification")?;
    if profile == Profile::Full && text.is_none() {
        let fix = "Say in justification why the receiver needs to see people.";
        return Err(Problem::from(Code::JustificationRequired).at("/justification").fix(fix));
    }
    if text.is_none() {
        filter.map_or(Ok(()), |filter| filter::within(filter, profile))?;
    }
    Ok(text)
}

fn purpose(wish: Option<&str>) -> Result<Purpose, Problem> {
    Ok(match wish.unwrap_or("TREAT") {
        "TREAT" => Purpose::Treat,
        "HPAYMT" => Purpose::Hpaymt,
        "HOPERAT" => Purpose::Hoperat,
        "PATRQT" => Purpose::Patrqt,
        "PUBHLTH" => Purpose::Pubhlth,
        "HRESCH" => Purpose::Hresch,
        _ => {
            let why = "A purpose is TREAT, HPAYMT, HOPERAT, PATRQT, PUBHLTH or HRESCH.";
            return Err(invalid("/purpose", why));
        }
    })
}

fn recipient_class(wish: Option<&str>) -> Result<RecipientClass, Problem> {
    Ok(match wish.unwrap_or("provider") {
        "provider" => RecipientClass::Provider,
        "payer" => RecipientClass::Payer,
        "patient" => RecipientClass::Patient,
        "operations" => RecipientClass::Operations,
        "public-health" => RecipientClass::PublicHealth,
        "research" => RecipientClass::Research,
        _ => {
            let why = "A recipient class is provider, payer, patient, operations, public-health or research.";
            return Err(invalid("/recipientClass", why));
        }
    })
}

fn lane(wish: Option<Lane>, base: &Base<'_>, desk: &Desk<'_>) -> Result<Option<Lane>, Problem> {
    let unchanged = base.present.is_some_and(|present| present.lane == wish);
    if wish == Some(Lane::Critical) && !unchanged && !desk.caller.may_raise_to_critical() {
        let why = "Raising to the critical lane needs an admin, or a key with the scope lane:critical.";
        return Err(Problem::new(Code::Forbidden, why).at("/lane"));
    }
    Ok(wish)
}

fn object_ids(ids: Vec<String>) -> Result<Vec<String>, Problem> {
    if ids.len() > OBJECT_IDS {
        return Err(invalid("/objectIds", format!("At most {OBJECT_IDS} objects.")));
    }
    let fits = |id: &String| !id.is_empty() && id.len() <= limits::SENDER_ID_BYTES;
    match ids.iter().position(|id| !fits(id)) {
        Some(place) => Err(invalid(format!("/objectIds/{place}"), "An object id has 1 to 256 bytes.")),
        None => Ok(ids),
    }
}

fn tls(wish: TlsWish) -> Result<Tls, Problem> {
    let fits = |pem: &String| pem.len() <= CA_BYTES && pem.contains("-----BEGIN CERTIFICATE-----");
    if wish.ca.as_ref().is_some_and(|pem| !fits(pem)) {
        return Err(invalid("/tls/ca", "Not certificates as PEM, or more than 64 KiB of them."));
    }
    Ok(Tls { min_version: wish.min_version.unwrap_or(TlsVersion::V1_2), ca: wish.ca })
}

fn retry(wish: Option<Retry>, desk: &Desk<'_>) -> Result<Option<Retry>, Problem> {
    let most = Span(desk.options.horizon_most);
    match wish.as_ref().and_then(|retry| Schedule::of(Some(retry), Lane::Routine).horizon()) {
        Some(horizon) if horizon > most.0 => {
            let why =
                format!("A delivery is owed for at most {most}: the log is kept a week longer than that.");
            Err(invalid("/retry", why)
                .fix("Choose a shorter horizon, or have the operator raise retention.log."))
        }
        Some(_) | None => Ok(wish),
    }
}

fn timeout(wish: Option<Span>, base: &Base<'_>) -> Result<Option<Span>, Problem> {
    let (shortest, longest) = limits::ATTEMPT_TIMEOUT;
    if wish.is_some_and(|span| !(shortest..=longest).contains(&span.0)) {
        return Err(invalid("/timeout", "A timeout is 1s to 60s."));
    }
    // A default that was shown and comes back stays a default: a critical one has 5 s.
    let shown = base.present.is_some_and(|present| present.timeout.is_none());
    Ok(wish.filter(|span| !(shown && *span == DEFAULT_TIMEOUT)))
}

fn rate_limit(wish: Option<RateLimit>) -> Result<Option<RateLimit>, Problem> {
    match wish {
        Some(limit) if !(1..=10_000).contains(&limit.per_second) => {
            Err(invalid("/rateLimit/perSecond", "A rate is 1 to 10,000 a second."))
        }
        fitting => Ok(fitting),
    }
}

fn max_in_flight(wish: Option<u32>) -> Result<u16, Problem> {
    u16::try_from(wish.unwrap_or(DEFAULT_IN_FLIGHT))
        .ok()
        .filter(|count| (1..=limits::IN_FLIGHT_PER_WEBHOOK).contains(count))
        .ok_or_else(|| invalid("/maxInFlight", "At most 1 to 256 attempts are under way at once."))
}

fn state(active: Option<bool>, base: &Base<'_>, now: Timestamp) -> HookState {
    let present = base.present.map_or(HookState::Active, |present| present.state.clone());
    match (active, present) {
        // One that is pending and changed is challenged afresh.
        (None, HookState::Pending { .. }) | (Some(true), _) => HookState::Active,
        (None, present) => present,
        (Some(false), HookState::Active | HookState::Pending { .. }) => {
            HookState::Paused { since: now, reason: PauseReason::Operator }
        }
        (Some(false), stopped) => stopped,
    }
}
