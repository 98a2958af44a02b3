//! What doors refuse, kept: bounded for each integration, so that a flood of forgeries fills no disk.
//!
//! A refusal is *listed* when the sender heard of it and *quarantined* when it
//! heard "taken": then it is ours until its cause is mended. What is beyond the
//! bounds is counted in memory and written every few seconds.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use model::{
    Capture, Code, Door, Environment, Id, Integration, IntegrationId, OrganisationId, Problem, RejectionId,
    Timestamp, Versioned, limits,
};
use observe::Stop;
use observe::live::Note;
use privacy::RecordKind;
use store::{Batch, Kept, Rejection, Standing, Surplus};

use crate::intake::Intake;
use crate::refusal;

/// What a door refused.
pub(crate) struct Refused {
    pub(crate) integration: Arc<Versioned<Integration>>,
    pub(crate) door: Door,
    pub(crate) code: Code,
    /// Names and places, never content.
    pub(crate) reason: String,
    pub(crate) peer: Option<IpAddr>,
    /// The size of the body, as far as it is known.
    pub(crate) bytes: u64,
    pub(crate) capture: Capture,
    /// Whether what the integration refuses is taken out of it (C7).
    pub(crate) is_sifted: bool,
    pub(crate) standing: Standing,
}

impl Intake {
    /// Keeps a refusal of which the sender hears. If that fails, the sender has heard all the same.
    pub(crate) async fn list(&self, refused: Refused) {
        if let Err(problem) = self.keep(refused).await {
            tracing::warn!(code = problem.code.name(), "a rejection could not be kept");
        }
    }

    /// Keeps what is acknowledged and not understood, durably.
    ///
    /// # Errors
    /// It is not kept: the sender must not hear that it is.
    pub(crate) async fn quarantine(&self, refused: Refused) -> Result<(), Problem> {
        self.keep(Refused { standing: Standing::Quarantined, ..refused }).await
    }

    /// Writes the numbers of what was only counted, until asked to stop.
    pub async fn count_rejections(self: Arc<Self>, stop: Stop) {
        while !stop.is_stopped() {
            tokio::select! {
                () = tokio::time::sleep(limits::REJECTIONS_COUNTED) => {}
                () = stop.stopped() => {}
            }
            let surplus = self.rejections.take_surplus();
            if surplus.is_empty() {
                continue;
            }
            if let Err(error) =
                self.ports.store.commit(Batch { surplus: surplus.clone(), ..Batch::default() }).await
            {
                tracing::warn!(%error, "rejections could not be counted");
                self.rejections.put_back(surplus);
            }
        }
    }

    /// Counts a refusal for alert rules; what a test integration sends does not count (T1).
    fn tell_rules(&self, refused: &Refused, at: Timestamp) {
        let source = &refused.integration;
        if source.environment == Environment::Live {
            let is_unproved = matches!(refused.code, Code::InvalidSignature | Code::Unauthorized);
            self.ports.metrics.recent().refused(source.organisation_id, source.id, is_unproved, at);
        }
    }

    async fn keep(&self, refused: Refused) -> Result<(), Problem> {
        let at = self.ports.clock.now();
        self.tell_rules(&refused, at);
        let is_quarantined = refused.standing == Standing::Quarantined;
        let most = if is_quarantined { usize::MAX } else { limits::REJECTED_BYTES };
        let length = refused.capture.body.len().min(most);
        let room = self.rejections.admit(&refused, at, length);
        let organisation = refused.integration.organisation_id;
        let (integration_id, door, code) = (refused.integration.id, refused.door.name(), refused.code.name());
        let tell = || self.ports.feed.tell(organisation, || Note::Rejection { integration_id, door, code });
        if room == Room::Number {
            tell();
            let busy = Problem::new(Code::RateLimited, "More is sent than can be kept for later.").after(60);
            return if is_quarantined { Err(busy) } else { Ok(()) };
        }
        let id: RejectionId = self.ports.ids.next(at);
        let whole = refused.capture.body.len() == length && refused.bytes <= length as u64;
        let raw = match room {
            // Of what could not be sifted nothing may stay (C7).
            Room::Content if may_stay(&refused) => {
                let Capture { head, mut body } = refused.capture;
                body.truncate(length);
                let key = self.ports.keyring.for_sealing(organisation, id.row(), None).await;
                let key = key.map_err(|error| refusal::of_keys(&error))?;
                Some(key.seal(RecordKind::Rejection, id.row(), &Capture { head, body }.to_bytes()))
            }
            Room::Content | Room::Fact | Room::Number => None,
        };
        let kept = match (&raw, whole) {
            (None, _) => Kept::Nothing,
            (Some(_), true) => Kept::Whole,
            (Some(_), false) => Kept::Part,
        };
        let rejection = Rejection {
            id,
            organisation,
            integration: refused.integration.id,
            door: refused.door,
            at,
            code: refused.code,
            reason: refused.reason,
            peer: refused.peer,
            bytes: refused.bytes,
            standing: refused.standing,
            kept,
        };
        let batch = Batch { rejections: vec![(rejection, raw)], ..Batch::default() };
        self.ports.store.commit(batch).await.map_err(|error| refusal::of_store(&error))?;
        // Only now is it there for who looks.
        tell();
        Ok(())
    }
}

