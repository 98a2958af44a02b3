//! The topics that FHIR Subscriptions may name: those of `catalogue/topics.toml`, and the triggers of an
//! organisation ([`crate::trigger::topic`]).
//!
//! A topic says which event types it stands for, about which resources, and by
//! which search parameters a Subscription may narrow it.

mod shown; // R4B and R5.
mod basic; // R4.

use std::sync::{Arc, LazyLock};

use model::{Pattern, QueryCriteria, Timestamp, TriggerId};
use serde::Deserialize;

use crate::Codes;

pub use shown::resource;

/// Every topic that a Subscription may name.
#[derive(Debug, Clone, Default)]
pub struct Topics(Vec<Arc<Topic>>);

/// One topic.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its canonical URL.
    pub url: String,
    /// Other canonical URLs that mean the same.
    #[serde(default)]
    pub also: Vec<String>,
    /// Its name, for people.
    pub title: String,
    /// What it tells.
    pub description: String,
    /// The event types it stands for.
    pub events: Vec<Pattern>,
    /// The filters of which a Subscription to it must have one; none where it may do without.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The codes of what happened by which its changes may be chosen as `trigger`: only a feed has any,
    /// of which each change is told once, with all its codes.
    #[serde(default)]
    pub codes: Vec<Codes>,
    /// The resources it is about.
    #[serde(rename = "resource")]
    pub resources: Vec<TopicResource>,
    /// Its version.
    #[serde(default = "first")]
    pub version: String,
    /// The trigger that it publishes: then of its event types only what that one raises.
    #[serde(skip)]
    pub trigger: Option<Published>,
}

/// The trigger that a topic publishes.
#[derive(Debug, Clone)]
pub struct Published {
    /// Its id.
    pub id: TriggerId,
    /// When it was made.
    pub made: Timestamp,
    /// The codes of HL7 v2 events by which it fires; then it asks nothing of the resource.
    pub event_codes: Vec<String>,
}

/// A resource that a topic is about.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicResource {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What must be done to it: `create`, `update` or `delete`.
    #[serde(default = "create_and_update")]
    pub interactions: Vec<String>,
    /// The condition, as `FHIRPath`, where one says it.
    #[serde(default)]
    pub fhirpath: Option<String>,
    /// The condition as searches of both versions, where they say it.
    #[serde(default)]
    pub query: Option<QueryCriteria>,
    /// The search parameters to filter by.
    #[serde(default)]
    pub filters: Vec<String>,
    /// What a notification brings along, as `_include` would write it.
    #[serde(default)]
    pub include: Vec<String>,
}

impl Topics {
    /// The topics of this version.
    #[must_use]
    pub fn embedded() -> &'static Topics {
        static EMBEDDED: LazyLock<Topics> = LazyLock::new(read);
        &EMBEDDED
    }

    /// The topic of a canonical URL; a version behind `|` is left aside, as each topic has one only.
    #[must_use]
    pub fn find(&self, canonical: &str) -> Option<&Arc<Topic>> {
        let url = canonical.split('|').next().unwrap_or_default();
        self.0.iter().find(|topic| topic.url == url || topic.also.iter().any(|other| other == url))
    }

    /// Every topic.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.0.iter()
    }

    /// Those that fit.
    #[must_use]
    pub fn of(&self, fits: impl Fn(&Topic) -> bool) -> Topics {
        Topics(self.0.iter().filter(|topic| fits(topic)).cloned().collect())
    }

    /// With topics that are not ours to ship: the triggers of an organisation.
    #[must_use]
    pub fn with(&self, more: impl IntoIterator<Item = Topic>) -> Topics {
        Topics(self.0.iter().cloned().chain(more.into_iter().map(Arc::new)).collect())
    }
}

impl Topic {
    /// Its id as a resource: the end of its canonical URL, as short as it must be and without `_`, which
    /// ids of FHIR do not have.
    #[must_use]
    pub fn id(&self) -> String {
        let end = self.url.rsplit(['/', ':']).next().unwrap_or(&self.url);
        end.strip_prefix("DSUBm-SubscriptionTopic-").unwrap_or(end).replace('_', "-")
    }

    /// Whether it tells of every change, once; what of a filter it cannot do is then left out and told.
    #[must_use]
    pub fn is_feed(&self) -> bool {
        !self.codes.is_empty()
    }

