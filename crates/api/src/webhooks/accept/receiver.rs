//! What a receiver must ask of us before it sees people.

use model::{Auth, Problem, Profile, Webhook};

use crate::Options;
use crate::strict::invalid;

/// Refuses the profile `full` where anybody could call the receiver as we do: one that asks for no
/// credentials is not known to be the one that was meant. `--dev` waives it.
pub(crate) fn check(webhook: &Webhook, options: &Options) -> Result<(), Problem> {
    let is_asked = !matches!(webhook.auth, Auth::None);
    if webhook.profile < Profile::Full || options.dev || is_asked || webhook.is_listening() {
        return Ok(());
    }
    let why = "The profile full needs a receiver that asks for credentials.";
    let fix = "Set auth to bearer, basic or headers, and let the receiver check it; or choose the profile reference.";
    Err(invalid("/auth", why).fix(fix))
}
