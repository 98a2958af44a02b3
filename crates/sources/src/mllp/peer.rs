//! Who calls at a port, and for whom: by address before a byte is read, by certificate, then by MSH-3 and MSH-4.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hl7v2::Header;
use model::{Capture, Code, Door, Integration, Problem, Versioned};
use store::Standing;

use super::tls::Papers;
use crate::door::reason;
use crate::intake::Intake;
use crate::rejections::Refused;

/// One peer of one port.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) intake: Arc<Intake>,
    pub(super) port: SocketAddr,
    pub(super) address: IpAddr,
    /// What it showed, where it speaks TLS.
    pub(super) papers: Option<Arc<Papers>>,
}

/// A message that nobody at the port takes from the peer.
pub(super) struct Unknown {
    pub(super) problem: Problem,
    /// Whom it names, where that one does not let the peer send.
    pub(super) meant: Option<Arc<Versioned<Integration>>>,
}

impl Peer {
    /// Whether any integration of the port lets the address connect (C10).
    ///
    /// A port that no integration names any more, or not yet, bars nobody: it refuses by message.
    pub(super) fn may_connect(&self) -> bool {
        let of_port = self.of_port();
        of_port.is_empty() || of_port.iter().any(|known| known.admits_over_mllp(self.address))
    }

    /// Why no integration of the port lets the peer send any more; none if one does.
    pub(super) fn bar(&self) -> Option<Problem> {
        let of_port = self.of_port();
        let mut bars = of_port.iter().map(|known| self.barred_by(known));
        let first = bars.next()??;
        bars.all(|bar| bar.is_some()).then_some(first)
    }

    /// Why an integration does not let the peer send; none if it does.
    fn barred_by(&self, integration: &Versioned<Integration>) -> Option<Problem> {
        if !integration.admits_over_mllp(self.address) {
            return Some(Problem::from(Code::PeerNotAllowed));
        }
        match &self.papers {
            Some(papers) => papers.bar(integration, &*self.intake.ports.clock),
            // It came while the port spoke no TLS.
            None if integration.mllp.as_ref().is_some_and(|mllp| mllp.tls.is_some()) => {
                Some(Problem::new(Code::TlsFailed, "The peer does not speak TLS."))
            }
            None => None,
        }
    }

    /// Tells every integration of the port that a peer called which none of them lets send.
    pub(super) async fn turn_away(&self, problem: &Problem) {
        self.intake.ports.metrics.rejected(Door::Mllp, problem.code.name());
        for integration in self.of_port() {
            self.list(integration, problem, (0, &[])).await;
        }
    }

    /// Whom MSH-3 and MSH-4 choose among those that let the peer send; one that names them goes first.
    pub(super) fn whose(&self, header: &Header<'_>) -> Result<Arc<Versioned<Integration>>, Unknown> {
        let (application, facility) =
            (header.sending_application().value(), header.sending_facility().value());
        let fits =
            |wanted: &Option<String>, sent: Option<&str>| wanted.is_none() || wanted.as_deref() == sent;
        let of_port = self.of_port().into_iter().filter_map(|integration| {
            let mllp = integration.mllp.as_ref()?;
            let is_meant = fits(&mllp.sending_application, application.as_str())
                && fits(&mllp.sending_facility, facility.as_str());
            let named = usize::from(mllp.sending_application.is_some())
                + usize::from(mllp.sending_facility.is_some());
            is_meant.then(|| (self.barred_by(&integration), named, integration))
        });
        match of_port.max_by_key(|(bar, named, _)| (bar.is_none(), *named)) {
            Some((None, _, integration)) => Ok(integration),
            Some((Some(problem), _, integration)) => Err(Unknown { problem, meant: Some(integration) }),
            None => Err(Unknown { problem: Problem::from(Code::UnknownSender), meant: None }),
        }
    }

    /// Counts and keeps what is not taken: so many bytes, and what there is of them. Where the message does not say
    /// whose it is, the port does.
    pub(super) async fn refuse(
        &self,
        whose: Option<Arc<Versioned<Integration>>>,
        problem: &Problem,
        (length, message): (usize, &[u8]),
    ) {
        self.intake.ports.metrics.rejected(Door::Mllp, problem.code.name());
        let Some(integration) = whose.or_else(|| self.only_integration()) else { return };
        if problem.code.status() >= 500 {
            return;
        }
        // Bytes of a peer that may not send are not kept.
        let kept = if self.barred_by(&integration).is_none() { message } else { &[] };
        self.list(integration, problem, (length, kept)).await;
    }

    async fn list(
        &self,
        integration: Arc<Versioned<Integration>>,
        problem: &Problem,
        (bytes, kept): (usize, &[u8]),
    ) {
        let refused = Refused {
            integration,
            door: Door::Mllp,
            code: problem.code,
            reason: reason(problem),
            peer: Some(self.address),
            bytes: bytes as u64,
            capture: Capture { body: kept.to_vec(), ..Capture::default() },
            is_sifted: false,
            standing: Standing::Listed,
        };
        self.intake.list(refused).await;
    }

    /// The one integration of this port. Of several, none: they may belong to different organisations.
    fn only_integration(&self) -> Option<Arc<Versioned<Integration>>> {
        let mut of_port = self.of_port();
        of_port.pop().filter(|_| of_port.is_empty())
    }

    /// The integrations of this port, the oldest first.
    pub(super) fn of_port(&self) -> Vec<Arc<Versioned<Integration>>> {
        let compiled = self.intake.ports.settings.now();
        let all = compiled.config.integrations.values();
        let is_here = |known: &Integration| known.mllp.as_ref().is_some_and(|mllp| mllp.listen == self.port);
        all.filter(|known| is_here(known)).cloned().collect()
    }
}
