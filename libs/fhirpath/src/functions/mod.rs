//! The functions by name: how many arguments each takes, what it does, and what it gives.

mod existence; // Whether, how many, which of them.
mod filtering; // Expressions asked for each item.
mod subset; // Some of the items, or more.
mod text; // Text.
mod coding; // Text as bytes and in other notations.
mod math; // Numbers.
mod edge; // Boundaries and precision.
mod convert; // From type to type.
mod tree; // Children, descendants, types.
mod fhir; // What FHIR adds.

use crate::evaluate::{Call, Evaluator, Outcome};

pub(crate) use text::is_pattern;

/// What a function gives, for whoever reads the expression before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gives {
    /// Some items of the input.
    Input,
    Boolean,
    Integer,
    Decimal,
    Text,
    /// That cannot be said before.
    Other,
}

pub(crate) type Body = for<'c, 'f, 'a> fn(&mut Evaluator<'c, 'a>, Call<'f, 'a>) -> Outcome<'a>;

pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// The fewest and the most arguments.
    pub(crate) least: usize,
    pub(crate) most: usize,
    pub(crate) gives: Gives,
    pub(crate) body: Body,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

pub(crate) fn named(name: &str) -> Option<&'static Function> {
    TABLES.iter().flat_map(|table| table.iter()).find(|function| function.name == name)
}

/// The names of all functions, in groups.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().flat_map(|table| table.iter()).map(|function| function.name)
}

/// A function with nearly the same name.
pub(crate) fn near(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    names().find(|known| known.to_lowercase() == lower).or_else(|| {
        let alike = |known: &&str| {
            known.len() > 3
                && (lower.contains(&known.to_lowercase()) || known.to_lowercase().starts_with(&lower))
        };
        names().find(alike)
    })
}

static TABLES: [&[Function]; 10] = [
    &existence::TABLE,
    &filtering::TABLE,
    &subset::TABLE,
    &text::TABLE,
    &coding::TABLE,
    &math::TABLE,
    &edge::TABLE,
    &convert::TABLE,
    &tree::TABLE,
    &fhir::TABLE,
];

/// A line of a table.
const fn function(name: &'static str, (least, most): (usize, usize), gives: Gives, body: Body) -> Function {
    Function { name, least, most, gives, body }
}
