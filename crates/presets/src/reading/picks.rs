//! What a preset takes of a call, told as places: `body.payload.status` becomes `data.status`.

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
        let mut picks = Vec::new();
        let mut add = |to: &str, template: Option<&Template>| {
            let variables = template.into_iter().flat_map(Template::variables);
            let places = variables.filter_map(|variable| place(variable, &item));
            picks.extend(places.map(|from| Pick { from, to: to.to_owned() }));
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
        picks.extend(pointed.map(|(to, pointer)| Pick { from: below(&item, pointer), to }));
        picks
    }
}

/// What a variable looks at; nothing of what is no part of what a call says.
fn place(variable: &Variable, item: &str) -> Option<String> {
    match variable {
        Variable::Json(pointer) => Some(below(item, pointer)),
        Variable::Root(pointer) => Some(below("body", pointer)),
        Variable::Header(name) => Some(format!("header.{name}")),
        Variable::QueryParameter(name) => Some(format!("query.{name}")),
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
}
