//! Which places of a filled template are about people: what may be shown to who may see shapes only.

use fhirpath::Expression;

use super::{Fills, Part, members};

/// What a place says of people, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tells {
    /// Nothing.
    Nothing,
    /// Who it is, by a stand-in that only the recipient knows.
    StandIn,
    /// Who it is, or something of them.
    Person,
}

impl Tells {
    /// What an expression may tell, by what it reads; `is_within` a list, its root is an item of it.
    pub(super) fn of(expression: &Expression, is_within: bool) -> Tells {
        if expression.reads_whole() {
            return Tells::Person;
        }
        let of_path = |path: &str| match path.strip_prefix("%event.") {
            Some(path) => members::tells(path),
            None if is_within => Tells::Person,
            None => members::tells(path),
        };
        expression.paths().map(of_path).max().unwrap_or(Tells::Nothing)
    }
}

pub(super) fn at(root: &Part, pointer: &str) -> Tells {
    walk(root, &mut pointer.split('/').skip(1))
}

fn walk(part: &Part, steps: &mut dyn Iterator<Item = &str>) -> Tells {
    match part {
        Part::Said(_) => Tells::Nothing,
        Part::Asked(ask) => match &ask.fills {
            Fills::One | Fills::List => ask.tells,
            Fills::Each(each) => match steps.next() {
                Some(_) => walk(each, steps),
                None => ask.tells,
            },
        },
        Part::Object(members) => {
            let Some(step) = steps.next() else { return Tells::Nothing };
            let name = step.replace("~1", "/").replace("~0", "~");
            let found = members.iter().find(|(known, _)| *known == name);
            found.map_or(Tells::Person, |(_, part)| walk(part, steps))
        }
        Part::Array(items) => {
            let Some(step) = steps.next() else { return Tells::Nothing };
            // Where one may be left out, nobody knows which of the others stands where.
            let is_sure = !items.iter().any(Part::may_be_left_out);
            let found = step.parse().ok().filter(|_| is_sure).and_then(|at: usize| items.get(at));
            found.map_or(Tells::Person, |part| walk(part, steps))
        }
    }
}
