//! What one configuration makes of something that came in.

use std::collections::BTreeMap;

use model::{
    Content, Decision, DecisionReason, Event, IntegrationId, Judged, Judgement, ObjectKey, Sides, TriggerId,
};

/// What became of it.
#[derive(Debug, Default)]
pub(super) struct Became {
    /// Events, those first that triggers did not raise.
    pub(super) seen: Vec<Seen>,
    /// What triggers made of which object.
    pub(super) judged: Vec<(Option<ObjectKey>, Judged)>,
    /// Why it is not understood.
    pub(super) refused: Option<String>,
}

/// An event.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) event: Event,
    pub(super) content: Content,
    pub(super) decisions: Vec<Decision>,
    /// The trigger that raised it.
    pub(super) by: Option<TriggerId>,
}

impl Became {
    pub(super) fn refused(why: String) -> Became {
        Became { refused: Some(why), ..Became::default() }
    }

    pub(super) fn of(
        events: Vec<(Event, Vec<Decision>)>,
        contents: Vec<Content>,
        judged: Vec<(Option<ObjectKey>, Judged)>,
    ) -> Became {
        let by = |event: &Event| {
            let own = judged.iter().find(|(_, judged)| judged.raised == Some(event.id));
            own.map(|(_, judged)| judged.trigger)
        };
        let seen = events.into_iter().zip(contents).map(|((event, decisions), content)| {
            let by = by(&event);
            Seen { event, content, decisions, by }
        });
        Became { seen: seen.collect(), judged, refused: None }
    }

    /// How often a trigger or a filter could not decide.
    pub(super) fn undecided(&self) -> u64 {
        let triggers = self.judged.iter().filter(|(_, one)| one.judgement == Judgement::Indeterminate);
        let decisions = self.seen.iter().flat_map(|seen| &seen.decisions);
        let filters = decisions.filter(|decision| decision.reason == DecisionReason::Undecided);
        u64::try_from(triggers.count() + filters.count()).unwrap_or(u64::MAX)
    }

    fn join(&mut self, other: Became) {
        self.seen.extend(other.seen);
        self.judged.extend(other.judged);
    }
}

/// What did not come, side by side, by where it should have come from.
pub(super) fn by_integration(
    before: Vec<(IntegrationId, Became)>,
    after: Vec<(IntegrationId, Became)>,
) -> BTreeMap<IntegrationId, Sides<Became>> {
    let mut all: BTreeMap<IntegrationId, Sides<Became>> = BTreeMap::new();
    before.into_iter().for_each(|(of, became)| all.entry(of).or_default().before.join(became));
    after.into_iter().for_each(|(of, became)| all.entry(of).or_default().after.join(became));
    all
}
