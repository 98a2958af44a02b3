//! Lists: `{"data":[…],"next":"cursor"|null}`, newest first.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::{Code, Lane, Pattern, Problem, Timestamp, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    /// The items.
    pub(crate) data: Vec<T>,
    /// What to give as `after` for the next page; null at the end.
    pub(crate) next: Option<String>,
}

/// The parameters of a list that has no others.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Plain {
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Which part of a list of what happened, and of what kind.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct Slice {
    /// 1 to 250, by default 50.
    limit: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Of this event type; `lab.*` is every type below `lab`, `*` every type.
    #[param(value_type = Option<String>)]
    pub(crate) event_type: Option<Types>,
    /// In this lane.
    #[param(value_type = Option<String>)]
    pub(crate) lane: Option<Lane>,
    /// Accepted at or after.
    #[param(value_type = Option<String>)]
    pub(crate) from: Option<Timestamp>,
    /// Accepted before.
    #[param(value_type = Option<String>)]
    pub(crate) to: Option<Timestamp>,
}

impl Slice {
    /// The names of its parameters.
    pub(crate) const NAMES: [&str; 6] = ["limit", "after", "eventType", "lane", "from", "to"];

    /// The window that it asks for.
    pub(crate) fn window(&self, list: List) -> Result<Window, Problem> {
        Window::read(list, self.limit.as_deref(), self.after.as_deref())
    }
}

/// Event types that a list is of. Unlike a pattern of a webhook it may name a type that nobody registers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Types(pub(crate) Pattern);

impl TryFrom<String> for Types {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let prefix = text.strip_suffix('*').unwrap_or(&text);
        let pattern = match (prefix.len() < text.len(), prefix) {
            (true, "") => Pattern::Any,
            (true, below) if below.ends_with('.') && !below.contains('*') => Pattern::Below(below.to_owned()),
            (false, name) if !name.contains('*') => Pattern::Exact(name.to_owned()),
            _ => {
                return Err(
                    "An event type is a name such as lab.result.critical, a prefix such as lab.*, or *.",
                );
            }
        };
        Ok(Types(pattern))
    }
}

/// Which lists there are: a cursor of one is none of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Organisations,
    Integrations,
    Keys,
    AlertRules,
    Alerts,
    Events,
    Deliveries,
    Attempts,
    Audit,
    EventTypes,
    Sources,
    DeadLetters,
    Redrives,
    Monitoring,
    Stream,
    Rejections,
    Triggers,
    Judgements,
}

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// How many items.
    pub(crate) limit: usize,
    /// The row behind which it begins.
    pub(crate) after: Option<i64>,
    list: List,
}

impl Window {
    /// The window that `limit` and `after` ask for.
    pub(crate) fn read(list: List, limit: Option<&str>, after: Option<&str>) -> Result<Window, Problem> {
        let (default, most) = limits::PAGE;
        let limit = match limit {
            None => default,
            Some(text) => text.parse().ok().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| {
                Problem::new(Code::InvalidField, format!("A page has 1 to {most} items.")).at("limit")
            })?,
        };
        let after = after.map(|text| row(list, text).ok_or(Code::InvalidCursor)).transpose()?;
        Ok(Window { limit, after, list })
    }

    /// The window of a list without other parameters.
    pub(crate) fn of(list: List, plain: &Plain) -> Result<Window, Problem> {
        Window::read(list, plain.limit.as_deref(), plain.after.as_deref())
    }

    /// What the store found, as it is shown.
    pub(crate) fn show<R, T>(self, page: store::Page<R>, show: impl FnMut(R) -> T) -> Listed<T> {
        let next = page.next.map(|row| cursor(self.list, row));
        Listed { data: page.rows.into_iter().map(show).collect(), next }
    }

    /// A page of what is configured: `all` is newest first, and `row` its place.
    pub(crate) fn cut<R, T>(
        self,
        all: impl Iterator<Item = R>,
        row: impl Fn(&R) -> i64,
        show: impl FnMut(R) -> T,
    ) -> Listed<T> {
        let rest = all.filter(|item| self.after.is_none_or(|after| row(item) < after));
        let mut rows: Vec<R> = rest.take(self.limit + 1).collect();
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| more).map(row);
        self.show(store::Page { rows, next }, show)
    }
}

/// The text of a place in a list.
pub(crate) fn cursor(list: List, row: i64) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{list:?}:{row}"))
}

fn row(list: List, text: &str) -> Option<i64> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.strip_prefix(&format!("{list:?}:"))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_list() {
        let text = cursor(List::Events, 42);
        assert_eq!(row(List::Events, &text), Some(42));
        for other in [row(List::Keys, &text), row(List::Events, "42"), row(List::Events, "é")] {
            assert_eq!(other, None);
        }
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        let all = || (1..=5_i64).rev();
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let window = Window::read(List::Keys, Some("2"), after.as_deref()).unwrap();
            let page = window.cut(all(), |row| *row, |row| row);
            seen.extend(page.data);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, [5, 4, 3, 2, 1]);
    }

    #[test]
    fn types_of_a_list_are_a_name_a_prefix_or_all() {
        let read = |text: &str| Types::try_from(text.to_owned()).map(|types| types.0);
        assert_eq!(read("lab.*"), Ok(Pattern::Below("lab.".to_owned())));
        assert_eq!(read("x.hl7v2.ORU_R01"), Ok(Pattern::Exact("x.hl7v2.ORU_R01".to_owned())));
        assert_eq!(read("*"), Ok(Pattern::Any));
        for text in ["lab*", "*.critical", "lab.*.critical", "lab.**"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_page_is_bounded() {
        assert_eq!(Window::read(List::Keys, None, None).unwrap().limit, 50);
        for limit in ["0", "251", "-1", "ten"] {
            let problem = Window::read(List::Keys, Some(limit), None).unwrap_err();
            assert_eq!((problem.code, problem.field.as_deref()), (Code::InvalidField, Some("limit")));
        }
    }
}
