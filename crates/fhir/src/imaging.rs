//! Which reports are of imaging: by their category, a section of table 0074.

use serde_json::Value;

const SECTIONS: [&str; 9] = ["RAD", "IMG", "CT", "NMR", "NMS", "RUS", "RX", "VUS", "imaging"];

/// Whether the category of a `DiagnosticReport`, if it has one, is a section that takes images.
#[must_use]
pub fn is_imaging(category: Option<&Value>) -> bool {
    let categories = category.and_then(Value::as_array).into_iter().flatten();
    let mut codings = categories.filter_map(|category| category["coding"].as_array()).flatten();
    codings.any(|coding| coding["code"].as_str().is_some_and(|code| SECTIONS.contains(&code)))
}
