//! A condition over changes or events that raises an event; over changes it is published as a FHIR `SubscriptionTopic`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::{EventType, IntegrationId, Interaction, Lane, OrganisationId, Span, Timestamp, TriggerId};

/// A trigger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// Its id.
    pub id: TriggerId,
    /// Who it belongs to.
    pub organisation_id: OrganisationId,
    /// Its name, as people know it.
    pub name: String,
    /// Whose changes it looks at; of all integrations if none is named.
    pub integration_id: Option<IntegrationId>,
    /// What it looks at.
    #[serde(flatten)]
    pub sight: Sight,
    /// What it raises.
    pub event_type: EventType,
    /// When it holds.
    pub criteria: Criteria,
    /// The changes it looks at; of others it knows nothing. An event is always new: created.
    pub interactions: Vec<Interaction>,
    /// The lane of what it raises, never below the floor of the type (N7).
    pub lane: Lane,
    /// What it remembers between changes.
    pub memory: Memory,
    /// Members that it adds to `data`, each by an expression over what it looks at.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub enrich: BTreeMap<String, String>,
    /// Whether it looks at all.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a trigger looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// Changes of resources of a type.
    #[serde(rename = "resourceType")]
    Changes(String),
    /// Events of these types, as they came in: what changes and triggers raise is not looked at.
    #[serde(rename = "onEventTypes")]
    Events(Vec<EventType>),
}

impl Sight {
    /// The type of resource; none where it looks at events.
    #[must_use]
    pub fn resource_type(&self) -> Option<&str> {
        match self {
            Sight::Changes(name) => Some(name),
            Sight::Events(_) => None,
        }
    }

    /// The types of events; none where it looks at changes.
    #[must_use]
    pub fn event_types(&self) -> &[EventType] {
        match self {
            Sight::Changes(_) => &[],
            Sight::Events(types) => types,
        }
    }
}

/// When a trigger holds. Exactly one of these says it, but for a query beside an
/// expression: then the expression decides, and a disagreement is counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Criteria {
    /// An expression whose root is the resource or the event; of a resource `%previous` and `%current` are the versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fhir_path: Option<String>,
    /// Search criteria for the version before and the one that is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<QueryCriteria>,
    /// Codes of HL7 v2 events, MSH-9.2 (table 0003).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub event_codes: Vec<String>,
    /// A bound for a coded number: short for an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
}

/// `SubscriptionTopic.resourceTrigger.queryCriteria` of FHIR R5, word for word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryCriteria {
    /// What the version before must be like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Whether `previous` is taken to hold when there is no version before; by default it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_for_create: Option<AbsentTest>,
    /// What the present version must be like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// Whether `current` is taken to hold when the resource is deleted; by default it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_for_delete: Option<AbsentTest>,
    /// Whether both must hold; by default one is enough.
    #[serde(default)]
    pub require_both: bool,
}

/// What a test of a version that is not there comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsentTest {
    /// It holds.
    TestPasses,
    /// It does not.
    TestFails,
}

/// A bound for a coded number of an Observation or one of its components.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Threshold {
    /// The code, as `system|code`, or `code` alone in whatever system.
    pub code: String,
    /// How the number must stand to the bound.
    pub comparator: Comparator,
    /// The bound, to the letter.
    pub value: Number,
    /// Its unit in UCUM.
    pub unit: String,
}

/// How a number stands to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparator {
    /// Below.
    #[serde(rename = "<")]
    Below,
    /// At or below.
    #[serde(rename = "<=")]
    AtMost,
    /// Above.
    #[serde(rename = ">")]
    Above,
    /// At or above.
    #[serde(rename = ">=")]
    AtLeast,
}

impl Comparator {
    /// The sign.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Comparator::Below => "<",
            Comparator::AtMost => "<=",
            Comparator::Above => ">",
            Comparator::AtLeast => ">=",
        }
    }

    /// `below` or `above`: where the number went.
    #[must_use]
    pub const fn direction(self) -> &'static str {
        match self {
            Comparator::Below | Comparator::AtMost => "below",
            Comparator::Above | Comparator::AtLeast => "above",
        }
    }
}

/// What a trigger remembers, for each patient and each code that it looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Memory {
    /// Nothing: every change for which it holds raises an event.
    Each,
    /// Whether it held before: it fires when it begins to hold, and again after it did not (P7).
    Crossing {
        /// What must hold before it can fire again; by default that it does not hold.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rearm: Option<String>,
        /// How long it must hold before it fires.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold: Option<Span>,
        /// How long it is quiet after it fired.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quiet: Option<Span>,
    },
    /// What a number was: it fires when the number moved far enough.
    Change {
        /// The number or quantity; by default the value of the Observation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        /// Which way.
        direction: Direction,
        /// How far, as a literal such as `0.3 'mg/dL'`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        amount: Option<String>,
        /// How far, in percent of what it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        percent: Option<Number>,
        /// Within which time.
        within: Span,
    },
    /// How often it held of late: it fires when that becomes often enough.
    Count {
        /// How often.
        times: u8,
        /// Of how many of the last values.
        of: u8,
        /// Within which time, if that matters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<Span>,
    },
    /// When it held last: it fires when that is too long ago.
    Absence {
        /// How long ago.
        within: Span,
        /// Event types of the patient that end the waiting, such as `encounter.discharged`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        until: Vec<EventType>,
    },
}

/// Which way a number moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Up.
    Rise,
    /// Down.
    Fall,
}

impl Trigger {
    /// What a trigger remembers when nothing is said: a bound is crossed, anything else happens.
    #[must_use]
    pub fn usual_memory(criteria: &Criteria, event_type: &EventType) -> Memory {
        // A type that says "crossed" means the crossing, whoever wrote the condition (P7).
        let is_crossing = criteria.threshold.is_some() || event_type.as_str().ends_with(".threshold_crossed");
        if is_crossing { Memory::Crossing { rearm: None, hold: None, quiet: None } } else { Memory::Each }
    }
}
