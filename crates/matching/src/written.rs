//! A filter of a Subscription, taken apart as it was written: `Type?a=b&c=d`, `Type.a=b`, or `a=b`.

use fhir::search::named_type;

/// The parts of a filter.
pub(crate) struct Written<'a> {
    /// The type that it names.
    pub(crate) kind: Option<&'a str>,
    /// Its parameters, each `name[:modifier]=value`.
    pub(crate) parts: Vec<Part<'a>>,
}

/// One parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'a>(pub(crate) &'a str);

impl<'a> Written<'a> {
    pub(crate) fn of(filter: &'a str) -> Self {
        let kind = named_type(filter);
        let from = kind.map_or(0, |kind| kind.len() + 1);
        let query = filter.get(from..).unwrap_or_default().trim_start_matches('?');
        let parts = query.split('&').filter(|part| !part.is_empty()).map(Part);
        Written { kind, parts: parts.collect() }
    }
}

impl<'a> Part<'a> {
    /// The name, without the type before it and the modifier behind it.
    pub(crate) fn name(self) -> &'a str {
        let left = self.0.split('=').next().unwrap_or_default();
        let left = named_type(left).map_or(left, |kind| left.get(kind.len() + 1..).unwrap_or_default());
        left.split(':').next().unwrap_or_default()
    }

    /// What stands before `=`, and the values behind it that are alternatives; none without a `=`.
    pub(crate) fn values(self) -> Option<(&'a str, Vec<&'a str>)> {
        let (left, values) = self.0.split_once('=')?;
        Some((left, values.split(',').collect()))
    }
}

/// A filter of parameters, for a type or for all.
pub(crate) fn write(kind: Option<&str>, parts: &[&str]) -> String {
    let query = parts.join("&");
    kind.map_or_else(|| query.clone(), |kind| format!("{kind}?{query}"))
}
