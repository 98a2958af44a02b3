//! What a third party's call says, as drafts: typed by its preset, checked against the catalogue.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use matching::{Compiled, TypeInfo, check_data};
use model::{
    Capture, Code, Content, Environment, EventId, EventType, Integration, Object, OrganisationId, Problem,
    Subject, Versioned, limits,
};
use presets::{Call, Item, Named, Said, Whom};
use privacy::OrganisationKeys;
use serde_json::value::to_raw_value;

use crate::draft::{Cause, Draft, Happening, Received};
use crate::intake::{Fate, Intake};
use crate::party::Party;
use crate::{refusal, sieve};

/// What became of a call.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// The first event of each item, those included that were known.
    pub(crate) events: Vec<EventId>,
    pub(crate) duplicates: usize,
}

impl Intake {
    /// Makes durable what a proven call says.
    ///
    /// # Errors
    /// [`Code::UnknownContent`] if it says nothing that is known; otherwise it cannot be stored.
    pub(crate) async fn accept_call(
        &self,
        party: &Party<'_>,
        call: &Call<'_>,
        cause: Option<Cause>,
    ) -> Result<Taken, Problem> {
        // Without an id of the vendor's, calls are told apart by all that they said: what is refused counts.
        let said = call.body;
        let sifted = sieve::call(party, call)?;
        let call = &Call { body: sifted.as_deref().unwrap_or(said), ..*call };
        let items = party.preset.read_items(call, party.given);
        let items = items.map_err(|fault| Problem::new(Code::UnknownContent, format!("{fault}.")))?;
        if items.iter().map(|item| item.said.len()).sum::<usize>() > limits::EVENTS_PER_CALL {
            return Err(Problem::new(Code::UnknownContent, "The call stands for more than 1,000 events."));
        }
        let keys = self.ports.keyring.organisation(party.integration.organisation_id).await;
        let keys = keys.map_err(|error| refusal::of_keys(&error))?;
        let compiled = self.ports.settings.now();
        let types = Types { compiled: &compiled, organisation: party.integration.organisation_id };
        let is_only = items.len() == 1;
        let mut drafts = Vec::with_capacity(items.len());
        for (place, item) in items.into_iter().enumerate() {
            let raw = match is_only {
                true => call.body.to_vec(),
                false => serde_json::to_vec(&item.content).map_err(|error| refusal::internal(&error))?,
            };
            let dedupe = dedupe(party, &keys, &item, (said, place));
            drafts.push(Draft { dedupe: Some(dedupe), ..draft((party, &types), item, raw, cause)? });
        }
        let mut taken = Taken::default();
        for fate in self.accept_said(drafts).await? {
            match fate {
                Fate::Accepted { first, .. } => taken.events.extend(first),
                Fate::Duplicate { first } => {
                    taken.events.push(first);
                    taken.duplicates += 1;
                }
                Fate::Conflict | Fate::Clash => return Err(Problem::from(Code::InternalError)),
            }
        }
        Ok(taken)
    }

    /// Takes in what was quarantined: it was proven when it came.
    pub(crate) async fn readmit_call(
        &self,
        integration: &Arc<Versioned<Integration>>,
        capture: &Capture,
        at: model::Timestamp,
    ) -> Result<Vec<EventId>, Problem> {
        let gone = || Problem::new(Code::UnknownContent, "The preset of the integration is no longer there.");
        let party = self.party(integration).ok_or_else(gone)?;
        let headers = capture.head.headers.iter().filter_map(|(name, value)| {
            let name = http::HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, http::HeaderValue::from_str(value).ok()?))
        });
        let headers = headers.collect();
        let call = Call {
            method: &capture.head.method,
            path: "",
            query: "",
            secret_path: None,
            headers: &headers,
            body: &capture.body,
            now: at,
        };
        Ok(self.accept_call(&party, &call, None).await?.events)
    }
}

/// By the vendor's id; without one, equal calls are one.
fn dedupe(
    party: &Party<'_>,
    keys: &OrganisationKeys,
    item: &Item,
    (body, place): (&[u8], usize),
) -> [u8; 16] {
    let id = party.integration.id;
    match &item.id {
        Some(vendor) => keys.dedupe(id, "hook", &[b"id", vendor.as_bytes()]),
        None => {
            let hash = digest(&SHA256, body);
            keys.dedupe(id, "hook", &[b"sha256", hash.as_ref(), &place.to_be_bytes()])
        }
    }
}

fn draft(
    (party, types): (&Party<'_>, &Types<'_>),
    item: Item,
    raw: Vec<u8>,
    cause: Option<Cause>,
) -> Result<Draft, Problem> {
    let happenings: Vec<Happening> =
        item.said.into_iter().map(|said| happening((party, types), said, cause)).collect::<Result<_, _>>()?;
    let subject = happenings.iter().find_map(|happening| happening.content.subject.clone());
    let kind = party.preset.name.clone();
    let received = Received { format: "hook", kind, raw, subject, flaws: Vec::new() };
    Ok(Draft { received: Some(received), ..Draft::new(party.integration, happenings) })
}

fn happening(
    (party, types): (&Party<'_>, &Types<'_>),
    said: Said,
    cause: Option<Cause>,
) -> Result<Happening, Problem> {
    let (name, info) = types.resolve(said.event_type)?;
    let data = to_raw_value(&said.data).map_err(|error| refusal::internal(&error))?;
    check_data(info, &data).map_err(|fault| {
        Problem::new(Code::UnknownContent, format!("For {name}, {}.", fault.why))
            .at(format!("/data{}", fault.pointer))
    })?;
    let namespace = || party.integration.namespace();
    let object =
        said.object.map(|id| Object { system: namespace(), id: format!("{}/{id}", info.object_type) });
    let subject = said.subject.map(|Whom { kind, system, id }| Subject {
        kind,
        system: system.unwrap_or_else(namespace),
        id,
    });
    if subject.as_ref().is_some_and(|subject| subject.id.len() > limits::SENDER_ID_BYTES) {
        return Err(Problem::new(Code::UnknownContent, "The subject's id is longer than 256 bytes."));
    }
    let what = (EventType::from(name.as_str()), info.object_type.clone());
    let content = Content { subject, object, ..Content::of(data) };
    Ok(Happening {
        time: said.time,
        test: said.test || party.integration.environment == Environment::Test,
        cause,
        ..Happening::new(what, info.lane, content)
    })
}

/// The types of an organisation: those of the catalogue and its own.
struct Types<'a> {
    compiled: &'a Compiled,
    organisation: OrganisationId,
}

impl<'a> Types<'a> {
    fn resolve(&self, named: Named) -> Result<(String, &'a TypeInfo), Problem> {
        let find = |name: &str| self.compiled.find_type(self.organisation, name);
        let name = match named {
            Named::Ours(name) | Named::Passthrough(name) => name,
            Named::SameOr { native, passthrough } => match find(&native) {
                Some(_) => native,
                None => passthrough,
            },
        };
        let unknown = || Problem::new(Code::UnknownContent, "The preset maps to a type that is not known.");
        let info = find(&name).ok_or_else(unknown)?;
        Ok((name, info))
    }
}
