//! What a preset says about events.

use std::collections::BTreeMap;

use crate::document::{BodyKind, Document, Other, Subject};
use crate::moment::Unit;
use crate::template::Template;

/// How calls are read.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    /// The preset's name as a part of an event type.
    pub(super) vendor: String,
    pub(super) body: BodyKind,
    /// The list of items; none if a call says one thing.
    pub(super) items: Option<String>,
    pub(super) id: Option<Template>,
    pub(super) kind: Template,
    pub(crate) other: Other,
    pub(super) at: Option<(Template, Unit)>,
    pub(super) test: Option<(Template, String)>,
    pub(super) object: Option<Template>,
    pub(super) subject: Option<SubjectRule>,
    pub(super) data: Data,
    pub(super) rules: Vec<Rule>,
}

/// One native type, or several, and the event it stands for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rule {
    pub(super) native: Vec<String>,
    pub(super) event_type: String,
    /// One event for each element of this list.
    pub(super) each: Option<String>,
    pub(super) object: Option<Template>,
    pub(super) subject: Option<SubjectRule>,
    pub(super) data: Option<Data>,
}

#[derive(Debug, Clone)]
pub(super) struct SubjectRule {
    pub(super) kind: String,
    pub(super) system: Option<String>,
    pub(super) id: Template,
}

/// What becomes the data of an event.
#[derive(Debug, Clone, Default)]
pub(super) struct Data {
    /// All members of the object there.
    pub(super) all: Option<String>,
    pub(super) pointers: BTreeMap<String, String>,
    pub(super) texts: BTreeMap<String, Template>,
    /// Texts that become numbers, to the letter.
    pub(super) numbers: BTreeMap<String, Template>,
}

impl Reading {
    pub(crate) fn of(
        name: &str,
        document: &Document,
        is_secret: &dyn Fn(&str) -> bool,
    ) -> Result<Self, String> {
        // What an event says is stored and sent on: no secret gets there.
        let read = |text: &str| {
            let template = Template::read(text, is_secret)?;
            let is_clean =
                !template.variables().any(|known| matches!(known, crate::template::Variable::Secret(_)));
            if is_clean { Ok(template) } else { Err(format!("{text} would put a secret into an event")) }
        };
        let subject = |wish: &Subject| -> Result<SubjectRule, String> {
            Ok(SubjectRule { kind: wish.kind.clone(), system: wish.system.clone(), id: read(&wish.id)? })
        };
        let simple = document.types.iter().map(|(native, event_type)| Rule {
            native: vec![native.clone()],
            event_type: event_type.clone(),
            ..Rule::default()
        });
        let mut rules: Vec<Rule> = simple.collect();
        for event in &document.event {
            rules.push(Rule {
                native: event.when.clone(),
                event_type: event.event_type.clone(),
                each: event.each.clone(),
                object: event.object.as_deref().map(&read).transpose()?,
                subject: event.subject.as_ref().map(subject).transpose()?,
                data: event.data.as_ref().map(|data| Data::read(data, &read)).transpose()?,
            });
        }
        Ok(Reading {
            vendor: name.replace('-', "_"),
            body: document.body,
            items: document.items.clone(),
            id: document.id.as_deref().map(&read).transpose()?,
            kind: read(&document.kind)?,
            other: document.other,
            at: document.at.as_ref().map(|at| Ok::<_, String>((read(&at.from)?, at.unit))).transpose()?,
            test: document
                .test
                .as_ref()
                .map(|test| Ok::<_, String>((read(&test.from)?, test.equals.clone())))
                .transpose()?,
            object: document.object.as_deref().map(&read).transpose()?,
            subject: document.subject.as_ref().map(subject).transpose()?,
            data: Data::read(&document.data, &read)?,
            rules,
        })
    }

    /// The rule of types that pass through: everything the item says.
    pub(super) fn default_rule(&self) -> Rule {
        let data = Data { all: Some(String::new()), ..Data::default() };
        Rule { data: Some(data), ..Rule::default() }
    }
}

impl Data {
    fn read(
        wish: &BTreeMap<String, String>,
        read: &dyn Fn(&str) -> Result<Template, String>,
    ) -> Result<Data, String> {
        let mut data = Data::default();
        // A preset that selects nothing passes everything on.
        if wish.is_empty() {
            data.all = Some(String::new());
        }
        for (name, from) in wish {
            if name == "*" {
                data.all = Some(from.clone());
            } else if from.starts_with('/') {
                data.pointers.insert(name.clone(), from.clone());
            } else if let Some(number) = from.strip_prefix("number:") {
                data.numbers.insert(name.clone(), read(number)?);
            } else {
                data.texts.insert(name.clone(), read(from)?);
            }
        }
        Ok(data)
    }
}
