//! Segments to drafts of resources, in the order they come.

use hl7v2::{Message, Segment};
use model::Subject;
use serde_json::{Map, Value};

use super::Deletion;
use super::plan::{Act, MessageMap};
use super::reading::apply;
use super::rows::Rows;
use super::scope::Scope;
use super::source::{Sheet, Source};
use super::spot::Spot;
use super::target::{Target, add_missing, compact};
use super::why::Why;
use crate::identifiers;

/// A resource in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) kind: String,
    pub(super) body: Map<String, Value>,
    /// What was told before the segment that started it anew.
    pub(super) under: Map<String, Value>,
    pub(super) deletions: Vec<Deletion>,
    /// The draft of the patient it came after.
    pub(super) patient: Option<usize>,
    /// The draft that its results belong to: a report, an order, a visit.
    pub(super) holder: Option<usize>,
    /// The draft of the visit it came after.
    pub(super) stay: Option<usize>,
    /// OBX-11 or OBR-25 as it came.
    pub(super) result_code: String,
    /// OBX-5 as text, for what its type cannot hold.
    pub(super) value_text: String,
    /// OBX-2 as it came.
    pub(super) value_type: String,
}

/// Drafts of everything a plan names.
pub(super) fn assemble(scope: &mut Scope<'_>, plan: &MessageMap, message: &Message<'_>) -> Vec<Draft> {
    let mut bench = Bench::default();
    for segment in message.segments() {
        let (name, spot) = (plain_name(&segment), spot(&segment));
        if bench.is_past || bench.begins_the_past(plan, name) {
            bench.is_past = true;
            scope.notes.left(&spot, Why::Earlier);
            continue;
        }
        match plan.act(name) {
            Act::Open(resource) => bench.open(scope, resource, segment),
            Act::Over(resource) => bench.over(scope, resource, segment),
            Act::Add(resource) => bench.add(scope, resource, segment),
            Act::AddToLast => bench.add_to_last(scope, segment),
            Act::Hold(resource) => bench.held.push((resource.to_owned(), segment)),
            Act::Lead(resources) => {
                bench.close_lead(scope);
                bench.lead = Some((resources.to_owned(), vec![segment]));
            }
            Act::Read => scope.notes.trace(|tracer| tracer.reads(&spot)),
            Act::Count => scope.notes.left(&spot, Why::Segment),
        }
    }
    bench.close_lead(scope);
    for (_, segment) in bench.held {
        scope.notes.left(&spot(&segment), Why::Alone);
    }
    bench.drafts
}

/// Who a message without a mapping is about, if it has a PID.
pub(super) fn subject_only(scope: &mut Scope<'_>, message: &Message<'_>) -> Option<Subject> {
    let segment = message.segment("PID")?;
    let rows = scope.maps.segment("PID", "Patient")?;
    let mut body = Map::new();
    apply(scope, rows, Source::Segment(Sheet::whole(segment)), &spot(&segment), &mut body);
    let mut patient = Value::Object(body);
    compact(&mut patient);
    identifiers::patient(&patient, &scope.site.identifier_preference, &scope.site.namespace)
}

/// The name of a segment, or a word for what has none: a broken line may hold anything.
pub(super) fn plain_name<'a>(segment: &Segment<'a>) -> &'a str {
    let name = segment.name();
    let is_name = name.len() == 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if is_name { name } else { "unnamed segment" }
}

/// Where a segment stands.
fn spot<'a>(segment: &Segment<'a>) -> Spot<'a> {
    Spot::Segment { name: plain_name(segment), index: segment.index() }
}

