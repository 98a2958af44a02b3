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
        let own = self.0.values().filter(|(of, known)| *of == asked.organisation && lives(known));
        let mut times: Vec<Timestamp> = own.map(|(_, known)| known.at).collect();
        if let Some(more) = times.len().checked_sub(limits::ANSWERS) {
            times.sort_unstable();
            let room = times.get(more).copied().unwrap_or(asked.at);
            return Begun::Full(room + limits::ANSWER_KEPT);
        }
        let begun = Answered { print: asked.print, at: asked.at, answer: None };
        self.0.insert(asked.key, (asked.organisation, begun));
        Begun::Now
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
