//! What triggers remember of other values, and what that makes of a change.

use std::time::Duration;

use matching::trigger::{Awaited, Held, Keep, NO_SUBJECT, Point, Series, Told, Waiting};
use model::{Judged, Judgement, MemoryKey, Problem};
use serde_json::Value;

use super::Look;
use crate::absences::waiting;
use crate::memories::Owner;

impl Look<'_, '_> {
    /// Criteria and what is remembered of other values, for triggers that compare numbers.
    pub(super) async fn follow(&mut self, held: Held, judged: &mut Judged) -> Result<Held, Problem> {
        if held == Held::Yes && self.is_about_nobody() {
            return Ok(Held::Undecided(NO_SUBJECT.to_owned()));
        }
        let Keep::Change { within, number } = &self.ready.keep else { return Ok(held) };
        let number_now = match number.of(&self.looked.change) {
            Err(reason) if held == Held::Yes => return Ok(Held::Undecided(reason)),
            found => found.unwrap_or_default(),
        };
        if held != Held::Yes || number_now.is_none() {
            // A value that a correction took out of the condition is no ground to measure from.
            if self.is_known() {
                self.forget().await?;
            }
            return Ok(if held == Held::Yes { Held::No } else { held });
        }
        let key = self.series();
        let mut series: Series = self.recall(key).await?.unwrap_or_default();
        let point = self.point(true, number_now);
        let moved = series.change(point, *within, |now, then| number.moved(now, then));
        self.instead = series.stand_in_moved(*within, |now, then| number.moved(now, then));
        self.memories.remember((key, self.owner()), &series, None)?;
        Ok(match moved {
            Ok(Judgement::Fired) => Held::Yes,
            Ok(_) => {
                judged.judgement = Judgement::NotYet;
                Held::No
            }
            Err(reason) => Held::Undecided(reason),
        })
    }

    /// Takes a value that never was, or no longer holds, out of what is remembered of its patient.
    pub(super) async fn forget(&mut self) -> Result<(), Problem> {
        if let Keep::Absence { within } = self.ready.keep {
            return self.never_came(within).await;
        }
        let key = self.series();
        let Some(mut series): Option<Series> = self.recall(key).await? else { return Ok(()) };
        if series.forget(self.place.value) {
            self.instead = match &self.ready.keep {
                Keep::Crossing { rule, .. } => series.stand_in(*rule),
                Keep::Count(rule) => series.stand_in_counted(*rule),
                Keep::Change { within, number } => {
                    series.stand_in_moved(*within, |now, then| number.moved(now, then))
                }
                Keep::Nothing | Keep::Absence { .. } => None,
            };
            self.memories.remember((key, self.owner()), &series, None)?;
        }
        Ok(())
    }

    /// What the memory of other values makes of this one.
    pub(super) async fn keep(&mut self, holds: bool) -> Result<Judgement, Problem> {
        let usual = if holds { Judgement::Fired } else { Judgement::NotMatched };
        if self.is_about_nobody() {
            return Ok(usual);
        }
        match &self.ready.keep {
            Keep::Nothing | Keep::Change { .. } => Ok(usual),
            Keep::Absence { within } if holds => self.wait(*within).await,
            Keep::Absence { within } => {
                // What no longer holds is nothing that was waited for.
                if self.is_known() {
                    self.never_came(*within).await?;
                }
                Ok(usual)
            }
            Keep::Crossing { .. } | Keep::Count(_) if self.looked.change.is_void() => Ok(usual),
            Keep::Crossing { .. } | Keep::Count(_) => self.compare(holds).await,
        }
    }

    /// Whether a trigger that compares the values of a patient looks at an event that names none: nobody
    /// can tell then, and that is said (P5).
    fn is_about_nobody(&self) -> bool {
        let compares = !matches!(self.ready.keep, Keep::Nothing);
        compares && self.looked.tracked.is_none() && self.looked.subject.is_none()
    }

