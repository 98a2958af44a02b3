//! What triggers remember: opened while a message is worked through, sealed when it is.

use std::collections::HashMap;

use model::{MemoryKey, OrganisationId, Problem, SubjectKey, Timestamp, TriggerId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::Remembered;

use crate::intake::Intake;
use crate::refusal;

/// What is remembered, as far as a message touches it.
#[derive(Default)]
pub(crate) struct Memories(HashMap<MemoryKey, Slot>);

/// Whose a memory is.
#[derive(Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) organisation: OrganisationId,
    pub(crate) trigger: TriggerId,
    /// Under whose key it is sealed.
    pub(crate) subject: SubjectKey,
}

#[derive(Default)]
struct Slot {
    /// The version that is stored; 0 for none.
    version: u32,
    value: Option<Value>,
    due: Option<Timestamp>,
    /// Whose it is, once it was changed.
    changed: Option<Owner>,
}

impl Memories {
    /// What is remembered under a key; nothing once its subject was erased.
    pub(crate) async fn recall<T: DeserializeOwned>(
        &mut self,
        intake: &Intake,
        key: MemoryKey,
    ) -> Result<Option<T>, Problem> {
        if !self.knows(key) {
            let stored = intake.ports.store.memories(&[key]).await;
            match stored.map_err(|error| refusal::of_store(&error))?.into_iter().flatten().next() {
                Some(stored) => self.take(intake, &stored).await?,
                None => drop(self.0.insert(key, Slot::default())),
            }
        }
        let value = self.0.get(&key).and_then(|slot| slot.value.as_ref());
        Ok(value.and_then(|value| T::deserialize(value).ok()))
    }

    fn knows(&self, key: MemoryKey) -> bool {
        self.0.contains_key(&key)
    }

    /// Takes over what was read already.
    pub(crate) async fn take(&mut self, intake: &Intake, stored: &Remembered) -> Result<(), Problem> {
        let value = intake.opened_memory(stored).await?;
        let slot = Slot { version: stored.version, value, due: stored.due, changed: None };
        self.0.insert(stored.key, slot);
        Ok(())
    }

    /// Remembers something from now on.
    pub(crate) fn remember(
        &mut self,
        (key, owner): (MemoryKey, Owner),
        value: &impl Serialize,
        due: Option<Timestamp>,
    ) -> Result<(), Problem> {
        let value = serde_json::to_value(value).map_err(|error| refusal::internal(&error))?;
        let slot = self.0.entry(key).or_default();
        slot.value = Some(value);
        slot.due = due;
        slot.changed = Some(owner);
        Ok(())
    }

    /// What changed since it was last taken, sealed: to be written over what was stored then.
    pub(crate) async fn take_changed(&mut self, intake: &Intake) -> Result<Vec<Remembered>, Problem> {
        let mut sealed = Vec::new();
        for (key, slot) in &mut self.0 {
            let (Some(owner), Some(value)) = (slot.changed.take(), &slot.value) else { continue };
            slot.version += 1;
            let (key, version) = (*key, slot.version);
            let Owner { organisation, trigger, subject } = owner;
            let of_subject = intake.ports.keyring.resource_for_sealing(organisation, subject).await;
            let of_subject = of_subject.map_err(|error| refusal::of_keys(&error))?;
            let bytes = serde_json::to_vec(value).map_err(|error| refusal::internal(&error))?;
            sealed.push(Remembered {
                key,
                version,
                organisation,
                trigger,
                subject,
                due: slot.due,
                touched: intake.ports.clock.now(),
                sealed: of_subject.seal_memory(key, version, &bytes),
            });
        }
        // The same message writes the same rows in the same order.
        sealed.sort_by_key(|memory| memory.key);
        Ok(sealed)
    }
}

impl Intake {
    async fn opened_memory(&self, stored: &Remembered) -> Result<Option<Value>, Problem> {
        let key = self.ports.keyring.resource_for_opening(stored.organisation, stored.subject).await;
        let Some(key) = key.map_err(|error| refusal::of_keys(&error))? else { return Ok(None) };
        let Ok(bytes) = key.open_memory(stored.key, stored.version, &stored.sealed) else { return Ok(None) };
        Ok(serde_json::from_slice(&bytes).ok())
    }
}
