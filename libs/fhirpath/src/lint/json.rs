//! What is likely wrong where plain JSON is asked.

use super::Linter;
use super::kind::{Type, Types, of_shape};
use crate::fault::Span;
use crate::shape::{Members, Others};

impl<'t> Linter<'t> {
    /// Whether the root is an object of plain JSON, of which there is no version before.
    pub(super) fn is_of_json(&self) -> bool {
        matches!(self.root.as_deref(), Some([Type::Json(_)]))
    }

    /// What a member of an object is.
    pub(super) fn member_of(&mut self, members: &'t Members, name: &str, span: Span) -> Types<'t> {
        if let Some(known) = members.known.get(name) {
            return of_shape(known);
        }
        if members.others != Others::Welcome {
            let what = format!("{} has no member {name}", members.name);
            self.say(span, (what, &fix(members, name)), members.others == Others::Never);
        }
        None
    }
}

fn fix(members: &Members, name: &str) -> String {
    let names = || members.known.keys().map(String::as_str);
    match names().find(|known| is_near(known, name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if members.known.is_empty() => "nobody knows of any".to_owned(),
        None => format!("known are {}", names().collect::<Vec<_>>().join(", ")),
    }
}

/// Whether two names differ in case, in one letter, or in two that changed places.
pub(super) fn is_near(one: &str, other: &str) -> bool {
    let letters = |name: &str| name.to_lowercase().chars().collect::<Vec<char>>();
    let (one, other) = (letters(one), letters(other));
    let same = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    match (&one[same..], &other[same..]) {
        ([a, b, one @ ..], [c, d, other @ ..]) if a == d && b == c => one == other,
        ([_, one @ ..], [_, other @ ..]) if one == other => true,
        ([_, one @ ..], other) if one == other => true,
        (one, [_, other @ ..]) => one == other,
        (one, other) => one == other,
    }
}
