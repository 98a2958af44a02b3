//! Where everything in a message went, and by which rule: places and names, and the values apart.

use std::collections::BTreeSet;

use hl7v2::Message;
use model::Personal;
use serde_json::Value;

use super::Mapped;
use super::assemble::plain_name;
use super::document;
use super::locate::{Found, holds, locate, path_text, pointer, unclaimed};
use super::spot::Named;
use super::tables::Maps;
use super::tracer::{Did, Step, Tracer};
use super::why::Why;

/// Where everything in a message went, in the order of the message; then what the resources have besides.
#[derive(Debug, Default)]
pub struct Trace {
    /// One row for each place and element.
    pub rows: Vec<TraceRow>,
    /// Whether there were more places than are shown.
    pub is_cut: bool,
}

/// A place, and the element that it went to.
#[derive(Debug)]
pub struct TraceRow {
    /// Where the message says it, such as `PID-3[2].1`; none for what only the message as a whole says.
    pub from: Option<String>,
    /// Which of the resources of the message it went into.
    pub resource: Option<usize>,
    /// The element, such as `Patient.identifier[1].value`.
    pub to: Option<String>,
    /// Constants that the rule put beside it.
    pub also: Vec<String>,
    /// What became of it.
    pub fate: Fate,
    /// What decided.
    pub rule: Rule,
    /// Whether an event that was compared says the same at this element.
    pub told: Option<bool>,
    /// What the sender wrote, and what stands at the element now.
    pub values: Personal<Values>,
}

/// What the sender wrote at a place, and what stands at the element.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// As the sender wrote it, delimiters included.
    pub said: Option<String>,
    /// As it stands in the resource.
    pub became: Option<Value>,
}

/// What became of what a place says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stands at the element.
    Mapped,
    /// It was read, and something else was made of it at the element.
    Rewritten,
    /// The element comes from the message as a whole: references, what FHIR asks for, what follows from others.
    Derived,
    /// The sender asks to delete the element.
    Deleted,
    /// It tells which visit the resources of the message belong to.
    Context,
    /// It tells what the message is, when it was sent and by whom.
    Header,
    /// It only gives structure, as a set id does.
    Structure,
    /// An earlier message said the element, and this one left it as it was.
    Kept,
    /// It went nowhere.
    Unmapped(Why),
}

impl Fate {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Fate::Mapped => "mapped",
            Fate::Rewritten => "rewritten",
            Fate::Derived => "derived",
            Fate::Deleted => "deleted",
            Fate::Context => "context",
            Fate::Header => "header",
            Fate::Structure => "structure",
            Fate::Kept => "kept",
            Fate::Unmapped(_) => "unmapped",
        }
    }

    /// Why it went nowhere.
    #[must_use]
    pub const fn why(self) -> Option<Why> {
        if let Fate::Unmapped(why) = self { Some(why) } else { None }
    }
}

/// What decided about a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// The rows, by the name that overrides replace them by: `PID[Patient]`.
    pub rows: Option<String>,
    /// The file they stand in; none where they are the site's own.
    pub file: Option<&'static str>,
    /// The data types on the way, the outermost first.
    pub types: Vec<String>,
    /// The code table that knew the code, or was asked in vain.
    pub table: Option<String>,
    /// Whether the table is the site's.
    pub is_table_of_site: bool,
}

impl Trace {
    /// Compares one resource of the message with what an event tells of it, and adds what earlier messages said.
    pub fn compare(&mut self, resource: usize, kind: &str, told: &Value) {
        let mut said = BTreeSet::from(["id".to_owned(), "resourceType".to_owned()]);
        for row in self.rows.iter_mut().filter(|row| row.resource == Some(resource)) {
            let Some((_, path)) = row.to.as_deref().and_then(|to| to.split_once('.')) else { continue };
            said.extend(path.split(['.', '[']).next().map(str::to_owned));
            let there = told.pointer(&pointer(path));
            row.told = row.values.look(|values| {
                let became = values.became.as_ref()?;
                Some(there.is_some_and(|there| holds(there, became)))
            });
        }
        let more = told.as_object().into_iter().flatten().filter(|(name, _)| !said.contains(*name));
        for (name, value) in more {
            let missing = Maps::embedded().kind(kind).and_then(|kind| kind.missing.get(name));
            let fate = if missing == Some(value) { Fate::Derived } else { Fate::Kept };
            let values = Values { said: None, became: Some(value.clone()) };
            let to = Some(format!("{kind}.{name}"));
            self.rows.push(TraceRow { to, told: Some(true), ..TraceRow::of(fate, Some(resource), values) });
        }
    }
}

impl TraceRow {
    fn of(fate: Fate, resource: Option<usize>, values: Values) -> Self {
        TraceRow {
            from: None,
            resource,
            to: None,
            also: Vec::new(),
            fate,
            rule: Rule::default(),
            told: None,
            values: Personal::new(values),
        }
    }
}

impl Tracer {
    /// Follows every step to where it ended.
    pub(super) fn finish(mut self, mapped: &Mapped, message: &Message<'_>) -> Trace {
        let mut steps = std::mem::take(&mut self.steps);
        steps.sort_by_key(|step| step.from.order());
        let names = message.segments().map(|segment| (segment, plain_name(&segment)));
        let mut weaver = Weaver {
            segments: Named::all(names),
            claims: vec![BTreeSet::new(); mapped.resources.len()],
            rows: Vec::with_capacity(steps.len()),
            tracer: &self,
            mapped,
            message,
        };
        steps.into_iter().for_each(|step| weaver.follow(step));
        (0..mapped.resources.len()).for_each(|resource| weaver.add_derived(resource));
        Trace { rows: weaver.rows, is_cut: self.is_cut }
    }
}

