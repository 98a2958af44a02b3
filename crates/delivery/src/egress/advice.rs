//! What a refusal says to whoever names an address, and what would be right.

use model::{Problem, UrlFault};

use super::Refusal;

impl Refusal {
    /// The refusal as a problem with the URL. None where an address may be kept and not be
    /// called: a name of documentation leads nowhere today, and to nobody's harm.
    pub(crate) fn problem(self) -> Option<Problem> {
        let fault = match self {
            Refusal::NameOfDocumentation => return None,
            Refusal::Port(_) => UrlFault::BadPort,
            Refusal::MalformedName => UrlFault::BadHost,
            Refusal::PrivateAddress(_)
            | Refusal::NeverCalled(_)
            | Refusal::OwnAddress(_)
            | Refusal::InternalName
            | Refusal::OtherPeer(_) => UrlFault::PrivateAddress,
        };
        let why = format!("The URL leads where no call may go: {self}.");
        Some(Problem::new(fault.code(), why).at("/url").fix(self.fix()))
    }

    fn fix(self) -> &'static str {
        match self {
            Refusal::Port(_) => "Use 443, or have the operator open the port: egress.ports.",
            Refusal::MalformedName | Refusal::NameOfDocumentation => "Check the name of the host.",
            Refusal::PrivateAddress(_) | Refusal::InternalName => {
                "Use a public address, or have the operator open the network: egress.allow."
            }
            Refusal::NeverCalled(_) | Refusal::OtherPeer(_) => "Use the address of the receiver itself.",
            Refusal::OwnAddress(_) => {
                "Use the address of the receiver; what is sent here comes in at /ingest."
            }
        }
    }
}
