//! What a Subscription asks of the resource behind an event: its type, and search parameters of it.

use fhir::search::{Criteria, Decision, Known, Why, named_type};
use model::{Lane, Subscription};
use serde_json::Value;

use crate::{Topic, Topics};

/// Conditions ready to be asked.
#[derive(Debug, Default)]
pub struct Conditions {
    kinds: Vec<String>,
    /// Those of one resource type hold together.
    criteria: Vec<Criteria>,
    /// Whether they could be read; what cannot be read holds for nothing.
    is_unreadable: bool,
}

/// A condition cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unfit {
    /// Which of the conditions.
    pub place: usize,
    /// Why not; names of parameters, never their values.
    pub why: String,
}

impl Conditions {
    /// Reads conditions in any written form: `Type?a=b&c=d`, `Type.a=b`, or `a=b` for every type of the topic.
    /// `base` is what absolute references to the facade's own resources begin with.
    ///
    /// # Errors
    /// The first that the topic does not offer or that cannot be decided, or one that the topic needs.
    pub fn read(topic: &Topic, filters: &[String], base: &str) -> Result<Conditions, Unfit> {
        let known = Known { base: Some(base.to_owned()), ..Known::default() };
        let mut criteria = Vec::new();
        for (place, filter) in filters.iter().enumerate() {
            for kind in kinds(topic, filter).map_err(|why| Unfit { place, why })? {
                offered(topic, kind, filter).map_err(|why| Unfit { place, why })?;
                let read = Criteria::parse_with(kind, filter, &known);
                criteria.push(read.map_err(|fault| Unfit { place, why: fault.to_string() })?);
            }
        }
        if let Some(needed) = &topic.needs
            && !filters.iter().any(|filter| names(filter).any(|name| name == needed))
        {
            return Err(Unfit { place: filters.len(), why: format!("the topic needs a filter by {needed}") });
        }
        let kinds = topic.resources.iter().map(|one| one.kind.clone()).collect();
        Ok(Conditions { kinds, criteria, is_unreadable: false })
    }

    /// The conditions of a stored Subscription, which were read before.
    pub(crate) fn of(subscription: &Subscription) -> Conditions {
        let topic = Topics::embedded().find(&subscription.topic);
        let read = topic.map(|topic| Conditions::read(topic, &subscription.filters, &subscription.base));
        read.and_then(Result::ok).unwrap_or(Conditions { is_unreadable: true, ..Conditions::default() })
    }

    /// Whether they hold for the resource of an event.
    ///
    /// What cannot be decided because of a unit or a comparator holds for a critical
    /// event and for no other (P5).
    pub(crate) fn hold(&self, resource: Option<&Value>, lane: Lane) -> bool {
        if self.is_unreadable {
            return false;
        }
        let Some(resource) = resource else { return self.criteria.is_empty() };
        let kind = resource["resourceType"].as_str().unwrap_or_default();
        let own = self.criteria.iter().filter(|criteria| criteria.resource_type() == kind);
        let holds = |criteria: &Criteria| match criteria.matches(resource) {
            Decision::Yes => true,
            Decision::No => false,
            Decision::Indeterminate(reason) => {
                lane == Lane::Critical && matches!(reason.why, Why::Unit | Why::Comparator)
            }
        };
        self.is_wanted(kind) && own.into_iter().all(holds)
    }

    /// Conditions that name types leave out the topic's other types.
    fn is_wanted(&self, kind: &str) -> bool {
        let is_named = |criteria: &Criteria| criteria.resource_type() == kind;
        self.kinds.iter().any(|known| known == kind)
            && (self.criteria.is_empty() || self.criteria.iter().any(is_named))
    }
}

/// The types of the topic that a filter is about.
fn kinds<'a>(topic: &'a Topic, filter: &'a str) -> Result<Vec<&'a str>, String> {
    let all = || topic.resources.iter().map(|one| one.kind.as_str());
    match named_type(filter) {
        Some(kind) if topic.about(kind).is_none() => Err(format!("the topic is not about {kind}")),
        Some(kind) => Ok(vec![kind]),
        None => Ok(all().collect()),
    }
}

