//! What was answered before.

use std::collections::BTreeMap;

use model::{AnswerKey, OrganisationId, Sealed, Timestamp, limits};

use crate::{Answered, Asked, Begun};

/// Writes that were begun.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers(BTreeMap<AnswerKey, (OrganisationId, Answered)>);

impl Answers {
    pub(super) fn begin(&mut self, asked: Asked) -> Begun {
        let lives = |known: &Answered| known.at + limits::ANSWER_KEPT > asked.at;
        if let Some((_, known)) = self.0.get(&asked.key).filter(|(_, known)| lives(known)) {
            return Begun::Before(known.clone());
        }
        if let Some(room) = self.room(asked) {
            return Begun::Full(room);
        }
        let begun = Answered { print: asked.print, at: asked.at, answer: None };
        self.0.insert(asked.key, (asked.organisation, begun));
        Begun::Now
    }

    /// When there is room for another answer of the organisation; none if there is now.
    fn room(&self, asked: Asked) -> Option<Timestamp> {
        if self.0.len() < limits::ANSWERS {
            return None;
        }
        let lives = |known: &Answered| known.at + limits::ANSWER_KEPT > asked.at;
        let own = self.0.values().filter(|(of, known)| *of == asked.organisation && lives(known));
        let mut times: Vec<Timestamp> = own.map(|(_, known)| known.at).collect();
        times.sort_unstable();
        let more = times.len().checked_sub(limits::ANSWERS)?;
        times.get(more).map(|oldest| *oldest + limits::ANSWER_KEPT)
    }

    pub(super) fn end(&mut self, key: AnswerKey, answer: Option<Sealed>) {
        match answer {
            None => drop(self.0.remove(&key)),
            Some(answer) => {
                self.0.entry(key).and_modify(|(_, known)| known.answer = Some(answer));
            }
        }
    }

    pub(super) fn expire(&mut self, then: Timestamp) -> usize {
        let before = self.0.len();
        self.0.retain(|_, (_, known)| known.at >= then);
        before - self.0.len()
    }
}