struct Weaver<'t> {
    tracer: &'t Tracer,
    mapped: &'t Mapped,
    message: &'t Message<'t>,
    segments: Vec<Named<'t>>,
    /// The paths that a place was followed to, by resource.
    claims: Vec<BTreeSet<String>>,
    rows: Vec<TraceRow>,
}

impl Weaver<'_> {
    fn follow(&mut self, step: Step) {
        let resource = self.resource_of(step.draft);
        let mut row = TraceRow::of(Fate::Structure, resource, Values::default());
        row.from = Some(step.from.text(&self.segments));
        row.rule = rule(&step);
        match &step.did {
            Did::Pass => {}
            Did::Read => row.fate = Fate::Header,
            Did::Leave(why) => row.fate = Fate::Unmapped(*why),
            Did::Delete(element) => {
                row.fate = Fate::Deleted;
                row.to = self.element(resource, element);
            }
            Did::Put { .. } => self.settle(&step, &mut row),
        }
        let said = step.from.part(&self.segments);
        let said = said.map(|part| self.message.charset().decode(part.raw()).into_owned());
        row.values = row.values.map(|values| Values { said, ..values });
        self.rows.push(row);
    }

    /// Says where a value that was put stands in the end.
    fn settle(&mut self, step: &Step, row: &mut TraceRow) {
        let Did::Put { path, value, constants } = &step.did else { return };
        let Some(resource) = row.resource else {
            let kind = step.draft.and_then(|draft| self.tracer.drafts.get(draft));
            let is_context = kind.is_some_and(|kind| Maps::embedded().kind(kind).is_none());
            row.fate = if is_context { Fate::Context } else { Fate::Unmapped(Why::NoIdentifier) };
            return;
        };
        let body = &self.mapped.resources[resource].body;
        let put = path_text(path);
        let (fate, path) = match locate(body, path, value) {
            Found::At(path) => (Fate::Mapped, path_text(&path)),
            Found::Otherwise => (Fate::Rewritten, put),
            Found::Gone => {
                match document::joined(&put).filter(|joined| body.pointer(&pointer(joined)).is_some()) {
                    Some(joined) => (Fate::Rewritten, joined.to_owned()),
                    None => {
                        row.fate = Fate::Unmapped(Why::Replaced);
                        return;
                    }
                }
            }
        };
        row.fate = fate;
        for (path, value) in constants {
            if let Found::At(path) = locate(body, path, value) {
                row.also.extend(self.element(Some(resource), &path_text(&path)));
                self.claims[resource].insert(path_text(&path));
            }
        }
        row.to = self.element(Some(resource), &path);
        row.values = Personal::new(Values { said: None, became: body.pointer(&pointer(&path)).cloned() });
        if fate == Fate::Rewritten
            && let Some(table) = self.table_of(resource, &path)
        {
            (row.rule.table, row.rule.is_table_of_site) = (Some(table), true);
        }
        self.claims[resource].insert(path);
    }

    /// Adds what a resource has besides what places of the message say.
    fn add_derived(&mut self, resource: usize) {
        let body = &self.mapped.resources[resource].body;
        for path in unclaimed(body, &self.claims[resource]) {
            let became = body.pointer(&pointer(&path)).cloned();
            let mut row = TraceRow::of(Fate::Derived, Some(resource), Values { said: None, became });
            row.to = self.element(Some(resource), &path);
            let Some(table) = self.table_of(resource, &path) else {
                self.rows.push(row);
                continue;
            };
            (row.rule.table, row.rule.is_table_of_site) = (Some(table), true);
            let place = self.source_of(resource, &path).unwrap_or(self.rows.len());
            if let Some(source) = self.rows.get(place) {
                (row.fate, row.from) = (Fate::Mapped, source.from.clone());
                row.rule.rows.clone_from(&source.rule.rows);
                row.rule.file = source.rule.file;
            }
            self.rows.insert((place + 1).min(self.rows.len()), row);
        }
    }

    /// The row of the place that said the element of which a table of the site made more.
    fn source_of(&self, resource: usize, path: &str) -> Option<usize> {
        let element = self.element(Some(resource), path.split('.').next()?)?;
        let is_it = |row: &TraceRow| {
            let to = row.to.as_ref().filter(|to| to.starts_with(&element));
            row.resource == Some(resource) && row.from.is_some() && to.is_some()
        };
        self.rows.iter().position(is_it)
    }

    /// The table of the site that decided what stands at a path.
    fn table_of(&self, resource: usize, path: &str) -> Option<String> {
        let mut localised = self.tracer.localised.iter();
        let found = localised.find(|(draft, own, _)| {
            self.resource_of(Some(*draft)) == Some(resource) && path.starts_with(own)
        });
        found.map(|(_, _, table)| table.name().to_owned())
    }

    fn resource_of(&self, draft: Option<usize>) -> Option<usize> {
        let found = self.tracer.made.iter().find(|(own, _)| Some(*own) == draft)?.1;
        (found < self.mapped.resources.len()).then_some(found)
    }

    fn element(&self, resource: Option<usize>, path: &str) -> Option<String> {
        Some(format!("{}.{path}", self.mapped.resources.get(resource?)?.kind()))
    }
}

fn rule(step: &Step) -> Rule {
    let rows = step.rows.as_deref();
    Rule {
        rows: rows.map(|rows| rows.name.clone()),
        file: rows.and_then(|rows| rows.file),
        types: step.types.clone(),
        table: step.table.as_ref().map(|ruling| ruling.table.clone()),
        is_table_of_site: step.table.as_ref().is_some_and(|ruling| ruling.is_of_site),
    }
}