/// Refuses a parameter that the topic does not offer for a type.
fn offered(topic: &Topic, kind: &str, filter: &str) -> Result<(), String> {
    let offers = topic.about(kind).map(|about| about.filters.as_slice()).unwrap_or_default();
    match names(filter).find(|name| !offers.iter().any(|offer| offer == name)) {
        Some(name) => {
            let offers = offers.join(", ");
            Err(format!("the topic offers no filter of {kind} by {name}; it offers {offers}"))
        }
        None => Ok(()),
    }
}

/// The parameters that a filter names, without type and modifier.
fn names(filter: &str) -> impl Iterator<Item = &str> {
    let kind = named_type(filter).map_or(0, |kind| kind.len() + 1);
    let query = filter.get(kind..).unwrap_or_default().trim_start_matches('?');
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts.map(|part| {
        let left = part.split('=').next().unwrap_or_default();
        let left = named_type(left).map_or(left, |kind| left.get(kind.len() + 1..).unwrap_or_default());
        left.split(':').next().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(filters: &[&str]) -> Result<Conditions, Unfit> {
        let topic = Topics::embedded().find("urn:carehook:topic:abnormal-lab").unwrap();
        let filters: Vec<String> = filters.iter().map(|&filter| filter.to_owned()).collect();
        Conditions::read(topic, &filters, "https://h.example/fhir/int_1")
    }

    fn potassium(patient: &str, unit: &str) -> Value {
        json!({
            "resourceType": "Observation", "status": "final", "subject": { "reference": format!("Patient/{patient}") },
            "code": { "coding": [{ "system": "http://loinc.org", "code": "2823-3" }] },
            "valueQuantity": { "value": 6.9, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit },
        })
    }

    #[test]
    fn shall_95_every_filter_must_hold() {
        let both =
            read(&["Observation?patient=Patient/1", "Observation.code=http://loinc.org|2823-3"]).unwrap();
        assert!(both.hold(Some(&potassium("1", "mmol/L")), Lane::Routine));
        assert!(!both.hold(Some(&potassium("2", "mmol/L")), Lane::Routine));
        let other = read(&["patient=Patient/1", "code=http://loinc.org|2951-2"]).unwrap();
        assert!(!other.hold(Some(&potassium("1", "mmol/L")), Lane::Routine));
        assert!(!both.hold(None, Lane::Routine), "what has no resource fits no filter");
    }

    #[test]
    fn shall_63_a_filter_that_the_topic_does_not_offer_is_refused() {
        for filter in
            ["Observation?device=Device/1", "Encounter?patient=Patient/1", "patient:nope=1", "patient"]
        {
            let unfit = read(&["patient=Patient/1", filter]).unwrap_err();
            assert_eq!(unfit.place, 1, "{filter}");
            assert!(!unfit.why.contains("Device/1"), "{}", unfit.why);
        }
    }

    #[test]
    fn p5_a_critical_result_that_cannot_be_compared_is_told() {
        let high = read(&["value-quantity=gt6.0|http://unitsofmeasure.org|mmol/L"]).unwrap();
        assert!(high.hold(Some(&potassium("1", "mmol/L")), Lane::Routine));
        assert!(high.hold(Some(&potassium("1", "unknown")), Lane::Critical));
        assert!(!high.hold(Some(&potassium("1", "unknown")), Lane::Routine));
    }

    #[test]
    fn a_topic_of_one_patient_needs_to_know_which() {
        let ihe = "https://profiles.ihe.net/ITI/DSUBm/SubscriptionTopic/DSUBm-SubscriptionTopic-";
        let topic = Topics::embedded().find(&format!("{ihe}DocumentReference-PatientDependent")).unwrap();
        assert!(Conditions::read(topic, &[], "https://h.example").is_err());
        let named = ["DocumentReference?patient=Patient/1".to_owned()];
        assert!(Conditions::read(topic, &named, "https://h.example").is_ok());
    }
}
