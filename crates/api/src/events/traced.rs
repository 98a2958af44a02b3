//! Where what an event came in went: mapped once more, by the engine that mapped it.

use std::sync::Arc;

use ::presets::{Origin, Pick};
use fhir::v2::{self, Local, Mapped, Site, Trace, Values};
use matching::Compiled;
use model::{Content, Fields, Integration, Personal};
use serde_json::Value;
use settings::Then;
use store::EventRow;

use super::raw;
use crate::Api;
use crate::refused::Result;

/// What was found.
#[derive(Default)]
pub(super) struct Traced {
    pub(super) state: State,
    /// What the message tells of, in the order of the numbers in `trace`.
    pub(super) kinds: Vec<String>,
    /// Which of them the event is about.
    pub(super) own: Option<usize>,
    pub(super) trace: Trace,
    /// What the preset takes.
    pub(super) picked: Option<Picked>,
    /// By what it was mapped.
    pub(super) by: By,
}

/// The settings and tables that a message is mapped by.
#[derive(Default)]
pub(super) struct By {
    /// Whether others are in force by now.
    pub(super) changed_since: bool,
    /// Whether they are those of then.
    pub(super) of_then: bool,
    /// What was refused on the way in.
    pub(super) refused: Fields,
}

/// What a preset takes of a call.
pub(super) struct Picked {
    pub(super) preset: String,
    pub(super) is_operators: bool,
    pub(super) picks: Vec<Member>,
}

/// A member of an event that a preset takes.
pub(super) struct Member {
    pub(super) pick: Pick,
    /// Whether the event has it; none where that cannot be told.
    pub(super) is_there: Option<bool>,
    /// What the call says there, and what the event tells.
    pub(super) values: Personal<Values>,
}

/// What there is to find.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    /// The message was mapped.
    Mapped,
    /// It came in the form in which it is kept.
    AsItCame,
    /// It is a third party's call, of which its preset takes what it names.
    Preset,
    /// Messages of its type are passed through.
    NotMapped,
    /// The event came in no message of its own.
    #[default]
    NoMessage,
    /// The message, or its integration, is no longer kept.
    Gone,
}

impl State {
    pub(super) const fn name(self) -> &'static str {
        match self {
            State::Mapped => "mapped",
            State::AsItCame => "as_it_came",
            State::Preset => "preset",
            State::NotMapped => "not_mapped",
            State::NoMessage => "no_message",
            State::Gone => "gone",
        }
    }
}

impl From<State> for Traced {
    fn from(state: State) -> Self {
        Traced { state, ..Traced::default() }
    }
}

impl Api {
    /// Maps the message of an event once more, by the settings and tables of then where they can still be read.
    pub(super) async fn traced_message(&self, row: &EventRow) -> Result<Traced> {
        if row.event.message.is_none() {
            return Ok(State::NoMessage.into());
        }
        let Some((format, bytes)) = raw::bytes(self, &row.event).await? else {
            return Ok(State::Gone.into());
        };
        let now = self.settings.now();
        let Some(integration) = now.integration(row.event.organisation, row.event.integration) else {
            return Ok(State::Gone.into());
        };
        let (site, by) = self.site_of(row, &now).await;
        let found = match format.as_str() {
            "hl7v2" => self.mapped_again(row, &bytes, &site).await?,
            "hook" => self.picked(row, integration, &bytes).await?,
            _ => State::AsItCame.into(),
        };
        Ok(Traced { by, ..found })
    }

    /// What messages of the integration were read by when the event came; as it is now where that is unreadable.
    async fn site_of(&self, row: &EventRow, now: &Compiled) -> (Site, By) {
        let id = row.event.integration;
        let integration = now.integration(row.event.organisation, id);
        let versions = [
            integration.map(|found| found.version),
            now.config.site_maps.get(&id).map(|found| found.version),
        ];
        let changed_since = versions.into_iter().flatten().any(|version| version > row.config_version);
        let then = match changed_since {
            true => self.settings.at(id, row.config_version).await.ok().and_then(site_then),
            false => None,
        };
        let of_then = !changed_since || then.is_some();
        let (site, refused) = then.unwrap_or_else(|| {
            let site = integration.map(|found| Site::of(found, now.site(id))).unwrap_or_default();
            (site, integration.and_then(|found| found.fields.clone()).map(|fields| *fields))
        });
        (site, By { changed_since, of_then, refused: refused.unwrap_or_default() })
    }

