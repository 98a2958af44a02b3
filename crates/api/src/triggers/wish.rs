//! What a caller may say about a trigger, and the trigger that becomes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use matching::Compiled;
use matching::trigger::{Ready, Unready};
use model::{
    Code, Criteria, EventType, IntegrationId, Interaction, Lane, Memory, OrganisationId, Problem,
    QueryCriteria, Span, Threshold, Timestamp, Trigger, TriggerId, Versioned, is_operational, limits,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::sight::{Asked, check_raised};
use super::{hints, shown};
use crate::Api;
use crate::caller::Caller;
use crate::strict::{invalid, missing, read_value};
use crate::webhooks::name;

/// The settings of a trigger.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TriggerSettings)]
pub(crate) struct Wish {
    #[serde(default, rename = "id")]
    #[schema(read_only, value_type = Option<String>)]
    _id: IgnoredAny,
    #[serde(default, rename = "createdAt")]
    #[schema(read_only, value_type = Option<String>)]
    _created_at: IgnoredAny,
    #[serde(default, rename = "topic")]
    #[schema(read_only, value_type = Option<String>)]
    _topic: IgnoredAny,
    #[serde(default, rename = "clauses")]
    #[schema(read_only, value_type = Option<Vec<String>>)]
    _clauses: IgnoredAny,
    #[serde(default, rename = "condition")]
    #[schema(read_only, value_type = Option<String>)]
    _condition: IgnoredAny,
    #[serde(default, rename = "hints")]
    #[schema(read_only, value_type = Option<Vec<String>>)]
    _hints: IgnoredAny,

    /// Its name, as people know it. Required.
    name: Option<String>,
    /// Whose changes or events it looks at; by default those of all integrations.
    #[schema(value_type = Option<String>)]
    integration_id: Option<IntegrationId>,
    /// The type of resource whose changes it looks at, such as `Observation`. This or `onEventTypes` is required.
    resource_type: Option<String>,
    /// Or the types of events it looks at as they come in, such as `survey.response.completed`. What changes
    /// and triggers raise is not among them.
    #[schema(value_type = Option<Vec<String>>)]
    on_event_types: Option<Vec<EventType>>,
    /// The event type that it raises. Required.
    #[schema(value_type = Option<String>)]
    event_type: Option<EventType>,
    /// When it fires: an expression whose root is the resource, or the event with its members, such as
    /// `data.score <= 6`; `%previous` is empty where there is no version before. Over events nothing else says it.
    fhir_path: Option<String>,
    /// When it fires: search criteria for the version before and the present one. Beside `fhirPath`
    /// it says the same in another way; the expression decides, and disagreements are counted.
    #[schema(value_type = Option<shown::Query>)]
    query: Option<QueryCriteria>,
    /// When it fires: codes of HL7 v2 events, MSH-9.2, such as `A01`.
    event_codes: Option<Vec<String>>,
    /// When it fires: a bound for a coded number of an Observation, compared in its unit.
    #[schema(value_type = Option<shown::Bound>)]
    threshold: Option<Threshold>,
    /// The changes it looks at: `create`, `update`, `delete`; by default the first two. Events are always new.
    #[schema(value_type = Option<Vec<String>>)]
    interactions: Option<Vec<Interaction>>,
    /// The lane of what it raises, never below that of the type; by default `urgent`. Raising to `critical` needs a right.
    #[schema(value_type = Option<String>)]
    lane: Option<Lane>,
    /// What it remembers, for each patient and code. `{}` is what is usual: a threshold, and whatever
    /// raises a type that says "crossed", is told when it is crossed; anything else each time.
    #[schema(value_type = Option<shown::State>)]
    state: Option<Map<String, Value>>,
    /// Members that it adds to `data`, each an expression over the resource or the event.
    enrich: Option<BTreeMap<String, String>>,
    /// Whether it looks at all; by default it does.
    active: Option<bool>,
}

/// What a trigger is besides its settings.
pub(super) struct Base {
    pub(super) id: TriggerId,
    pub(super) organisation_id: OrganisationId,
    pub(super) created_at: Timestamp,
}

impl Wish {
    /// The trigger, or the member that is wrong.
    pub(super) fn accept(self, base: Base, (caller, now): (&Caller, &Compiled)) -> Result<Trigger, Problem> {
        let event_type = event_type(self.event_type, (base.organisation_id, now))?;
        let criteria = Criteria {
            fhir_path: self.fhir_path,
            query: self.query,
            event_codes: event_codes(self.event_codes.unwrap_or_default())?,
            threshold: self.threshold,
        };
        too_long(&criteria)?;
        let memory = state(self.state, (&criteria, &event_type))?;
        let asked = Asked {
            resource_type: self.resource_type,
            on_event_types: self.on_event_types.unwrap_or_default(),
            interactions: self.interactions,
        };
        let (sight, interactions) = asked.read((base.organisation_id, now))?;
        Ok(Trigger {
            id: base.id,
            organisation_id: base.organisation_id,
            name: name(self.name)?,
            integration_id: integration(self.integration_id, (base.organisation_id, now))?,
            sight,
            lane: lane(self.lane, &event_type, (caller, now))?,
            event_type,
            criteria,
            interactions,
            memory,
            enrich: enrich(self.enrich.unwrap_or_default())?,
            active: self.active.unwrap_or(true),
            created_at: base.created_at,
        })
    }
}

impl Api {
    /// Makes a trigger ready, or tells the first member that is wrong and why.
    pub(super) fn ready(&self, trigger: Trigger, now: &Compiled) -> Result<Ready, Problem> {
        check_raised(&trigger, (now, &self.presets))?;
        let trigger = Arc::new(Versioned { version: 0, doc: trigger });
        let ready = Ready::new(trigger).map_err(|faults| match faults.into_iter().next() {
            Some(Unready { pointer, misread }) => invalid(pointer, misread.what).fix(misread.fix),
            None => Problem::from(Code::InvalidField),
        })?;
        hints::check(now, &ready.trigger).map(|()| ready)
    }
}

fn event_type(
    wish: Option<EventType>,
    (organisation, now): (OrganisationId, &Compiled),
) -> Result<EventType, Problem> {
    let name = wish.ok_or_else(|| missing("/eventType"))?;
    let text = name.as_str();
    if is_operational(text) || text.starts_with("trigger.") || text.starts_with("x.") {
        let why = "What the platform says of itself, and what vendors say, is raised by no trigger.";
        return Err(invalid("/eventType", why));
    }
    if now.find_type(organisation, text).is_none() {
        let why = "The type is neither in the catalogue nor registered.";
        let fix = "GET /admin/event-types lists the types; POST registers one of your own.";
        return Err(Problem::new(Code::UnknownEventType, why).at("/eventType").fix(fix));
    }
    Ok(name)
}

fn integration(
    wish: Option<IntegrationId>,
    (organisation, now): (OrganisationId, &Compiled),
) -> Result<Option<IntegrationId>, Problem> {
    match wish {
        Some(id) if now.integration(organisation, id).is_none() => {
            Err(invalid("/integrationId", "There is no such integration."))
        }
        wish => Ok(wish),
    }
}

fn event_codes(codes: Vec<String>) -> Result<Vec<String>, Problem> {
    let is_code =
        |code: &str| code.len() == 3 && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if let Some(place) = codes.iter().position(|code| !is_code(code)) {
        let why = "A code of HL7 table 0003 is three capital letters and digits, such as A01.";
        return Err(invalid(format!("/eventCodes/{place}"), why));
    }
    if codes.len() > limits::TRIGGER_PARTS {
        return Err(invalid("/eventCodes", format!("At most {} codes.", limits::TRIGGER_PARTS)));
    }
    Ok(codes)
}

fn too_long(criteria: &Criteria) -> Result<(), Problem> {
    let long = criteria.fhir_path.as_ref().is_some_and(|text| text.len() > limits::EXPRESSION_BYTES);
    if long {
        return Err(invalid("/fhirPath", format!("At most {} bytes.", limits::EXPRESSION_BYTES)));
    }
    let Some(bound) = &criteria.threshold else { return Ok(()) };
    let is_short = |text: &str| (1..=200).contains(&text.len()) && !text.chars().any(char::is_control);
    if !is_short(&bound.code) || bound.code.ends_with('|') {
        return Err(invalid("/threshold/code", "A code is `system|code`, or `code` alone."));
    }
    if !is_short(&bound.unit) {
        return Err(invalid("/threshold/unit", "A unit is UCUM, such as mmol/L, or 1 for a bare number."));
    }
    Ok(())
}

// N7: the type's own lane is the floor, and nobody becomes critical without the right.
fn lane(
    wish: Option<Lane>,
    event_type: &EventType,
    (caller, now): (&Caller, &Compiled),
) -> Result<Lane, Problem> {
    let floor =
        now.find_type(caller.organisation(), event_type.as_str()).map_or(Lane::Routine, |info| info.lane);
    let lane = floor.raised_by(Some(wish.unwrap_or(Lane::Urgent)));
    if lane == Lane::Critical && floor != Lane::Critical && !caller.0.may_raise_to_critical() {
        let why = "Raising a type to critical needs an admin, or a key with the scope lane:critical.";
        return Err(Problem::new(Code::Forbidden, why).at("/lane"));
    }
    Ok(lane)
}

fn state(
    wish: Option<Map<String, Value>>,
    (criteria, event_type): (&Criteria, &EventType),
) -> Result<Memory, Problem> {
    let Some(wish) = wish.filter(|wish| !wish.is_empty()) else {
        return Ok(Trigger::usual_memory(criteria, event_type));
    };
    let memory: Memory = read_value(Value::Object(wish)).map_err(|mut problem| {
        problem.field = Some(format!("/state{}", problem.field.unwrap_or_default()));
        problem
    })?;
    match &memory {
        Memory::Each => {}
        Memory::Crossing { hold, quiet, .. } => {
            span("/state/hold", *hold)?;
            span("/state/quiet", *quiet)?;
        }
        Memory::Change { within, percent, .. } => {
            span("/state/within", Some(*within))?;
            if percent.as_ref().is_some_and(|percent| percent.as_f64().is_none_or(|share| share <= 0.0)) {
                return Err(invalid("/state/percent", "A share is above 0."));
            }
        }
        Memory::Count { times, of, within } => {
            span("/state/within", *within)?;
            if *times == 0 || times > of || usize::from(*of) > limits::REMEMBERED {
                let why = format!(
                    "1 or more times, of at least as many and at most {} values.",
                    limits::REMEMBERED
                );
                return Err(invalid("/state/times", why));
            }
        }
        Memory::Absence { within, until } => {
            span("/state/within", Some(*within))?;
            if until.len() > limits::TRIGGER_PARTS {
                return Err(invalid("/state/until", format!("At most {} types.", limits::TRIGGER_PARTS)));
            }
        }
    }
    Ok(memory)
}

fn span(pointer: &str, wish: Option<Span>) -> Result<(), Problem> {
    let (least, most) = limits::TRIGGER_SPAN;
    match wish {
        Some(span) if !(least..=most).contains(&span.0) => {
            Err(invalid(pointer, format!("A time is between {} and {}.", Span(least), Span(most))))
        }
        Some(_) | None => Ok(()),
    }
}

fn enrich(wish: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Problem> {
    if wish.len() > limits::TRIGGER_PARTS {
        return Err(invalid("/enrich", format!("At most {} members.", limits::TRIGGER_PARTS)));
    }
    for (member, text) in &wish {
        let is_name = (1..=64).contains(&member.len())
            && member.starts_with(|c: char| c.is_ascii_lowercase())
            && member.chars().all(|c| c.is_ascii_alphanumeric());
        if !is_name || member == "rule" || text.len() > limits::EXPRESSION_BYTES {
            let why = "A member has a name such as bodySite, not `rule`, and an expression of at most 8 KiB.";
            return Err(invalid("/enrich", why));
        }
    }
    Ok(wish)
}
