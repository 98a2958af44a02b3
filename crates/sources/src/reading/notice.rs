//! What the Subscription of an outside server tells: taken in, fetched where it is only named, and complete.
//!
//! Events are numbered. What lies between the last number that is known and those of a
//! notification was missed, and is asked for by `$events`. A position moves only over
//! what is durable: what could not be had now is asked for again with the next notice.

use std::sync::Arc;

use fhir::notified::{Kind, Notified};
use fhir::{Reference, notified, parse_reference};
use model::{Capture, CaptureHead, Code, Door, Integration, Problem, Versioned, limits};
use serde_json::Value;
use store::{Cursor, Standing};

use super::client::Client;
use super::fault::Fault;
use super::page::Found;
use crate::intake::Intake;
use crate::refusal;
use crate::rejections::Refused;

impl Intake {
    /// Takes a notification in; answers how many versions were new.
    ///
    /// # Errors
    /// Something of it could not be had or stored: the sender is to send it again.
    pub(crate) async fn take_notice(
        &self,
        integration: &Arc<Versioned<Integration>>,
        told: Notified,
    ) -> Result<u64, Problem> {
        if told.events.iter().map(|event| event.about.len()).sum::<usize>() > limits::NOTIFIED {
            return Err(Problem::new(
                Code::BodyTooLarge,
                "The notification names more than 1,000 resources.",
            ));
        }
        let notice = Notice { intake: self, integration, client: self.client(integration) };
        let taken = notice.take(told).await;
        if let Err(fault) = &taken {
            let id = integration.id;
            tracing::warn!(integration.id = %id, error = %fault, "a notification was not taken in whole");
        }
        taken.map_err(problem)
    }
}

/// One notification on its way in.
struct Notice<'a> {
    intake: &'a Intake,
    integration: &'a Arc<Versioned<Integration>>,
    client: Option<Arc<Client>>,
}

