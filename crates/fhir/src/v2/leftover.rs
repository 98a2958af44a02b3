//! What no row took up, counted where it stands.

use super::rows::{Row, Rows};
use super::scope::Scope;
use super::source::{Piece, Place, Source};
use super::spot::Spot;
use super::why::Why;

/// Which part of a place a row took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    number: usize,
    /// The one component; none where all of it was read.
    component: Option<usize>,
    repetitions: Repetitions,
    /// Whether a row took it; otherwise it is known to say nothing.
    is_taken: bool,
}

/// Which repetitions a row looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repetitions {
    /// The first; of others it says nothing.
    First,
    /// The first; it counted the others as left.
    Counted,
    /// All of them.
    Each,
}

impl Use {
    /// A place that says nothing by itself.
    pub(super) fn known(number: usize) -> Use {
        Use { number, component: None, repetitions: Repetitions::Each, is_taken: false }
    }

    /// What a row reads: a simple value is the first part of its place.
    pub(super) fn by(row: &Row) -> Use {
        let Place { number, component } = row.from;
        let first = row.reads_first().then_some(1);
        let repetitions = match component {
            Some(_) => Repetitions::First,
            None if row.to.repeats() => Repetitions::Each,
            None => Repetitions::Counted,
        };
        Use { number, component: component.or(first), repetitions, is_taken: true }
    }
}

/// Counts what `used` leaves of a source.
pub(super) fn count(
    scope: &mut Scope<'_>,
    rows: &Rows,
    (source, used): (Source<'_>, &[Use]),
    place: &Spot<'_>,
) {
    // What is read as a whole by the rows of another type is counted there.
    let is_passed_on = |row: &Row| row.from.number == 0 && scope.maps.data_type(&row.kind).is_some();
    if rows.rows.iter().any(is_passed_on) {
        return;
    }
    for number in source.said() {
        let at = place.child(number);
        let uses: Vec<Use> = used.iter().filter(|one| one.number == number).copied().collect();
        match () {
            () if uses.is_empty() => scope.notes.left(&at, rows.why_not(number)),
            () if !uses.iter().any(|one| one.is_taken) => scope.notes.trace(|tracer| tracer.passes(&at)),
            () if uses.iter().any(|one| one.component.is_none()) => {}
            () => {
                let first = source.first_of(number);
                let whole = source.part(Place { number, component: None });
                for (more, repetition) in whole.repetitions().enumerate() {
                    repeated(scope, &uses, (repetition, more == 0), at.repetition(first + more));
                }
            }
        }
    }
}

/// Counts the parts of one repetition that are left, or all of it where no row looks at it.
fn repeated(scope: &mut Scope<'_>, uses: &[Use], (repetition, is_first): (Piece<'_>, bool), at: Spot<'_>) {
    let looked = |kind| uses.iter().any(|one| one.repetitions == kind);
    match () {
        () if is_first || looked(Repetitions::Each) => {}
        () if looked(Repetitions::Counted) || repetition.part.is_empty() => return,
        () => return scope.notes.left(&at, Why::Repetition),
    }
    let has_first = uses.iter().any(|one| one.repetitions != Repetitions::First);
    for part in repetition.said() {
        let is_used = uses.iter().any(|one| one.component == Some(part));
        let place = at.child(part);
        match () {
            () if !is_used => scope.notes.left(&place, if has_first { Why::Beside } else { Why::NoRow }),
            () if has_first && part == 1 => beside_first(scope, repetition.child(part), &place),
            () => {}
        }
    }
}

/// Counts what stands beside the first part of a piece.
pub(super) fn beside_first(scope: &mut Scope<'_>, piece: Piece<'_>, at: &Spot<'_>) {
    for part in piece.said().into_iter().filter(|part| *part > 1) {
        scope.notes.left(&at.child(part), Why::Beside);
    }
}
