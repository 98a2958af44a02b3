//! What collections hold: values of our own, and places in the JSON.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::model::{Element, Nature, TypeId};
use crate::quantity::{Comparator, Quantity, Unit};
use crate::reason::ReasonKind;
use crate::temporal::{Date, DateTime, Time};
use crate::{number, syntax::SystemType};

/// One item of a collection.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(Cow<'a, str>),
    Date(Date),
    DateTime(DateTime),
    Time(Time),
    Quantity(Quantity<'a>),
    /// A place in the JSON.
    Node(Node<'a>),
    /// What `type()` answers.
    Type(TypeName),
}

/// The name of a type, such as `FHIR.Patient`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeName {
    pub namespace: &'static str,
    pub name: &'static str,
}

/// A place in the JSON, with its FHIR type where it has one.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    pub(crate) value: &'a Value,
    /// What stands beside a primitive value under its name with `_`.
    extra: Option<&'a Value>,
    pub(crate) kind: Option<TypeId>,
    /// The object that it was read from.
    pub(crate) owner: Option<&'a Value>,
}

static NULL: Value = Value::Null;

impl<'a> Node<'a> {
    /// A resource, or any other JSON.
    pub(crate) fn root(value: &'a Value) -> Node<'a> {
        Node { value, extra: None, kind: resource_type(value), owner: None }
    }

    /// The JSON that is meant.
    #[must_use]
    pub fn json(&self) -> &'a Value {
        self.value
    }

    /// The elements with a name; names of choices stand without their type.
    pub(crate) fn members(&self, name: &str, found: &mut Vec<Item<'a>>) {
        let Some(object) = self.value.as_object() else {
            self.member_of_extra(name, found);
            return;
        };
        let Some(kind) = self.kind else {
            self.push(found, object.get(name), None, None);
            return;
        };
        match kind.element(name) {
            Some(element) if element.is_choice => {
                for (key, kind) in object.keys().filter_map(|key| Some((key, element.kind_of_key(key)?))) {
                    self.push(found, object.get(key), beside(object, key, kind), Some(kind));
                }
            }
            Some(element) => {
                if let Some(kind) = element.kinds.first() {
                    self.push(found, object.get(name), beside(object, name, *kind), Some(*kind));
                }
            }
            // What the model does not know is kept, except for another spelling of what it knows.
            None if !kind.is_choice_key(name) && name != "resourceType" => {
                self.push(found, object.get(name), None, None);
            }
            None => {}
        }
    }

    /// All elements with their names.
    pub(crate) fn children(&self) -> Vec<(&'a str, Node<'a>)> {
        let mut children = Vec::new();
        let object = self.value.as_object().or_else(|| self.extra.and_then(Value::as_object));
        for key in object.into_iter().flat_map(Map::keys) {
            let bare = key.strip_prefix('_').filter(|_| self.kind.is_some());
            let is_seen = bare.is_some_and(|bare| object.is_some_and(|object| object.contains_key(bare)));
            if is_seen || (key == "resourceType" && self.kind.is_some()) {
                continue;
            }
            let name = self.element_name(bare.unwrap_or(key));
            let mut found = Vec::new();
            self.members(name, &mut found);
            children.extend(found.into_iter().filter_map(|item| match item {
                Item::Node(node) => Some((name, node)),
                _ => None,
            }));
        }
        children
    }

