//! Where a value goes: `name+.given`, `coding[0].code`.

use serde_json::{Map, Value};

use super::locate::Hop;

/// A path into a resource that makes what it needs on the way.
#[derive(Debug, Clone)]
pub(super) struct Target(Vec<Step>);

#[derive(Debug, Clone)]
struct Step {
    name: String,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Single,
    New,
    At(usize),
}

impl Target {
    /// Reads a path; the empty one is the value itself.
    pub(super) fn parse(text: &str) -> Target {
        Target(text.split('.').filter(|step| !step.is_empty()).map(Step::parse).collect())
    }

    /// Whether each repetition makes a new element.
    pub(super) fn repeats(&self) -> bool {
        self.0.iter().any(|step| step.place == Place::New)
    }

    /// The element of the resource that is touched.
    pub(super) fn element(&self) -> &str {
        self.0.first().map_or("", |step| &step.name)
    }

    /// Where the last value that was put stands.
    pub(super) fn reached(&self, root: &Map<String, Value>) -> Vec<Hop> {
        let mut here = Some(root);
        let mut path = Vec::with_capacity(self.0.len());
        for step in &self.0 {
            let member = here.and_then(|here| here.get(&step.name));
            let index = match step.place {
                Place::Single => None,
                Place::New => Some(member.and_then(Value::as_array).map_or(0, Vec::len).saturating_sub(1)),
                Place::At(index) => Some(index),
            };
            let below = match index {
                Some(index) => member.and_then(|member| member.get(index)),
                None => member,
            };
            here = below.and_then(Value::as_object);
            path.push(Hop { name: step.name.clone(), index });
        }
        path
    }

    /// How many steps lead to where constants are put.
    pub(super) fn beside(&self) -> usize {
        let listed = self.0.iter().rposition(|step| step.place != Place::Single);
        listed.map_or(self.0.len().saturating_sub(1), |at| at + 1)
    }

    /// Puts a value; `with` goes into the innermost listed element, or beside the value.
    ///
    /// The first value of an element stays; tells whether this one was taken.
    pub(super) fn put(
        &self,
        root: &mut Map<String, Value>,
        mut value: Value,
        with: Option<&Map<String, Value>>,
    ) -> bool {
        let Some((last, path)) = self.0.split_last() else {
            merge_into(root, value);
            return true;
        };
        let listed = self.0.iter().rposition(|step| step.place != Place::Single);
        let mut here = root;
        for (at, step) in path.iter().enumerate() {
            here = step.enter(here);
            if listed == Some(at) {
                add_missing(here, with);
            }
        }
        match listed {
            Some(at) if at == path.len() => {
                if let Value::Object(members) = &mut value {
                    add_missing(members, with);
                }
            }
            Some(_) => {}
            None => add_missing(here, with),
        }
        last.set(here, value)
    }
}

impl Step {
    fn parse(text: &str) -> Step {
        if let Some(name) = text.strip_suffix('+') {
            return Step { name: name.to_owned(), place: Place::New };
        }
        let index = text.strip_suffix(']').and_then(|text| text.split_once('['));
        match index.and_then(|(name, index)| Some((name, index.parse().ok()?))) {
            Some((name, index)) => Step { name: name.to_owned(), place: Place::At(index) },
            None => Step { name: text.to_owned(), place: Place::Single },
        }
    }

    fn enter<'v>(&self, parent: &'v mut Map<String, Value>) -> &'v mut Map<String, Value> {
        object(self.slot(parent))
    }

    fn set(&self, parent: &mut Map<String, Value>, value: Value) -> bool {
        let slot = self.slot(parent);
        if slot.is_object() && value.is_object() {
            merge_into(object(slot), value);
        } else if slot.is_null() {
            *slot = value;
        } else {
            return *slot == value;
        }
        true
    }

    fn slot<'v>(&self, parent: &'v mut Map<String, Value>) -> &'v mut Value {
        let member = parent.entry(self.name.as_str()).or_insert(Value::Null);
        let index = match (self.place, &mut *member) {
            (Place::Single, _) => return member,
            (Place::New, Value::Array(list)) => list.len(),
            (Place::New, _) => 0,
            (Place::At(index), _) => index,
        };
        let list = array(member);
        while list.len() <= index {
            list.push(Value::Null);
        }
        &mut list[index]
    }
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("it has just been made one")
}

fn array(value: &mut Value) -> &mut Vec<Value> {
    if !value.is_array() {
        *value = Value::Array(Vec::new());
    }
    value.as_array_mut().expect("it has just been made one")
}

fn merge_into(members: &mut Map<String, Value>, value: Value) {
    if let Value::Object(more) = value {
        members.extend(more);
    }
}

/// Adds members that are not there yet: what a sender says goes before a default.
pub(super) fn add_missing(members: &mut Map<String, Value>, with: Option<&Map<String, Value>>) {
    for (name, value) in with.into_iter().flatten() {
        members.entry(name.as_str()).or_insert_with(|| value.clone());
    }
}

/// Drops what holds nothing: `null`, empty texts, lists and objects. FHIR has none of them.
pub(super) fn compact(value: &mut Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => {
            list.retain_mut(compact);
            !list.is_empty()
        }
        Value::Object(members) => {
            members.retain(|_, member| compact(member));
            !members.is_empty()
        }
        Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_makes_what_it_needs_on_the_way() {
        let mut root = Map::new();
        let with = json!({"use": "home"});
        let mut put = |path: &str, value: Value| Target::parse(path).put(&mut root, value, None);
        assert!(put("gender", json!("female")));
        assert!(!put("gender", json!("male")));
        put("name+.given+", json!("Ada"));
        put("coding[1].code", json!("b"));
        put("coding[0].code", json!("a"));
        put("period.start", json!("2026"));
        put("period", json!({"end": "2027"}));
        Target::parse("telecom+").put(&mut root, json!({"value": "1"}), with.as_object());
        Target::parse("telecom+").put(&mut root, json!({"value": "2", "use": "old"}), with.as_object());
        Target::parse("participant+.individual").put(&mut root, json!({"id": 1}), with.as_object());
        let mut root = Value::Object(root);
        assert!(compact(&mut root));
        let expected = json!({
            "gender": "female",
            "name": [{"given": ["Ada"]}], "coding": [{"code": "a"}, {"code": "b"}],
            "period": {"start": "2026", "end": "2027"},
            "telecom": [{"value": "1", "use": "home"}, {"value": "2", "use": "old"}],
            "participant": [{"use": "home", "individual": {"id": 1}}],
        });
        assert_eq!(root, expected);
    }
}
