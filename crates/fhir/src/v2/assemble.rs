//! Segments to drafts of resources, in the order they come.

use hl7v2::{Message, Segment};
use model::Subject;
use serde_json::{Map, Value};

use super::Deletion;
use super::reading::apply;
use super::scope::Scope;
use super::source::Source;
use super::tables::{Act, MessageMap, Rows};
use super::target::{Target, add_missing, compact};
use crate::identifiers;

/// A resource in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) kind: String,
    pub(super) body: Map<String, Value>,
    pub(super) deletions: Vec<Deletion>,
    /// The draft of the patient it came after.
    pub(super) patient: Option<usize>,
    /// The draft of the report it came after.
    pub(super) report: Option<usize>,
    /// The draft of the visit it came after.
    pub(super) stay: Option<usize>,
    /// OBX-11 or OBR-25 as it came.
    pub(super) result_code: String,
    /// OBX-5 as text, for what its type cannot hold.
    pub(super) value_text: String,
}

/// Drafts of everything a plan names.
pub(super) fn assemble(scope: &mut Scope<'_>, plan: &MessageMap, message: &Message<'_>) -> Vec<Draft> {
    let mut bench = Bench::default();
    for segment in message.segments() {
        let name = plain_name(&segment);
        match plan.act(name) {
            Act::Open(resource) => bench.open(scope, resource, segment),
            Act::Add(resource) => bench.add(scope, resource, segment),
            Act::AddToLast => bench.add_to_last(scope, segment),
            Act::Hold(resource) => bench.held.push((resource.to_owned(), segment)),
            Act::Read => {}
            Act::Count => scope.notes.unmapped(name.to_owned()),
        }
    }
    for (_, segment) in bench.held {
        scope.notes.unmapped(plain_name(&segment).to_owned());
    }
    bench.drafts
}

/// Who a message without a mapping is about, if it has a PID.
pub(super) fn subject_only(scope: &mut Scope<'_>, message: &Message<'_>) -> Option<Subject> {
    let segment = message.segment("PID")?;
    let rows = scope.maps.segment("PID", "Patient")?;
    let mut body = Map::new();
    apply(scope, rows, Source::Segment(segment), "PID", &mut body);
    let mut patient = Value::Object(body);
    compact(&mut patient);
    identifiers::patient(&patient, &scope.site.identifier_preference, &scope.site.namespace)
}

/// The name of a segment, or a word for what has none: a broken line may hold anything.
fn plain_name<'a>(segment: &Segment<'a>) -> &'a str {
    let name = segment.name();
    let is_name = name.len() == 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if is_name { name } else { "unnamed segment" }
}

#[derive(Default)]
struct Bench<'a> {
    drafts: Vec<Draft>,
    held: Vec<(String, Segment<'a>)>,
}

impl<'a> Bench<'a> {
    fn open(&mut self, scope: &mut Scope<'_>, resource: &str, segment: Segment<'a>) {
        let draft = Draft {
            kind: resource.to_owned(),
            patient: self.last("Patient"),
            report: self.last("DiagnosticReport"),
            stay: self.last("Stay"),
            result_code: result_code(resource, &segment),
            value_text: value_text(resource, &segment),
            ..Draft::default()
        };
        self.drafts.push(draft);
        let place = self.drafts.len() - 1;
        self.write(scope, place, segment);
        let (mine, others) =
            std::mem::take(&mut self.held).into_iter().partition(|(kind, _)| kind == resource);
        self.held = others;
        for (_, held) in mine {
            self.write(scope, place, held);
        }
    }

    fn add(&mut self, scope: &mut Scope<'_>, resource: &str, segment: Segment<'a>) {
        match self.last(resource) {
            Some(place) => self.write(scope, place, segment),
            None => scope.notes.unmapped(plain_name(&segment).to_owned()),
        }
    }

    fn add_to_last(&mut self, scope: &mut Scope<'_>, segment: Segment<'a>) {
        let last = self.drafts.len().checked_sub(1);
        // In a schedule, notes stand between segments of the appointment.
        let place =
            last.map(
                |last| {
                    if self.drafts[last].kind == "Patient" { self.last("Appointment") } else { Some(last) }
                },
            );
        match place.flatten() {
            Some(place) => self.write(scope, place, segment),
            None => scope.notes.unmapped(plain_name(&segment).to_owned()),
        }
    }

    fn last(&self, kind: &str) -> Option<usize> {
        self.drafts.iter().rposition(|draft| draft.kind == kind)
    }

    fn write(&mut self, scope: &mut Scope<'_>, place: usize, segment: Segment<'a>) {
        let draft = &mut self.drafts[place];
        let name = plain_name(&segment);
        match scope.maps.segment(name, &draft.kind) {
            Some(rows) => write_rows(scope, draft, rows, segment),
            None => scope.notes.unmapped(name.to_owned()),
        }
    }
}

fn write_rows(scope: &mut Scope<'_>, draft: &mut Draft, rows: &Rows, segment: Segment<'_>) {
    let source = Source::Segment(segment);
    let Some(list) = &rows.opens else {
        let deletions = apply(scope, rows, source, segment.name(), &mut draft.body);
        draft.deletions.extend(deletions);
        return;
    };
    let mut entry = Map::new();
    apply(scope, rows, source, segment.name(), &mut entry);
    let mut entry = Value::Object(entry);
    if compact(&mut entry) {
        if let Value::Object(members) = &mut entry {
            add_missing(members, rows.with.as_ref());
        }
        Target::parse(&format!("{list}+")).put(&mut draft.body, entry, None);
    }
}

fn result_code(resource: &str, segment: &Segment<'_>) -> String {
    let place = match resource {
        "Observation" => "11",
        "DiagnosticReport" => "25",
        _ => return String::new(),
    };
    segment.value_at(place).as_str().map(str::to_owned).unwrap_or_default()
}

fn value_text(resource: &str, segment: &Segment<'_>) -> String {
    let value = segment.field(5);
    let is_told = resource == "Observation" && value.value().as_str().is_some();
    if is_told { value.text().into_owned() } else { String::new() }
}
