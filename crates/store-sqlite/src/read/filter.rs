//! Conditions of a list, and the values they are compared with.

use model::{Pattern, Timestamp, first_row_at};
use rusqlite::types::Value;
use rusqlite::{Params, params_from_iter};

/// Conditions that all must hold.
#[derive(Default)]
pub(crate) struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    /// Adds `condition`, in which `?` stands for `value`, if there is a value.
    pub(crate) fn when(&mut self, condition: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.values.push(value.into());
            self.conditions.push(condition.replace('?', &format!("?{}", self.values.len())));
        }
        self
    }

    /// Adds that an event type in `column` is wanted.
    pub(crate) fn of_type(&mut self, column: &str, wanted: Option<&Pattern>) -> &mut Self {
        match wanted {
            None | Some(Pattern::Any) => self,
            Some(Pattern::Exact(name)) => self.when(&format!("{column} = ?"), Some(name.clone())),
            Some(Pattern::Below(prefix)) => {
                // The sign after the dot that a prefix ends with ends the range.
                let end = format!("{}/", prefix.trim_end_matches('.'));
                self.when(&format!("{column} > ?"), Some(prefix.clone()));
                self.when(&format!("{column} < ?"), Some(end))
            }
        }
    }

    /// Adds a condition without a value.
    pub(crate) fn and(&mut self, condition: impl Into<String>) -> &mut Self {
        self.conditions.push(condition.into());
        self
    }

    /// Adds the bounds that a span of time gives to the ids in `column`.
    ///
    /// An id is minted about the time its row tells, and runs ahead of the clock
    /// only when the clock was set back: a day on both sides covers that.
    pub(crate) fn ids_between(
        &mut self,
        column: &str,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> &mut Self {
        self.when(&format!("{column} >= ?"), from.map(|from| first_row_at(from - DAY)));
        self.when(&format!("{column} < ?"), to.map(|to| first_row_at(to + DAY)))
    }

    /// The conditions after `WHERE`.
    pub(crate) fn sql(&self) -> String {
        if self.conditions.is_empty() { "1".into() } else { self.conditions.join(" AND ") }
    }

    /// The values, in order.
    pub(crate) fn values(&self) -> impl Params + '_ {
        params_from_iter(self.values.iter())
    }
}

const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);
