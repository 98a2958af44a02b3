//! Which member of a document is at fault, told without a word of its content.
//!
//! Reading an event goes straight into its type; only what that refuses is looked
//! at here, member by member. A parser's own words quote what it read, and that
//! may be personal.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{Code, Problem};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What a document may hold.
pub(crate) struct Shape {
    /// Its members.
    pub(crate) members: &'static [Member],
    /// Whether it may hold others.
    pub(crate) others: Others,
}

/// One member.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) presence: Presence,
}

/// What a member is.
pub(crate) enum Kind {
    Text,
    Truth,
    OneOf(&'static [&'static str]),
    Document(&'static Shape),
    Anything,
}

/// Whether a member must be there. One that may be absent may be null too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
}

/// What becomes of members that are not known.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    Refused,
    Ignored,
}

impl Member {
    pub(crate) const fn required(name: &'static str, kind: Kind) -> Member {
        Member { name, kind, presence: Presence::Required }
    }

    pub(crate) const fn optional(name: &'static str, kind: Kind) -> Member {
        Member { name, kind, presence: Presence::Optional }
    }
}

impl Shape {
    /// The first fault of a document that its type refused.
    pub(crate) fn explain(&self, text: &str, place: &str) -> Problem {
        self.fault(text, place)
            .unwrap_or_else(|| Problem::new(Code::InvalidField, "The event cannot be read.").at(place))
    }

    fn fault(&self, text: &str, place: &str) -> Option<Problem> {
        let Ok(members) = serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(text) else {
            return Some(Problem::new(Code::InvalidField, "This has to be a JSON object.").at(place));
        };
        let of = |name: &str| self.members.iter().find(|member| member.name == name);
        if self.others == Others::Refused
            && let Some(name) = members.keys().find(|name| of(name).is_none())
        {
            let known: Vec<&str> = self.members.iter().map(|member| member.name).collect();
            let why = format!("There is no member of this name. There are: {}.", known.join(", "));
            return Some(Problem::new(Code::UnknownField, why).at(below(place, name)));
        }
        let of_member = |member: &Member| {
            let found = members.get(member.name).map(|raw| raw.get());
            member.fault(found, &below(place, member.name))
        };
        self.members.iter().find_map(of_member)
    }
}

impl Member {
    fn fault(&self, found: Option<&str>, place: &str) -> Option<Problem> {
        let invalid = |why: &str| Some(Problem::new(Code::InvalidField, why).at(place));
        let text = match (found, self.presence) {
            (None, Presence::Required) => return invalid("The member is required."),
            (None | Some("null"), Presence::Optional) => return None,
            (Some(text), _) => text,
        };
        match &self.kind {
            Kind::Anything => None,
            Kind::Text if is::<Cow<'_, str>>(text) => None,
            Kind::Text => invalid("The member has to be text."),
            Kind::Truth if is::<bool>(text) => None,
            Kind::Truth => invalid("The member has to be true or false."),
            Kind::OneOf(names) => match serde_json::from_str::<Cow<'_, str>>(text) {
                Ok(name) if names.contains(&name.as_ref()) => None,
                Ok(_) | Err(_) => invalid(&format!("The member has to be one of: {}.", names.join(", "))),
            },
            Kind::Document(shape) => shape.fault(text, place),
        }
    }
}

fn is<'a, T: Deserialize<'a>>(text: &'a str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}

fn below(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}
