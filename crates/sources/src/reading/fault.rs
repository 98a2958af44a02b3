//! What goes wrong with somebody else's FHIR server.

use std::time::Duration;

use model::{Category, NoReply, Problem};

/// Why a server could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// No whole answer came.
    #[error(transparent)]
    Silent(#[from] NoReply),
    /// It answered that it will not.
    #[error("the server answered {0}")]
    Refused(u16),
    /// It wants to hear from us later.
    #[error("the server asks us to wait")]
    Busy(Option<Duration>),
    /// It does not have what was asked for.
    #[error("the server does not have it")]
    Gone,
    /// Our own budget of requests is used up for now.
    #[error("the requests of this hour are used up")]
    Quota(Duration),
    /// It does not let us in.
    #[error("signing in failed: {0}")]
    SignIn(&'static str),
    /// What it answered is not what was asked for.
    #[error("the answer cannot be read: {0}")]
    Unreadable(&'static str),
    /// A page leads to another server.
    #[error("a link leads to another server")]
    Elsewhere,
    /// We could not keep what it answered.
    #[error("what was read could not be stored: {}", .0.code.name())]
    NotStored(Problem),
}

impl Fault {
    /// A stable word for it, for people and metrics.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Fault::Silent(NoReply(category)) => category.name(),
            Fault::Refused(401 | 403) => Category::Http401403.name(),
            Fault::Refused(300..=399) => Category::RedirectRefused.name(),
            Fault::Refused(500..) => Category::Http5xx.name(),
            Fault::Refused(_) | Fault::Gone => Category::Http4xx.name(),
            Fault::Busy(_) => Category::Http429.name(),
            Fault::Quota(_) => "quota",
            Fault::SignIn(_) => "sign_in",
            Fault::Unreadable(_) => "unreadable",
            Fault::Elsewhere => "left_server",
            Fault::NotStored(problem) => problem.code.name(),
        }
    }

    /// Whether the server will say no however often it is asked: it does not have that, or cannot do it.
    pub(crate) fn is_for_good(&self) -> bool {
        matches!(self, Fault::Gone | Fault::Refused(400 | 405 | 422 | 501))
    }

    /// How long the other side, or our own budget, asks us to wait.
    pub(crate) fn wait(&self) -> Option<Duration> {
        match self {
            Fault::Busy(wait) => *wait,
            Fault::Quota(wait) => Some(*wait),
            Fault::Silent(_)
            | Fault::Refused(_)
            | Fault::Gone
            | Fault::SignIn(_)
            | Fault::Unreadable(_)
            | Fault::Elsewhere
            | Fault::NotStored(_) => None,
        }
    }
}
