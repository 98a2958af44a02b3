//! The search parameters there are: `maps/search.toml`, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::path::Path;

/// How the values of a parameter are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Token,
    Reference,
    Quantity,
    Number,
    Date,
    Text,
    Uri,
    /// Whether something is there and not false.
    Exists,
}

impl Kind {
    fn read(text: &str) -> Option<Kind> {
        Some(match text {
            "token" => Kind::Token,
            "reference" => Kind::Reference,
            "quantity" => Kind::Quantity,
            "number" => Kind::Number,
            "date" => Kind::Date,
            "string" => Kind::Text,
            "uri" => Kind::Uri,
            "exists" => Kind::Exists,
            _ => return None,
        })
    }
}

/// Where a parameter looks, and how it compares.
#[derive(Debug)]
pub(super) enum Parameter {
    /// One kind of value.
    Plain(Place),
    /// Several values of one place that belong together.
    Composite { bases: Vec<Path>, parts: Vec<Place> },
}

#[derive(Debug)]
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) paths: Vec<Path>,
}

/// The parameter of a resource type, or one that every type has.
pub(super) fn parameter(resource_type: &str, name: &str) -> Option<&'static Parameter> {
    let of = |kind: &str| TABLE.get(kind).and_then(|parameters| parameters.get(name));
    of(resource_type).or_else(|| of("Resource"))
}

/// The names of the parameters of a resource type; none if filters do not know the type.
pub fn parameters(resource_type: &str) -> impl Iterator<Item = &'static str> {
    let own = TABLE.get(resource_type);
    let every = own.and_then(|_| TABLE.get("Resource"));
    own.into_iter().chain(every).flat_map(HashMap::keys).map(String::as_str)
}

type Table = HashMap<String, HashMap<String, Parameter>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let written: HashMap<String, HashMap<String, String>> =
        toml::from_str(include_str!("../../../../maps/search.toml"))
            .expect("the table is part of the program");
    let read = |line: &str| read(line).expect("the table is part of the program");
    let parameters =
        |lines: HashMap<String, String>| lines.into_iter().map(|(name, line)| (name, read(&line))).collect();
    written.into_iter().map(|(kind, lines)| (kind, parameters(lines))).collect()
});

fn read(line: &str) -> Option<Parameter> {
    let (kind, rest) = line.split_once(' ')?;
    if kind != "composite" {
        return Some(Parameter::Plain(Place { kind: Kind::read(kind)?, paths: paths(rest.split(' '))? }));
    }
    let (bases, parts) = rest.split_once(' ')?;
    let part = |part: &str| {
        let (kind, places) = part.split_once('=')?;
        Some(Place { kind: Kind::read(kind)?, paths: paths(places.split(','))? })
    };
    let parts = parts.split(' ').map(part).collect::<Option<_>>()?;
    Some(Parameter::Composite { bases: paths(bases.split(','))?, parts })
}

fn paths<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Vec<Path>> {
    texts.map(Path::read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::is_resource_type;

    #[test]
    fn the_whole_table_is_read_and_names_types_that_exist() {
        assert!(TABLE.len() > 60, "{}", TABLE.len());
        for kind in TABLE.keys() {
            assert!(kind == "Resource" || is_resource_type(kind), "{kind}");
        }
        assert!(parameters("Observation").any(|name| name == "code-value-quantity"));
        assert!(parameters("Observation").any(|name| name == "_id"));
        assert_eq!(parameters("StructureMap").count(), 0);
    }
}
