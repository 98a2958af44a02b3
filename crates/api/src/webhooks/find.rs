//! The integration and the webhook that a path names.

use std::sync::Arc;

use matching::Compiled;
use model::{Integration, IntegrationId, Versioned, Webhook, WebhookId};

use crate::caller::Caller;
use crate::refused::{Refused, Result};

/// The integration, if it is the caller's.
pub(crate) fn integration<'a>(
    compiled: &'a Compiled,
    caller: &Caller,
    id: IntegrationId,
) -> Result<&'a Arc<Versioned<Integration>>> {
    compiled.integration(caller.organisation(), id).ok_or_else(Refused::not_found)
}

/// The webhook, if it is the caller's and hangs under the integration.
pub(crate) fn webhook<'a>(
    compiled: &'a Compiled,
    caller: &Caller,
    (integration, id): (IntegrationId, WebhookId),
) -> Result<&'a Arc<Versioned<Webhook>>> {
    let found = compiled.webhook(caller.organisation(), id);
    found.filter(|found| found.integration_id == integration).ok_or_else(Refused::not_found)
}
