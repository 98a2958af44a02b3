//! A handshake before the first message, in bounded time.

use std::sync::Arc;

use model::limits;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::connection::{Connection, Over};
use super::tls::{self, Papers};

impl Connection {
    /// Shakes hands, and serves as [`Connection::serve`] does.
    pub(super) async fn serve_secured(
        mut self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        config: Arc<ServerConfig>,
    ) -> Over {
        let shaking = timeout(limits::MLLP_HANDSHAKE, TlsAcceptor::from(config).accept(stream));
        let shaken = tokio::select! {
            shaken = shaking => shaken,
            () = self.place.is_needed() => return Over::Crowded,
            () = self.stop.stopped() => return Over::Left,
        };
        match shaken {
            Ok(Ok(stream)) => {
                self.peer.papers = Some(Arc::new(Papers::of(stream.get_ref().1)));
                self.serve(stream).await
            }
            Ok(Err(error)) => {
                let Some(problem) = tls::fault(&error) else { return Over::NoHandshake };
                self.peer.turn_away(&problem).await;
                Over::Barred(problem.code)
            }
            Err(_) => Over::NoHandshake,
        }
    }
}