impl Notice<'_> {
    async fn take(&self, told: Notified) -> Result<u64, Fault> {
        let known = self.known(&told.subscription).await?;
        match told.kind {
            // A Subscription that begins, or begins anew, counts from here.
            Kind::Handshake => {
                let begun = told.since_start.unwrap_or(0);
                self.moved(&told.subscription, begun).await.map(|()| 0)
            }
            Kind::Heartbeat => match (known, told.since_start) {
                (Some(known), Some(so_far)) if so_far > known => {
                    self.heal(&told.subscription, known, so_far).await.map(|(taken, _)| taken)
                }
                _ => Ok(0),
            },
            Kind::Events => self.numbered(told, known).await,
        }
    }

    /// Takes events in, and before them those that were missed.
    async fn numbered(&self, told: Notified, known: Option<u64>) -> Result<u64, Fault> {
        let numbers = || told.events.iter().filter_map(|event| event.number);
        let (Some(first), Some(last)) = (numbers().min(), numbers().max()) else {
            return self.events(told).await;
        };
        // A sender that has counted less than it had before counts anew.
        let known = known.filter(|known| told.since_start.is_none_or(|so_far| so_far >= *known));
        let known = known.unwrap_or(first.saturating_sub(1));
        let subscription = told.subscription.clone();
        let is_gap = first > known.saturating_add(1);
        let missed = if is_gap { self.heal(&subscription, known, first - 1).await } else { Ok((0, known)) };
        let taken = self.events(told).await?;
        let (healed, reached) = match missed {
            Ok(healed) => healed,
            Err(fault) => {
                self.intake.tell_of_failure(self.integration.id, &fault).await;
                // With nobody to ask the gap stays; otherwise the next notice asks again.
                (0, if self.client.is_none() { first - 1 } else { known })
            }
        };
        if last > known && reached.saturating_add(1) >= first {
            self.moved(&subscription, last).await?;
        }
        Ok(taken + healed)
    }

    /// Takes in what events tell of: what came with them, and what they only name.
    async fn events(&self, told: Notified) -> Result<u64, Fault> {
        let Notified { events, mut resources, deleted, .. } = told;
        let has_content = !resources.is_empty();
        let named = events.into_iter().flat_map(|event| event.about);
        let mut missing: Vec<String> =
            named.filter(|name| !resources.iter().any(|resource| is_named(resource, name))).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() && !has_content && deleted.is_empty() {
            return self.nudge().map(|()| 0);
        }
        for name in missing.into_iter().filter(|name| !deleted.iter().any(|gone| gone == name)) {
            match self.fetch(&name).await {
                Ok(resource) => resources.push(resource),
                Err(Fault::Gone) => self.intake.list(refused_name(self.integration)).await,
                Err(fault) => return Err(fault),
            }
        }
        // Who it is about comes first, so that the rest is about somebody known.
        resources.sort_by_key(|resource| resource["resourceType"] != "Patient");
        let mut taken = 0;
        for resource in resources {
            taken += u64::from(self.one(resource).await?);
        }
        for gone in deleted {
            if let Reference::Relative { kind, id } = parse_reference(&gone) {
                self.intake.take_deletion(self.integration, (kind, id)).await?;
                taken += 1;
            }
        }
        Ok(taken)
    }

    /// Something is new, and nobody says what: the searches find it.
    fn nudge(&self) -> Result<(), Fault> {
        let client = self.client.as_ref().filter(|client| !client.poll.searches.is_empty());
        let client = client.ok_or(Fault::Unreadable(NOTHING_NAMED))?;
        client.nudged.notify_one();
        Ok(())
    }

    async fn fetch(&self, name: &str) -> Result<Value, Fault> {
        let client = self.client.as_ref().ok_or(Fault::Unreadable(NO_SERVER))?;
        let url = match parse_reference(name) {
            Reference::Relative { kind, id } => client.below(&format!("{kind}/{id}"))?,
            // Our credentials go to the server that they are for, and nowhere else.
            Reference::Absolute { base, kind, id }
                if base == client.poll.url.as_url().as_str().trim_end_matches('/') =>
            {
                client.below(&format!("{kind}/{id}"))?
            }
            Reference::Absolute { .. } => return Err(Fault::Elsewhere),
            Reference::Conditional { .. }
            | Reference::Urn(_)
            | Reference::Contained(_)
            | Reference::Other => {
                return Err(Fault::Unreadable("a reference leads to nothing that can be fetched"));
            }
        };
        client.get(&url).await
    }

    async fn one(&self, resource: Value) -> Result<bool, Fault> {
        let keys = self.intake.ports.keyring.organisation(self.integration.organisation_id).await;
        let keys = keys.map_err(|error| Fault::NotStored(refusal::of_keys(&error)))?;
        let found = Found::alone(resource);
        let key = found.key(self.integration, &keys);
        self.intake.take_found(self.integration, (found, key), None).await
    }

    /// Asks for the events after `known` up to `last`; answers what was new, and how far we came.
    async fn heal(&self, subscription: &str, known: u64, last: u64) -> Result<(u64, u64), Fault> {
        let client = self.client.as_ref().ok_or(Fault::Unreadable(NO_SERVER))?;
        let (Reference::Relative { kind, id } | Reference::Absolute { kind, id, .. }) =
            parse_reference(subscription)
        else {
            return Err(Fault::Unreadable("the Subscription is not named by its address"));
        };
        let until = last.min(known.saturating_add(limits::EVENTS_ASKED));
        let asked = format!("{kind}/{id}/$events?eventsSinceNumber={}&eventsUntilNumber={until}", known + 1);
        // Some servers have no `$events`; some answer something else there.
        let told = match client.get(&client.below(&asked)?).await {
            Ok(answer) => notified::read(&answer).ok(),
            Err(fault) if fault.is_for_good() => None,
            Err(fault) => return Err(fault),
        };
        let Some(told) = told else {
            self.leave_to_searches(NO_EVENTS).await;
            return self.moved(subscription, until).await.map(|()| (0, until));
        };
        let has = |number| told.events.iter().any(|event| event.number == Some(number));
        if !(known + 1..=until).all(has) {
            self.leave_to_searches(GAP).await;
        }
        // What came with old events may be older than what is known by now: the present state is asked for.
        let taken = match told.events.is_empty() {
            true => 0,
            false => Box::pin(self.events(Notified { resources: Vec::new(), ..told })).await?,
        };
        // What the server no longer has is lost there, and told; asking for ever would bring nothing.
        self.moved(subscription, until).await?;
        Ok((taken, until))
    }

    /// What a server does not tell again, as the Backport guide allows it, its searches find in its present state.
    /// Without searches it is lost, and told.
    async fn leave_to_searches(&self, why: &'static str) {
        if self.nudge().is_err() {
            self.intake.tell_of_failure(self.integration.id, &Fault::Unreadable(why)).await;
        }
    }

    async fn known(&self, subscription: &str) -> Result<Option<u64>, Fault> {
        let cursors = self.intake.ports.store.cursors(self.integration.id).await;
        let cursors = cursors.map_err(|error| Fault::NotStored(refusal::of_store(&error)))?;
        let feed = feed(subscription);
        Ok(cursors
            .into_iter()
            .find(|(name, _)| *name == feed)
            .and_then(|(_, position)| position.parse().ok()))
    }

    async fn moved(&self, subscription: &str, number: u64) -> Result<(), Fault> {
        let (integration, feed) = (self.integration.id, feed(subscription));
        let cursor = Cursor { integration, feed, position: number.to_string() };
        self.intake.read_up_to(cursor).await.map_err(Fault::NotStored)
    }
}

