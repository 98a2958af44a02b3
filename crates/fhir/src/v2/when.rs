//! Conditions of table rows: `2 is NM and 5 valued`.

use super::source::{Place, Source};

/// All clauses must hold.
#[derive(Debug, Clone, Default)]
pub(super) struct When(Vec<Clause>);

#[derive(Debug, Clone)]
struct Clause {
    place: Operand,
    test: Test,
}

#[derive(Debug, Clone)]
enum Operand {
    Event,
    Part(Place),
}

#[derive(Debug, Clone)]
enum Test {
    Valued,
    Empty,
    In(Vec<String>),
    Out(Vec<String>),
    Longer(usize),
}

impl When {
    /// Reads clauses joined by `and`; nothing when one is not understood.
    pub(super) fn parse(text: &str) -> Option<When> {
        text.split(" and ").map(Clause::parse).collect::<Option<_>>().map(When)
    }

    /// Whether the row counts for this segment or data type.
    pub(super) fn holds(&self, source: Source<'_>, event: &str) -> bool {
        self.0.iter().all(|clause| clause.holds(source, event))
    }
}

impl Clause {
    fn parse(text: &str) -> Option<Clause> {
        let mut words = text.splitn(3, ' ');
        let place = match words.next()? {
            "event" => Operand::Event,
            place => Operand::Part(Place::parse(place)?),
        };
        let list = |text: &str| text.split(',').map(str::to_owned).collect();
        let test = match (words.next()?, words.next()) {
            ("valued", None) => Test::Valued,
            ("empty", None) => Test::Empty,
            ("is", Some(value)) => Test::In(vec![value.to_owned()]),
            ("not", Some(value)) => Test::Out(vec![value.to_owned()]),
            ("in", Some(values)) => Test::In(list(values)),
            ("out", Some(values)) => Test::Out(list(values)),
            ("longer", Some(length)) => Test::Longer(length.parse().ok()?),
            _ => return None,
        };
        Some(Clause { place, test })
    }

    fn holds(&self, source: Source<'_>, event: &str) -> bool {
        let value = match self.place {
            Operand::Event => event.into(),
            Operand::Part(place) => source.part(place).text(),
        };
        match &self.test {
            Test::Valued => !value.is_empty(),
            Test::Empty => value.is_empty(),
            Test::In(values) => values.contains(&value),
            Test::Out(values) => !values.contains(&value),
            Test::Longer(length) => value.len() > *length,
        }
    }
}
