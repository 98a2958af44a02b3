//! What went wrong with a letter, as a code. What the server said may quote
//! the letter or the address and is never kept.

use model::NotPosted;

use crate::egress;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// No connection comes about.
    #[error(transparent)]
    Egress(#[from] egress::Error),
    /// The server offers no TLS.
    #[error("the mail server offers no TLS")]
    Unsecured,
    /// The connection ended.
    #[error("the connection to the mail server ended")]
    Lost,
    /// The server does not speak SMTP.
    #[error("the mail server does not speak SMTP")]
    Nonsense,
    /// The server does not take the name or the password.
    #[error("the mail server refuses our credentials")]
    Auth,
    /// Not now.
    #[error("the mail server takes no letter now")]
    Deferred,
    /// Never.
    #[error("the mail server refuses the letter")]
    Refused,
    /// An address cannot be written down.
    #[error("an address cannot be written down")]
    Address,
    /// Ours.
    #[error("no random numbers")]
    Internal,
}

impl Fault {
    /// What an error of the library means.
    pub(super) fn of(error: &lettre::transport::smtp::Error) -> Self {
        match () {
            () if error.is_permanent() => Fault::Refused,
            () if error.is_transient() => Fault::Deferred,
            () if error.is_response() => Fault::Nonsense,
            () if error.is_client() => Fault::Refused,
            () => Fault::Lost,
        }
    }

    /// The same for an error while proving who we are.
    pub(super) fn of_auth(error: &lettre::transport::smtp::Error) -> Self {
        if error.is_permanent() || error.is_client() { Fault::Auth } else { Fault::of(error) }
    }

    /// As whoever wanted to send hears it.
    ///
    /// Only a refusal of this very letter is final: wrong credentials and
    /// certificates are mended while the letter waits.
    pub(super) fn told(&self) -> NotPosted {
        let (code, is_transient) = match self {
            Fault::Egress(error) => (error.category().name(), true),
            Fault::Unsecured => ("smtp_no_tls", true),
            Fault::Lost => ("connection_lost", true),
            Fault::Nonsense => ("protocol_error", true),
            Fault::Auth => ("smtp_auth_refused", true),
            Fault::Deferred => ("smtp_deferred", true),
            Fault::Refused => ("smtp_refused", false),
            Fault::Address => ("smtp_address", false),
            Fault::Internal => ("internal", true),
        };
        NotPosted { code, is_transient }
    }
}
