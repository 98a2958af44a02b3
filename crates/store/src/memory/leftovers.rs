//! What messages said that no table takes up.

use std::collections::BTreeMap;

use model::{IntegrationId, SiteTable};

use crate::{LeftOut, Leftover};

/// What was left over, by whom.
#[derive(Debug, Clone, Default)]
pub(super) struct Leftovers(BTreeMap<(IntegrationId, LeftOut), Leftover>);

impl Leftovers {
    pub(super) fn add(&mut self, new: Leftover) {
        let key = (new.integration, new.what.clone());
        let known = self.0.entry(key).or_insert_with(|| Leftover { count: 0, ..new.clone() });
        known.count += new.count;
        known.first = known.first.min(new.first);
        known.last = known.last.max(new.last);
    }

    pub(super) fn forget_table(&mut self, of: IntegrationId, table: SiteTable) {
        self.0.retain(|(integration, what), _| *integration != of || !what.is_of(table));
    }

    pub(super) fn forget(&mut self, of: IntegrationId) {
        self.0.retain(|(integration, _), _| *integration != of);
    }

    pub(super) fn of(&self, of: IntegrationId) -> Vec<Leftover> {
        self.0.values().filter(|known| known.integration == of).cloned().collect()
    }
}
