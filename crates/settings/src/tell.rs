//! What a webhook is told: disclosed first, then in its own shape.

use matching::{Template, Unshaped};
use model::{Media, Webhook};
use privacy::{Disclosed, OrganisationKeys, Told};

/// The body of a delivery of an event to `webhook`.
///
/// A template sees what was disclosed and nothing else.
///
/// # Errors
/// The event cannot be told in the shape of the template.
pub fn tell(
    webhook: &Webhook,
    template: Option<&Template>,
    told: &Told<'_>,
    keys: &OrganisationKeys,
) -> Result<Disclosed, Unshaped> {
    let disclosed = privacy::disclose(webhook, told, keys);
    let Some(template) = template else { return Ok(disclosed) };
    let body = template.project(&disclosed.body)?;
    Ok(Disclosed { body: body.into(), media: Media::Json, template: Some(template.version()) })
}