    /// `value` for `valueQuantity`.
    fn element_name(&self, key: &'a str) -> &'a str {
        let is_of = |element: &&Element| element.is_choice && element.kind_of_key(key).is_some();
        let Some(kind) = self.kind.filter(|kind| kind.element(key).is_none()) else { return key };
        kind.elements().find(is_of).map_or(key, |element| element.name)
    }

    fn member_of_extra(&self, name: &str, found: &mut Vec<Item<'a>>) {
        let kind = self.kind.and_then(|kind| kind.element(name)).and_then(|element| element.kinds.first());
        let value = self.extra.and_then(|extra| extra.get(name));
        self.push(found, value, None, kind.copied());
    }

    fn push(
        &self,
        found: &mut Vec<Item<'a>>,
        value: Option<&'a Value>,
        extra: Option<&'a Value>,
        kind: Option<TypeId>,
    ) {
        let one = |value: &'a Value, extra: Option<&'a Value>| {
            let extra = extra.filter(|extra| !extra.is_null());
            if value.is_null() && extra.is_none() {
                return None;
            }
            let kind = resource_type(value).or(kind.filter(|kind| !kind.is_resource()));
            Some(Item::Node(Node { value, extra, kind, owner: Some(self.value) }))
        };
        let value = value.unwrap_or(&NULL);
        match (value, extra) {
            (Value::Array(values), _) => {
                let extras = extra.and_then(Value::as_array);
                let beside = |place: usize| extras.and_then(|extras| extras.get(place));
                found
                    .extend(values.iter().enumerate().filter_map(|(place, value)| one(value, beside(place))));
            }
            (Value::Null, Some(Value::Array(extras))) => {
                found.extend(extras.iter().filter_map(|extra| one(&NULL, Some(extra))));
            }
            _ => found.extend(one(value, extra)),
        }
    }

    /// Whether there is a value, and not only an extension.
    pub(crate) fn has_value(&self) -> bool {
        !matches!(self.value, Value::Null | Value::Object(_) | Value::Array(_))
    }

    /// The value as one of our own, where it is a primitive or a quantity.
    pub(crate) fn read(&self) -> Result<Option<Item<'a>>, ReasonKind> {
        match (self.kind.map(TypeId::nature), self.value) {
            (_, Value::Null) | (Some(Nature::Complex), _) => Ok(None),
            (Some(Nature::Quantity), Value::Object(object)) => quantity(object, self.owner).map(Some),
            (None, Value::Object(object)) => plain_quantity(object, self.owner).transpose(),
            (_, Value::Object(_) | Value::Array(_)) => Ok(None),
            (None | Some(Nature::Boolean), Value::Bool(value)) => Ok(Some(Item::Boolean(*value))),
            (None | Some(Nature::Integer), Value::Number(value)) => read_number(value, false).map(Some),
            (Some(Nature::Decimal), Value::Number(value)) => read_number(value, true).map(Some),
            (None | Some(Nature::Text), Value::String(text)) => Ok(Some(Item::Text(Cow::Borrowed(text)))),
            (Some(nature), Value::String(text)) => moment(nature, text).map(Some).ok_or(ReasonKind::Mismatch),
            (Some(_), _) => Err(ReasonKind::Mismatch),
        }
    }

    pub(crate) fn type_name(&self) -> TypeName {
        match self.kind {
            Some(kind) => TypeName { namespace: "FHIR", name: kind.name() },
            None => TypeName { namespace: "System", name: plain_type(self.value).name() },
        }
    }
}

/// The JSON types stand for ours where nothing says more.
pub(crate) fn plain_type(value: &Value) -> SystemType {
    match value {
        Value::Bool(_) => SystemType::Boolean,
        Value::Number(number) if is_integer(number.as_str()) => SystemType::Integer,
        Value::Number(_) => SystemType::Decimal,
        Value::String(_) => SystemType::String,
        Value::Null | Value::Array(_) | Value::Object(_) => SystemType::Any,
    }
}

fn is_integer(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

fn resource_type(value: &Value) -> Option<TypeId> {
    TypeId::resource(value.as_object()?.get("resourceType")?.as_str()?)
}

/// What stands under `_name`, which only primitives have.
fn beside<'a>(object: &'a Map<String, Value>, key: &str, kind: TypeId) -> Option<&'a Value> {
    if matches!(kind.nature(), Nature::Complex | Nature::Quantity) {
        return None;
    }
    object.iter().find(|(name, _)| name.strip_prefix('_') == Some(key)).map(|(_, value)| value)
}

fn read_number<'a>(value: &serde_json::Number, as_decimal: bool) -> Result<Item<'a>, ReasonKind> {
    let text = value.as_str();
    match text.parse() {
        Ok(integer) if !as_decimal => Ok(Item::Integer(integer)),
        _ => number::parse(text).map(Item::Decimal).ok_or(ReasonKind::OutOfRange),
    }
}

fn moment<'a>(nature: Nature, text: &str) -> Option<Item<'a>> {
    match nature {
        Nature::Date => Date::parse(text).map(Item::Date),
        Nature::DateTime => DateTime::parse(text).map(Item::DateTime),
        Nature::Time => Time::parse(text).map(Item::Time),
        Nature::Boolean
        | Nature::Integer
        | Nature::Decimal
        | Nature::Text
        | Nature::Quantity
        | Nature::Complex => None,
    }
}