    /// What it says of a resource type; none if it is not about it.
    #[must_use]
    pub fn about(&self, kind: &str) -> Option<&TopicResource> {
        self.resources.iter().find(|resource| resource.kind == kind)
    }
}

fn first() -> String {
    "1".to_owned()
}

fn create_and_update() -> Vec<String> {
    vec!["create".to_owned(), "update".to_owned()]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topic: Vec<Topic>,
}

fn read() -> Topics {
    let text = include_str!("../../../../catalogue/topics.toml");
    let file: File = toml::from_str(text).expect("catalogue/topics.toml is read by the tests");
    Topics(file.topic.into_iter().map(Arc::new).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::Catalogue;

    #[test]
    fn every_topic_stands_for_event_types_that_can_happen() {
        let mut seen = HashSet::new();
        for topic in Topics::embedded().all() {
            assert!(
                topic.events.iter().all(|pattern| Catalogue::embedded().reaches(pattern)),
                "{}",
                topic.url
            );
            assert!(fhir::is_id(&topic.id()) && seen.insert(topic.id()), "{}", topic.url);
            assert!(topic.resources.iter().all(|one| fhir::is_resource_type(&one.kind)), "{}", topic.url);
            for url in topic.also.iter().chain([&topic.url]) {
                assert!(seen.insert(url.clone()), "{url} stands twice");
            }
        }
    }

    #[test]
    fn a_feed_names_every_type_that_a_change_of_its_resources_raises() {
        let feed = Topics::embedded().find(fhir::feed::TOPIC).unwrap();
        let families =
            ["lab.result.", "imaging.result.", "vital.recorded", "observation.", "encounter.", "document."];
        let types = Catalogue::embedded().types().map(|info| info.name.as_str());
        let of_lists = ["document.folder.", "document.submission_set."];
        let is_of = |name: &str, families: &[&str]| families.iter().any(|family| name.starts_with(family));
        for name in types.filter(|name| is_of(name, &families) && !is_of(name, &of_lists)) {
            let is_named = |pattern: &Pattern| matches!(pattern, Pattern::Exact(known) if known == name);
            assert!(feed.events.iter().any(is_named), "{name}");
        }
        assert!(fhir::feed::RESOURCES.iter().all(|kind| feed.about(kind).is_some()));
    }

    #[test]
    fn what_a_topic_may_be_filtered_by_can_be_decided() {
        for topic in Topics::embedded().all() {
            for about in &topic.resources {
                let own = [crate::codes::TRIGGER, crate::whom::IDENTIFIER];
                let known: Vec<&str> = fhir::search::parameters(&about.kind).chain(own).collect();
                let unknown = about.filters.iter().find(|filter| !known.contains(&filter.as_str()));
                assert_eq!(unknown, None, "{} {}", topic.url, about.kind);
                assert!(topic.needs.iter().all(|needed| about.filters.contains(needed)), "{}", topic.url);
            }
        }
    }

    #[test]
    fn a_topic_is_found_by_every_canonical_it_has() {
        let start = "http://argonautproject.org/encounters-ig/SubscriptionTopic/encounter-start";
        let topics = Topics::embedded();
        assert_eq!(topics.find(start).unwrap().title, "Encounter start");
        assert!(topics.find(&format!("{start}|1.0.0")).is_some());
        let ihe = "https://profiles.ihe.net/ITI/DSUBm/SubscriptionTopic/DSUBm-SubscriptionTopic-";
        let kinds = ["DocReference", "DocumentReference", "SubmissionSet", "Folder"];
        let patients =
            kinds.iter().flat_map(|kind| ["PatientDependent", "MultiPatient"].map(|of| (kind, of)));
        for (kind, patients) in patients {
            let of = |events| format!("{ihe}{kind}-{patients}{events}");
            let missing =
                ["", "-AllEvents", "-MinUpdate"].map(of).into_iter().find(|url| topics.find(url).is_none());
            assert_eq!(missing, None);
        }
        for folders in ["Basic-Folder-Subscription", "Folder-Subscription-UpdateOpt"] {
            assert!(topics.find(&format!("{ihe}{folders}")).is_some(), "{folders}");
        }
        assert!(topics.find("http://example.org/unknown").is_none());
    }
}