    async fn mapped_again(&self, row: &EventRow, bytes: &[u8], site: &Site) -> Result<Traced> {
        let Some((mapped, trace)) = v2::trace(bytes, site) else { return Ok(State::NotMapped.into()) };
        if !mapped.is_mapped_type() {
            return Ok(State::NotMapped.into());
        }
        let mut found = Traced {
            state: State::Mapped,
            kinds: mapped.resources.iter().map(|resource| resource.kind().to_owned()).collect(),
            trace,
            ..Traced::default()
        };
        if let Some(content) = self.content_of(row).await? {
            content.look(|content| found.compare(&mapped, content));
        }
        Ok(found)
    }
}

impl Api {
    /// What the preset of a third party takes for events of the type.
    async fn picked(&self, row: &EventRow, integration: &Integration, kept: &[u8]) -> Result<Traced> {
        let Some(preset) = self.presets.find(integration.kind.name()) else { return Ok(State::Gone.into()) };
        let event_type = row.event.event_type.as_str();
        let members = |content: Option<&Content>| {
            let data = content.and_then(|content| serde_json::from_str(content.data.get()).ok());
            let told = |pick: &Pick| told(row, (content?, data.as_ref()?), &pick.to);
            let said = preset.said(event_type, kept, told).into_iter();
            said.map(|(pick, said)| {
                let became = told(&pick);
                let is_there = data.as_ref().filter(|_| is_member(&pick)).map(|_| became.is_some());
                Member { pick, is_there, values: Personal::new(Values { said, became }) }
            })
            .collect()
        };
        let picks = match self.content_of(row).await? {
            Some(content) => content.look(|content| members(Some(content))),
            None => members(None),
        };
        let picked =
            Picked { preset: preset.name.clone(), is_operators: preset.origin == Origin::Operator, picks };
        Ok(Traced { state: State::Preset, picked: Some(picked), ..Traced::default() })
    }
}

/// What an integration was read by, if tables of then still mean something to this version.
fn site_then(then: Then) -> Option<(Site, Option<Fields>)> {
    let integration = then.integration?;
    let local = then.site.map(|site| Local::compile(&site.tables)).transpose().ok()?;
    let site = Site::of(&integration, local.map(Arc::new).as_ref());
    Some((site, integration.fields.clone().map(|fields| *fields)))
}

/// Whether a pick is one member of what the event says, so that it is there or not.
fn is_member(pick: &Pick) -> bool {
    pick.to.strip_prefix("data.").is_some_and(|member| member != "*")
}

/// What an event tells of what a preset takes.
fn told(row: &EventRow, (content, data): (&Content, &Value), to: &str) -> Option<Value> {
    match to {
        "object" => content.object.as_ref().map(|object| object.id.as_str().into()),
        "subject" => content.subject.as_ref().map(|subject| subject.id.as_str().into()),
        "time" => Some(row.event.time.to_string().into()),
        "test" => Some(row.event.test.into()),
        "data.*" => Some(data.clone()),
        to => data.get(to.strip_prefix("data.")?).cloned(),
    }
}

impl Traced {
    /// Finds the resource that the event is about, and compares what it says with what the event tells.
    fn compare(&mut self, mapped: &Mapped, content: &Content) {
        let told = content.focus.as_ref().and_then(|focus| serde_json::from_str(focus.resource.get()).ok());
        let Some(told): Option<Value> = told else { return };
        let is_it = |resource: &v2::Resource| {
            Some(&resource.object) == content.object.as_ref() && told["resourceType"] == resource.kind()
        };
        self.own = mapped.resources.iter().position(is_it);
        if let Some(own) = self.own {
            self.trace.compare(own, &self.kinds[own], &told);
        }
    }
}
