//! The receiver's own shape of the body: understood before it is kept.

use matching::Template;
use model::{Format, Problem, Profile};
use serde_json::Value;

use crate::strict::{invalid, not_supported};

/// A template, if one is asked for.
pub(super) fn accept(
    wish: Option<Value>,
    (format, profile): (Format, Profile),
) -> Result<Option<Box<Value>>, Problem> {
    let Some(template) = wish else { return Ok(None) };
    if format != Format::Native {
        let why = format!("A template shapes the format native; {} has a shape of its own.", format.name());
        return Err(
            not_supported("/template", why).fix("Choose the format native, or leave the template out.")
        );
    }
    Template::read(&template, profile).map_err(|flaw| {
        invalid(format!("/template{}", flaw.pointer), flaw.misread.what).fix(flaw.misread.fix)
    })?;
    Ok(Some(Box::new(template)))
}
