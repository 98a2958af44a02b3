//! What a trigger looks at: a type of resource, or types of events.

use std::collections::BTreeSet;

use matching::Compiled;
use model::{Code, EventType, Interaction, OrganisationId, Problem, Sight, Trigger, is_operational, limits};
use presets::Library;

use crate::integrations::Offer;
use crate::strict::{invalid, missing};

/// What a caller says of it.
pub(super) struct Asked {
    pub(super) resource_type: Option<String>,
    pub(super) on_event_types: Vec<EventType>,
    pub(super) interactions: Option<Vec<Interaction>>,
}

impl Asked {
    /// What the trigger looks at, and which changes.
    pub(super) fn read(
        self,
        (organisation, now): (OrganisationId, &Compiled),
    ) -> Result<(Sight, Vec<Interaction>), Problem> {
        let either = "Name a resourceType to look at changes, or onEventTypes to look at events.";
        match self.resource_type {
            Some(_) if !self.on_event_types.is_empty() => {
                Err(invalid("/onEventTypes", "A trigger looks at changes or at events.").fix(either))
            }
            Some(name) if fhir::is_resource_type(&name) => {
                Ok((Sight::Changes(name), changes(self.interactions)?))
            }
            Some(_) => Err(invalid("/resourceType", "FHIR has no resource of this type.")),
            None if self.on_event_types.is_empty() => Err(missing("/resourceType").fix(either)),
            None => {
                let types = events(&self.on_event_types, (organisation, now))?;
                Ok((Sight::Events(types), created(self.interactions)?))
            }
        }
    }
}

fn changes(wish: Option<Vec<Interaction>>) -> Result<Vec<Interaction>, Problem> {
    let wish = wish.unwrap_or_else(|| vec![Interaction::Create, Interaction::Update]);
    if wish.is_empty() {
        return Err(invalid("/interactions", "A trigger looks at one interaction at least."));
    }
    let each: BTreeSet<Interaction> = wish.into_iter().collect();
    Ok(each.into_iter().collect())
}

fn created(wish: Option<Vec<Interaction>>) -> Result<Vec<Interaction>, Problem> {
    let created = vec![Interaction::Create];
    match wish {
        Some(wish) if wish != created => {
            Err(invalid("/interactions", "An event is always new: leave it out, or say create."))
        }
        Some(_) | None => Ok(created),
    }
}

fn events(
    wish: &[EventType],
    (organisation, now): (OrganisationId, &Compiled),
) -> Result<Vec<EventType>, Problem> {
    if wish.len() > limits::TRIGGER_PARTS {
        return Err(invalid("/onEventTypes", format!("At most {} types.", limits::TRIGGER_PARTS)));
    }
    for (place, name) in wish.iter().enumerate() {
        let (at, text) = (format!("/onEventTypes/{place}"), name.as_str());
        if is_operational(text) || text.starts_with("trigger.") {
            let why = "What the platform and its triggers say of themselves is looked at by no trigger.";
            return Err(invalid(at, why));
        }
        if now.find_type(organisation, text).is_none() {
            let why = "The type is neither in the catalogue nor registered.";
            let fix = "GET /admin/event-types lists the types; x.<vendor>.<name> is what has no mapping.";
            return Err(Problem::new(Code::UnknownEventType, why).at(at).fix(fix));
        }
    }
    let each: BTreeSet<&EventType> = wish.iter().collect();
    Ok(each.into_iter().cloned().collect())
}

/// Refuses a trigger over the events of one integration that brings none of them.
pub(super) fn check_raised(trigger: &Trigger, (now, presets): (&Compiled, &Library)) -> Result<(), Problem> {
    let named = trigger.integration_id.and_then(|id| now.integration(trigger.organisation_id, id));
    let (Some(named), Sight::Events(_)) = (named, &trigger.sight) else { return Ok(()) };
    let offer = Offer::of(&named.kind, presets, (now, trigger.organisation_id));
    if offer.brings(&trigger.sight) {
        return Ok(());
    }
    let why = format!("The integration raises none of these types. It raises: {}.", offer.names().join(", "));
    Err(invalid("/onEventTypes", why)
        .fix("Name one of those, or another integration: so it could never fire."))
}
