//! What is noted of every step of the mapping while somebody asks for it.

use std::sync::Arc;

use model::{SiteTable, limits};
use serde_json::{Map, Value};

use super::locate::Hop;
use super::rows::{Row, Rows};
use super::spot::{Address, Spot};
use super::why::Why;

/// The steps, in the order in which the engine takes them. Absent where nobody asks.
#[derive(Debug, Default)]
pub(super) struct Tracer {
    pub(super) steps: Vec<Step>,
    /// The types of the drafts that something was written into.
    pub(super) drafts: Vec<String>,
    /// Which draft became which resource of the answer.
    pub(super) made: Vec<(usize, usize)>,
    /// What the tables of the site changed: the draft, the path, the table.
    pub(super) localised: Vec<(usize, String, SiteTable)>,
    /// Whether there was more than is kept.
    pub(super) is_cut: bool,
    draft: usize,
    rows: Option<Arc<RowsName>>,
}

/// The rows that are applied.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RowsName {
    /// Such as `PID[Patient]`.
    pub(super) name: String,
    /// The file they stand in; none of those of the site.
    pub(super) file: Option<&'static str>,
}

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) from: Address,
    pub(super) draft: Option<usize>,
    pub(super) did: Did,
    pub(super) rows: Option<Arc<RowsName>>,
    /// The data types on the way, the outermost first.
    pub(super) types: Vec<String>,
    pub(super) table: Option<Ruling>,
}

/// What a step did.
#[derive(Debug)]
pub(super) enum Did {
    /// It put a value, and constants beside it.
    Put { path: Vec<Hop>, value: Value, constants: Vec<(Vec<Hop>, Value)> },
    /// It asked to delete an element.
    Delete(String),
    /// It read a segment that tells of the message.
    Read,
    /// It passed over what only gives structure.
    Pass,
    /// It left what is there.
    Leave(Why),
}

/// The code table that a step went by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ruling {
    pub(super) table: String,
    pub(super) is_of_site: bool,
}

/// Where steps began, to come back to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark(usize);

impl Tracer {
    pub(super) fn mark(&self) -> Mark {
        Mark(self.steps.len())
    }

    /// What follows goes into a draft.
    pub(super) fn write_to(&mut self, draft: usize) {
        self.draft = draft;
    }

    /// What follows is done by these rows.
    pub(super) fn by_rows(&mut self, kind: &str, segment: &str, rows: &Rows) {
        if self.drafts.len() <= self.draft {
            self.drafts.resize(self.draft + 1, String::new());
        }
        kind.clone_into(&mut self.drafts[self.draft]);
        self.rows = Some(Arc::new(RowsName { name: format!("{segment}[{kind}]"), file: rows.file }));
    }

    /// A value was put by a row.
    pub(super) fn put(
        &mut self,
        mark: Mark,
        (row, at): (&Row, &Spot<'_>),
        (value, root): (Value, &Map<String, Value>),
        table: Option<Ruling>,
    ) {
        let path = row.to.reached(root);
        let beside = &path[..row.to.beside()];
        let constants = constants(beside, row.with.as_ref());
        match self.nest(mark, &path, Some(&row.kind)) {
            Some(first) => first.extend(constants),
            None => self.push(at, Did::Put { path, value, constants }, table),
        }
    }

    /// What was put since the mark stands below a path; gives the constants of the first of it.
    pub(super) fn nest(
        &mut self,
        mark: Mark,
        path: &[Hop],
        kind: Option<&str>,
    ) -> Option<&mut Vec<(Vec<Hop>, Value)>> {
        let mut first = None;
        for step in &mut self.steps[mark.0..] {
            let Did::Put { path: own, constants, .. } = &mut step.did else { continue };
            let below = |own: &mut Vec<Hop>| drop(own.splice(..0, path.iter().cloned()));
            below(own);
            constants.iter_mut().for_each(|(own, _)| below(own));
            step.types.splice(..0, kind.map(str::to_owned));
            first = first.or(Some(constants));
        }
        first
    }

    /// Constants of a data type or list stand beside what was put since the mark.
    pub(super) fn beside(&mut self, mark: Mark, with: Option<&Map<String, Value>>) {
        if let Some(first) = self.nest(mark, &[], None) {
            first.extend(constants(&[], with));
        }
    }

    /// What was put since the mark went nowhere.
    pub(super) fn forget(&mut self, mark: Mark) {
        let since = self.steps.split_off(mark.0);
        self.steps.extend(since.into_iter().filter(|step| !matches!(step.did, Did::Put { .. })));
    }

    /// A code of a table was put before the code of the sender.
    pub(super) fn translated(&mut self, at: &Spot<'_>, coding: Value, table: Option<Ruling>) {
        let path = vec![Hop { name: "coding".to_owned(), index: Some(0) }];
        self.push(at, Did::Put { path, value: coding, constants: Vec::new() }, table);
    }

    /// An element is deleted.
    pub(super) fn deletes(&mut self, at: &Spot<'_>, row: &Row) {
        self.push(at, Did::Delete(row.to.element().to_owned()), None);
    }

    /// Something only gives structure.
    pub(super) fn passes(&mut self, at: &Spot<'_>) {
        self.push(at, Did::Pass, None);
    }

    /// A segment tells of the message.
    pub(super) fn reads(&mut self, at: &Spot<'_>) {
        self.rows = None;
        self.push(at, Did::Read, None);
    }

    /// Something is left.
    pub(super) fn leaves(&mut self, at: &Spot<'_>, why: Why, table: Option<Ruling>) {
        if matches!(at, Spot::Segment { .. }) {
            self.rows = None;
        }
        self.push(at, Did::Leave(why), table);
    }

    /// The tables of the site said what stands at a path of the draft.
    pub(super) fn localises(&mut self, path: String, table: SiteTable) {
        self.localised.push((self.draft, path, table));
    }

    fn push(&mut self, at: &Spot<'_>, did: Did, table: Option<Ruling>) {
        if self.steps.len() >= limits::TRACED_STEPS {
            self.is_cut = true;
            return;
        }
        let rows = self.rows.clone();
        let draft = rows.as_ref().map(|_| self.draft);
        self.steps.push(Step { from: Address::from(at), draft, did, rows, types: Vec::new(), table });
    }
}

fn constants(beside: &[Hop], with: Option<&Map<String, Value>>) -> Vec<(Vec<Hop>, Value)> {
    let members = with.into_iter().flatten();
    members
        .map(|(name, value)| {
            let own = Hop { name: name.clone(), index: None };
            (beside.iter().cloned().chain([own]).collect(), value.clone())
        })
        .collect()
}
