//! What a filter may rely on and only the caller knows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::error::Fault;

/// Value sets for `:in` and `:not-in`, members of groups for `_in`, and the address of the server.
#[derive(Debug, Default, Clone)]
pub struct Known {
    /// Value set by url: its codes as (system, code).
    pub value_sets: HashMap<String, Arc<HashSet<(String, String)>>>,
    /// `Group/1`, `List/1` or `CareTeam/1`: the references of its members.
    pub groups: HashMap<String, Arc<HashSet<String>>>,
    /// The base URL of the server that the resources are of.
    pub base: Option<String>,
}

impl Known {
    pub(super) fn value_set(&self, url: &str) -> Result<Arc<HashSet<(String, String)>>, Fault> {
        let set = self.value_sets.get(url);
        set.cloned().ok_or_else(|| Fault::new("this value set is not known here", "name one that is loaded"))
    }

    pub(super) fn group(&self, reference: &str) -> Result<Arc<HashSet<String>>, Fault> {
        let group = self.groups.get(reference);
        group
            .cloned()
            .ok_or_else(|| Fault::new("the members of this group are not known here", "filter by patient"))
    }
}