    /// Takes the value into the series of its patient.
    async fn compare(&mut self, holds: bool) -> Result<Judgement, Problem> {
        let key = self.series();
        let mut series: Series = self.recall(key).await?.unwrap_or_default();
        let mut point = self.point(holds, None);
        let judgement = match &self.ready.keep {
            Keep::Crossing { rule, rearm } => {
                if let Some(rearm) = rearm {
                    point.rearms = !holds && rearm.may_hold(&self.looked.change);
                }
                let judgement = series.cross(point, *rule);
                self.instead = series.stand_in(*rule);
                judgement
            }
            Keep::Count(rule) => {
                let judgement = series.count(point, *rule);
                self.instead = series.stand_in_counted(*rule);
                judgement
            }
            Keep::Nothing | Keep::Change { .. } | Keep::Absence { .. } => return Ok(Judgement::NotMatched),
        };
        self.memories.remember((key, self.owner()), &series, None)?;
        Ok(judgement)
    }

    /// Waits from this value on, unless a newer one came.
    async fn wait(&mut self, within: Duration) -> Result<Judgement, Problem> {
        let key = self.waiting();
        let mut waiting: Waiting = self.memories.recall(self.intake, key).await?.unwrap_or_default();
        let who = Awaited {
            subject: self.looked.subject.cloned(),
            last: self.place.at,
            integration: self.looked.around.integration.id,
            test: self.looked.around.test,
        };
        let now = self.intake.ports.clock.now();
        let judgement = waiting.come(self.place.value, who, (within, now));
        self.memories.remember((key, self.owner()), &waiting, waiting.due())?;
        Ok(judgement)
    }

    /// Waits as if this value had not come.
    async fn never_came(&mut self, within: Duration) -> Result<(), Problem> {
        let key = self.waiting();
        let Some(mut waiting): Option<Waiting> = self.memories.recall(self.intake, key).await? else {
            return Ok(());
        };
        if waiting.take_back(self.place.value, within) {
            self.memories.remember((key, self.owner()), &waiting, waiting.due())?;
        }
        Ok(())
    }

    fn is_known(&self) -> bool {
        self.looked.tracked.is_some_and(|of| of.is_known)
    }

    fn point(&self, holds: bool, value: Option<Value>) -> Point {
        Point { at: self.place.at, object: self.place.value, holds, rearms: !holds, value, fired: false }
    }

    /// Notes what was told of an object; of an event nothing can be told again.
    pub(super) fn mark_told(&mut self, told: Told) -> Result<(), Problem> {
        if self.looked.tracked.is_none() {
            return Ok(());
        }
        self.memories.remember((self.mark(self.place.value), self.owner()), &told, None)
    }

    async fn recall(&mut self, key: MemoryKey) -> Result<Option<Series>, Problem> {
        self.memories.recall(self.intake, key).await
    }

    /// Where it is remembered what was told of an object.
    pub(super) fn mark(&self, object: u128) -> MemoryKey {
        let object = object.to_be_bytes();
        self.place.keys.memory(self.ready.trigger.id, self.scope("object"), &[&object])
    }

    /// Where it is remembered since when the patient is waited for.
    fn waiting(&self) -> MemoryKey {
        waiting(&self.place.keys, self.ready, (self.place.patient, self.looked.around.test))
    }

    /// Where the values of the patient are remembered.
    fn series(&self) -> MemoryKey {
        let code = self.ready.code_of(&self.looked.change);
        let parts: [&[u8]; 2] = [&self.place.patient.0, code.as_bytes()];
        self.place.keys.memory(self.ready.trigger.id, self.scope("series"), &parts)
    }

    /// Tests have a memory of their own (T1).
    fn scope(&self, of: &'static str) -> &'static str {
        match (self.looked.around.test, of) {
            (true, "object") => "test object",
            (true, _) => "test series",
            (false, of) => of,
        }
    }

    pub(super) fn owner(&self) -> Owner {
        Owner {
            organisation: self.looked.around.integration.organisation_id,
            trigger: self.ready.trigger.id,
            subject: self.place.sealed_under,
        }
    }
}
