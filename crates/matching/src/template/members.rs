//! What there is to be found in a native body, and with which profile.

use model::Profile;

use super::Tells;
use crate::Misread;

/// Members that say when, where and what, but not of whom.
const ENVELOPE: [&str; 14] = [
    "id",
    "type",
    "schema",
    "time",
    "received",
    "lane",
    "environment",
    "test",
    "integrationId",
    "profile",
    "sequence",
    "replaces",
    "causedBy",
    "hops",
];

/// Refuses a path that leads nowhere, or to what the profile does not show.
pub(super) fn check(path: &str, profile: Profile) -> Result<(), Misread> {
    let mut steps = path.split('.');
    let (first, second) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
    let is_wild = |step: &str| step.is_empty() || step.starts_with('*') || step.ends_with("()");
    let is_named = profile == Profile::Full;
    match first {
        _ if is_wild(first) || ENVELOPE.contains(&first) => Ok(()),
        "data" if is_named => Ok(()),
        "data" => Err(hidden("data", profile)),
        "subject" | "object" if profile == Profile::Ping => Err(hidden(first, profile)),
        "subject" => match second {
            "id" | "system" if !is_named => Err(hidden(&format!("subject.{second}"), profile)),
            "pseudonym" | "recipientId" if is_named => {
                let what = format!("With the profile full an event has no subject.{second}");
                Err(Misread::new(what, "Use subject.system and subject.id"))
            }
            "type" | "id" | "system" | "pseudonym" | "recipientId" => Ok(()),
            _ if is_wild(second) => Ok(()),
            _ => Err(unknown(path, "use subject.type, .system, .id, or .pseudonym")),
        },
        "object" if ["type", "pseudonym"].contains(&second) || is_wild(second) => Ok(()),
        "object" => Err(unknown(path, "use object.type or object.pseudonym")),
        _ => {
            let known = ENVELOPE.join(", ");
            Err(unknown(first, &format!("use one of {known}, subject, object, data")))
        }
    }
}

fn hidden(what: &str, profile: Profile) -> Misread {
    let name = format!("{profile:?}").to_lowercase();
    let fix = "Leave it out, or choose a profile that shows it";
    Misread::new(format!("The profile {name} does not show {what}"), fix)
}

fn unknown(what: &str, fix: &str) -> Misread {
    Misread::new(format!("An event has no member {what}"), fix)
}

/// What a path of an event says of people.
pub(super) fn tells(path: &str) -> Tells {
    match path.split('.').next() {
        Some(first) if ENVELOPE.contains(&first) => Tells::Nothing,
        _ => match path {
            "subject.type" | "object.type" => Tells::Nothing,
            "subject.pseudonym" | "object.pseudonym" => Tells::StandIn,
            _ => Tells::Person,
        },
    }
}
