//! Filters that are fitted to what a topic can do, where its rules ask for that (US Core, Patient Data Feed:
//! what is not supported is left out, and the client has to accept what is left).

use std::collections::BTreeSet;

use crate::codes::TRIGGER;
use crate::written::{Part, Written, write};
use crate::{Conditions, Topic, Unfit};

/// Filters as they can be served, and what became of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Adjusted {
    /// The filters.
    pub filters: Vec<String>,
    /// What was changed: names of types and parameters, never their values.
    pub changes: Vec<String>,
}

/// Fits filters to a topic.
///
/// # Errors
/// If nothing of what is asked for is left, which would mean everything, or if they name two patients.
pub fn adjust(topic: &Topic, filters: &[String], base: &str) -> Result<Adjusted, Unfit> {
    one_patient(filters)?;
    let mut adjusted = Adjusted::default();
    for filter in filters {
        let written = Written::of(filter);
        let kept = Fit { topic, base, written: &written }.adjust(&mut adjusted.changes);
        adjusted.filters.extend(kept);
    }
    if adjusted.filters.is_empty() && !filters.is_empty() {
        let why = format!("nothing of it can be served: {}", adjusted.changes.join("; "));
        return Err(Unfit { place: 0, why });
    }
    Ok(adjusted)
}

/// The guide forbids filters by different patients in one Subscription.
fn one_patient(filters: &[String]) -> Result<(), Unfit> {
    let mut seen = BTreeSet::new();
    for (place, filter) in filters.iter().enumerate() {
        for part in Written::of(filter).parts.into_iter().filter(|part| part.name() == PATIENT) {
            let values = part.values().map(|(_, values)| values).unwrap_or_default();
            let ids = values.iter().map(|value| value.rsplit(['/', '|']).next().unwrap_or(value).to_owned());
            seen.extend(ids);
        }
        if seen.len() > 1 {
            let why = "names another patient than a filter before; make a Subscription for each".to_owned();
            return Err(Unfit { place, why });
        }
    }
    Ok(())
}

/// One filter that is fitted.
struct Fit<'a> {
    topic: &'a Topic,
    base: &'a str,
    written: &'a Written<'a>,
}

impl Fit<'_> {
    /// What is left of it, if anything.
    fn adjust(&self, changes: &mut Vec<String>) -> Option<String> {
        let kind = self.written.kind;
        if let Some(kind) = kind.filter(|kind| self.topic.about(kind).is_none()) {
            changes.push(format!("{kind} is not part of the topic and was left out"));
            return None;
        }
        let mut kept = Vec::new();
        for part in &self.written.parts {
            match self.part(*part) {
                Ok(part) => kept.push(part),
                Err(why) if part.name() == TRIGGER && part.values().is_some() => {
                    let (part, why) =
                        (self.known_codes(*part), format!("{}: {why}; others were left out", self.of()));
                    changes.push(why);
                    // What asks for codes that no change has asks for nothing.
                    kept.push(part?);
                }
                // Without it the filter would be about everybody.
                Err(why) if part.name() == PATIENT => {
                    changes.push(format!("{}: {why}; the whole filter was left out", self.of()));
                    return None;
                }
                Err(why) => changes.push(format!("{}: {why}; it was left out", self.of())),
            }
        }
        let parts: Vec<&str> = kept.iter().map(String::as_str).collect();
        match (parts.is_empty(), kind) {
            (false, _) => Some(write(kind, &parts)),
            // A filter has to say something: that it is about the type.
            (true, Some(_)) => Some(write(kind, &[&format!("{TRIGGER}={}", fhir::feed::EVENT)])),
            (true, None) => None,
        }
    }

    fn part(&self, part: Part<'_>) -> Result<String, String> {
        let alone = write(self.written.kind, &[part.0]);
        let read = Conditions::read(self.topic, &[alone], self.base);
        read.map(|_| part.0.to_owned()).map_err(|unfit| unfit.why)
    }

    /// The codes of a part that changes can have.
    fn known_codes(&self, part: Part<'_>) -> Option<String> {
        let (left, values) = part.values()?;
        let one = |value: &&&str| self.part(Part(&format!("{left}={value}"))).is_ok();
        let known: Vec<&str> = values.iter().filter(one).copied().collect();
        (!known.is_empty()).then(|| format!("{left}={}", known.join(",")))
    }

    fn of(&self) -> &str {
        self.written.kind.unwrap_or("all types")
    }
}

const PATIENT: &str = "patient";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Topics;

    fn fit(filters: &[&str]) -> Result<Adjusted, Unfit> {
        let topic = Topics::embedded().find(fhir::feed::TOPIC).unwrap();
        let filters: Vec<String> = filters.iter().map(|&filter| filter.to_owned()).collect();
        adjust(topic, &filters, "https://h.example/fhir/int_1")
    }

    #[track_caller]
    fn check(filters: &[&str], kept: &[&str], changes: usize) {
        let adjusted = fit(filters).unwrap();
        assert_eq!(
            (adjusted.filters, adjusted.changes.len()),
            (kept.iter().map(|&one| one.into()).collect(), changes)
        );
    }

    #[test]
    fn what_can_be_served_stays_word_for_word() {
        let asked = [
            "Encounter?patient=123&trigger=feed-event",
            "Observation?patient=123&trigger=http://terminology.hl7.org/CodeSystem/v2-0003|R01",
            "DiagnosticReport?patient=Patient/123&category=LAB&trigger=urn:carehook:event-type|lab.result.available",
            "patient=123",
        ];
        check(&asked, &asked, 0);
        check(&[], &[], 0);
    }

    #[test]
    fn what_cannot_is_left_out_and_told_without_its_values() {
        check(&["CareTeam?patient=1", "Encounter?patient=1"], &["Encounter?patient=1"], 1);
        check(&["Observation?patient=1&device=Device/7"], &["Observation?patient=1"], 1);
        check(&["Observation?device=Device/7"], &["Observation?trigger=feed-event"], 1);
        check(
            &["Encounter?trigger=feed-event,update&patient=1"],
            &["Encounter?trigger=feed-event&patient=1"],
            1,
        );
        check(&["Encounter?trigger=update", "Observation?code=1"], &["Observation?code=1"], 1);
        let told = fit(&["Observation?patient=1&device=Device/7"]).unwrap().changes.join(" ");
        assert!(told.contains("device") && !told.contains("Device/7"), "{told}");
    }

    #[test]
    fn what_would_widen_to_everything_or_is_about_two_patients_is_refused() {
        assert!(fit(&["CareTeam?patient=1"]).is_err());
        assert!(fit(&["Observation?patient:in=Group/1&trigger=feed-event"]).is_err());
        assert_eq!(fit(&["Encounter?patient=1", "Observation?patient=Patient/2"]).unwrap_err().place, 1);
        assert!(fit(&["Encounter?patient=1", "Observation?patient=Patient/1"]).is_ok());
    }
}