/// How much of one refusal there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    /// All that is to be kept.
    Content,
    /// That it happened, without its body.
    Fact,
    /// Its number only.
    Number,
}

/// What was kept lately, and what was only counted since it was last written.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    // At most one for each configured integration: nobody else gets this far.
    spans: HashMap<IntegrationId, Spans>,
    surplus: HashMap<(OrganisationId, IntegrationId, i64, Code), u64>,
}

impl Ledger {
    fn admit(&self, refused: &Refused, at: Timestamp, bytes: usize) -> Room {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Refused { integration, code, standing, .. } = refused;
        let room = pages.spans.entry(integration.id).or_default().admit(at, *standing, bytes);
        if room == Room::Number {
            let place = (integration.organisation_id, integration.id, at.hour(), *code);
            *pages.surplus.entry(place).or_default() += 1;
        }
        room
    }

    fn put_back(&self, surplus: Vec<Surplus>) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for Surplus { organisation, integration, hour, code, count } in surplus {
            *pages.surplus.entry((organisation, integration, hour, code)).or_default() += count;
        }
    }

    fn take_surplus(&self) -> Vec<Surplus> {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let surplus = std::mem::take(&mut pages.surplus).into_iter();
        surplus
            .map(|((organisation, integration, hour, code), count)| Surplus {
                organisation,
                integration,
                hour,
                code,
                count,
            })
            .collect()
    }
}

/// What one integration has had in the present minute and hour.
#[derive(Debug, Default)]
struct Spans {
    minute: i64,
    hour: i64,
    in_minute: u32,
    in_hour: u32,
    bytes: usize,
    quarantined: u32,
}

impl Spans {
    fn admit(&mut self, at: Timestamp, standing: Standing, bytes: usize) -> Room {
        let minute = at.millis().div_euclid(60_000);
        if self.hour != at.hour() {
            *self = Spans { hour: at.hour(), minute, ..Spans::default() };
        }
        if self.minute != minute {
            (self.minute, self.in_minute) = (minute, 0);
        }
        if standing == Standing::Quarantined {
            self.quarantined += 1;
            return if self.quarantined > limits::QUARANTINED_PER_HOUR {
                Room::Number
            } else {
                Room::Content
            };
        }
        let (per_minute, per_hour) = limits::REJECTIONS;
        if self.in_minute >= per_minute || self.in_hour >= per_hour {
            return Room::Number;
        }
        self.in_minute += 1;
        self.in_hour += 1;
        if self.bytes + bytes > limits::REJECTED_BYTES_PER_HOUR {
            return Room::Fact;
        }
        self.bytes += bytes;
        Room::Content
    }
}

fn may_stay(refused: &Refused) -> bool {
    !refused.capture.body.is_empty() && (refused.is_sifted || refused.integration.fields.is_none())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_790_035_200_000);

    fn admitted(spans: &mut Spans, at: Timestamp, count: usize, bytes: usize) -> usize {
        (0..count).filter(|_| spans.admit(at, Standing::Listed, bytes) != Room::Number).count()
    }

    #[test]
    fn a_flood_is_kept_in_part_and_counted_in_full() {
        let mut spans = Spans::default();
        assert_eq!(admitted(&mut spans, NOON, 10_000, 10), 20);
        let later = NOON + Duration::from_secs(60);
        assert_eq!(admitted(&mut spans, later, 10_000, 10), 20, "the next minute has room again");
        let minutes: usize = (2..59)
            .map(|minute| admitted(&mut spans, NOON + Duration::from_secs(60 * minute), 100, 10))
            .sum();
        assert_eq!(20 + 20 + minutes, 240, "and the hour has a bound of its own");
        assert_eq!(admitted(&mut spans, NOON + Duration::from_secs(3_600), 100, 10), 20);
    }

    #[test]
    fn large_bodies_leave_their_trace_and_not_their_bytes() {
        let mut spans = Spans::default();
        let rooms: Vec<Room> = (0..4)
            .flat_map(|minute| (0..20).map(move |_| NOON + Duration::from_secs(60 * minute)))
            .map(|at| spans.admit(at, Standing::Listed, limits::REJECTED_BYTES))
            .collect();
        let kept = rooms.iter().filter(|room| **room == Room::Content).count();
        assert_eq!(kept * limits::REJECTED_BYTES, limits::REJECTED_BYTES_PER_HOUR);
        assert_eq!(rooms.iter().filter(|room| **room == Room::Fact).count(), 80 - kept);
    }

    #[test]
    fn forgeries_take_no_room_from_the_quarantine() {
        let mut spans = Spans::default();
        admitted(&mut spans, NOON, 1_000, 1 << 20);
        let room = spans.admit(NOON, Standing::Quarantined, 1 << 20);
        assert_eq!(room, Room::Content);
    }
}
