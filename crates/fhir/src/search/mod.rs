//! FHIR search filters, decided over one resource in memory.
//!
//! A filter is read into [`Criteria`] from either written form: the search string
//! (`written`) or R5 `filterBy` (`filter_by`). `table` knows where a parameter
//! looks, `path` goes there, and one file per type compares: `token`, `points_to`,
//! `amount`, `date`, `text`. `range` holds what prefixes mean. What cannot be
//! decided is neither yes nor no (`decision`).

mod matched; // Yes, no, or nobody can tell.
mod error; // What is wrong with a filter.
mod written; // `Type?a=b&c=d,e`.
mod filter_by; // The R5 form.
mod known; // What only the caller knows.
mod table; // Which parameters there are.
mod path; // Where they look.
mod condition; // One sought value.
mod clause; // One parameter with its alternatives.
mod token; // Codes.
mod points_to; // References.
mod amount; // Numbers and quantities.
mod unit; // Units that agree.
mod date; // Dates and times.
mod text; // Texts and URIs.
mod range; // What prefixes mean.

use serde_json::Value;

pub use error::CriteriaError;
pub use filter_by::FilterBy;
pub use known::Known;
pub use matched::{Match, Reason, Why};
pub use table::parameters;
pub use written::named_type;

use clause::Clause;
use error::Fault;
use written::Part;

/// A filter over the resources of one type: everything it names must hold.
#[derive(Debug)]
pub struct Criteria {
    resource_type: String,
    clauses: Vec<Clause>,
}

impl Criteria {
    /// Reads a search string: `Type?a=b&c:mod=d,e`, `Type.a=b` or `a=b`.
    ///
    /// # Errors
    /// A parameter, modifier, prefix or value that cannot be decided in memory, with its place.
    pub fn parse(resource_type: &str, query: &str) -> Result<Criteria, CriteriaError> {
        Criteria::parse_with(resource_type, query, &Known::default())
    }

    /// Reads a search string that may use what the caller knows.
    ///
    /// # Errors
    /// As [`Criteria::parse`], and a value set or a group that is not known.
    pub fn parse_with(resource_type: &str, query: &str, known: &Known) -> Result<Criteria, CriteriaError> {
        let (kind, parts) = written::split(query)?;
        is_of(resource_type, kind).map_err(|fault| fault.at("", 0))?;
        Criteria::of(resource_type, &parts, known)
    }

    /// Reads the `filterBy` of an R5 Subscription; entries about other types are left aside.
    ///
    /// None if no entry is about this type.
    ///
    /// # Errors
    /// As [`Criteria::parse_with`]; the position is the number of the entry.
    pub fn from_filter_by(
        resource_type: &str,
        filters: &[FilterBy],
        known: &Known,
    ) -> Result<Option<Criteria>, CriteriaError> {
        let numbered = filters.iter().enumerate();
        let own = numbered.filter(|(_, filter)| filter.is_about(resource_type));
        let parts: Vec<_> =
            own.map(|(at, filter)| filter.as_part(resource_type, at)).collect::<Result<_, _>>()?;
        if parts.is_empty() {
            return Ok(None);
        }
        Criteria::of(resource_type, &parts, known).map(Some)
    }

    /// The type of the resources that can match.
    #[must_use]
    pub fn resource_type(&self) -> &str {
        &self.resource_type
    }

    /// Decides; a resource of another type does not match.
    #[must_use]
    pub fn matches(&self, resource: &Value) -> Match {
        if !self.is_type_of(resource) {
            return Match::No;
        }
        let mut sum = Match::Yes;
        for clause in &self.clauses {
            match clause.decide(resource) {
                Match::No => return Match::No,
                Match::Yes => {}
                unclear @ Match::Indeterminate(_) => sum = unclear,
            }
        }
        sum
    }

    /// Each parameter with its own decision, in the order written: why a filter fired or did not.
    pub fn explain<'a>(&'a self, resource: &'a Value) -> impl Iterator<Item = (&'a str, Match)> {
        self.clauses.iter().map(|clause| (clause.parameter(), clause.decide(resource)))
    }

    /// The codes (system, code) of which a matching resource has one, where the filter names such: for an index.
    #[must_use]
    pub fn required_codes(&self) -> Option<Vec<(Option<&str>, &str)>> {
        self.clauses.iter().find_map(|clause| clause.required_codes())
    }

    fn of(resource_type: &str, parts: &[Part<'_>], known: &Known) -> Result<Criteria, CriteriaError> {
        if table::parameters(resource_type).next().is_none() {
            let fix = "filter a clinical or administrative type by its code instead";
            return Err(Fault::new(format!("filters do not know the type {resource_type}"), fix).at("", 0));
        }
        let clause = |part: &Part<'_>| {
            let read =
                is_of(resource_type, part.kind).and_then(|()| Clause::read(resource_type, part, known));
            read.map_err(|fault| fault.at(part.name, part.position))
        };
        let clauses = parts.iter().map(clause).collect::<Result<_, _>>()?;
        Ok(Criteria { resource_type: resource_type.to_owned(), clauses })
    }

    fn is_type_of(&self, resource: &Value) -> bool {
        resource.get("resourceType").and_then(Value::as_str) == Some(&self.resource_type)
    }
}

fn is_of(resource_type: &str, named: Option<&str>) -> Result<(), Fault> {
    match named {
        Some(named) if named != resource_type => {
            let what = format!("the filter is about {named}, not about {resource_type}");
            Err(Fault::new(what, "write one filter for each type"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod example;
#[cfg(test)]
mod tests;