/// A FHIR quantity. A unit without a code is read as what laboratories write.
fn quantity<'a>(object: &'a Map<String, Value>, owner: Option<&'a Value>) -> Result<Item<'a>, ReasonKind> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let Some(Value::Number(value)) = object.get("value") else { return Err(ReasonKind::Mismatch) };
    let value = number::parse(value.as_str()).ok_or(ReasonKind::OutOfRange)?;
    let comparator = match text("comparator") {
        None => None,
        // Such as `ad` of R5, "sufficient to achieve this total": the value is no number at all.
        Some(written) => Some(Comparator::parse(written).ok_or(ReasonKind::Comparator)?),
    };
    let is_ucum = text("system").is_none_or(|system| system == "http://unitsofmeasure.org");
    let written = text("code").filter(|_| is_ucum).or_else(|| text("unit")).or_else(|| text("code"));
    let unit = written.map_or(Unit::Absent, Unit::code);
    Ok(Item::Quantity(Quantity { value, comparator, unit, owner }))
}

/// An object of plain JSON is a quantity when it says a number and nothing but its unit.
fn plain_quantity<'a>(
    object: &'a Map<String, Value>,
    owner: Option<&'a Value>,
) -> Option<Result<Item<'a>, ReasonKind>> {
    const NAMES: [&str; 5] = ["value", "unit", "code", "system", "comparator"];
    let is_quantity = object.get("value").is_some_and(Value::is_number)
        && object.keys().all(|key| NAMES.contains(&key.as_str()));
    is_quantity.then(|| quantity(object, owner))
}

impl<'a> Item<'a> {
    /// A value of our own instead of a place that holds one.
    pub(crate) fn read(&self) -> Result<Item<'a>, ReasonKind> {
        match self {
            Item::Node(node) => Ok(node.read()?.unwrap_or_else(|| self.clone())),
            _ => Ok(self.clone()),
        }
    }

    /// The value as a text, where it is one.
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        match self.read() {
            Ok(Item::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The item as JSON: a place as it stands there, a number to the letter; what JSON has no words for, such
    /// as a quantity that was made, as the text that FHIRPath writes.
    #[must_use]
    pub fn to_json(&self) -> Cow<'a, Value> {
        match self {
            Item::Node(node) => Cow::Borrowed(node.json()),
            Item::Boolean(value) => Cow::Owned(Value::Bool(*value)),
            Item::Integer(_) | Item::Decimal(_) => {
                let text = self.to_string();
                Cow::Owned(serde_json::from_str(&text).unwrap_or(Value::String(text)))
            }
            _ => Cow::Owned(Value::String(self.to_string())),
        }
    }

    /// The type that `type()` tells.
    #[must_use]
    pub fn type_name(&self) -> TypeName {
        let kind = match self {
            Item::Node(node) => return node.type_name(),
            Item::Type(_) | Item::Text(_) => SystemType::String,
            Item::Boolean(_) => SystemType::Boolean,
            Item::Integer(_) => SystemType::Integer,
            Item::Decimal(_) => SystemType::Decimal,
            Item::Date(_) => SystemType::Date,
            Item::DateTime(_) => SystemType::DateTime,
            Item::Time(_) => SystemType::Time,
            Item::Quantity(_) => SystemType::Quantity,
        };
        TypeName { namespace: "System", name: kind.name() }
    }
}

impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::Boolean(value) => value.fmt(f),
            Item::Integer(value) => value.fmt(f),
            Item::Decimal(value) => value.fmt(f),
            Item::Text(text) => f.write_str(text),
            Item::Date(date) => date.fmt(f),
            Item::DateTime(moment) => moment.fmt(f),
            Item::Time(time) => time.fmt(f),
            Item::Quantity(quantity) => quantity.fmt(f),
            Item::Type(name) => write!(f, "{}.{}", name.namespace, name.name),
            Item::Node(node) => match node.read() {
                Ok(Some(item)) => item.fmt(f),
                Ok(None) | Err(_) => node.value.fmt(f),
            },
        }
    }
}
