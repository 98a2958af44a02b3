//! What stands behind the question mark: known names, each once.

use axum::extract::FromRequestParts;
use http::request::Parts;
use model::{Code, Problem};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::page::Slice;
use crate::refused::{Refused, Result};
use crate::{Api, strict};

/// The parameters of a call.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Params<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self> {
        Ok(Params(read(parts.uri.query().unwrap_or_default())?))
    }
}

/// The parameters that lists of what happened share, and those of one list.
pub(crate) struct Sliced<T>(pub(crate) Slice, pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Sliced<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self> {
        let (mut shared, mut own) = (Map::new(), members(parts.uri.query().unwrap_or_default())?);
        for name in Slice::NAMES {
            shared.extend(own.remove_entry(name));
        }
        Ok(Sliced(typed(shared)?, typed(own)?))
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    typed(members(query)?)
}

fn members(query: &str) -> Result<Map<String, Value>, Problem> {
    let mut members = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if members.insert(name.clone().into_owned(), Value::String(value.into_owned())).is_some() {
            return Err(Problem::new(Code::InvalidField, "The parameter is given twice.").at(name));
        }
    }
    Ok(members)
}

fn typed<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, Problem> {
    // A parameter is named as it is written, not as a member of a document.
    strict::read_value(Value::Object(members)).map_err(|mut problem| {
        problem.field = problem.field.map(|place| place.trim_start_matches('/').to_owned());
        problem
    })
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        limit: Option<String>,
        from: Option<Timestamp>,
    }

    #[test]
    fn parameters_are_known_well_formed_and_given_once() {
        let wanted: Wanted = read("limit=5&from=2026-01-01T00%3A00%3A00Z").unwrap();
        assert_eq!((wanted.limit.as_deref(), wanted.from.is_some()), (Some("5"), true));
        for (query, code, field) in [
            ("limit=1&limit=2", Code::InvalidField, "limit"),
            ("from=yesterday", Code::InvalidField, "from"),
            ("form=2026-01-01T00:00:00Z", Code::UnknownField, "form"),
        ] {
            let problem = read::<Wanted>(query).unwrap_err();
            assert_eq!((problem.code, problem.field.as_deref()), (code, Some(field)));
        }
    }
}
