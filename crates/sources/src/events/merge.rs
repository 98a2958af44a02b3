//! Who a `patient.merged` makes one.

use model::Subject;
use serde::Deserialize;

use crate::draft::Happening;

/// The subjects that an event says are one: the one given up, and the one that stays.
///
/// Both stand in its data with their assigners (P1); one that is not told links nobody.
pub(super) fn told(happening: &Happening, namespace: &str) -> Vec<(Subject, Subject)> {
    if happening.event_type.as_str() != "patient.merged" {
        return Vec::new();
    }
    let data = happening.content.data.get();
    let Ok(Told { merged_from: Some(from), merged_into: Some(into) }) = serde_json::from_str(data) else {
        return Vec::new();
    };
    vec![(from.into_subject(namespace), into.into_subject(namespace))]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    merged_from: Option<Named>,
    merged_into: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    system: Option<String>,
    id: String,
}

impl Named {
    fn into_subject(self, namespace: &str) -> Subject {
        let system = self.system.unwrap_or_else(|| namespace.to_owned());
        Subject { kind: "patient".to_owned(), system, id: self.id }
    }
}
