//! Templates: what the native format says of an event, in a receiver's own shape.
//!
//! A template is JSON. An object with `$path` or `$list` is an instruction and gives way to what its
//! FHIRPath finds; everything else stands as it is. All that it can find is the body that was disclosed
//! to the webhook, so it never shows what disclosure withheld (ADR 30). `read` understands a template
//! once, `project` fills it, and `tells` says which places of the outcome are about people.

mod members; // What there is to be found.
mod read; // From JSON to parts.
mod project; // From an event to a body.
mod tells; // Which places are about people.
#[cfg(test)]
mod tests;

use fhirpath::Expression;
use model::{Profile, TemplateVersion};
use serde_json::Value;

use crate::Misread;

pub use project::Unshaped;
pub use tells::Tells;

/// A template that was understood.
#[derive(Debug)]
pub struct Template {
    root: Part,
    version: TemplateVersion,
}

/// Why JSON cannot be used as a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {misread}")]
pub struct TemplateFlaw {
    /// Where in the template, as a JSON pointer.
    pub pointer: String,
    /// What is wrong there, and what would be right.
    pub misread: Misread,
}

impl Template {
    /// Reads a template for a webhook of a profile.
    ///
    /// # Errors
    /// The first place that cannot be understood, is beyond a limit, or asks for what no event has or the
    /// profile does not show.
    pub fn read(document: &Value, profile: Profile) -> Result<Template, TemplateFlaw> {
        Ok(Template { root: read::whole(document, profile)?, version: TemplateVersion::of(document) })
    }

    /// Names the template by its text.
    #[must_use]
    pub fn version(&self) -> TemplateVersion {
        self.version
    }

    /// Fills the template from a body of the native format, as it was disclosed.
    ///
    /// The same body gives the same bytes.
    ///
    /// # Errors
    /// What cannot be decided, found once where there are several, or told within the limits; nothing of
    /// the event stands in it.
    pub fn project(&self, native: &[u8]) -> Result<Vec<u8>, Unshaped> {
        project::whole(&self.root, native)
    }

    /// What the leaf at a JSON pointer of a filled body says of people.
    #[must_use]
    pub fn tells(&self, pointer: &str) -> Tells {
        tells::at(&self.root, pointer)
    }
}

/// A part of a template.
#[derive(Debug)]
enum Part {
    /// Stands as it is: a text, a number, a truth, nothing.
    Said(Value),
    Object(Vec<(String, Part)>),
    Array(Vec<Part>),
    Asked(Box<Ask>),
}

impl Part {
    /// Whether the part may be left out of what holds it.
    fn may_be_left_out(&self) -> bool {
        matches!(self, Part::Asked(ask) if matches!(ask.missing, Missing::LeftOut))
    }
}

/// An instruction.
#[derive(Debug)]
struct Ask {
    /// Where the expression stands, as a JSON pointer.
    place: String,
    expression: Expression,
    fills: Fills,
    missing: Missing,
    /// What stands there if nobody can decide what does.
    undecided: Option<Value>,
    tells: Tells,
}

/// What an instruction gives way to.
#[derive(Debug)]
enum Fills {
    /// The one thing that was found.
    One,
    /// All that was found.
    List,
    /// All that was found, each in a shape of its own.
    Each(Part),
}

/// What stands where nothing was found.
#[derive(Debug)]
enum Missing {
    LeftOut,
    Said(Value),
}
