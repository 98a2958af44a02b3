//! Bundles of FHIR resources: a batch entry by entry, anything else whole.

use fhir::Fault;
use fhir::bundle::{Answer, Entry, Interaction as Asked, Links, Split};
use matching::raise::Interaction;
use model::Problem;
use privacy::OrganisationKeys;

use crate::intake::Intake;
use crate::refusal;
use crate::resources::{Incoming, Sender, Stood};

impl Intake {
    /// Takes a Bundle; the answers are in the order of its entries.
    pub(crate) async fn accept_bundle(
        &self,
        sender: Sender<'_>,
        split: Split,
        raw: &[u8],
    ) -> Result<Vec<Answer>, Problem> {
        let keys = self.ports.keyring.organisation(sender.integration.organisation_id).await;
        let keys = keys.map_err(|error| refusal::of_keys(&error))?;
        let each = match split {
            Split::Whole(_, entries) => return self.accept_whole(sender, &entries, (&keys, raw)).await,
            Split::Each(each) => each,
        };
        let mut answers = Vec::with_capacity(each.len());
        for (place, entry) in each.into_iter().enumerate() {
            answers.push(match entry {
                Ok(entry) => self.accept_entry(sender.at(place, &keys), &entry, &keys).await,
                Err(fault) => refused(&fault),
            });
        }
        Ok(answers)
    }

    async fn accept_whole(
        &self,
        sender: Sender<'_>,
        entries: &[Entry],
        (keys, raw): (&OrganisationKeys, &[u8]),
    ) -> Result<Vec<Answer>, Problem> {
        let incoming = self.linked(entries, sender, keys);
        let stood = self.accept_resources(sender, &incoming, ("Bundle", raw)).await?;
        Ok(incoming.iter().zip(stood).map(|(one, stood)| answer(one, stood)).collect())
    }

    /// The resources of entries, each naming the others by where they are kept.
    pub(crate) fn linked(
        &self,
        entries: &[Entry],
        sender: Sender<'_>,
        keys: &OrganisationKeys,
    ) -> Vec<Incoming> {
        let mut links = Links::default();
        let mut incoming = Vec::with_capacity(entries.len());
        for (place, entry) in entries.iter().enumerate() {
            let Some(one) = self.of_entry(entry, sender.at(place, keys), keys) else { continue };
            if let Some(full_url) = &entry.full_url {
                links.note(full_url.clone(), one.location());
            }
            incoming.push(one);
        }
        incoming.iter_mut().for_each(|one| links.follow(&mut one.resource));
        incoming
    }

    /// One entry of a batch: what is wrong with it concerns no other.
    async fn accept_entry(&self, sender: Sender<'_>, entry: &Entry, keys: &OrganisationKeys) -> Answer {
        let Some(one) = self.of_entry(entry, sender, keys) else {
            let why = "nothing is read through this door".to_owned();
            return Answer::Refused { status: 405, code: "not-supported", why };
        };
        let kind = one.resource_type.clone();
        let raw = one.resource.to_string();
        let one = [one];
        match self.accept_resources(sender, &one, (&kind, raw.as_bytes())).await {
            Ok(stood) => answer(&one[0], stood.first().copied().unwrap_or(Stood::Known)),
            Err(problem) => {
                Answer::Refused { status: problem.code.status(), code: "exception", why: problem.in_words() }
            }
        }
    }

    fn of_entry(&self, entry: &Entry, sender: Sender<'_>, keys: &OrganisationKeys) -> Option<Incoming> {
        let interaction = match entry.interaction {
            Asked::Create => Interaction::Create,
            Asked::Update => Interaction::Update,
            Asked::Delete => Interaction::Delete,
            Asked::Read => return None,
        };
        // A conditional request names no id: the same condition is the same resource.
        let of_condition = |condition: &String| {
            let key = keys.dedupe(sender.integration.id, "fhir-condition", &[condition.as_bytes()]);
            format!("c-{:032x}", u128::from_be_bytes(key))
        };
        let id = entry.id.clone().or_else(|| entry.condition.as_ref().map(of_condition));
        let id = id.or_else(|| sender.call.map(|call| call.part(0)));
        Some(Incoming::new(entry.resource_type.clone(), id, interaction, entry.resource.clone(), self))
    }
}

fn refused(fault: &Fault) -> Answer {
    Answer::Refused { status: 422, code: fault.code, why: format!("{} {}.", fault.expression, fault.why) }
}

fn answer(one: &Incoming, stood: Stood) -> Answer {
    match (one.interaction, stood) {
        (Interaction::Delete, _) => Answer::Deleted,
        (_, Stood::New) => Answer::Created(one.location()),
        (_, Stood::Known) => Answer::Updated,
    }
}
