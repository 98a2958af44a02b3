//! The accept loop of the HTTP port: bounded, TLS where configured, drained at the end.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use model::limits;
use observe::{Stop, tasks};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{ServiceExt as _, service_fn};

use crate::tls::Acceptor;

/// The HTTP port, not yet accepting.
pub(crate) struct Port {
    listener: TcpListener,
    tls: Option<Acceptor>,
}

impl Port {
    /// Binds the port.
    pub(crate) async fn bind(address: SocketAddr, tls: Option<Acceptor>) -> std::io::Result<Self> {
        Ok(Port { listener: TcpListener::bind(address).await?, tls })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until asked to stop; requests under way are finished.
    pub(crate) async fn serve(self, router: Router, stop: Stop) {
        let graceful = Arc::new(GracefulShutdown::new());
        let room = Arc::new(Semaphore::new(limits::HTTP_CONNECTIONS));
        loop {
            // Waiting for room first leaves further clients in the kernel's queue.
            let Ok(place) = room.clone().acquire_owned().await else { return };
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.stopped() => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors: those in use must end first.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
            };
            let client = Client { peer, router: router.clone(), graceful: graceful.clone(), place };
            tasks::spawn("http", client.serve(stream, self.tls.clone()));
        }
        drop(self.listener);
        if let Ok(graceful) = Arc::try_unwrap(graceful).map_err(|shared| shared.count()) {
            graceful.shutdown().await;
        }
    }
}

/// One connection.
struct Client {
    peer: SocketAddr,
    router: Router,
    graceful: Arc<GracefulShutdown>,
    place: OwnedSemaphorePermit,
}

impl Client {
    async fn serve(self, stream: TcpStream, tls: Option<Acceptor>) {
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let Some(tls) = tls else { return self.speak(stream).await };
        match tokio::time::timeout(limits::HTTP_HEAD, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.speak(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(limits::HTTP_HEAD).max_headers(100);
        builder.http2().timer(TokioTimer::new()).max_concurrent_streams(256).max_header_list_size(16 << 10);
        let (peer, router) = (self.peer, self.router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request.map(Body::new))
        });
        let service = TowerToHyperService::new(service);
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let watched = self.graceful.watch(connection);
        drop(self.graceful);
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(self.place);
    }
}
