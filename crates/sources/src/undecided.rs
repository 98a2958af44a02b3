//! Critical triggers that could not be decided, counted for whoever is told of alerts (P5).

use matching::Compiled;
use model::{IntegrationId, Judgement, Lane, OrganisationId, Timestamp};
use observe::alerts::Recent;
use store::Arrival;

use crate::intake::Fate;

/// What arrivals left undecided, each with its place in the batch.
pub(crate) struct Undecided(Vec<(usize, OrganisationId, IntegrationId)>);

impl Undecided {
    /// Looks through what triggers made of arrivals. Tests are left out (T1).
    pub(crate) fn of(compiled: &Compiled, arrivals: &[Arrival]) -> Self {
        let is_critical =
            |id| compiled.triggers.find(id).is_some_and(|ready| ready.trigger.lane == Lane::Critical);
        let mut found = Vec::new();
        for (place, arrival) in arrivals.iter().enumerate() {
            let Some((first, _)) = arrival.events.first() else { continue };
            let judged = arrival.considered.iter().filter(|one| !one.test).flat_map(|one| &one.judged);
            let undecided = judged.filter(|one| one.judgement == Judgement::Indeterminate);
            let critical = undecided.filter(|one| is_critical(one.trigger)).count();
            found.extend(std::iter::repeat_n(
                (place, first.event.organisation, first.event.integration),
                critical,
            ));
        }
        Undecided(found)
    }

    /// Counts those that became durable.
    pub(crate) fn count(self, recent: &Recent, fates: &[Fate], now: Timestamp) {
        let is_written = |place: usize| matches!(fates.get(place), Some(Fate::Accepted { .. }));
        for (_, organisation, from) in self.0.into_iter().filter(|(place, ..)| is_written(*place)) {
            recent.undecided(organisation, from, now);
        }
    }
}
