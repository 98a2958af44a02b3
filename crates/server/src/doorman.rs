//! A way in for the person who started the server.

use std::sync::Arc;

use model::{ApiKey, Clock, Role, Secret};
use privacy::session::Sessions;
use settings::Settings;

/// Lets the person who started the server in.
pub(crate) struct Doorman {
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Doorman {
    /// The text of a one-time link for an admin of the installation.
    pub(crate) fn invite(&self) -> Option<Secret<String>> {
        let (now, at) = (self.settings.now(), self.clock.now());
        let works = |key: &ApiKey| key.role == Role::Admin && key.expires_at.is_none_or(|end| at < end);
        let key = now.config.keys.values().find(|key| key.installation && works(key))?;
        Some(self.sessions.invite(key.id, at).0)
    }
}
