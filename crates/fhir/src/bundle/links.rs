//! References from entry to entry: `fullUrl` is how entries call each other before they have ids.

use std::collections::HashMap;

use serde_json::Value;

/// Where entries are kept, by what other entries of their Bundle call them.
#[derive(Debug, Default)]
pub struct Links(HashMap<String, String>);

impl Links {
    /// Notes that what is called `full_url` is kept at `location`, as in `Patient/1`.
    pub fn note(&mut self, full_url: String, location: String) {
        self.0.insert(full_url, location);
    }

    /// Has every reference to an entry point to where it is kept (FHIR R4 §3.1.0.11.2).
    pub fn follow(&self, resource: &mut Value) {
        match resource {
            Value::Array(items) => items.iter_mut().for_each(|item| self.follow(item)),
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get_mut("reference")
                    && let Some(location) = self.0.get(reference)
                {
                    reference.clone_from(location);
                }
                members.values_mut().for_each(|member| self.follow(member));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
