//! Whether a condition can hold at all: of what is created there is no version before, of what is deleted none now.

use fhirpath::{Context, Decision};
use model::Interaction;
use serde_json::Value;

use super::condition::Condition;

impl Condition {
    /// The first clause that holds for no change of this kind, whatever the resource says.
    pub(super) fn never_holds_for(&self, interaction: Interaction) -> Option<String> {
        let nothing = Value::Null;
        let context = Context::of(&nothing);
        let is_about_nothing = |part: &fhirpath::Expression| match interaction {
            Interaction::Create => part.reads_previous() && !part.reads_present(),
            Interaction::Delete => part.reads_present() && !part.reads_previous(),
            Interaction::Update => false,
        };
        let mut parts = self.parts().filter(|(_, part)| is_about_nothing(part));
        let never =
            parts.find(|(_, part)| matches!(part.decide(&context), Ok(Decision::No | Decision::Empty)));
        never.map(|(text, _)| text)
    }
}