#[derive(Default)]
struct Bench<'a> {
    drafts: Vec<Draft>,
    /// Segments for the next resource of a type.
    held: Vec<(String, Segment<'a>)>,
    /// The types that a segment leads, and what was said since.
    lead: Option<(String, Vec<Segment<'a>>)>,
    is_past: bool,
}

impl<'a> Bench<'a> {
    fn begins_the_past(&self, plan: &MessageMap, name: &str) -> bool {
        let is_begun = || self.lead.is_some() || self.drafts.iter().any(|draft| plan.asks_for(&draft.kind));
        plan.earlier.iter().any(|earlier| earlier == name) && is_begun()
    }

    /// Makes a resource; of a result that tells several values, one for each.
    fn open(&mut self, scope: &mut Scope<'_>, resource: &str, segment: Segment<'a>) {
        let is_several = resource == "Observation" && has_several_values(&segment);
        match is_several {
            true => Sheet::each(segment, VALUE).for_each(|sheet| self.open_one(scope, resource, sheet)),
            false => self.open_one(scope, resource, Sheet::whole(segment)),
        }
    }

    fn open_one(&mut self, scope: &mut Scope<'_>, resource: &str, sheet: Sheet<'a>) {
        let segment = sheet.segment;
        let holder = self.drafts.iter().rposition(|draft| {
            draft.kind != resource && scope.maps.kind(&draft.kind).is_some_and(|kind| kind.holds.is_some())
        });
        self.drafts.push(Draft {
            kind: resource.to_owned(),
            patient: self.last("Patient"),
            holder,
            stay: self.drafts.iter().rposition(|draft| matches!(draft.kind.as_str(), "Stay" | "Encounter")),
            result_code: result_code(resource, &segment),
            value_text: value_text(resource, sheet),
            value_type: value_type(resource, &segment),
            ..Draft::default()
        });
        let place = self.drafts.len() - 1;
        self.write_sheet(scope, place, sheet);
        let (mine, others) =
            std::mem::take(&mut self.held).into_iter().partition(|(kind, _)| kind == resource);
        self.held = others;
        let led = self.lead.take_if(|(kinds, _)| kinds.split(' ').any(|kind| kind == resource));
        let held = mine.into_iter().map(|(_, segment)| segment);
        for segment in held.chain(led.into_iter().flat_map(|(_, segments)| segments)) {
            self.write(scope, place, segment);
        }
    }

    /// Starts the last resource of a type anew; a led one, or one that was started anew, is another.
    fn over(&mut self, scope: &mut Scope<'_>, resource: &str, segment: Segment<'a>) {
        let last =
            self.last(resource).filter(|place| self.lead.is_none() && self.drafts[*place].under.is_empty());
        match last {
            Some(place) => {
                self.drafts[place].under = std::mem::take(&mut self.drafts[place].body);
                self.write(scope, place, segment);
            }
            None => self.open(scope, resource, segment),
        }
    }

    fn add(&mut self, scope: &mut Scope<'_>, resource: &str, segment: Segment<'a>) {
        match &mut self.lead {
            Some((kinds, segments)) if kinds.split(' ').any(|kind| kind == resource) => {
                segments.push(segment)
            }
            _ => match self.last(resource) {
                Some(place) => self.write(scope, place, segment),
                None => scope.notes.left(&spot(&segment), Why::Alone),
            },
        }
    }

    fn add_to_last(&mut self, scope: &mut Scope<'_>, segment: Segment<'a>) {
        match (&mut self.lead, self.drafts.len().checked_sub(1)) {
            (Some((_, segments)), _) => segments.push(segment),
            (None, Some(last)) => self.write(scope, last, segment),
            (None, None) => scope.notes.left(&spot(&segment), Why::Alone),
        }
    }

    /// Makes a resource of a lead that nothing followed.
    fn close_lead(&mut self, scope: &mut Scope<'_>) {
        let Some((kinds, segments)) = self.lead.take() else { return };
        let kind = kinds.split(' ').next().unwrap_or_default();
        let mut segments = segments.into_iter();
        if let Some(first) = segments.next() {
            self.open(scope, kind, first);
        }
        let place = self.drafts.len() - 1;
        segments.for_each(|segment| self.write(scope, place, segment));
    }

    fn last(&self, kind: &str) -> Option<usize> {
        self.drafts.iter().rposition(|draft| draft.kind == kind)
    }

    fn write(&mut self, scope: &mut Scope<'_>, place: usize, segment: Segment<'a>) {
        self.write_sheet(scope, place, Sheet::whole(segment));
    }

    fn write_sheet(&mut self, scope: &mut Scope<'_>, place: usize, sheet: Sheet<'a>) {
        let draft = &mut self.drafts[place];
        let name = plain_name(&sheet.segment);
        match scope.maps.segment(name, &draft.kind) {
            Some(rows) => {
                scope.notes.trace(|tracer| tracer.write_to(place));
                write_rows(scope, draft, rows, sheet);
            }
            None => scope.notes.left(&spot(&sheet.segment), Why::Segment),
        }
    }
}

fn write_rows(scope: &mut Scope<'_>, draft: &mut Draft, rows: &Rows, sheet: Sheet<'_>) {
    let (source, spot) = (Source::Segment(sheet), spot(&sheet.segment));
    scope.notes.trace(|tracer| tracer.by_rows(&draft.kind, sheet.segment.name(), rows));
    let Some(list) = &rows.opens else {
        let deletions = apply(scope, rows, source, &spot, &mut draft.body);
        draft.deletions.extend(deletions);
        return;
    };
    let mark = scope.notes.mark();
    let mut entry = Map::new();
    apply(scope, rows, source, &spot, &mut entry);
    let mut entry = Value::Object(entry);
    if !compact(&mut entry) {
        return scope.notes.trace(|tracer| tracer.forget(mark));
    }
    if let Value::Object(members) = &mut entry {
        add_missing(members, rows.with.as_ref());
    }
    let target = Target::parse(&format!("{list}+"));
    target.put(&mut draft.body, entry, None);
    scope.notes.trace(|tracer| {
        tracer.beside(mark, rows.with.as_ref());
        tracer.nest(mark, &target.reached(&draft.body), None);
    });
}

fn result_code(resource: &str, segment: &Segment<'_>) -> String {
    let place = match resource {
        "Observation" => "11",
        "DiagnosticReport" => "25",
        _ => return String::new(),
    };
    segment.value_at(place).as_str().map(str::to_owned).unwrap_or_default()
}

/// The field of OBX that holds the value.
const VALUE: usize = 5;

/// Whether a result tells several values. Lines of text are one, and so is what is attached.
fn has_several_values(segment: &Segment<'_>) -> bool {
    let is_one = matches!(&*segment.field(2).text(), "ST" | "TX" | "FT" | "ED" | "RP");
    let mut values = segment.field(VALUE).repetitions();
    !is_one && segment.is("OBX") && values.clone().nth(1).is_some() && values.any(|value| !value.is_empty())
}

fn value_text(resource: &str, sheet: Sheet<'_>) -> String {
    let value = sheet.field(VALUE);
    let is_told = resource == "Observation" && value.value().as_str().is_some();
    if is_told { value.text().into_owned() } else { String::new() }
}

fn value_type(resource: &str, segment: &Segment<'_>) -> String {
    if resource == "Observation" { segment.field(2).text().into_owned() } else { String::new() }
}
