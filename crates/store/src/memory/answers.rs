//! What was answered before.

use std::collections::BTreeMap;

use model::{AnswerKey, OrganisationId, Sealed, Timestamp, limits};

use crate::{Answered, Asked, Begun, Twice};

/// Writes that were begun.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers(BTreeMap<AnswerKey, Kept>);

#[derive(Debug, Clone)]
struct Kept {
    of: OrganisationId,
    twice: Twice,
    known: Answered,
}

impl Answers {
    pub(super) fn begin(&mut self, asked: Asked) -> Begun {
        let lives = |known: &Answered| known.at + limits::ANSWER_KEPT > asked.at;
        if let Some(kept) = self.0.get(&asked.key).filter(|kept| lives(&kept.known)) {
            return Begun::Before(kept.known.clone());
        }
        if let Some(room) = self.room(asked) {
            return Begun::Full(room);
        }
        let known = Answered { print: asked.print, at: asked.at, answer: None };
        self.0.insert(asked.key, Kept { of: asked.organisation, twice: asked.twice, known });
        Begun::Now
    }

    /// When there is room for another answer of the organisation; none if there is now.
    fn room(&self, asked: Asked) -> Option<Timestamp> {
        if asked.twice == Twice::Harmless || self.0.len() < limits::ANSWERS {
            return None;
        }
        let lives = |known: &Answered| known.at + limits::ANSWER_KEPT > asked.at;
        let counts = |kept: &&Kept| kept.of == asked.organisation && kept.twice == Twice::Done;
        let own = self.0.values().filter(counts).filter(|kept| lives(&kept.known));
        let mut times: Vec<Timestamp> = own.map(|kept| kept.known.at).collect();
        times.sort_unstable();
        let more = times.len().checked_sub(limits::ANSWERS)?;
        times.get(more).map(|oldest| *oldest + limits::ANSWER_KEPT)
    }

    pub(super) fn end(&mut self, key: AnswerKey, answer: Option<Sealed>) {
        match answer {
            None => drop(self.0.remove(&key)),
            Some(answer) => {
                self.0.entry(key).and_modify(|kept| kept.known.answer = Some(answer));
            }
        }
    }

    pub(super) fn expire(&mut self, then: Timestamp) -> usize {
        let before = self.0.len();
        self.0.retain(|_, kept| kept.known.at >= then);
        before - self.0.len()
    }
}
