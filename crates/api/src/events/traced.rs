//! Where what an event came in went: mapped once more, by the engine that mapped it.

use ::presets::{Origin, Pick};
use fhir::v2::{self, Mapped, Site, Trace};
use model::{Content, Integration};
use serde_json::Value;
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
}

/// What a preset takes of a call.
pub(super) struct Picked {
    pub(super) preset: String,
    pub(super) is_operators: bool,
    /// Each with whether the event has the member; none where that cannot be told.
    pub(super) picks: Vec<(Pick, Option<bool>)>,
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
    /// Maps the message of an event once more, by the tables as they are now.
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
        match format.as_str() {
            "hl7v2" => {}
            "hook" => return self.picked(row, integration).await,
            _ => return Ok(State::AsItCame.into()),
        }
        let site = Site::of(integration, now.site(integration.id));
        let Some((mapped, trace)) = v2::trace(&bytes, &site) else { return Ok(State::NotMapped.into()) };
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
    async fn picked(&self, row: &EventRow, integration: &Integration) -> Result<Traced> {
        let Some(preset) = self.presets.find(integration.kind.name()) else { return Ok(State::Gone.into()) };
        let content = self.content_of(row).await?;
        let data = content.and_then(|content| {
            content.look(|content| serde_json::from_str::<Value>(content.data.get()).ok())
        });
        let has = |pick: &Pick| {
            let member = pick.to.strip_prefix("data.").filter(|member| *member != "*")?;
            Some(data.as_ref()?.get(member).is_some())
        };
        let picks = preset.picks(row.event.event_type.as_str()).into_iter();
        let picked = Picked {
            preset: preset.name.clone(),
            is_operators: preset.origin == Origin::Operator,
            picks: picks
                .map(|pick| {
                    let is_there = has(&pick);
                    (pick, is_there)
                })
                .collect(),
        };
        Ok(Traced { state: State::Preset, picked: Some(picked), ..Traced::default() })
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
