//! Parameters of a search or an operation: in the address, in a form, or as a `Parameters` resource.

use http::StatusCode;
use http::request::Parts;
use model::Timestamp;
use serde_json::Value;

use super::outcome::Outcome;

/// Names and values, in order.
#[derive(Debug, Default)]
pub(super) struct Given(Vec<(String, String)>);

impl Given {
    /// Those of an address.
    pub(super) fn of(parts: &Parts) -> Given {
        Given::of_form(parts.uri.query().unwrap_or_default())
    }

    /// Those of a form.
    pub(super) fn of_form(text: &str) -> Given {
        let pairs = url::form_urlencoded::parse(text.as_bytes()).into_owned();
        Given(pairs.filter(|(name, _)| name != "_format" && name != "_pretty").collect())
    }

    /// With those of a `Parameters` resource.
    pub(super) fn and(mut self, resource: Option<&Value>) -> Result<Given, Outcome> {
        let Some(resource) = resource else { return Ok(self) };
        if resource["resourceType"] != "Parameters" {
            return Err(bad("The body of an operation is a Parameters resource."));
        }
        for parameter in resource["parameter"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().ok_or_else(|| bad("A parameter needs a name."))?;
            let members = parameter.as_object().into_iter().flatten();
            let value =
                members.into_iter().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value);
            let text = match value {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {
                    return Err(bad(&format!("The parameter {name} needs a value.")));
                }
            };
            self.0.push((name.to_owned(), text));
        }
        Ok(self)
    }

    /// Refuses what nobody would look at.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Outcome> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => {
                let why = format!("The parameter {name} is not known here; {} are.", known.join(", "));
                Err(Outcome::new(StatusCode::BAD_REQUEST, "not-supported", why))
            }
            None => Ok(()),
        }
    }

    /// All values of a name; those joined by commas are alternatives too.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let own = self.0.iter().filter(|(known, _)| known == name);
        own.flat_map(|(_, value)| value.split(',')).filter(|value| !value.is_empty()).collect()
    }

    /// Names and values, in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The one value of a name.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Outcome> {
        let mut own = self.0.iter().filter(|(known, _)| known == name);
        match (own.next(), own.next()) {
            (Some(_), Some(_)) => Err(bad(&format!("The parameter {name} stands there more than once."))),
            (found, _) => Ok(found.map(|(_, value)| value.as_str())),
        }
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Outcome> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| bad(&format!("The parameter {name} is not a whole number.")))
    }

    /// A point in time.
    pub(super) fn instant(&self, name: &str) -> Result<Option<Timestamp>, Outcome> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        fhir::instant(text).map(Some).ok_or_else(|| bad(&format!("The parameter {name} is not an instant.")))
    }
}

fn bad(why: &str) -> Outcome {
    Outcome::new(StatusCode::BAD_REQUEST, "value", why)
}