/// The name of a Subscription's feed in the store: it is the sender's text, so its length is bounded.
fn feed(subscription: &str) -> String {
    format!("notified:{}", subscription.chars().take(200).collect::<String>())
}

/// A notification names what its server does not have, or does not show us.
fn refused_name(integration: &Arc<Versioned<Integration>>) -> Refused {
    Refused {
        integration: integration.clone(),
        door: Door::Fhir,
        code: Code::NotFound,
        reason: "a notification names a resource that its server does not show".to_owned(),
        peer: None,
        bytes: 0,
        capture: Capture {
            head: CaptureHead { method: "GET".to_owned(), headers: Vec::new() },
            body: Vec::new(),
        },
        is_sifted: false,
        standing: Standing::Listed,
    }
}

fn is_named(resource: &Value, name: &str) -> bool {
    let (Reference::Relative { kind, id } | Reference::Absolute { kind, id, .. }) = parse_reference(name)
    else {
        return false;
    };
    resource["resourceType"] == kind.as_str() && resource["id"] == id.as_str()
}

/// What the sender hears: what is ours or passes by is to be sent again, the rest is said.
fn problem(fault: Fault) -> Problem {
    match fault {
        Fault::NotStored(problem) => problem,
        Fault::Unreadable(why @ (NO_SERVER | NOTHING_NAMED)) => {
            Problem::new(Code::NotSupported, format!("The notification cannot be followed: {why}.")).fix(
                "Name the server under poll of the integration, or let the Subscription send full-resource.",
            )
        }
        Fault::Elsewhere | Fault::Unreadable(_) => {
            Problem::new(Code::InvalidFhir, format!("The notification cannot be followed: {fault}."))
        }
        Fault::Silent(_)
        | Fault::Refused(_)
        | Fault::Busy(_)
        | Fault::Gone
        | Fault::Quota(_)
        | Fault::SignIn(_) => {
            let wait = fault.wait().map_or(30, |wait| wait.as_secs().clamp(1, 3_600));
            let after = u32::try_from(wait).unwrap_or(30);
            Problem::new(
                Code::Overloaded,
                format!("What the notification names cannot be fetched: {}.", fault.code()),
            )
            .after(after)
        }
    }
}

const NO_SERVER: &str = "the integration names no server to ask";
const NOTHING_NAMED: &str = "it names nothing, and the integration has no searches";
const NO_EVENTS: &str = "events are missing, the server has no $events, and the integration has no searches";
const GAP: &str = "events are missing that the server no longer has, and the integration has no searches";
