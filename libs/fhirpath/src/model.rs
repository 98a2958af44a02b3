//! The types of FHIR R4 as data: which elements there are, and which are a choice.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A type of FHIR R4, or a part of one such as `Patient.contact`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TypeId(u16);

/// What a value of a type is to FHIRPath.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nature {
    Boolean,
    Integer,
    Decimal,
    Text,
    Date,
    DateTime,
    Time,
    Quantity,
    Complex,
}

#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: &'static str,
    /// Whether the JSON name ends with the type: `value` is `valueQuantity`.
    pub(crate) is_choice: bool,
    /// Whether there may be several.
    pub(crate) repeats: bool,
    pub(crate) kinds: Vec<TypeId>,
}

#[derive(Debug)]
struct Definition {
    name: &'static str,
    /// How the type ends the name of a choice: `Quantity`, `DateTime`.
    suffix: String,
    is_resource: bool,
    base: Option<TypeId>,
    nature: Nature,
    elements: Vec<Element>,
    /// Places in `elements`, and those of all bases, by name.
    by_name: HashMap<&'static str, (TypeId, usize)>,
}

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("../data/r4.txt")));

struct Model {
    definitions: Vec<Definition>,
    by_name: HashMap<&'static str, TypeId>,
}

impl TypeId {
    /// The type with a name: `Patient`, `code`, `Patient.contact`.
    pub(crate) fn named(name: &str) -> Option<TypeId> {
        MODEL.by_name.get(name).copied()
    }

    /// The resource type with a name.
    pub(crate) fn resource(name: &str) -> Option<TypeId> {
        TypeId::named(name).filter(|found| found.definition().is_some_and(|it| it.is_resource))
    }

    pub(crate) fn name(self) -> &'static str {
        self.definition().map_or("", |it| it.name)
    }

    pub(crate) fn is_resource(self) -> bool {
        self.definition().is_some_and(|it| it.is_resource)
    }

    pub(crate) fn nature(self) -> Nature {
        self.definition().map_or(Nature::Complex, |it| it.nature)
    }

    /// Whether it is `other` or made from it.
    pub(crate) fn is_a(self, other: TypeId) -> bool {
        self.line().any(|one| one == other)
    }

    /// The element with a name, also of a base.
    pub(crate) fn element(self, name: &str) -> Option<&'static Element> {
        let (owner, place) = self.definition()?.by_name.get(name)?;
        owner.definition()?.elements.get(*place)
    }

    /// Which of it and its bases has the element.
    pub(crate) fn owner(self, name: &str) -> Option<TypeId> {
        self.definition()?.by_name.get(name).map(|(owner, _)| *owner)
    }

    /// Its own elements and those of its bases.
    pub(crate) fn elements(self) -> impl Iterator<Item = &'static Element> {
        let all = self.line().collect::<Vec<_>>().into_iter().rev();
        all.filter_map(TypeId::definition).flat_map(|it| &it.elements)
    }

    /// Whether a JSON name belongs to a choice: `valueQuantity` does, FHIRPath says `value`.
    pub(crate) fn is_choice_key(self, key: &str) -> bool {
        self.elements().any(|element| element.is_choice && element.kind_of_key(key).is_some())
    }

    fn line(self) -> impl Iterator<Item = TypeId> {
        std::iter::successors(Some(self), |one| one.definition()?.base)
    }

    fn definition(self) -> Option<&'static Definition> {
        MODEL.definitions.get(usize::from(self.0))
    }
}

impl Element {
    /// The type that a JSON name of this choice ends with.
    pub(crate) fn kind_of_key(&self, key: &str) -> Option<TypeId> {
        let suffix = key.strip_prefix(self.name)?;
        self.kinds.iter().copied().find(|kind| kind.definition().is_some_and(|it| it.suffix == suffix))
    }
}

impl Model {
    fn read(text: &'static str) -> Model {
        let lines: Vec<Vec<&str>> = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(|line| line.split(' ').collect())
            .collect();
        let names = lines.iter().enumerate().filter_map(|(place, line)| {
            // There are fewer than a thousand types.
            Some((*line.first()?, TypeId(place as u16)))
        });
        let mut model = Model { definitions: Vec::new(), by_name: names.collect() };
        model.definitions = lines.iter().filter_map(|line| model.definition(line)).collect();
        let natures: Vec<Nature> = (0..model.definitions.len()).map(|place| model.nature(place)).collect();
        let indexes: Vec<_> = (0..model.definitions.len()).map(|place| model.index(place)).collect();
        for ((definition, nature), index) in model.definitions.iter_mut().zip(natures).zip(indexes) {
            definition.nature = nature;
            definition.by_name = index;
        }
        model
    }

