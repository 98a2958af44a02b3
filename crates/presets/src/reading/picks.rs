//! What a preset takes of a call, told as places: `body.payload.status` becomes `data.status`.

use serde_json::Value;

use super::Reading;
use super::rules::{Data, Rule};
use crate::template::{Template, Variable};

/// A member of an event, and where a preset takes it from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pick {
    /// Where in the call: `body.payload.status`, or `header.x-topic`.
    pub from: String,
    /// The member of the event: `data.status`, `object`, `subject`, `time`; `data.*` for all there are.
    pub to: String,
    place: Place,
}

/// Where a pick looks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// A pointer into an item, or into each element of a list of it.
    Item { each: Option<String>, pointer: String },
    /// A pointer into the whole body.
    Root(String),
    /// A header or a parameter: only the body of a call is kept.
    Head,
}

impl Reading {
    /// What it takes for events of a type, each place once; of a type that passes through, everything.
    pub(crate) fn picks(&self, event_type: &str) -> Vec<Pick> {
        let mut own: Vec<&Rule> = self.rules.iter().filter(|rule| rule.event_type == event_type).collect();
        let passing = self.default_rule();
        if own.is_empty() {
            own.push(&passing);
        }
        let mut picks: Vec<Pick> = own.into_iter().flat_map(|rule| self.picks_of(rule)).collect();
        picks.sort();
        picks.dedup();
        picks
    }

    fn picks_of(&self, rule: &Rule) -> Vec<Pick> {
        let item = self
            .items
            .as_ref()
            .map_or_else(|| "body".to_owned(), |list| format!("{}[*]", below("body", list)));
        let item = rule.each.as_ref().map_or(item.clone(), |list| format!("{}[*]", below(&item, list)));
        let of_item = |pointer: &str| {
            let place = Place::Item { each: rule.each.clone(), pointer: pointer.to_owned() };
            (below(&item, pointer), place)
        };
        let mut picks = Vec::new();
        let mut add = |to: &str, template: Option<&Template>| {
            let variables = template.into_iter().flat_map(Template::variables);
            let places = variables.filter_map(|variable| place(variable, &of_item));
            picks.extend(places.map(|(from, place)| Pick { from, to: to.to_owned(), place }));
        };
        add("object", rule.object.as_ref().or(self.object.as_ref()));
        add("subject", rule.subject.as_ref().or(self.subject.as_ref()).map(|subject| &subject.id));
        add("time", self.at.as_ref().map(|(template, _)| template));
        add("test", self.test.as_ref().map(|(template, _)| template));
        let Data { all, pointers, texts, numbers } = rule.data.as_ref().unwrap_or(&self.data);
        for (name, template) in texts.iter().chain(numbers) {
            add(&format!("data.{name}"), Some(template));
        }
        let pointed = pointers.iter().map(|(name, pointer)| (format!("data.{name}"), pointer));
        let pointed = pointed.chain(all.iter().map(|pointer| ("data.*".to_owned(), pointer)));
        picks.extend(pointed.map(|(to, pointer)| {
            let (from, place) = of_item(pointer);
            Pick { from, to, place }
        }));
        picks
    }

    /// What a body that was kept says at the place of a pick; of several, what the event tells.
    ///
    /// None for what was no part of the body, and where nobody can tell which of several it was.
    pub(crate) fn said(&self, kept: &Value, pick: &Pick, told: Option<&Value>) -> Option<String> {
        let list = self.items.as_ref().map(|list| kept.pointer(list).and_then(Value::as_array));
        let (item, is_whole) = match list {
            None => (kept, true),
            Some(Some(list)) => (list.first()?, true),
            // Of a call with several items each is kept by itself.
            Some(None) => (kept, false),
        };
        let found: Vec<&Value> = match &pick.place {
            Place::Head => Vec::new(),
            Place::Root(pointer) => kept.pointer(pointer).filter(|_| is_whole).into_iter().collect(),
            Place::Item { each: None, pointer } => item.pointer(pointer).into_iter().collect(),
            Place::Item { each: Some(list), pointer } => {
                let elements = item.pointer(list).and_then(Value::as_array).into_iter().flatten();
                elements.filter_map(|element| element.pointer(pointer)).collect()
            }
        };
        match found.as_slice() {
            [only] => Some(text(only)),
            several => {
                let told = text(told?);
                several.iter().map(|one| text(one)).find(|one| *one == told)
            }
        }
    }
}

/// As a sender writes it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a variable looks at; nothing of what is no part of what a call says.
fn place(variable: &Variable, of_item: &dyn Fn(&str) -> (String, Place)) -> Option<(String, Place)> {
    match variable {
        Variable::Json(pointer) => Some(of_item(pointer)),
        Variable::Root(pointer) => Some((below("body", pointer), Place::Root(pointer.clone()))),
        Variable::Header(name) => Some((format!("header.{name}"), Place::Head)),
        Variable::QueryParameter(name) => Some((format!("query.{name}"), Place::Head)),
        Variable::Body
        | Variable::Ts
        | Variable::Method
        | Variable::PublicUrl
        | Variable::PublicUrlDecoded
        | Variable::Path
        | Variable::Query
        | Variable::FormSorted
        | Variable::JsonAt(_)
        | Variable::Secret(_)
        | Variable::Field(_) => None,
    }
}

/// A JSON pointer below a place, as the fields that are refused are written.
fn below(place: &str, pointer: &str) -> String {
    format!("{place}{}", pointer.replace('/', ".").replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use crate::Library;

    #[test]
    fn a_preset_names_each_place_that_it_takes_a_member_from() {
        let library = Library::embedded();
        let calendly = library.find("calendly").expect("the preset");
        let picks = calendly.picks("appointment.booked");
        let from = |to: &str| picks.iter().find(|pick| pick.to == to).map(|pick| pick.from.as_str());
        assert_eq!(from("data.status"), Some("body.payload.status"));
        assert_eq!(from("object"), Some("body.payload.uri"));
        assert_eq!(from("time"), Some("body.created_at"));
        let passing = calendly.picks("x.calendly.routing_form.submitted");
        assert!(passing.iter().any(|pick| (pick.from.as_str(), pick.to.as_str()) == ("body", "data.*")));
    }

    #[test]
    fn what_a_kept_body_says_at_each_place_is_found_again() {
        let library = Library::embedded();
        let calendly = library.find("calendly").expect("the preset");
        let kept = br#"{"event": "invitee.created", "created_at": "2026-01-01T09:00:00Z", "payload": {"status": "active"}}"#;
        let said = calendly.said("appointment.booked", kept, |_| None);
        let at =
            |from: &str| said.iter().find(|(pick, _)| pick.from == from).and_then(|(_, said)| said.clone());
        assert_eq!(at("body.payload.status").as_deref(), Some("active"));
        assert_eq!(at("body.created_at").as_deref(), Some("2026-01-01T09:00:00Z"));
        assert_eq!(at("body.payload.uri"), None, "the call did not say it");
        assert!(
            calendly.said("appointment.booked", b"no JSON", |_| None).iter().all(|(_, said)| said.is_none())
        );
    }
}
