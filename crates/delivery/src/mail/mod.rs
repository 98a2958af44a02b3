//! Letters to people, by SMTP.
//!
//! A conversation passes through these files in this order. Every connection
//! is made by `egress`, and TLS is ours: the SMTP library speaks over a stream
//! that is secured already, and never opens one.

mod opening; // From a connection to one that may carry letters.
mod pipe; // A stream as the library wants it.
mod conversation; // Hello, who we are, the letter.
mod fault; // What went wrong, as a code.

use std::sync::Arc;

use async_trait::async_trait;
use model::{EmailAddress, Letter, NotPosted, Post, Secret, Tls, TlsVersion, limits};
use url::Host;

use crate::egress::{Dialer, Egress, Policy, Resolver, Target, TlsFault};

/// How to reach a mail server, and who we are to it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its host.
    pub host: Host<String>,
    /// Its port: usually 587 for STARTTLS, 465 for TLS from the start, 25 for neither.
    pub port: u16,
    /// How it is secured.
    pub security: Security,
    /// Certificates, as PEM, to trust instead of the machine's.
    pub ca: Option<String>,
    /// Who letters are from.
    pub from: EmailAddress,
    /// The name and the password, if the server wants them.
    pub credentials: Option<(String, Secret<String>)>,
}

/// How the conversation is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// By STARTTLS, without which no letter is handed over.
    Starttls,
    /// From the first byte.
    Implicit,
    /// Not at all.
    None,
}

/// A mail server.
pub struct MailServer {
    egress: Egress,
    target: Target,
    options: Options,
}

impl MailServer {
    /// A mail server that was not called yet.
    ///
    /// # Errors
    /// The certificates to trust cannot be read.
    pub fn new(
        options: Options,
        resolver: Arc<dyn Resolver>,
        dialer: Arc<dyn Dialer>,
    ) -> Result<Self, TlsFault> {
        let egress = Egress::new(Policy::for_operator(options.port), resolver, dialer);
        let tls = Tls { min_version: TlsVersion::V1_2, ca: options.ca.clone() };
        let tls = match options.security {
            Security::Starttls | Security::Implicit => Some(egress.bare_tls(&tls)?),
            Security::None => None,
        };
        let target = Target { host: options.host.clone(), port: options.port, tls };
        Ok(MailServer { egress, target, options })
    }
}

#[async_trait]
impl Post for MailServer {
    async fn post(&self, letter: &Letter) -> Result<(), NotPosted> {
        let conversation = conversation::hold(self, letter);
        match tokio::time::timeout(limits::MAIL, conversation).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(fault)) => Err(fault.told()),
            Err(_) => Err(NotPosted { code: "read_timeout", is_transient: true }),
        }
    }
}