    fn definition(&self, line: &[&'static str]) -> Option<Definition> {
        let [name, kind, base, elements @ ..] = line else { return None };
        let element = |text: &&'static str| {
            let (head, kinds) = text.split_once(':')?;
            let name = head.trim_end_matches(['*', '~']);
            let kinds = kinds.split('|').filter_map(|kind| self.by_name.get(kind).copied()).collect();
            Some(Element { name, is_choice: head.ends_with('~'), repeats: head.contains('*'), kinds })
        };
        let mut letters = name.chars();
        let first = letters.next()?.to_ascii_uppercase();
        Some(Definition {
            name,
            suffix: format!("{first}{}", letters.as_str()),
            is_resource: *kind == "r",
            base: self.by_name.get(base).copied(),
            nature: Nature::Complex,
            elements: elements.iter().filter_map(element).collect(),
            by_name: HashMap::new(),
        })
    }

    /// The place in the list, then that of the base, and so on.
    fn line(&self, place: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(place), |one| Some(usize::from(self.definitions.get(*one)?.base?.0)))
    }

    fn nature(&self, place: usize) -> Nature {
        let names = self.line(place).filter_map(|one| Some(self.definitions.get(one)?.name));
        names.filter_map(natural).next().unwrap_or(Nature::Complex)
    }

    fn index(&self, place: usize) -> HashMap<&'static str, (TypeId, usize)> {
        let mut index = HashMap::new();
        for owner in self.line(place) {
            let elements = self.definitions.get(owner).map_or(&[][..], |it| &it.elements);
            for (at, element) in elements.iter().enumerate() {
                index.entry(element.name).or_insert((TypeId(owner as u16), at));
            }
        }
        index
    }
}

/// The nature of the types that others are made from.
fn natural(name: &str) -> Option<Nature> {
    Some(match name {
        "boolean" => Nature::Boolean,
        "integer" => Nature::Integer,
        "decimal" => Nature::Decimal,
        "date" => Nature::Date,
        "dateTime" | "instant" => Nature::DateTime,
        "time" => Nature::Time,
        "Quantity" => Nature::Quantity,
        "string" | "uri" | "base64Binary" | "xhtml" => Nature::Text,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{MODEL, Nature, TypeId};

    #[test]
    fn every_type_has_a_base_and_every_element_a_type() {
        let roots: Vec<_> =
            MODEL.definitions.iter().filter(|it| it.base.is_none()).map(|it| it.name).collect();
        assert_eq!(roots, ["Element", "Resource"]);
        for definition in &MODEL.definitions {
            for element in &definition.elements {
                assert!(!element.kinds.is_empty(), "{}.{}", definition.name, element.name);
                assert!(
                    element.is_choice || element.kinds.len() == 1,
                    "{}.{}",
                    definition.name,
                    element.name
                );
            }
        }
        assert_eq!(MODEL.definitions.iter().filter(|it| it.is_resource).count(), 148);
    }

    #[test]
    fn choices_bases_and_natures_are_known() {
        let observation = TypeId::resource("Observation").unwrap();
        let value = observation.element("value").unwrap();
        assert_eq!(value.kind_of_key("valueQuantity").map(TypeId::name), Some("Quantity"));
        assert_eq!(value.kind_of_key("valueDateTime").map(TypeId::nature), Some(Nature::DateTime));
        assert_eq!(value.kind_of_key("valueAddress"), None);
        assert!(observation.is_choice_key("valueQuantity") && !observation.is_choice_key("value"));
        assert!(observation.element("id").is_some() && observation.element("given").is_none());
        let (code, string) = (TypeId::named("code").unwrap(), TypeId::named("string").unwrap());
        assert!(code.is_a(string) && !string.is_a(code));
        assert_eq!(TypeId::named("Age").unwrap().nature(), Nature::Quantity);
        assert_eq!(TypeId::resource("Quantity"), None);
    }
}
